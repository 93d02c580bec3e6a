// Eigenvectors of small symmetric matrices.
#pragma once

#include <algorithm>
#include <cmath>

namespace bactrian {

inline constexpr int most_sweeps = 40;

// A symmetric matrix times the rotation of columns p and q that makes its entry (p, q) zero.
inline void rotate(int d, int p, int q, double* matrix, double* vectors) {
    const double ratio = (matrix[q * d + q] - matrix[p * d + p]) / (2 * matrix[p * d + q]);
    const double tangent = std::copysign(1 / (std::fabs(ratio) + std::hypot(ratio, 1.0)), ratio);
    const double cosine = 1 / std::hypot(tangent, 1.0), sine = tangent * cosine;
    for (int k = 0; k < d; ++k) {
        const double a = matrix[k * d + p], b = matrix[k * d + q];
        matrix[k * d + p] = cosine * a - sine * b;
        matrix[k * d + q] = sine * a + cosine * b;
    }
    for (int k = 0; k < d; ++k) {
        const double a = matrix[p * d + k], b = matrix[q * d + k];
        matrix[p * d + k] = cosine * a - sine * b;
        matrix[q * d + k] = sine * a + cosine * b;
        const double u = vectors[p * d + k], v = vectors[q * d + k];
        vectors[p * d + k] = cosine * u - sine * v;
        vectors[q * d + k] = sine * u + cosine * v;
    }
}

// Eigenvalues, on the diagonal, and eigenvectors, as rows, of a symmetric matrix: Jacobi's method
// (Golub & Van Loan 2013, section 8.5), which for few dimensions is as fast as any.
inline void diagonalise(int d, double* matrix, double* vectors) {
    std::fill(vectors, vectors + d * d, 0.0);
    for (int i = 0; i < d; ++i) vectors[i * d + i] = 1;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
        bool done = true;
        for (int p = 0; p < d; ++p) {
            for (int q = p + 1; q < d; ++q) {
                const double beside = std::fabs(matrix[p * d + q]);
                const double scale =
                    std::sqrt(std::fabs(matrix[p * d + p] * matrix[q * d + q])) + 1e-30;
                if (!(beside > 1e-17 * scale)) continue;
                rotate(d, p, q, matrix, vectors);
                done = false;
            }
        }
        if (done) return;
    }
}

// The symmetric matrix with these eigenvectors, as rows, and values.
inline void compose(int d, const double* values, const double* vectors, double* matrix) {
    for (int i = 0; i < d; ++i) {
        for (int j = 0; j <= i; ++j) {
            double sum = 0;
            for (int k = 0; k < d; ++k) sum += values[k] * vectors[k * d + i] * vectors[k * d + j];
            matrix[i * d + j] = matrix[j * d + i] = sum;
        }
    }
}

}  // namespace bactrian
