// Products of matrices in register tiles: whitening a block, and adding its outer products.
#pragma once

#include "softmax.hpp"

namespace bactrian::BACTRIAN_ISA {

// ---- whitening: z = y U for vectors of rows, feature after feature

inline constexpr int tile_columns = n_registers >= 32 ? 4 : 3;
inline constexpr int tile_vectors = 4;
template <class T> inline constexpr int tile_rows = tile_vectors * lanes<T>;

// Numbers in a packed upper triangular factor: tiles of columns, each down to its last row.
constexpr std::size_t packed_size(int n_features) {
    std::size_t size = 0;
    for (int j = 0; j < n_features; j += tile_columns) {
        const int rows = j + tile_columns < n_features ? j + tile_columns : n_features;
        size += static_cast<std::size_t>(rows) * tile_columns;
    }
    return size;
}

template <class T> void pack(const double* factor, int n_features, double scale, T* to) {
    for (int j = 0; j < n_features; j += tile_columns) {
        for (int i = 0; i < n_features && i < j + tile_columns; ++i) {
            for (int c = j; c < j + tile_columns; ++c) {
                const bool inside = c < n_features && i <= c;
                *to++ = inside ? static_cast<T>(scale * factor[i * n_features + c]) : T(0);
            }
        }
    }
}

// Hands every column of y U, as vectors of rows, to `take(column, vectors)`.
//
// y is (n_features, tile_rows) with a stride from feature to feature, U packed.
template <class T, class Take>
BACTRIAN_INLINE void whiten(const T* y, int stride, const T* u, int n_features, Take take) {
    constexpr int W = lanes<T>;
    for (int j = 0; j < n_features; j += tile_columns) {
        const int n_rows = j + tile_columns < n_features ? j + tile_columns : n_features;
        Vec<T> z[tile_columns][tile_vectors] = {};
        const T* row = y;
        for (int i = 0; i < n_rows; ++i, row += stride, u += tile_columns) {
#pragma GCC unroll 4
            for (int v = 0; v < tile_vectors; ++v) {
                const Vec<T> value = load(row + v * W);
#pragma GCC unroll 4
                for (int c = 0; c < tile_columns; ++c) z[c][v] += value * u[c];
            }
        }
#pragma GCC unroll 4
        for (int c = 0; c < tile_columns; ++c) take(j + c, z[c]);
    }
}

// ---- outer products: C += y' y for rows y, row after row

inline constexpr int update_rows = n_registers >= 32 ? 8 : 4;

template <class T> BACTRIAN_INLINE void add_to(double* c, Vec<T> value) {
    if constexpr (sizeof(T) == sizeof(double)) {
        store<T>(c, load(c) + value);
    } else {
        for (int lane = 0; lane < lanes<T>; ++lane) c[lane] += static_cast<double>(value[lane]);
    }
}

template <class T, int n_vectors>
BACTRIAN_INLINE void update_tile(const T* y, int n, int row_stride, int i, int j, double* c) {
    constexpr int W = lanes<T>;
    Vec<T> acc[update_rows][n_vectors] = {};
    for (int s = 0; s < n; ++s, y += row_stride) {
        Vec<T> columns[n_vectors];
#pragma GCC unroll 4
        for (int v = 0; v < n_vectors; ++v) columns[v] = load(y + j + v * W);
#pragma GCC unroll 8
        for (int a = 0; a < update_rows; ++a) {
            const Vec<T> value = splat(y[i + a]);
#pragma GCC unroll 4
            for (int v = 0; v < n_vectors; ++v) acc[a][v] += value * columns[v];
        }
    }
#pragma GCC unroll 8
    for (int a = 0; a < update_rows; ++a) {
#pragma GCC unroll 4
        for (int v = 0; v < n_vectors; ++v) {
            add_to<T>(c + static_cast<std::ptrdiff_t>(i + a) * row_stride + j + v * W, acc[a][v]);
        }
    }
}

// Adds the outer products of n rows y, on and above the diagonal, to c (n_features rounded up,
// row_stride). Rows are padded with zeros up to `padded`.
template <class T>
void rank_update(const T* y, int n, int n_features, int padded, int row_stride, double* c) {
    constexpr int W = lanes<T>;
    for (int i = 0; i < n_features; i += update_rows) {
        int j = i / W * W;
        for (; j + 5 * W <= padded || j + 3 * W == padded; j += 3 * W) {
            update_tile<T, 3>(y, n, row_stride, i, j, c);
        }
        for (; j + 2 * W <= padded; j += 2 * W) update_tile<T, 2>(y, n, row_stride, i, j, c);
        if (j < padded) update_tile<T, 1>(y, n, row_stride, i, j, c);
    }
}

// Adds the sum of n rows y, each times its weight, to `into` (padded).
template <class T>
void weighted_sum(const T* y, const T* weights, int n, int padded, int row_stride, double* into) {
    constexpr int W = lanes<T>;
    for (int d = 0; d < padded; d += W) {
        constexpr int at_once = 4;  // sums, to hide the latency of one
        Vec<T> acc[at_once] = {};
        const T* row = y + d;
        int s = 0;
        for (; s + at_once <= n; s += at_once) {
#pragma GCC unroll 4
            for (int a = 0; a < at_once; ++a, row += row_stride) {
                acc[a] += weights[s + a] * load(row);
            }
        }
        for (; s < n; ++s, row += row_stride) acc[0] += weights[s] * load(row);
        add_to<T>(into + d, (acc[0] + acc[1]) + (acc[2] + acc[3]));
    }
}

// Blocks that leave room in the second cache for what is gathered from them.
template <class T> Layout tiled_layout(int n_features, int n_components) {
    const int padded = Block<T>::padded_features(n_features);
    int capacity = 256;
    while (capacity > tile_rows<T> && (n_components + 3 * padded) * capacity > 64 * 1024) {
        capacity /= 2;
    }
    return {n_features, n_components, capacity, true};
}

}  // namespace bactrian::BACTRIAN_ISA
