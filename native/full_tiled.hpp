// Full covariances in any number of features: register tiles, at the rate of matrix products.
#pragma once

#include "scale.hpp"
#include "tiles.hpp"

namespace bactrian::BACTRIAN_ISA {

// Moments of rows that are scattered over a block.
//
// The rows that count for a component are gathered, row after row, as sqrt(r) (x - o): the
// second moment is then a symmetric product, and nothing is spent on the others.
template <class T> class Scatter {
  public:
    static constexpr int W = lanes<T>;

    explicit Scatter(int n_features)
        : n_features_(n_features),
          padded_(Block<T>::padded_features(n_features)),
          row_stride_(Block<T>::row_stride_of(n_features)) {}

    int padded() const { return padded_; }

    // An origin as this class wants it: the higher parts, then the lower ones, padded.
    std::size_t origin_size() const { return 2 * static_cast<std::size_t>(padded_); }
    void split(const double* origin, T* to) const {
        for (int d = 0; d < n_features_; ++d) {
            const Split<T> value(origin[d]);
            to[d] = value.hi;
            to[padded_ + d] = value.lo;
        }
    }

    std::size_t scratch_bytes(int capacity) const {
        return Scratch::bytes<T>(static_cast<std::size_t>(capacity) * row_stride_) +
               Scratch::bytes<T>(capacity) + Scratch::bytes<int>(capacity);
    }

    // resp_sum, first (padded), second (padded, row_stride).
    std::size_t n_moments() const {
        return 8 + static_cast<std::size_t>(padded_) * (1 + row_stride_);
    }

    // `share` of the rows; null if all rows belong, with their weights.
    void add(const Block<T>& block, const T* share, const T* origin, Scratch scratch,
             double* into) const {
        T* gathered = scratch.take<T>(static_cast<std::size_t>(block.size) * row_stride_);
        T* roots = scratch.take<T>(block.size);
        int* chosen = scratch.take<int>(block.size);
        int n = 0;
        for (int s = 0; s < block.n; ++s) {
            chosen[n] = s;
            n += !share || share[s] > negligible<T>;
        }
        double resp_sum = 0;
        for (int c = 0; c < n; ++c) {
            const int s = chosen[c];
            const T r = share ? share[s] * block.scale[s] : block.weights[s];
            resp_sum += static_cast<double>(r);
            roots[c] = sqrt_of(r);
            const T* x = block.row(s);
            T* y = gathered + static_cast<std::ptrdiff_t>(c) * row_stride_;
            for (int d = 0; d < padded_; d += W) {
                store<T>(y + d, roots[c] * less<T>(load(x + d), load(origin + d),
                                                   load(origin + padded_ + d)));
            }
        }
        into[0] += resp_sum;
        weighted_sum<T>(gathered, roots, n, padded_, row_stride_, into + 8);
        rank_update<T>(gathered, n, n_features_, padded_, row_stride_, into + 8 + padded_);
    }

    // The sums as they are: second (D, D) is added to, so that components can be pooled.
    void finish(const double* moments, double& resp_sum, double* first, double* second) const {
        resp_sum = moments[0];
        const double* rows = moments + 8 + padded_;
        for (int i = 0; i < n_features_; ++i) {
            first[i] = moments[8 + i];
            for (int j = i; j < n_features_; ++j) {
                const double value = rows[static_cast<std::ptrdiff_t>(i) * row_stride_ + j];
                second[static_cast<std::ptrdiff_t>(i) * n_features_ + j] += value;
                if (i < j) second[static_cast<std::ptrdiff_t>(j) * n_features_ + i] += value;
            }
        }
    }

  private:
    static T sqrt_of(T value) {
        if constexpr (sizeof(T) == sizeof(double)) return __builtin_sqrt(value);
        return static_cast<T>(__builtin_sqrtf(static_cast<float>(value)));
    }

    int n_features_;
    int padded_;
    int row_stride_;
};

template <class T> class FullTiled {
  public:
    static constexpr int W = lanes<T>;
    static constexpr int group = tile_rows<T>;
    static constexpr bool selects = true;
    static constexpr int read_features = 0;

    FullTiled(const Mixture& mixture, Stop& stop)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          tied_(mixture.structure == Structure::tied),
          scatter_(n_features_),
          n_parameters_(rounded_up(2 * n_features_ + 1, W) + packed_size(n_features_)),
          parameters_(n_components_ * n_parameters_),
          origins_(n_components_ * scatter_.origin_size()) {
        const std::size_t n_features = n_features_;
        for (std::size_t k = 0; k < static_cast<std::size_t>(n_components_); ++k) {
            if (stop.after(work(1))) return;
            T* p = parameters_.at(k * n_parameters_);
            for (std::size_t d = 0; d < n_features; ++d) {
                const Split<T> mean(mixture.means[k * n_features + d]);
                p[d] = mean.hi;
                p[n_features + d] = mean.lo;
            }
            p[2 * n_features] = static_cast<T>(log2_e * mixture.log_constants[k]);
            pack<T>(mixture.factors + (tied_ ? 0 : k * n_features * n_features), n_features_,
                    sqrt_half_log2_e, p + rounded_up(2 * n_features_ + 1, W));
            scatter_.split(mixture.origins + k * n_features,
                           origins_.at(k * scatter_.origin_size()));
        }
    }

    Layout layout() const { return tiled_layout<T>(n_features_, n_components_); }
    std::size_t scratch_bytes() const {
        const std::size_t group_bytes =
            Scratch::bytes<T>(static_cast<std::size_t>(n_features_) * group);
        return group_bytes + scatter_.scratch_bytes(layout().capacity);
    }

    void log_densities(Block<T>& block, Scratch scratch, Stop& stop) const {
        T* y = scratch.take<T>(static_cast<std::size_t>(n_features_) * group);
        for (int at = 0; at < block.size; at += group) {
            T* highest = block.highest + at;  // in memory: the tiles want every register
            for (int v = 0; v < group; v += W) store<T>(highest + v, splat(T(-__builtin_inf())));
            for (int k = 0; k < n_components_; ++k) {
                if (stop.after(work(group))) return;
                const T* p = parameters_.at(k * n_parameters_);
                for (int d = 0; d < n_features_; ++d) {
                    const T* x = block.feature(d);
                    for (int v = 0; v < group; v += W) {
                        store<T>(y + static_cast<std::ptrdiff_t>(d) * group + v,
                                 less<T>(load(x + at + v), splat(p[d]), splat(p[n_features_ + d])));
                    }
                }
                Vec<T> squares[tile_vectors] = {};
                whiten<T>(y, group, p + rounded_up(2 * n_features_ + 1, W), n_features_,
                          [&](int, const Vec<T>* z) {
#pragma GCC unroll 4
                              for (int v = 0; v < tile_vectors; ++v) squares[v] += z[v] * z[v];
                          });
                T* out = block.share(k) + at;
                for (int v = 0; v < tile_vectors; ++v) {
                    const Vec<T> value = p[2 * n_features_] - squares[v];
                    store<T>(out + v * W, value);
                    store<T>(highest + v * W, larger<T>(value, load(highest + v * W)));
                }
            }
        }
    }

    std::size_t n_moments() const { return n_components_ * scatter_.n_moments(); }

    void moments(const Block<T>& block, Scratch scratch, double* into, Stop& stop) const {
        for (int k = 0; k < n_components_; ++k, into += scatter_.n_moments()) {
            if (stop.after(work(block.size))) return;
            if (block.n_active[k] == 0) continue;
            scatter_.add(block, block.share(k), origins_.at(k * scatter_.origin_size()), scratch,
                         into);
        }
    }

    void finish(const double* moments, Statistics& statistics, Stop& stop) const {
        const std::size_t n_features = n_features_, n_second = n_features * n_features;
        for (std::size_t k = 0; k < static_cast<std::size_t>(n_components_); ++k) {
            if (stop.after(2 * work(1))) return;
            double* second = statistics.second + (tied_ ? 0 : k * n_second);
            for (std::size_t i = 0; (k == 0 || !tied_) && i < n_second; ++i) second[i] = 0.0;
            scatter_.finish(moments + k * scatter_.n_moments(), statistics.resp_sum[k],
                            statistics.first + k * n_features, second);
        }
    }

  private:
    // That on so many rows, in one component.
    std::int64_t work(int n_rows) const {
        return n_rows * static_cast<std::int64_t>(scatter_.n_moments());
    }

    int n_components_;
    int n_features_;
    bool tied_;
    Scatter<T> scatter_;
    std::size_t n_parameters_;
    Array<T> parameters_;  // for each component: means, the log-constant, the packed factor
    Array<T> origins_;
};

}  // namespace bactrian::BACTRIAN_ISA
