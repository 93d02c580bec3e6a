// A mixture and the statistics of the rows under it: what steps of EM go from and to.
#pragma once

#include <string>
#include <vector>

#include "chart.hpp"
#include "stop.hpp"

namespace bactrian {

// In memory of its own.
class Place {
  public:
    explicit Place(const Moments& model);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void take(const Maximisers& from, const Statistics& measured);
    void give(const Maximisers& to) const;
    void give(Statistics& to) const;

    double objective() const { return statistics.log_likelihood / statistics.weight; }

    Maximisers parameters{};
    Statistics statistics{};

  private:
    void copy(const Maximisers& from, const Maximisers& to) const;
    void copy(const Statistics& from, Statistics& to) const;

    std::size_t n_components_, n_means_, n_covariances_;
    std::vector<double> numbers_;
};

// The rows, and who passes over them.
struct Passing {
    const std::string& path;
    const Rows& rows;
    int n_threads;
};

// Writes the statistics of the rows under the parameters of a place. Returns false where they are
// worth nothing, or it was stopped. Of `model`, what belongs to a mixture is not read.
bool measure(const Passing& passing, const Moments& model, Stop& stop, Place& place);

// Writes the mixture that the M-step makes of a place. Returns false where that is the reference's.
bool propose(const Moments& model, const Place& here, const Maximisers& to);

// Sum of the squared shifts of all means, in their new deviations.
double squared_shift(const Moments& model, const double* from, const Maximisers& to);

}  // namespace bactrian
