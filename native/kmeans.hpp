// k-means as seen from outside: what goes in, what comes out, and who computes it.
#pragma once

#include "estep.hpp"

namespace bactrian {

// Points to measure the distance to, contiguous.
struct Centres {
    int n_centres;
    int n_features;
    const double* values;  // (K, D)
};

// What is wanted of the centre nearest to each row; null for what is not. Of centres equally
// near it is the first.
struct Nearest {
    std::int64_t* labels;  // (n)
    double* squared;       // (n), distances
};

// Sums over the rows nearest to each centre; null where they are not wanted.
struct Clusters {
    double* mass;    // (K), weights
    double* first;   // (K, D), weights times rows about the centre
    double inertia;  // weights times squared distances
};

// The passes of k-means for some centres on rows of one type, compiled for one instruction set.
// It is constant, and used from several threads at once, each with moments and scratch of its
// own (aligned to 64 bytes). What takes long gives up when told to stop.
class KMeans {
  public:
    virtual ~KMeans() = default;

    // How many doubles the sums of a part of the rows take.
    virtual std::size_t n_moments() const = 0;
    virtual std::size_t scratch_bytes() const = 0;
    // Rows that are taken at a time: a cut of the data at its multiples costs nothing.
    virtual std::int64_t block_rows() const = 0;

    // Lloyd's step: assigns some rows to their nearest centres and, if `summed`, adds moments.
    virtual void assign(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                        const Nearest& nearest, bool summed, double* moments,
                        Stop& stop) const = 0;
    virtual void finish(const double* moments, Clusters& clusters) const = 0;

    // A step of k-means++: the squared distance of each row to its nearest centre, `squared` (n),
    // as it would be if one of the centres here were added: `closer` (K, n). Adds moments.
    virtual void approach(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                          const double* squared, double* closer, double* moments,
                          Stop& stop) const = 0;
    // `potential` (K): the sum of each row of `closer` by weight.
    virtual void finish(const double* moments, double* potential) const = 0;
};

}  // namespace bactrian
