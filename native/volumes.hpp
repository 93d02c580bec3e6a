// Volumes of covariances that have a shape in common: see core/covariance/structures/spectra.py.
#pragma once

#include <vector>

namespace bactrian {

// What log_volumes asks of scatters: for logarithms (K), the log-determinant of the sum, and the
// share of each component in it, as `size` numbers of which those at `traces` are on the diagonal.
struct Pool {
    virtual ~Pool() = default;
    virtual double share(const std::vector<double>& logarithms, std::vector<double>& shares) = 0;
    int size = 0, stride = 1;
};

// The logarithms of volumes, up to a constant, for resp_sum (K): Newton's method, and where it goes
// too far, the alternation of Celeux and Govaert (1995), as in spectra.log_volumes.
std::vector<double> log_volumes(Pool& pool, int K, int d, const double* resp_sum,
                                const std::vector<double>& sizes);

}  // namespace bactrian
