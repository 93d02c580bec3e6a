// Diagonal and spherical covariances of components that lie near each other.
#pragma once

#include "centred.hpp"
#include "diagonal.hpp"

namespace bactrian::BACTRIAN_ISA {

// The columns of a block are the centred features, then their squares (diagonal) or the sum of
// these (spherical): moments about the centre are plain sums of columns.
template <class T> class DiagonalNear {
  public:
    static constexpr int W = lanes<T>;
    static constexpr int group = strip_vectors * W;
    static constexpr bool selects = true;
    static constexpr int read_features = 0;

    explicit DiagonalNear(const Mixture& mixture)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          n_scales_(mixture.structure == Structure::spherical ? 1 : n_features_),
          centre_(mixture),
          means_(static_cast<std::size_t>(n_components_) * n_features_),
          scales_(static_cast<std::size_t>(n_components_) * n_scales_),
          log_constants_(n_components_),
          nothing_(n_features_) {
        const std::ptrdiff_t n = n_features_;
        for (std::ptrdiff_t k = 0; k < n_components_; ++k) {
            log_constants_[k] = static_cast<T>(log2_e * mixture.log_constants[k]);
            for (std::ptrdiff_t d = 0; d < n; ++d) {
                means_[k * n + d] = static_cast<T>(mixture.means[k * n + d] - centre_.place()[d]);
            }
            for (std::ptrdiff_t s = k * n_scales_; s < (k + 1) * n_scales_; ++s) {
                scales_[s] = static_cast<T>(sqrt_half_log2_e * mixture.factors[s]);
            }
        }
    }

    static bool suits(const Mixture& mixture) {
        const bool shared = mixture.structure == Structure::spherical;
        const std::ptrdiff_t n = mixture.n_features;
        return Centre<T>::suits(mixture, [&](std::ptrdiff_t k, const double* difference, double* z) {
            for (std::ptrdiff_t d = 0; d < n; ++d) {
                z[d] = difference[d] * mixture.factors[shared ? k : k * n + d];
            }
        });
    }

    Layout layout() const {
        Layout layout = strip_layout<T>(n_features_, n_components_);
        layout.n_columns = n_columns();
        return layout;
    }
    std::size_t scratch_bytes() const { return 0; }

    void log_densities(Block<T>& block, Scratch) const {
        centre_.subtract_from(block);
        square(block);
        for (int at = 0; at < block.size; at += group) {
            Vec<T> highest[strip_vectors];
            for (Vec<T>& value : highest) value = splat(T(-__builtin_inf()));
            for (int k = 0; k < n_components_; ++k) {
                const T* mean = means_.at(static_cast<std::size_t>(k) * n_features_);
                const T* scale = scales_.at(static_cast<std::size_t>(k) * n_scales_);
                strip_log_density<T>(n_scales_ == 1, block.column(0) + at, block.stride, n_features_,
                                     mean, nothing_.at(0), scale, log_constants_[k],
                                     block.share(k) + at, highest);
            }
            for (int v = 0; v < strip_vectors; ++v) {
                store<T>(block.highest + at + v * W, highest[v]);
            }
        }
    }

    // For each component: resp_sum, first, second, about the centre.
    std::size_t n_moments() const {
        return static_cast<std::size_t>(n_components_) * (1 + static_cast<std::size_t>(n_columns()));
    }

    void moments(const Block<T>& block, Scratch, double* into) const {
        for (int k = 0; k < n_components_; ++k, into += 1 + n_columns()) {
            add_columns<T>(block, k, n_columns(), into);
        }
    }

    void finish(const double* moments, Statistics& statistics) const {
        const std::ptrdiff_t n = n_features_;
        for (std::ptrdiff_t k = 0; k < n_components_; ++k, moments += 1 + n_columns()) {
            const double resp_sum = moments[0];
            const double* shift = centre_.shift(k);
            double* first = statistics.first + k * n;
            double* second = statistics.second + k * n_scales_;
            statistics.resp_sum[k] = resp_sum;
            for (int s = 0; s < n_scales_; ++s) second[s] = moments[1 + n + s];
            for (std::ptrdiff_t d = 0; d < n; ++d) {
                first[d] = moments[1 + d] - resp_sum * shift[d];
                second[n_scales_ == 1 ? 0 : d] -=
                    shift[d] * (2 * first[d] + resp_sum * shift[d]);
            }
        }
    }

  private:
    int n_columns() const { return n_features_ + n_scales_; }

    void square(Block<T>& block) const {
        for (int v = 0; v < block.size; v += W) {
            Vec<T> total{};
            for (int d = 0; d < n_features_; ++d) {
                const Vec<T> x = load(block.column(d) + v);
                total = n_scales_ == 1 ? total + x * x : x * x;
                store<T>(block.column(n_features_ + (n_scales_ == 1 ? 0 : d)) + v, total);
            }
        }
    }

    int n_components_;
    int n_features_;
    int n_scales_;  // of a component: one, or one for each feature
    Centre<T> centre_;
    Array<T> means_;  // from the centre
    Array<T> scales_;
    Array<T> log_constants_;
    Array<T> nothing_;
};

}  // namespace bactrian::BACTRIAN_ISA
