// Small systems of linear equations.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace bactrian {

// Solves matrix x = right for n equations and some right sides, (n, sides), in place, by
// elimination with pivots. False if the matrix is singular.
inline bool solve(std::size_t n, std::size_t sides, std::vector<double>& matrix,
                  std::vector<double>& right) {
    const auto exchange = [](double* a, double* b, std::size_t size) {
        std::swap_ranges(a, a + size, b);
    };
    for (std::size_t i = 0; i < n; ++i) {
        double *row = matrix.data() + i * n, *own = right.data() + i * sides;
        std::size_t pivot = i;
        for (std::size_t k = i + 1; k < n; ++k) {
            if (std::fabs(matrix[k * n + i]) > std::fabs(matrix[pivot * n + i])) pivot = k;
        }
        if (!(std::fabs(matrix[pivot * n + i]) > 0)) return false;
        if (pivot != i) {
            exchange(row + i, matrix.data() + pivot * n + i, n - i);
            exchange(own, right.data() + pivot * sides, sides);
        }
        for (std::size_t k = i + 1; k < n; ++k) {
            const double factor = matrix[k * n + i] / row[i];
            for (std::size_t j = i + 1; j < n; ++j) matrix[k * n + j] -= factor * row[j];
            for (std::size_t j = 0; j < sides; ++j) right[k * sides + j] -= factor * own[j];
        }
    }
    for (std::size_t i = n; i-- > 0;) {
        const double* row = matrix.data() + i * n;
        double* own = right.data() + i * sides;
        for (std::size_t k = i + 1; k < n; ++k) {
            for (std::size_t j = 0; j < sides; ++j) own[j] -= row[k] * right[k * sides + j];
        }
        for (std::size_t j = 0; j < sides; ++j) own[j] /= row[i];
    }
    return true;
}

}  // namespace bactrian
