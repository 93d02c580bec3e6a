// Coordinates around a mixture of few features with matrices as covariances: see core/chart.py.
#pragma once

namespace bactrian {

inline constexpr int most_charted = 12;  // features, from where on LAPACK is faster

// The mixture at the origin, of Gaussians alone. All contiguous.
struct Base {
    int n_components;
    int n_features;
    int n_covariances;      // K, or 1 where they share one
    const double* weights;  // (K)
    const double* means;    // (K, D)
    const double* factors;  // (K or 1, D, D), U with cov^-1 = U U'
};

// Writes the coordinates of a mixture: K + K D + (K or 1) D D numbers.
void locate(const Base& base, const double* weights, const double* means,
            const double* covariances, double* vector);

// Writes the mixture at some coordinates, the factors of its precisions included. Returns false if
// a covariance leaves the range of double.
bool point(const Base& base, const double* vector, double* weights, double* means,
           double* covariances, double* factors);

}  // namespace bactrian
