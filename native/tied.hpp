// One covariance for all components: rows are whitened once, and scattered once.
#pragma once

#include "centred.hpp"
#include "diagonal.hpp"
#include "full_tiled.hpp"

namespace bactrian::BACTRIAN_ISA {

// Distances are taken between whitened rows and whitened means. The second moment about the
// components' origins o_k is that of all rows about one centre c, less what lies between:
// with d_k = o_k - c, sum_k sum_i r (x - o_k)(x - o_k)' =
// sum_i w (x - c)(x - c)' - sum_k (f_k d_k' + d_k f_k' + R_k d_k d_k'), f_k = sum_i r (x - o_k).
template <class T> class Tied {
  public:
    static constexpr int W = lanes<T>;
    static constexpr int group = tile_rows<T>;
    static constexpr bool selects = true;
    static constexpr int read_features = 0;

    explicit Tied(const Mixture& mixture)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          centre_(mixture),
          scatter_(n_features_),
          split_centre_(scatter_.origin_size()),
          factor_(packed_size(n_features_)),
          means_(static_cast<std::size_t>(n_components_) * n_features_),
          log_constants_(n_components_),
          nothing_(n_features_) {
        scatter_.split(centre_.place(), split_centre_.at(0));
        pack<T>(mixture.factors, n_features_, sqrt_half_log2_e, factor_.at(0));
        const std::ptrdiff_t n = n_features_;
        for (std::ptrdiff_t k = 0; k < n_components_; ++k) {
            log_constants_[k] = static_cast<T>(log2_e * mixture.log_constants[k]);
            for (std::ptrdiff_t j = 0; j < n; ++j) {
                double z = 0;
                for (std::ptrdiff_t i = 0; i <= j; ++i) {
                    z += (mixture.means[k * n + i] - centre_.place()[i]) * mixture.factors[i * n + j];
                }
                means_[k * n + j] = static_cast<T>(sqrt_half_log2_e * z);
            }
        }
    }

    static bool suits(const Mixture& mixture) {
        const std::ptrdiff_t n = mixture.n_features;
        const auto whiten_one = [&](std::ptrdiff_t, const double* difference, double* z) {
            for (std::ptrdiff_t j = 0; j < n; ++j) {
                z[j] = 0;
                for (std::ptrdiff_t i = 0; i <= j; ++i) {
                    z[j] += difference[i] * mixture.factors[i * n + j];
                }
            }
        };
        return Centre<T>::suits(mixture, whiten_one);
    }

    Layout layout() const { return tiled_layout<T>(n_features_, n_components_); }
    std::size_t scratch_bytes() const {
        return Scratch::bytes<T>(whitened_size()) + scatter_.scratch_bytes(layout().capacity);
    }

    // Leaves the columns centred.
    void log_densities(Block<T>& block, Scratch scratch) const {
        const int n = n_features_;
        T* z = scratch.take<T>(whitened_size());
        centre_.subtract_from(block);
        for (int at = 0; at < block.size; at += group) {
            whiten<T>(block.column(0) + at, block.stride, factor_.at(0), n,
                      [&](int column, const Vec<T>* values) {
                          T* to = z + static_cast<std::ptrdiff_t>(column) * group;
                          for (int v = 0; v < tile_vectors; ++v) store<T>(to + v * W, values[v]);
                      });
            const T one = T(1);
            Vec<T> highest[tile_vectors];
            for (Vec<T>& value : highest) value = splat(T(-__builtin_inf()));
            for (int k = 0; k < n_components_; ++k) {
                const T* mean = means_.at(static_cast<std::size_t>(k) * n);
                strip_log_density<T, true>(z, group, n, mean, nothing_.at(0), &one,
                                           log_constants_[k], block.share(k) + at, highest);
            }
            for (int v = 0; v < tile_vectors; ++v) store<T>(block.highest + at + v * W, highest[v]);
        }
    }

    // Those of all rows, then resp_sum and first of each component, about the centre.
    std::size_t n_moments() const {
        return scatter_.n_moments() +
               static_cast<std::size_t>(n_components_) * (1 + static_cast<std::size_t>(n_features_));
    }

    void moments(const Block<T>& block, Scratch scratch, double* into) const {
        scatter_.add(block, nullptr, split_centre_.at(0), scratch, into);
        into += scatter_.n_moments();
        for (int k = 0; k < n_components_; ++k, into += 1 + n_features_) {
            add_columns<T>(block, k, n_features_, into);
        }
    }

    void finish(const double* moments, Statistics& statistics) const {
        const std::ptrdiff_t n = n_features_;
        double* second = statistics.second;
        Array<double> first(n);
        double weight;
        for (std::ptrdiff_t i = 0; i < n * n; ++i) second[i] = 0.0;
        scatter_.finish(moments, weight, first.at(0), second);
        moments += scatter_.n_moments();
        for (std::ptrdiff_t k = 0; k < n_components_; ++k, moments += 1 + n) {
            const double resp_sum = moments[0];
            const double* shift = centre_.shift(k);
            double* f = statistics.first + k * n;
            statistics.resp_sum[k] = resp_sum;
            for (std::ptrdiff_t i = 0; i < n; ++i) f[i] = moments[1 + i] - resp_sum * shift[i];
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                for (std::ptrdiff_t j = 0; j < n; ++j) {
                    second[i * n + j] -=
                        f[i] * shift[j] + shift[i] * f[j] + resp_sum * shift[i] * shift[j];
                }
            }
        }
    }

  private:
    std::size_t whitened_size() const {
        return static_cast<std::size_t>(rounded_up(n_features_, tile_columns)) * group;
    }

    int n_components_;
    int n_features_;
    Centre<T> centre_;
    Scatter<T> scatter_;
    Array<T> split_centre_;
    Array<T> factor_;
    Array<T> means_;  // whitened
    Array<T> log_constants_;
    Array<T> nothing_;
};

}  // namespace bactrian::BACTRIAN_ISA
