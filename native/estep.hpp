// The E-step as seen from outside: what goes in, what comes out, and who computes it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stop.hpp"

namespace bactrian {

enum class Structure { full, tied, diag, spherical };

// Rows of the data, wherever they lie. Strides count elements.
struct Rows {
    const void* values;
    bool single;  // float, not double
    std::int64_t n_rows;
    int n_features;
    std::int64_t row_stride;
    std::int64_t column_stride;
    const double* weights;  // of the rows, contiguous; null for 1
};

// Parameters of a mixture, all contiguous.
struct Mixture {
    Structure structure;
    int n_components;
    int n_features;
    const double* means;    // (K, D)
    const double* origins;  // (K, D), about which the moments are taken
    const double* factors;  // U: (K, D, D), (1, D, D), (K, D) or (K, 1)
    const double* log_constants;  // (K), log weight + log |U| - D/2 log 2 pi
};

// Sufficient statistics, in the shapes that Python knows. `lost` counts the blocks with a row whose
// density is 0 under every component: what is summed is then worth nothing.
struct Statistics {
    double* resp_sum;  // (K)
    double* first;     // (K, D)
    double* second;    // (K, D, D), (1, D, D), (K, D) or (K, 1)
    double log_likelihood;
    double weight;
    std::int64_t lost;
};

// What is wanted of each row; null for what is not. Of type float where the rows are. A lost
// row gets NaN, and the label -1.
struct RowResults {
    void* log_density;          // (n)
    void* resp;                 // (n, K)
    std::int64_t* labels;       // (n)
};

// How components are drawn: by the numbers of the rows in the sequence of a key.
struct Draw {
    std::uint64_t key;
    std::int64_t first;  // number of the first row
    std::int32_t* labels;  // (n)
};

// The E-step of one mixture on rows of one type, compiled for one instruction set. It is
// constant, and used from several threads at once, each with moments and scratch of its own
// (aligned to 64 bytes). What takes long gives up when told to stop.
class EStep {
  public:
    virtual ~EStep() = default;

    // How many doubles the sums of a part of the rows take.
    virtual std::size_t n_moments() const = 0;
    virtual std::size_t scratch_bytes() const = 0;
    // Rows that are taken at a time: a cut of the data at its multiples costs nothing.
    virtual std::int64_t block_rows() const = 0;

    // Adds the moments of some rows.
    virtual void accumulate(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                            double* moments, Stop& stop) const = 0;
    // Draws a component for each row, and adds the moments as if it were known.
    virtual void draw(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                      const Draw& drawn, double* moments, Stop& stop) const = 0;
    virtual void finish(const double* moments, Statistics& statistics, Stop& stop) const = 0;
    // Writes what is wanted of some rows; whether one of them is lost.
    virtual bool evaluate(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                          const RowResults& results, Stop& stop) const = 0;
};

}  // namespace bactrian
