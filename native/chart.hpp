// Coordinates around a mixture of few features: see core/mstep/chart.py.
#pragma once

#include <cstddef>

#include "mstep.hpp"

namespace bactrian {

inline constexpr int most_charted = 12;  // features of matrices, from where on LAPACK is faster

// The mixture at the origin, of Gaussians alone. All contiguous.
struct Base {
    Structure structure;
    Sharing sharing;
    int n_components;
    int n_features;
    bool weights_move;
    const double* weights;  // (K)
    const double* means;    // (K, D)
    const double* factors;  // U: (K, D, D), (1, D, D), (K, D) or (K, 1)
};

// How many covariances there are, and how many numbers each is.
int covariances_of(Structure structure, int n_components);
int size_of_covariance(Structure structure, int n_features);

// How many coordinates there are: K unless the weights are held, K D, and as many as covariances.
std::size_t n_coordinates(const Base& base);

// Writes the coordinates of a mixture.
void locate(const Base& base, const double* weights, const double* means,
            const double* covariances, double* vector);

// Writes the mixture at some coordinates, the factors of its precisions included. Returns false if
// a covariance leaves the range of double, or the structure.
bool point(const Base& base, const double* vector, const Maximisers& to);

}  // namespace bactrian
