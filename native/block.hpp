// A block of rows, small enough for the cache: feature after feature, and row after row.
#pragma once

#include "estep.hpp"
#include "memory.hpp"
#include "simd.hpp"

namespace bactrian::BACTRIAN_ISA {

constexpr int rounded_up(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

// Zeros, aligned.
template <class T> class Array {
  public:
    explicit Array(std::size_t size) : values_(static_cast<T*>(allocate(size * sizeof(T)))) {
        for (std::size_t i = 0; i < size; ++i) values_[i] = T(0);
    }
    ~Array() { release(values_); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    T* at(std::size_t offset) { return values_ + offset; }
    const T* at(std::size_t offset) const { return values_ + offset; }
    T& operator[](std::size_t i) { return values_[i]; }
    const T& operator[](std::size_t i) const { return values_[i]; }

  private:
    T* values_;
};

// Hands out parts of a piece of memory, each aligned.
class Scratch {
  public:
    explicit Scratch(void* memory) : next_(static_cast<std::byte*>(memory)) {}
    template <class U> U* take(std::size_t size) {
        U* result = reinterpret_cast<U*>(next_);
        next_ += bytes<U>(size);
        return result;
    }
    template <class U> static constexpr std::size_t bytes(std::size_t size) {
        return (size * sizeof(U) + alignment - 1) / alignment * alignment;
    }

  private:
    std::byte* next_;
};

// A number as the sum of one that fits T and the rest, so that x - hi - lo is exact enough for
// x far from 0.
template <class T> struct Split {
    T hi, lo;
    explicit Split(double value)
        : hi(static_cast<T>(value)), lo(static_cast<T>(value - static_cast<double>(hi))) {}
};

// x less a mean of which `hi` and `lo` are the parts.
template <class T> BACTRIAN_INLINE Vec<T> less(Vec<T> x, Vec<T> hi, Vec<T> lo) {
    if constexpr (sizeof(T) < sizeof(double)) {
        return (x - hi) - lo;
    } else {
        static_cast<void>(lo);
        return x - hi;
    }
}

struct Layout {
    int n_features;
    int n_components;
    int capacity;        // rows, a multiple of what is taken at a time
    bool row_after_row;  // whether a copy of the rows as such is wanted
};

template <class T> struct Block {
    static constexpr int W = lanes<T>;

    int n;           // rows
    int size;        // rows and padding: a multiple of the group
    int stride;      // from feature to feature, and from component to component
    int row_stride;  // from row to row
    bool weighted;
    T* features;  // (D, stride)
    T* rows;      // (capacity, row_stride), padded with zeros, or null
    T* weights;   // (capacity), 0 for padding
    T* shares;    // (K, stride): log-densities to base 2, then shares of the highest
    T* highest;   // (capacity): the highest log-density of each row
    T* scale;     // (capacity): what makes shares responsibilities times weights
    int* active;    // (K, n_vectors): vectors of rows in which a share counts
    int* n_active;  // (K)
    int n_vectors;  // capacity / W

    // A stride that is no power of 2 keeps the features out of each other's cache lines.
    static constexpr int stride_of(const Layout& layout) { return layout.capacity + W; }
    static constexpr int padded_features(int n_features) {
        return rounded_up(n_features, W < 8 ? 8 : W);
    }
    static constexpr int row_stride_of(int n_features) {
        const int padded = padded_features(n_features);
        return padded * static_cast<int>(sizeof(T)) % 512 == 0 ? padded + W : padded;
    }

    static std::size_t bytes(const Layout& layout) {
        const std::size_t stride = stride_of(layout), n_components = layout.n_components;
        const std::size_t capacity = layout.capacity;
        std::size_t total = Scratch::bytes<T>(layout.n_features * stride) +
                            3 * Scratch::bytes<T>(capacity) +
                            Scratch::bytes<T>(n_components * stride) +
                            Scratch::bytes<int>(n_components * (capacity / W)) +
                            Scratch::bytes<int>(n_components);
        if (layout.row_after_row) {
            total += Scratch::bytes<T>(capacity * row_stride_of(layout.n_features));
        }
        return total;
    }

    Block(const Layout& layout, Scratch& scratch) {
        const std::size_t n_components = layout.n_components, capacity = layout.capacity;
        stride = stride_of(layout);
        row_stride = row_stride_of(layout.n_features);
        features = scratch.take<T>(static_cast<std::size_t>(layout.n_features) * stride);
        weights = scratch.take<T>(capacity);
        highest = scratch.take<T>(capacity);
        scale = scratch.take<T>(capacity);
        shares = scratch.take<T>(n_components * stride);
        active = scratch.take<int>(n_components * (capacity / W));
        n_active = scratch.take<int>(n_components);
        rows = nullptr;
        n_vectors = layout.capacity / W;
        for (std::size_t i = 0; i < capacity; ++i) weights[i] = T(1);
        for (int k = 0; k < layout.n_components; ++k) {
            for (int v = 0; v < n_vectors; ++v) active_of(k)[v] = v * W;
        }
        if (layout.row_after_row) {
            rows = scratch.take<T>(capacity * row_stride);
            for (std::size_t i = 0; i < capacity * row_stride; ++i) rows[i] = T(0);
        }
    }

    T* feature(int d) const { return features + static_cast<std::ptrdiff_t>(d) * stride; }
    T* row(int i) const { return rows + static_cast<std::ptrdiff_t>(i) * row_stride; }
    T* share(int k) const { return shares + static_cast<std::ptrdiff_t>(k) * stride; }
    int* active_of(int k) const { return active + static_cast<std::ptrdiff_t>(k) * n_vectors; }

    // Rows from `begin` on, n of them; the padding repeats the last one with weight 0.
    template <int group, int D = 0> void read(const Rows& from, std::int64_t begin, int count) {
        n = count;
        size = rounded_up(n, group);
        weighted = from.weights != nullptr;
        const int n_features = D > 0 ? D : from.n_features;
        copy<D>(from, begin, n_features);
        for (int i = 0; weighted && i < n; ++i) {
            weights[i] = static_cast<T>(from.weights[begin + i]);
        }
        for (int i = n; i < size; ++i) weights[i] = T(0);
        for (int d = 0; d < n_features; ++d) {
            for (int i = n; i < size; ++i) feature(d)[i] = feature(d)[n - 1];
        }
    }

    double total_weight() const {
        if (!weighted) return n;
        double total = 0;
        for (int i = 0; i < n; ++i) total += static_cast<double>(weights[i]);
        return total;
    }

  private:
    template <int D>
    BACTRIAN_INLINE void copy(const Rows& from, std::int64_t begin, int n_features) {
        const T* first = static_cast<const T*>(from.values) + begin * from.row_stride;
        if (D > 0 && 2 * D <= W && from.column_stride == 1 && from.row_stride == D) {
            for (int i = 0; i < n; ++i) {  // the compiler sees the shape, and does it best
                for (int d = 0; d < D; ++d) feature(d)[i] = first[i * D + d];
            }
        } else if (from.column_stride != 1) {
            for (int d = 0; d < n_features; ++d) {
                const T* column = first + d * from.column_stride;
                for (int i = 0; i < n; ++i) feature(d)[i] = column[i * from.row_stride];
            }
        } else {
            const std::int64_t left = from.n_rows - begin;
            transpose_rows(first, from.row_stride,
                           first + (left - 1) * from.row_stride + n_features, n_features);
        }
        if (!rows) return;
        for (int i = 0; i < n; ++i) {
            const T* x = first + i * from.row_stride;
            for (int d = 0; d < n_features; ++d) row(i)[d] = x[d * from.column_stride];
        }
    }

    // Squares of lanes by lanes are transposed in registers, as far as they lie before `end`.
    BACTRIAN_INLINE void transpose_rows(const T* first, std::int64_t from_row, const T* end,
                                        int n_features) {
        int i = 0;
        for (; i + W <= n; i += W) {
            const T* last = first + (i + W - 1) * from_row;
            if (from_row < 0 || end - last < rounded_up(n_features, W)) break;
            for (int d = 0; d < n_features; d += W) {
                Vec<T> square[W];
#pragma GCC unroll 16
                for (int r = 0; r < W; ++r) {
                    square[r] = load_unaligned<T>(first + (i + r) * from_row + d);
                }
                transpose<T>(square);
                const int held = n_features - d < W ? n_features - d : W;
                if (held == W) {
#pragma GCC unroll 16
                    for (int c = 0; c < W; ++c) store<T>(feature(d + c) + i, square[c]);
                } else {
#pragma GCC unroll 16
                    for (int c = 0; c < W; ++c) {
                        if (c < held) store<T>(feature(d + c) + i, square[c]);
                    }
                }
            }
        }
        for (; i < n; ++i) {
            for (int d = 0; d < n_features; ++d) feature(d)[i] = first[i * from_row + d];
        }
    }
};

}  // namespace bactrian::BACTRIAN_ISA
