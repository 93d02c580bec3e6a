// One covariance for all components: rows are whitened once, and scattered once.
#pragma once

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
    // Deviations between centre and means beyond which the differences cost digits: their square
    // times the rounding must stay below 1e-12, and in float below 1e-5.
    static constexpr double widest = sizeof(T) == 8 ? 32.0 : 4.0;

    Tied(const Mixture& mixture, Stop& stop)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          scatter_(n_features_),
          factor_(packed_size(n_features_)),
          centre_(n_features_),
          split_centre_(scatter_.origin_size()),
          means_(static_cast<std::size_t>(n_components_) * n_features_),
          log_constants_(n_components_),
          shifts_(static_cast<std::size_t>(n_components_) * n_features_),
          nothing_(n_features_) {
        find_centre(mixture, centre_.at(0));
        scatter_.split(centre_.at(0), split_centre_.at(0));
        pack<T>(mixture.factors, n_features_, sqrt_half_log2_e, factor_.at(0));
        const std::ptrdiff_t n = n_features_;
        Array<double> z(n);
        for (std::ptrdiff_t k = 0; k < n_components_; ++k) {
            if (stop.after(n * n)) return;
            whiten_one(mixture, mixture.means + k * n, centre_.at(0), z.at(0));
            log_constants_[k] = static_cast<T>(log2_e * mixture.log_constants[k]);
            for (std::ptrdiff_t j = 0; j < n; ++j) {
                means_[k * n + j] = static_cast<T>(sqrt_half_log2_e * z[j]);
                shifts_[k * n + j] = mixture.origins[k * n + j] - centre_[j];
            }
        }
    }

    // Whether the means are near enough to each other.
    static bool suits(const Mixture& mixture, Stop& stop) {
        const std::ptrdiff_t n = mixture.n_features;
        Array<double> centre(n), z(n);
        find_centre(mixture, centre.at(0));
        for (const double* places : {mixture.means, mixture.origins}) {
            for (std::ptrdiff_t k = 0; k < mixture.n_components; ++k) {
                if (stop.after(n * n)) return false;
                whiten_one(mixture, places + k * n, centre.at(0), z.at(0));
                for (std::ptrdiff_t j = 0; j < n; ++j) {
                    if (!(z[j] * z[j] < widest * widest)) return false;
                }
            }
        }
        return true;
    }

    Layout layout() const { return tiled_layout<T>(n_features_, n_components_); }
    std::size_t scratch_bytes() const {
        return Scratch::bytes<T>(whitened_size()) + scatter_.scratch_bytes(layout().capacity);
    }

    // Leaves the features centred.
    void log_densities(Block<T>& block, Scratch scratch, Stop&) const {
        const int n = n_features_;
        T* z = scratch.take<T>(whitened_size());
        for (int d = 0; d < n; ++d) {
            T* x = block.feature(d);
            const Vec<T> hi = splat(split_centre_[d]);
            const Vec<T> lo = splat(split_centre_[scatter_.padded() + d]);
            for (int v = 0; v < block.size; v += W) store<T>(x + v, less<T>(load(x + v), hi, lo));
        }
        for (int at = 0; at < block.size; at += group) {
            whiten<T>(block.features + at, block.stride, factor_.at(0), n,
                      [&](int column, const Vec<T>* values) {
                          T* to = z + static_cast<std::ptrdiff_t>(column) * group;
                          for (int v = 0; v < tile_vectors; ++v) store<T>(to + v * W, values[v]);
                      });
            const T one = T(1);
            Vec<T> highest[tile_vectors];
            for (Vec<T>& value : highest) value = splat(T(-__builtin_inf()));
            for (int k = 0; k < n_components_; ++k) {
                strip_log_density<T, true>(
                    z, group, n, means_.at(static_cast<std::size_t>(k) * n), nothing_.at(0), &one,
                    log_constants_[k], block.share(k) + at, highest);
            }
            for (int v = 0; v < tile_vectors; ++v) store<T>(block.highest + at + v * W, highest[v]);
        }
    }

    // Those of all rows, then resp_sum and first of each component, about the centre.
    std::size_t n_moments() const {
        return scatter_.n_moments() +
               n_components_ * (1 + static_cast<std::size_t>(n_features_));
    }

    void moments(const Block<T>& block, Scratch scratch, double* into, Stop&) const {
        scatter_.add(block, nullptr, split_centre_.at(0), scratch, into);
        into += scatter_.n_moments();
        for (int k = 0; k < n_components_; ++k, into += 1 + n_features_) {
            if (block.n_active[k] == 0) continue;
            into[0] += resp_sum<T>(block, k);
            for (int d = 0; d < n_features_; d += features_at_once) {
                some_features(block, k, d, into + 1 + d);
            }
        }
    }

    void finish(const double* moments, Statistics& statistics, Stop& stop) const {
        const std::ptrdiff_t n = n_features_;
        double* second = statistics.second;
        Array<double> first(n);
        double weight;
        for (std::ptrdiff_t i = 0; i < n * n; ++i) second[i] = 0.0;
        scatter_.finish(moments, weight, first.at(0), second);
        moments += scatter_.n_moments();
        for (std::ptrdiff_t k = 0; k < n_components_; ++k, moments += 1 + n) {
            if (stop.after(n * n)) return;
            const double resp_sum = moments[0];
            const double* shift = shifts_.at(k * n);
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
    static constexpr int features_at_once = W < 4 ? 4 : W;

    std::size_t whitened_size() const {
        return static_cast<std::size_t>(rounded_up(n_features_, tile_columns)) * group;
    }

    static void find_centre(const Mixture& mixture, double* centre) {
        const std::ptrdiff_t n = mixture.n_features;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            centre[i] = mixture.means[i];
            for (std::ptrdiff_t k = 0; k < mixture.n_components; ++k) {
                const double shift = mixture.means[k * n + i] - mixture.means[i];
                centre[i] += shift / mixture.n_components;
            }
        }
    }

    // z = (place - centre) U.
    static void whiten_one(const Mixture& mixture, const double* place, const double* centre,
                           double* z) {
        const std::ptrdiff_t n = mixture.n_features;
        for (std::ptrdiff_t j = 0; j < n; ++j) z[j] = 0;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            const double* row = mixture.factors + i * n;
            const double y = place[i] - centre[i];
            for (std::ptrdiff_t j = i; j < n; ++j) z[j] += y * row[j];
        }
    }

    void some_features(const Block<T>& block, int k, int from, double* into) const {
        const T* share = block.share(k);
        const int* active = block.active_of(k);
        const T* x[features_at_once];
        Vec<T> acc[features_at_once] = {};
        for (int f = 0; f < features_at_once; ++f) {
            x[f] = block.feature(from + f < n_features_ ? from + f : n_features_ - 1);
        }
        for (int a = 0; a < block.n_active[k]; ++a) {
            const int at = active[a];
            const Vec<T> r = resp_at<T>(block, share, at);
#pragma GCC unroll 16
            for (int f = 0; f < features_at_once; ++f) acc[f] += r * load(x[f] + at);
        }
        alignas(alignment) T totals[features_at_once];
        for (int i = 0; i < features_at_once; i += W) store<T>(totals + i, sums<T>(acc + i));
        for (int i = 0; i < features_at_once && from + i < n_features_; ++i) {
            into[i] += static_cast<double>(totals[i]);
        }
    }

    int n_components_;
    int n_features_;
    Scatter<T> scatter_;
    Array<T> factor_;
    Array<double> centre_;
    Array<T> split_centre_;
    Array<T> means_;  // whitened
    Array<T> log_constants_;
    Array<double> shifts_;  // of the origins from the centre
    Array<T> nothing_;
};

}  // namespace bactrian::BACTRIAN_ISA
