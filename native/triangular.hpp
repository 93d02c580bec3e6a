// Cholesky factors of small matrices, row after row.
#pragma once

#include <algorithm>
#include <cmath>

namespace bactrian {

// Upper triangular R with cov = R'R. Returns false where there is none.
inline bool cholesky(const double* covariance, int d, double* root) {
    std::copy(covariance, covariance + d * d, root);
    for (int i = 0; i < d; ++i) {
        double* row = root + i * d;
        if (!(row[i] > 0) || !std::isfinite(row[i])) return false;
        const double pivot = std::sqrt(row[i]);
        for (int j = i; j < d; ++j) row[j] /= pivot;
        std::fill(row, row + i, 0.0);
        for (int k = i + 1; k < d; ++k) {
            for (int j = k; j < d; ++j) root[k * d + j] -= row[k] * row[j];
        }
    }
    return true;
}

// Inverse of an upper triangular matrix, in place, from the last row up.
inline void invert(int d, double* root) {
    for (int i = d - 1; i >= 0; --i) {
        double* row = root + i * d;
        const double inverse = 1 / row[i];
        for (int j = i + 1; j < d; ++j) row[j] *= -inverse;
        row[i] = inverse;
        // The product of the row with the inverse below it. What a column needs of the old row
        // lies to its left, so columns go from right to left.
        for (int j = d - 1; j > i; --j) {
            double sum = 0;
            for (int k = i + 1; k <= j; ++k) sum += row[k] * root[k * d + j];
            row[j] = sum;
        }
    }
}

}  // namespace bactrian
