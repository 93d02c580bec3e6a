// Full covariances in so few features that the compiler unrolls the triangle.
#pragma once

#include "scale.hpp"
#include "softmax.hpp"

namespace bactrian::BACTRIAN_ISA {

template <class T, int D> class FullSmall {
  public:
    static constexpr int W = lanes<T>;
    static constexpr int group = 2 * W;
    static constexpr bool selects = D >= 4;  // worth it where moments are dear
    static constexpr int read_features = D;

    FullSmall(const Mixture& mixture, Stop&)
        : n_components_(mixture.n_components),
          parameters_(static_cast<std::size_t>(n_components_) * n_parameters),
          origins_(static_cast<std::size_t>(n_components_) * 2 * D) {
        for (int k = 0; k < n_components_; ++k) {
            T* p = parameters_.at(static_cast<std::size_t>(k) * n_parameters);
            T* origin = origins_.at(static_cast<std::size_t>(k) * 2 * D);
            const double* factor = mixture.factors + static_cast<std::ptrdiff_t>(k) * D * D;
            for (int d = 0; d < D; ++d) {
                const Split<T> mean(mixture.means[k * D + d]), about(mixture.origins[k * D + d]);
                p[d] = mean.hi;
                p[D + d] = mean.lo;
                origin[d] = about.hi;
                origin[D + d] = about.lo;
            }
            T* u = p + 2 * D;
            for (int j = 0; j < D; ++j) {
                for (int i = 0; i <= j; ++i) {
                    *u++ = static_cast<T>(sqrt_half_log2_e * factor[i * D + j]);
                }
            }
            *u = static_cast<T>(log2_e * mixture.log_constants[k]);
        }
    }

    Layout layout() const {
        int capacity = 256;
        while (capacity > 2 * group && (n_components_ + D) * capacity > 64 * 1024) capacity /= 2;
        return {D, n_components_, capacity, false};
    }
    std::size_t scratch_bytes() const { return 0; }

    // log2 of weight times density of every row under every component, into block.shares.
    void log_densities(Block<T>& block, Scratch, Stop&) const {
        for (int v = 0; v < block.size; v += group) {
            const T* x = block.features + v;
            T* out = block.shares + v;
            Vec<T> highest_a = splat(T(-__builtin_inf())), highest_b = highest_a;
            for (int k = 0; k < n_components_; ++k, out += block.stride) {
                const T* p = parameters_.at(static_cast<std::size_t>(k) * n_parameters);
                const T* u = p + 2 * D;
                Vec<T> a[D], b[D];
                Vec<T> log_a = splat<T>(u[D * (D + 1) / 2]), log_b = log_a;
#pragma GCC unroll 16
                for (int j = 0; j < D; ++j) {
                    a[j] = less<T>(load(x + j * block.stride), splat(p[j]), splat(p[D + j]));
                    b[j] = less<T>(load(x + j * block.stride + W), splat(p[j]), splat(p[D + j]));
                    Vec<T> za = a[0] * *u, zb = b[0] * *u;
#pragma GCC unroll 16
                    for (int i = 1; i <= j; ++i) {
                        za += a[i] * u[i];
                        zb += b[i] * u[i];
                    }
                    u += j + 1;
                    log_a -= za * za;
                    log_b -= zb * zb;
                }
                store<T>(out, log_a);
                store<T>(out + W, log_b);
                highest_a = larger<T>(log_a, highest_a);
                highest_b = larger<T>(log_b, highest_b);
            }
            store<T>(block.highest + v, highest_a);
            store<T>(block.highest + v + W, highest_b);
        }
    }

    // For each component: resp_sum, then row i of its moments: first_i, second_ii, second_i(i+1)...
    std::size_t n_moments() const { return static_cast<std::size_t>(n_components_) * n_sums; }

    void moments(const Block<T>& block, Scratch, double* into, Stop&) const {
        for (int k = 0; k < n_components_; ++k, into += n_sums) {
            if (block.n_active[k] > 0) rows_from<0>(block, k, into);
        }
    }

    void finish(const double* moments, Statistics& statistics, Stop&) const {
        for (int k = 0; k < n_components_; ++k) {
            statistics.resp_sum[k] = *moments++;
            double* second = statistics.second + static_cast<std::ptrdiff_t>(k) * D * D;
            for (int i = 0; i < D; ++i) {
                statistics.first[k * D + i] = *moments++;
                for (int j = i; j < D; ++j) second[i * D + j] = second[j * D + i] = *moments++;
            }
        }
    }

  private:
    static constexpr int n_parameters = rounded_up(2 * D + D * (D + 1) / 2 + 1, W);
    static constexpr int n_sums = 1 + D + D * (D + 1) / 2;

    // As many rows of the second moment as the registers can sum at a time.
    static constexpr int sums_in(int from, int to) {
        int count = from == 0 ? 1 : 0;
        for (int i = from; i < to; ++i) count += 1 + D - i;
        return count;
    }
    static constexpr int last_row(int from) {
        int to = from + 1;
        while (to < D && sums_in(from, to + 1) <= n_registers - 8) ++to;
        return to;
    }

    template <int from> void rows_from(const Block<T>& block, int k, double* into) const {
        constexpr int to = last_row(from);
        constexpr int n = sums_in(from, to);
        constexpr int padded = rounded_up(n, W);
        const T* origin = origins_.at(static_cast<std::size_t>(k) * 2 * D);
        const T* share = block.share(k);
        const int* active = block.active_of(k);
        const int n_active = block.n_active[k];
        Vec<T> acc[padded] = {};
        for (int a = 0; a < n_active; ++a) {
            const int at = active[a];
            const Vec<T> r = resp_at<T>(block, share, at);
            Vec<T> y[D];
#pragma GCC unroll 16
            for (int d = from; d < D; ++d) {
                y[d] = less<T>(load(block.features + d * block.stride + at), splat(origin[d]),
                               splat(origin[D + d]));
            }
            int next = 0;
            if constexpr (from == 0) acc[next++] += r;
#pragma GCC unroll 16
            for (int i = from; i < to; ++i) {
                const Vec<T> weighted = r * y[i];
                acc[next++] += weighted;
#pragma GCC unroll 16
                for (int j = i; j < D; ++j) acc[next++] += weighted * y[j];
            }
        }
        alignas(alignment) T totals[padded];
#pragma GCC unroll 64
        for (int i = 0; i < padded; i += W) store<T>(totals + i, sums<T>(acc + i));
        for (int i = 0; i < n; ++i) into[i] += static_cast<double>(totals[i]);
        if constexpr (to < D) rows_from<to>(block, k, into + n);
    }

    int n_components_;
    Array<T> parameters_;
    Array<T> origins_;
};

}  // namespace bactrian::BACTRIAN_ISA
