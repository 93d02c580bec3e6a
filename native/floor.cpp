#include "floor.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "symmetric.hpp"
#include "triangular.hpp"

namespace bactrian {
namespace {

using Doubles = std::vector<double>;

bool is_matrix(Structure structure) {
    return structure == Structure::full || structure == Structure::tied;
}

// The trace of diag(bound) U U' is below 1, and so each of its eigenvalues; or else there is a
// Cholesky factor of the difference.
bool matrix_exceeds(int d, const double* covariance, const double* factor, const double* bound) {
    double trace = 0;
    for (int i = 0; i < d; ++i) {
        for (int j = i; j < d; ++j) trace += bound[i] * factor[i * d + j] * factor[i * d + j];
    }
    if (trace < 1) return true;
    Doubles excess(covariance, covariance + d * d), root(excess.size());
    for (int i = 0; i < d; ++i) excess[static_cast<std::size_t>(i * (d + 1))] -= bound[i];
    return cholesky(excess.data(), d, root.data());
}

// The upper triangular U with U U' = root root', in its place, by Gram-Schmidt from the last row
// up: what is left of a row is as exact as the row.
void make_triangular(int d, double* root) {
    Doubles axes(root, root + d * d);
    std::fill(root, root + d * d, 0.0);
    const auto axis = [&](int i) { return axes.data() + i * d; };
    for (int i = d - 1; i >= 0; --i) {
        double* own = axis(i);
        for (int j = d - 1; j > i; --j) {
            double along = 0;
            for (int k = 0; k < d; ++k) along += own[k] * axis(j)[k];
            for (int k = 0; k < d; ++k) own[k] -= along * axis(j)[k];
            root[i * d + j] = along;
        }
        double square = 0;
        for (int k = 0; k < d; ++k) square += own[k] * own[k];
        const double length = std::sqrt(square);
        for (int k = 0; k < d; ++k) own[k] /= length;
        root[i * (d + 1)] = length;
    }
}

// Clips the eigenvalues, in the unit of the floor, from below at 1.
void raise_matrix(int d, const double* floor, double* covariance, double* factor) {
    const auto n = static_cast<std::size_t>(d);
    Doubles units(n), values(n), scaled(n * n), vectors(n * n);
    for (std::size_t i = 0; i < n; ++i) units[i] = std::sqrt(floor[i]);
    for (std::size_t i = 0; i < n * n; ++i) {
        scaled[i] = covariance[i] / units[i / n] / units[i % n];
    }
    diagonalise(d, scaled.data(), vectors.data());
    for (std::size_t i = 0; i < n; ++i) values[i] = std::max(scaled[i * (n + 1)], 1.0);
    compose(d, values.data(), vectors.data(), covariance);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            covariance[i * n + j] *= units[i] * units[j];
            factor[i * n + j] = vectors[j * n + i] / std::sqrt(values[j]) / units[i];
        }
    }
    make_triangular(d, factor);
}

}  // namespace

bool exceeds(Structure structure, int n_features, const double* covariance, const double* factor,
             const double* bound) {
    if (is_matrix(structure)) return matrix_exceeds(n_features, covariance, factor, bound);
    if (structure == Structure::spherical) {
        return covariance[0] > *std::max_element(bound, bound + n_features);
    }
    for (int i = 0; i < n_features; ++i) {
        if (!(covariance[i] > bound[i])) return false;
    }
    return true;
}

bool raise_to(Structure structure, int n_features, const double* floor, double* covariance,
              double* factor) {
    const bool matrix = is_matrix(structure), single = structure == Structure::spherical;
    const int size = matrix ? n_features * n_features : single ? 1 : n_features;
    const auto is_finite = [](double number) { return std::isfinite(number); };
    if (!std::all_of(covariance, covariance + size, is_finite)) return false;
    if (matrix) {
        raise_matrix(n_features, floor, covariance, factor);
        return true;
    }
    const double largest = *std::max_element(floor, floor + n_features);
    for (int i = 0; i < size; ++i) {
        covariance[i] = std::max(covariance[i], single ? largest : floor[i]);
        factor[i] = 1 / std::sqrt(covariance[i]);
    }
    return true;
}

}  // namespace bactrian
