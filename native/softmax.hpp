// From log-densities to responsibilities, by log-sum-exp to base 2.
#pragma once

#include "block.hpp"

namespace bactrian::BACTRIAN_ISA {

// Shares of a row below this count for nothing: even the farthest row adds less to a moment
// than rounding does.
template <class T> inline constexpr T negligible = sizeof(T) == 8 ? T(1e-30) : T(1e-18);

template <class T> double sum_active(const T* resp, const int* active, int n_active) {
    Vec<T> total{};
    for (int a = 0; a < n_active; ++a) total += load(resp + active[a]);
    return sum<T>(total);
}

struct Sums {
    double log_likelihood;  // to base 2, weighted
    bool lost;              // a row has no density under any component
};

// Turns the log-densities of a block into responsibilities times weights, and lists for each
// component the vectors of rows in which they count. `density`, unless null, gets log2 p(x).
template <class T> Sums soften(Block<T>& block, int n_components, T* density) {
    constexpr int W = lanes<T>;
    const int stride = block.stride, n_vectors = block.size / W;
    Vec<T> log_likelihood{};
    Bits<T> found = ~Bits<T>{};
    for (int k = 0; k < n_components; ++k) block.n_active[k] = 0;
    for (int v = 0; v < n_vectors; ++v) {
        T* column = block.resp + v * W;
        Vec<T> highest = load(column);
        for (int k = 1; k < n_components; ++k) {
            highest = larger<T>(highest, load(column + static_cast<std::ptrdiff_t>(k) * stride));
        }
        Vec<T> total{};
        for (int k = 0; k < n_components; ++k) {
            T* at = column + static_cast<std::ptrdiff_t>(k) * stride;
            const Vec<T> share = exp2<T>(load(at) - highest);
            store<T>(at, share);
            total += share;
        }
        found &= total >= T(1);  // NaN where the highest is not finite
        const Vec<T> log_density = highest + log2<T>(total);
        const Vec<T> weight = load(block.weights + v * W);
        if (density) store<T>(density + v * W, log_density);
        log_likelihood += weight * log_density;
        const Vec<T> scale = weight / total;
        for (int k = 0; k < n_components; ++k) {
            T* at = column + static_cast<std::ptrdiff_t>(k) * stride;
            const Vec<T> resp = load(at) * scale;
            store<T>(at, resp);
            int& count = block.n_active[k];
            block.active[static_cast<std::ptrdiff_t>(k) * n_vectors + count] = v * W;
            count += any<T>(resp > negligible<T> * weight);
        }
    }
    return {sum<T>(log_likelihood), any<T>(~found)};
}

}  // namespace bactrian::BACTRIAN_ISA
