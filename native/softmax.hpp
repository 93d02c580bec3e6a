// From log-densities to responsibilities, by log-sum-exp to base 2.
#pragma once

#include "block.hpp"

namespace bactrian::BACTRIAN_ISA {

// Shares of a row below this count for nothing: even the farthest row adds less to a moment
// than rounding does.
template <class T> inline constexpr T negligible = sizeof(T) == 8 ? T(1e-30) : T(1e-18);

// Responsibilities times weights of a vector of rows.
template <class T> BACTRIAN_INLINE Vec<T> resp_at(const Block<T>& block, const T* share, int at) {
    return load(share + at) * load(block.scale + at);
}

template <class T> double resp_sum(const Block<T>& block, int k) {
    const int* active = block.active_of(k);
    Vec<T> total{};
    for (int a = 0; a < block.n_active[k]; ++a) {
        total += resp_at<T>(block, block.share(k), active[a]);
    }
    return sum<T>(total);
}

struct Sums {
    double log_likelihood;  // to base 2, weighted
    bool lost;              // a row has no density under any component
};

// Turns the log-densities of a block into shares and their scale. `density`, unless null, gets
// log2 p(x). If `selects`, the vectors of rows in which a share counts are listed for each
// component; otherwise all of them are.
template <class T, bool selects> Sums soften(Block<T>& block, int n_components, T* density) {
    constexpr int W = lanes<T>;
    // Totals, at most K each, whose product does not overflow: one logarithm serves them all.
    constexpr int factors = sizeof(T) == 8 ? 32 : 4;
    const bool every = density || block.weighted;
    Vec<T> log_likelihood{}, product = splat(T(1));
    Bits<T> found = ~Bits<T>{};
    for (int k = 0; k < n_components; ++k) block.n_active[k] = selects ? 0 : block.size / W;
    for (int at = 0, v = 1; at < block.size; at += W, ++v) {
        const Vec<T> highest = load(block.highest + at);
        Vec<T> total{};
        T* share = block.shares + at;
        for (int k = 0; k < n_components; ++k, share += block.stride) {
            const Vec<T> value = exp2<T>(load(share) - highest);
            store<T>(share, value);
            total += value;
            if constexpr (selects) {
                block.active_of(k)[block.n_active[k]] = at;
                block.n_active[k] += any<T>(value > negligible<T>);
            }
        }
        found &= total >= T(1);  // NaN where the highest is not finite
        const Vec<T> weight = load(block.weights + at);
        store<T>(block.scale + at, weight / total);
        log_likelihood += weight * highest;
        if (every) {
            const Vec<T> rest = log2<T>(total);
            log_likelihood += weight * rest;
            // The logarithm of NaN is any number: the difference keeps it NaN.
            if (density) store<T>(density + at, highest + rest + (total - total));
        } else {
            product *= weight > T(0) ? total : splat(T(1));
            if (v % factors == 0 || at + W >= block.size) {
                log_likelihood += log2<T>(product);
                product = splat(T(1));
            }
        }
    }
    return {sum<T>(log_likelihood), any<T>(~found)};
}

}  // namespace bactrian::BACTRIAN_ISA
