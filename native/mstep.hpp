// The M-step of maximum likelihood for mixtures of few features, where calls cost more than sums.
#pragma once

#include "estep.hpp"
#include "sharing.hpp"

namespace bactrian {

inline constexpr int most_features = 32;  // from where on LAPACK is faster

// Sufficient statistics of a mixture, and what its covariances must be above. All contiguous.
struct Moments {
    Structure structure;
    int n_components;
    int n_features;
    const double* origins;   // (K, D)
    const double* resp_sum;  // (K)
    const double* first;     // (K, D)
    const double* second;    // (K, D, D), (1, D, D), (K, D) or (K, 1)
    double weight;
    const double* bound;  // (D), smallest variances
    double ridge;         // added to every variance
    double tolerance;     // smallest share of a variance that the other features do not explain
    Sharing sharing;
    const double* previous;      // the covariances before
    const double* held_weights;  // (K), weights that are held; null where they are free
    const double* lowest;        // (D), what no covariance is below; null where it is not known
};

// Whether free covariances are raised to what none is below, and not left to the reference there.
bool has_floor(const Moments& moments);

// Parameters that maximise the expected log-likelihood, in the shapes that Python knows.
struct Maximisers {
    double* weights;      // (K)
    double* means;        // (K, D)
    double* covariances;  // like the second moments
    double* factors;      // likewise; upper triangular U with cov^-1 = U U', or its diagonal
};

// Writes the maximisers. Returns false, and leaves it to the reference, where a component is dead,
// a number is not finite, or a covariance is not surely above the bound and of full rank, and there
// is no floor to raise it to.
bool maximise(const Moments& moments, const Maximisers& maximisers);

}  // namespace bactrian
