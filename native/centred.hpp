// Moments about one centre for all components, where the components lie near enough to it.
//
// Rows are centred once a block, and what is summed for each component are plain columns: one
// product and one sum each. The moments about the components' own origins follow from those
// about the centre; that costs digits as the square of the distance in deviations.
#pragma once

#include "scale.hpp"
#include "softmax.hpp"

namespace bactrian::BACTRIAN_ISA {

// Deviations between the centre and a mean beyond which more than three digits would be lost.
inline constexpr double widest = 32.0;

template <class T> class Centre {
  public:
    static constexpr int W = lanes<T>;

    explicit Centre(const Mixture& mixture)
        : n_components_(mixture.n_components),
          n_features_(mixture.n_features),
          place_(n_features_),
          shifts_(static_cast<std::size_t>(n_components_) * n_features_) {
        const std::ptrdiff_t n = n_features_;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            place_[i] = mixture.means[i];
            for (std::ptrdiff_t k = 0; k < n_components_; ++k) {
                place_[i] += (mixture.means[k * n + i] - mixture.means[i]) / n_components_;
            }
            for (std::ptrdiff_t k = 0; k < n_components_; ++k) {
                shifts_[k * n + i] = mixture.origins[k * n + i] - place_[i];
            }
        }
    }

    const double* place() const { return place_.at(0); }
    // Of the origin of component k from the centre.
    const double* shift(std::ptrdiff_t k) const { return shifts_.at(k * n_features_); }

    void subtract_from(Block<T>& block) const {
        for (int d = 0; d < n_features_; ++d) {
            const Split<T> place(place_[d]);
            T* x = block.column(d);
            for (int v = 0; v < block.size; v += W) {
                store<T>(x + v, less<T>(load(x + v), splat(place.hi), splat(place.lo)));
            }
        }
    }

    // Whether all means and origins, whitened, lie within `widest`.
    template <class Whiten> static bool suits(const Mixture& mixture, Whiten whiten) {
        const Centre centre(mixture);
        const std::ptrdiff_t n = mixture.n_features;
        Array<double> difference(n), z(n);
        for (const double* places : {mixture.means, mixture.origins}) {
            for (std::ptrdiff_t k = 0; k < mixture.n_components; ++k) {
                for (std::ptrdiff_t i = 0; i < n; ++i) {
                    difference[i] = places[k * n + i] - centre.place_[i];
                }
                whiten(k, difference.at(0), z.at(0));
                for (std::ptrdiff_t i = 0; i < n; ++i) {
                    if (!(z[i] * z[i] < widest * widest)) return false;
                }
            }
        }
        return true;
    }

  private:
    int n_components_;
    int n_features_;
    Array<double> place_;
    Array<double> shifts_;
};

// Adds resp_sum of component k, then the sum of each column, weighted by the responsibilities.
template <class T> void add_columns(const Block<T>& block, int k, int n_columns, double* into) {
    constexpr int W = lanes<T>;
    constexpr int at_once = W < 8 ? 8 : W;
    const int n_active = block.n_active[k];
    if (n_active == 0) return;
    const T* share = block.share(k);
    const int* active = block.active_of(k);
    into[0] += resp_sum<T>(block, k);
    ++into;
    for (int from = 0; from < n_columns; from += at_once, into += at_once) {
        const T* x[at_once];
        Vec<T> acc[at_once] = {};
        for (int c = 0; c < at_once; ++c) {
            x[c] = block.column(from + c < n_columns ? from + c : n_columns - 1);
        }
        for (int a = 0; a < n_active; ++a) {
            const int at = active[a];
            const Vec<T> r = resp_at<T>(block, share, at);
#pragma GCC unroll 16
            for (int c = 0; c < at_once; ++c) acc[c] += r * load(x[c] + at);
        }
        alignas(alignment) T totals[at_once];
        for (int i = 0; i < at_once; i += W) store<T>(totals + i, sums<T>(acc + i));
        for (int i = 0; i < at_once && from + i < n_columns; ++i) {
            into[i] += static_cast<double>(totals[i]);
        }
    }
}

}  // namespace bactrian::BACTRIAN_ISA
