// k-means: block after block of rows, each strip of them against every centre.
#pragma once

#include "diagonal.hpp"
#include "kmeans.hpp"

namespace bactrian::BACTRIAN_ISA {

// Squared distances of a strip of rows at x, feature after feature, to one centre.
template <class T>
BACTRIAN_INLINE void strip_squares(const T* x, int stride, int n_features, const T* hi,
                                   const T* lo, Vec<T>* squares) {
    constexpr int W = lanes<T>;
#pragma GCC unroll 4
    for (int v = 0; v < strip_vectors; ++v) squares[v] = Vec<T>{};
    for (int d = 0; d < n_features; ++d, x += stride) {
#pragma GCC unroll 4
        for (int v = 0; v < strip_vectors; ++v) {
            const Vec<T> y = less<T>(load(x + v * W), splat(hi[d]), splat(lo[d]));
            squares[v] += y * y;
        }
    }
}

template <class T> class KMeansOf final : public KMeans {
  public:
    explicit KMeansOf(const Centres& centres)
        : n_centres_(centres.n_centres),
          n_features_(centres.n_features),
          padded_(rounded_up(n_features_, W)),
          layout_(strip_layout<T>(n_features_, 0, false)),
          hi_(static_cast<std::size_t>(n_centres_) * padded_),
          lo_(static_cast<std::size_t>(n_centres_) * padded_) {
        for (int k = 0; k < n_centres_; ++k) {
            for (int d = 0; d < n_features_; ++d) {
                const Split<T> value(centres.values[offset(k, n_features_) + d]);
                hi_[offset(k, padded_) + d] = value.hi;
                lo_[offset(k, padded_) + d] = value.lo;
            }
        }
    }

    // Inertia; then for each centre mass and first, padded.
    std::size_t n_moments() const override { return 1 + offset(n_centres_, 1 + padded_); }
    std::size_t scratch_bytes() const override {
        return Block<T>::bytes(layout_) + Scratch::bytes<T>(layout_.capacity) +
               Scratch::bytes<T>(padded_) + Scratch::bytes<T>(offset(n_centres_, padded_)) +
               Scratch::bytes<T>(n_centres_);
    }
    std::int64_t block_rows() const override { return layout_.capacity; }

    void assign(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
                const Nearest& nearest, bool summed, double* moments, Stop& stop) const override {
        Scratch scratch(memory);
        Block<T> block(layout_, scratch);
        T* labels = scratch.take<T>(layout_.capacity);
        for (std::int64_t at = begin; at < end; at += layout_.capacity) {
            read(block, rows, at, end);
            if (stop.after(work_on(block))) return;
            find_nearest(block, labels);
            for (int i = 0; nearest.labels && i < block.n; ++i) {
                nearest.labels[at + i] = static_cast<std::int64_t>(labels[i]);
            }
            for (int i = 0; nearest.squared && i < block.n; ++i) {
                nearest.squared[at + i] = static_cast<double>(block.highest[i]);
            }
            if (!summed) continue;
            moments[0] += weighted_sum(block, block.highest);
            add_clusters(block, labels, rows, at, scratch, moments + 1);
        }
    }

    void finish(const double* moments, Clusters& clusters) const override {
        clusters.inertia = *moments++;
        for (int k = 0; k < n_centres_; ++k, moments += 1 + padded_) {
            clusters.mass[k] = moments[0];
            for (int d = 0; d < n_features_; ++d) {
                clusters.first[offset(k, n_features_) + d] = moments[1 + d];
            }
        }
    }

    void approach(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
                  const double* squared, double* closer, double* moments,
                  Stop& stop) const override {
        Scratch scratch(memory);
        Block<T> block(layout_, scratch);
        for (std::int64_t at = begin; at < end; at += layout_.capacity) {
            read(block, rows, at, end);
            if (stop.after(work_on(block))) return;
            for (int i = 0; i < block.n; ++i) block.highest[i] = static_cast<T>(squared[at + i]);
            for (int i = block.n; i < block.size; ++i) block.highest[i] = T(0);
            for (int k = 0; k < n_centres_; ++k) {
                for (int v = 0; v < block.size; v += group) {
                    Vec<T> squares[strip_vectors];
                    squares_of(block, v, k, squares);
                    for (int s = 0; s < strip_vectors; ++s) {
                        const Vec<T> now = load(block.highest + v + s * W);
                        store<T>(block.scale + v + s * W, squares[s] < now ? squares[s] : now);
                    }
                }
                moments[k] += weighted_sum(block, block.scale);
                double* out = closer + k * rows.n_rows + at;
                for (int i = 0; i < block.n; ++i) out[i] = static_cast<double>(block.scale[i]);
            }
        }
    }

    void finish(const double* moments, double* potential) const override {
        for (int k = 0; k < n_centres_; ++k) potential[k] = moments[k];
    }

  private:
    static constexpr int W = lanes<T>;
    static constexpr int group = strip_vectors * W;

    static constexpr std::size_t offset(int k, int stride) {
        return static_cast<std::size_t>(k) * static_cast<std::size_t>(stride);
    }

    std::int64_t work_on(const Block<T>& block) const {
        return block.size * static_cast<std::int64_t>(offset(n_centres_, n_features_));
    }

    void read(Block<T>& block, const Rows& rows, std::int64_t at, std::int64_t end) const {
        const std::int64_t left = end - at;
        const int n = left < layout_.capacity ? static_cast<int>(left) : layout_.capacity;
        block.template read<group>(rows, at, n);
    }

    BACTRIAN_INLINE void squares_of(const Block<T>& block, int at, int k, Vec<T>* squares) const {
        strip_squares<T>(block.features + at, block.stride, n_features_,
                         hi_.at(offset(k, padded_)), lo_.at(offset(k, padded_)), squares);
    }

    // The nearest centre of each row, and the squared distance to it in block.highest.
    void find_nearest(Block<T>& block, T* labels) const {
        for (int at = 0; at < block.size; at += group) {
            Vec<T> nearest[strip_vectors], label[strip_vectors] = {};
            for (Vec<T>& value : nearest) value = splat(T(__builtin_inf()));
            for (int k = 0; k < n_centres_; ++k) {
                Vec<T> squares[strip_vectors];
                squares_of(block, at, k, squares);
                const Vec<T> this_one = splat(static_cast<T>(k));
#pragma GCC unroll 4
                for (int v = 0; v < strip_vectors; ++v) {
                    const Bits<T> nearer = squares[v] < nearest[v];
                    nearest[v] = nearer ? squares[v] : nearest[v];
                    label[v] = nearer ? this_one : label[v];
                }
            }
            for (int v = 0; v < strip_vectors; ++v) {
                store<T>(block.highest + at + v * W, nearest[v]);
                store<T>(labels + at + v * W, label[v]);
            }
        }
    }

    static double weighted_sum(const Block<T>& block, const T* values) {
        Vec<T> total{};
        for (int at = 0; at < block.size; at += W) {
            total += load(block.weights + at) * load(values + at);
        }
        return sum<T>(total);
    }

    // Adds mass and first of the rows of a block, row after row: the cost does not grow with the
    // number of centres.
    void add_clusters(const Block<T>& block, const T* labels, const Rows& rows, std::int64_t at,
                      Scratch scratch, double* into) const {
        T* buffer = scratch.take<T>(padded_);
        T* first = scratch.take<T>(offset(n_centres_, padded_));
        T* mass = scratch.take<T>(n_centres_);
        for (std::size_t i = 0; i < offset(n_centres_, padded_); ++i) first[i] = T(0);
        for (int k = 0; k < n_centres_; ++k) mass[k] = T(0);
        const T *hi = hi_.at(0), *lo = lo_.at(0), *weights = block.weights;
        const std::ptrdiff_t padded = padded_;
        const int n = block.n;
        for (int i = 0; i < n; ++i) {
            const int k = static_cast<int>(labels[i]);
            const std::ptrdiff_t to = k * padded;
            const T* x = padded_row(rows, at + i, buffer);
            const Vec<T> weight = splat(weights[i]);
            mass[k] += weights[i];
            for (std::ptrdiff_t d = to, end = to + padded; d < end; d += W, x += W) {
                const Vec<T> y = less<T>(load_unaligned<T>(x), load(hi + d), load(lo + d));
                store<T>(first + d, load(first + d) + weight * y);
            }
        }
        for (int k = 0; k < n_centres_; ++k, into += 1 + padded_) {
            into[0] += static_cast<double>(mass[k]);
            const T* sums = first + offset(k, padded_);
            for (int d = 0; d < n_features_; ++d) into[1 + d] += static_cast<double>(sums[d]);
        }
    }

    // A row that can be read up to a whole vector; what stands behind its features is never used.
    BACTRIAN_INLINE const T* padded_row(const Rows& rows, std::int64_t i, T* buffer) const {
        const T* values = static_cast<const T*>(rows.values);
        const T* x = values + i * rows.row_stride;
        const T* end = values + (rows.n_rows - 1) * rows.row_stride + n_features_;
        if (rows.column_stride == 1 && end - x >= padded_) return x;
        for (int d = 0; d < n_features_; ++d) buffer[d] = x[d * rows.column_stride];
        return buffer;
    }

    int n_centres_;
    int n_features_;
    int padded_;
    Layout layout_;
    Array<T> hi_, lo_;  // (K, padded)
};

}  // namespace bactrian::BACTRIAN_ISA
