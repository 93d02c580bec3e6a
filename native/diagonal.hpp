// Diagonal and spherical covariances: linear in the number of features.
#pragma once

#include "scale.hpp"
#include "softmax.hpp"

namespace bactrian::BACTRIAN_ISA {

inline constexpr int strip_vectors = 4;  // vectors of rows that are taken at a time

// Blocks for work that is linear in the features.
template <class T> Layout strip_layout(int n_features, int n_components, bool row_after_row) {
    constexpr int group = strip_vectors * lanes<T>;
    int capacity = 256;
    while (capacity > group && (n_components + 2 * n_features) * capacity > 64 * 1024) {
        capacity /= 2;
    }
    return {n_features, n_components, capacity, row_after_row};
}

// log_constant - sum_d (scale_d (x_d - mean_d))^2 of a strip of rows at x, feature after feature.
// One scale for all features if `shared`. `highest` gets the larger one.
template <class T, bool shared>
BACTRIAN_INLINE void strip_log_density(const T* x, int stride, int n_features, const T* mean,
                                       const T* low, const T* scale, T log_constant, T* out,
                                       Vec<T>* highest) {
    constexpr int W = lanes<T>;
    Vec<T> squares[strip_vectors] = {};
    for (int d = 0; d < n_features; ++d, x += stride) {
#pragma GCC unroll 4
        for (int v = 0; v < strip_vectors; ++v) {
            Vec<T> z = less<T>(load(x + v * W), splat(mean[d]), splat(low[d]));
            if constexpr (!shared) z *= scale[d];
            squares[v] += z * z;
        }
    }
    const T factor = shared ? scale[0] * scale[0] : T(1);
#pragma GCC unroll 4
    for (int v = 0; v < strip_vectors; ++v) {
        const Vec<T> value = log_constant - factor * squares[v];
        store<T>(out + v * W, value);
        highest[v] = larger<T>(value, highest[v]);
    }
}

template <class T> class Diagonal {
  public:
    static constexpr int W = lanes<T>;
    static constexpr int group = strip_vectors * W;
    static constexpr bool selects = true;
    static constexpr int read_features = 0;

    Diagonal(const Mixture& mixture, Stop&)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          shared_(mixture.structure == Structure::spherical),
          n_parameters_(3 * static_cast<std::size_t>(n_features_) + 1),
          parameters_(n_components_ * n_parameters_),
          origins_(n_components_ * 2 * static_cast<std::size_t>(n_features_)) {
        const std::size_t n_features = n_features_;
        for (std::size_t k = 0; k < static_cast<std::size_t>(n_components_); ++k) {
            T* p = parameters_.at(k * n_parameters_);
            T* origin = origins_.at(k * 2 * n_features);
            for (std::size_t d = 0; d < n_features; ++d) {
                const Split<T> mean(mixture.means[k * n_features + d]);
                const Split<T> about(mixture.origins[k * n_features + d]);
                p[d] = mean.hi;
                p[n_features + d] = mean.lo;
                p[2 * n_features + d] = static_cast<T>(
                    sqrt_half_log2_e * mixture.factors[shared_ ? k : k * n_features + d]);
                origin[d] = about.hi;
                origin[n_features + d] = about.lo;
            }
            p[3 * n_features] = static_cast<T>(log2_e * mixture.log_constants[k]);
        }
    }

    Layout layout() const { return strip_layout<T>(n_features_, n_components_, false); }
    std::size_t scratch_bytes() const { return 0; }

    void log_densities(Block<T>& block, Scratch, Stop&) const {
        const int n = n_features_;
        for (int at = 0; at < block.size; at += group) {
            Vec<T> highest[strip_vectors];
            for (Vec<T>& value : highest) value = splat(T(-__builtin_inf()));
            for (int k = 0; k < n_components_; ++k) {
                const T* p = parameters_.at(k * n_parameters_);
                const T* x = block.features + at;
                T* out = block.share(k) + at;
                if (shared_) {
                    strip_log_density<T, true>(x, block.stride, n, p, p + n, p + 2 * n, p[3 * n],
                                               out, highest);
                } else {
                    strip_log_density<T, false>(x, block.stride, n, p, p + n, p + 2 * n, p[3 * n],
                                                out, highest);
                }
            }
            for (int v = 0; v < strip_vectors; ++v) {
                store<T>(block.highest + at + v * W, highest[v]);
            }
        }
    }

    // For each component: resp_sum, then first and second of each feature.
    std::size_t n_moments() const {
        return n_components_ * (1 + 2 * static_cast<std::size_t>(n_features_));
    }

    void moments(const Block<T>& block, Scratch, double* into, Stop&) const {
        for (int k = 0; k < n_components_; ++k, into += 1 + 2 * n_features_) {
            if (block.n_active[k] == 0) continue;
            into[0] += resp_sum<T>(block, k);
            for (int d = 0; d < n_features_; d += features_at_once) {
                some_features(block, k, d, into + 1 + 2 * d);
            }
        }
    }

    void finish(const double* moments, Statistics& statistics, Stop&) const {
        for (int k = 0; k < n_components_; ++k) {
            statistics.resp_sum[k] = *moments++;
            double* second = statistics.second +
                             (shared_ ? k : static_cast<std::ptrdiff_t>(k) * n_features_);
            if (shared_) *second = 0.0;
            for (int d = 0; d < n_features_; ++d, moments += 2) {
                statistics.first[static_cast<std::ptrdiff_t>(k) * n_features_ + d] = moments[0];
                if (shared_) {
                    *second += moments[1];
                } else {
                    second[d] = moments[1];
                }
            }
        }
    }

  private:
    static constexpr int features_at_once = W < 8 ? 4 : W / 2;

    void some_features(const Block<T>& block, int k, int from, double* into) const {
        const T* origin = origins_.at(static_cast<std::size_t>(k) * 2 * n_features_);
        const T* share = block.share(k);
        const int* active = block.active_of(k);
        const T* x[features_at_once];
        Vec<T> hi[features_at_once], lo[features_at_once];
        Vec<T> acc[2 * features_at_once] = {};
        for (int f = 0; f < features_at_once; ++f) {
            const int d = from + f < n_features_ ? from + f : n_features_ - 1;
            x[f] = block.feature(d);
            hi[f] = splat(origin[d]);
            lo[f] = splat(origin[n_features_ + d]);
        }
        for (int a = 0; a < block.n_active[k]; ++a) {
            const int at = active[a];
            const Vec<T> r = resp_at<T>(block, share, at);
#pragma GCC unroll 8
            for (int f = 0; f < features_at_once; ++f) {
                const Vec<T> y = less<T>(load(x[f] + at), hi[f], lo[f]);
                const Vec<T> weighted = r * y;
                acc[2 * f] += weighted;
                acc[2 * f + 1] += weighted * y;
            }
        }
        alignas(alignment) T totals[2 * features_at_once];
        for (int i = 0; i < 2 * features_at_once; i += W) store<T>(totals + i, sums<T>(acc + i));
        for (int i = 0; i < 2 * features_at_once && from + i / 2 < n_features_; ++i) {
            into[i] += static_cast<double>(totals[i]);
        }
    }

    int n_components_;
    int n_features_;
    bool shared_;
    std::size_t n_parameters_;
    Array<T> parameters_;  // for each component: means, scales, the log-constant
    Array<T> origins_;
};

}  // namespace bactrian::BACTRIAN_ISA
