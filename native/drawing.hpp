// From log-densities to one component for each row, drawn with its probability.
#pragma once

#include "softmax.hpp"

namespace bactrian::BACTRIAN_ISA {

// The number of a row in the sequence of a key: SplitMix64 (Steele, Lea and Flood 2014), in which
// any number is found without those before it.
BACTRIAN_INLINE std::uint64_t random_bits(std::uint64_t key, std::int64_t row) {
    std::uint64_t z = key + (static_cast<std::uint64_t>(row) + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Uniform on [0, 1): times a sum it stays below the sum, as it is rounded down to what T holds.
template <class T> BACTRIAN_INLINE T uniform(std::uint64_t bits) {
    constexpr int digits = sizeof(T) == 8 ? 53 : 24;
    return static_cast<T>(static_cast<std::int64_t>(bits >> (64 - digits))) /
           static_cast<T>(std::int64_t{1} << digits);
}

// Turns the log-densities of a block into shares of 1 for the component that is drawn and 0 for
// the others, in the terms of `soften`; writes the labels of the rows, of which `row` is the first.
template <class T, bool selects>
Sums choose(Block<T>& block, int n_components, std::uint64_t key, std::int64_t row,
            std::int32_t* labels) {
    constexpr int W = lanes<T>;
    Vec<T> log_likelihood{};
    Bits<T> found = ~Bits<T>{};
    for (int k = 0; k < n_components; ++k) block.n_active[k] = selects ? 0 : block.size / W;
    for (int at = 0; at < block.size; at += W) {
        const Vec<T> highest = load(block.highest + at);
        Vec<T> total{};
        T* share = block.shares + at;
        for (int k = 0; k < n_components; ++k, share += block.stride) {
            const Vec<T> value = exp2<T>(load(share) - highest);
            store<T>(share, value);
            total += value;
        }
        found &= total >= T(1);  // NaN where the highest is not finite
        const Vec<T> weight = load(block.weights + at);
        store<T>(block.scale + at, weight);
        log_likelihood += weight * (highest + log2<T>(total));
        alignas(alignment) T uniforms[W];
        for (int i = 0; i < W; ++i) uniforms[i] = uniform<T>(random_bits(key, row + at + i));
        const Vec<T> threshold = load(uniforms) * total;
        Vec<T> sum_so_far{}, label{};
        Bits<T> open = ~Bits<T>{};
        share = block.shares + at;
        for (int k = 0; k < n_components; ++k, share += block.stride) {
            sum_so_far += load(share);
            const Bits<T> drawn = open & (sum_so_far > threshold);
            open &= ~drawn;
            store<T>(share, drawn ? splat(T(1)) : Vec<T>{});
            label = drawn ? splat(static_cast<T>(k)) : label;
            if constexpr (selects) {
                block.active_of(k)[block.n_active[k]] = at;
                block.n_active[k] += any<T>(drawn);
            }
        }
        for (int i = 0; i < W && at + i < block.n; ++i) {
            labels[at + i] = static_cast<std::int32_t>(label[i]);
        }
    }
    return {sum<T>(log_likelihood), any<T>(~found)};
}

}  // namespace bactrian::BACTRIAN_ISA
