#include "sharing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "axes.hpp"
#include "symmetric.hpp"
#include "triangular.hpp"
#include "volumes.hpp"

namespace bactrian {
namespace {

using Doubles = std::vector<double>;

constexpr double flat = 1e-9;  // eigenvalue, relative to the largest, that tells no axis
constexpr double eps = std::numeric_limits<double>::epsilon();

double sum_of(const double* numbers, int n) { return std::accumulate(numbers, numbers + n, 0.0); }

// Scatters along axes, as shares of their sums.
struct Spectra final : Pool {
    const double* shares;  // (K, D)
    int d;

    Spectra(const double* of, int n_features) : shares(of), d(n_features) { size = n_features; }

    double share(const Doubles& logarithms, Doubles& out) override {
        Doubles pooled(static_cast<std::size_t>(d), 0.0);
        const double* from = shares;
        std::size_t i = 0;
        for (const double logarithm : logarithms) {
            const double scale = std::exp(-logarithm);
            for (double& sum : pooled) sum += out[i++] = scale * *from++;
        }
        for (std::size_t j = 0; j < out.size(); ++j) out[j] /= pooled[j % pooled.size()];
        double log_det = 0;
        for (const double sum : pooled) log_det += std::log(sum);
        return log_det;
    }
};

// Whitened scatters, whose sum is the unit matrix.
struct Whitened final : Pool {
    const Doubles& scatters;  // (K, D, D)
    int d;
    Doubles sum, vectors, half;

    Whitened(const Doubles& of, int n_features) : scatters(of), d(n_features) {
        size = d * d;
        stride = d + 1;
        sum.resize(static_cast<std::size_t>(size));
        vectors = half = sum;
    }

    double share(const Doubles& logarithms, Doubles& out) override {
        const auto square = static_cast<std::size_t>(size), n = static_cast<std::size_t>(d);
        std::fill(sum.begin(), sum.end(), 0.0);
        for (std::size_t k = 0; k < logarithms.size(); ++k) {
            const double scale = std::exp(-logarithms[k]);
            for (std::size_t i = 0; i < square; ++i) sum[i] += scale * scatters[k * square + i];
        }
        diagonalise(d, sum.data(), vectors.data());
        double highest = 0, log_det = 0;
        for (std::size_t i = 0; i < n; ++i) highest = std::max(highest, sum[i * (n + 1)]);
        for (std::size_t i = 0; i < n; ++i) {
            const double value = std::max(sum[i * (n + 1)], eps * highest);
            log_det += std::log(value);
            for (std::size_t j = 0; j < n; ++j) vectors[i * n + j] /= std::sqrt(value);
        }
        for (std::size_t k = 0; k < logarithms.size(); ++k) {
            const double scale = std::exp(-logarithms[k]);
            turn(scatters.data() + k * square, scale, out.data() + k * square);
        }
        return log_det;
    }

    // vectors scatter vectors', times a number.
    void turn(const double* scatter, double scale, double* out) {
        const auto n = static_cast<std::size_t>(d);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double product = 0;
                for (std::size_t l = 0; l < n; ++l) product += vectors[i * n + l] * scatter[l * n + j];
                half[i * n + j] = product;
            }
        }
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double product = 0;
                for (std::size_t l = 0; l < n; ++l) product += half[i * n + l] * vectors[j * n + l];
                out[i * n + j] = scale * product;
            }
        }
    }
};

// Variances lambda_k a_d from scatters along axes, (K, D), in place: spectra.proportional.
bool make_proportional(const Scatters& s, const Doubles& sizes, double* spectra) {
    const int K = s.n_components, d = s.n_features;
    Doubles total(static_cast<std::size_t>(d), 0.0);
    for (int k = 0; k < K; ++k) {
        for (int i = 0; i < d; ++i) total[static_cast<std::size_t>(i)] += spectra[k * d + i];
    }
    for (const double sum : total) {
        if (!(sum > 0) || !std::isfinite(sum)) return false;
    }
    for (int i = 0; i < K * d; ++i) spectra[i] /= total[static_cast<std::size_t>(i % d)];
    Spectra pool(spectra, d);
    const Doubles logarithms = log_volumes(pool, K, d, s.resp_sum, sizes);
    const double held = sum_of(s.resp_sum, K);
    Doubles pooled(static_cast<std::size_t>(d), 0.0);
    for (int k = 0; k < K; ++k) {
        const double scale = std::exp(-logarithms[static_cast<std::size_t>(k)]);
        for (int i = 0; i < d; ++i) pooled[static_cast<std::size_t>(i)] += scale * spectra[k * d + i];
    }
    for (int k = 0; k < K; ++k) {
        const double volume = std::exp(logarithms[static_cast<std::size_t>(k)]);
        for (int i = 0; i < d; ++i) {
            const auto at = static_cast<std::size_t>(i);
            spectra[k * d + i] = volume * (pooled[at] * (total[at] / held));
        }
    }
    return true;
}

// By which relative scatters become covariances of one volume: spectra.volume_ratios. `logarithms`
// are those of their geometric means.
bool multiply_to_one_volume(const Scatters& s, const Doubles& logarithms, const Doubles& sizes,
                            int size) {
    const auto n = static_cast<std::size_t>(s.n_components);
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t k = 0; k < n; ++k) {
        highest = std::max(highest, logarithms[k] + std::log(sizes[k]));
    }
    if (!std::isfinite(highest)) return false;
    for (std::size_t k = 0; k < n; ++k) {
        sum += std::exp(logarithms[k] + std::log(sizes[k]) - highest);
    }
    const double volume = std::log(sum / sum_of(s.resp_sum, s.n_components)) + highest;
    for (std::size_t k = 0; k < n; ++k) {
        const double ratio = std::exp(volume - logarithms[k]);
        if (!std::isfinite(ratio)) return false;
        for (int i = 0; i < size; ++i) s.values[static_cast<int>(k) * size + i] *= ratio;
    }
    return true;
}

Doubles traces(const double* matrices, int K, int size, int stride) {
    Doubles result;
    for (int k = 0; k < K; ++k) {
        double trace = 0;
        for (int i = 0; i < size; i += stride) trace += matrices[k * size + i];
        result.push_back(trace);
    }
    return result;
}

// Whether each component has a part in what is shared.
bool all_above_zero(const Doubles& sizes) {
    return std::all_of(sizes.begin(), sizes.end(), [](double size) {
        return size > 0 && std::isfinite(size);
    });
}

bool share_EII(const Scatters& s) {
    const int K = s.n_components;
    const double variance = sum_of(s.values, K) / (s.n_features * sum_of(s.resp_sum, K));
    std::fill(s.values, s.values + K, variance);
    return true;
}

bool share_EEI(const Scatters& s) {
    const int K = s.n_components, d = s.n_features;
    const double held = sum_of(s.resp_sum, K);
    for (int i = 0; i < d; ++i) {
        double sum = 0;
        for (int k = 0; k < K; ++k) sum += s.values[k * d + i];
        for (int k = 0; k < K; ++k) s.values[k * d + i] = sum / held;
    }
    return true;
}

bool share_VEI(const Scatters& s) {
    const int K = s.n_components, d = s.n_features;
    for (int i = 0; i < K * d; ++i) s.values[i] = std::max(s.values[i], 0.0);
    if (!all_above_zero(traces(s.values, K, d, 1))) return false;
    return make_proportional(s, traces(s.previous, K, d, 1), s.values);
}

bool share_EVI(const Scatters& s) {
    const int K = s.n_components, d = s.n_features;
    Doubles logarithms, sizes;
    for (int k = 0; k < K; ++k) {
        double* own = s.values + k * d;
        const double size = *std::max_element(own, own + d);
        double sum = 0;
        for (int i = 0; i < d; ++i) {
            if (!(own[i] > 0)) return false;
            own[i] /= size;
            sum += std::log(own[i]);
        }
        sizes.push_back(size);
        logarithms.push_back(sum / d);
    }
    return multiply_to_one_volume(s, logarithms, sizes, d);
}

bool share_EVV(const Scatters& s) {
    const int K = s.n_components, d = s.n_features, square = d * d;
    const Doubles sizes = traces(s.values, K, square, d + 1);
    if (!all_above_zero(sizes)) return false;
    Doubles logarithms, root(static_cast<std::size_t>(square));
    for (int k = 0; k < K; ++k) {
        double* own = s.values + k * square;
        for (int i = 0; i < square; ++i) own[i] /= sizes[static_cast<std::size_t>(k)];
        if (!cholesky(own, d, root.data())) return false;
        double sum = 0;
        for (int i = 0; i < d; ++i) sum += std::log(root[static_cast<std::size_t>(i * (d + 1))]);
        logarithms.push_back(2 * sum / d);
    }
    return multiply_to_one_volume(s, logarithms, sizes, square);
}

bool share_VEE(const Scatters& s) {
    const int K = s.n_components, d = s.n_features, square = d * d;
    if (!all_above_zero(traces(s.values, K, square, d + 1))) return false;
    Doubles sum(static_cast<std::size_t>(square), 0.0), root(sum.size());
    for (int k = 0; k < K; ++k) {
        for (int i = 0; i < square; ++i) sum[static_cast<std::size_t>(i)] += s.values[k * square + i];
    }
    if (!cholesky(sum.data(), d, root.data())) return false;
    invert(d, root.data());
    // Rows of the inverse's transpose are what whitens.
    Doubles whitened(static_cast<std::size_t>(K * square));
    Whitened pool(whitened, d);
    for (int i = 0; i < d; ++i) {
        for (int j = 0; j < d; ++j) {
            pool.vectors[static_cast<std::size_t>(i * d + j)] = root[static_cast<std::size_t>(j * d + i)];
        }
    }
    for (int k = 0; k < K; ++k) {
        pool.turn(s.values + k * square, 1.0, whitened.data() + k * square);
    }
    const Doubles logarithms =
        log_volumes(pool, K, d, s.resp_sum, traces(s.previous, K, square, d + 1));
    const double held = sum_of(s.resp_sum, K);
    std::fill(sum.begin(), sum.end(), 0.0);
    for (int k = 0; k < K; ++k) {
        const double scale = std::exp(-logarithms[static_cast<std::size_t>(k)]);
        for (int i = 0; i < square; ++i) {
            sum[static_cast<std::size_t>(i)] += scale * s.values[k * square + i];
        }
    }
    for (int k = 0; k < K; ++k) {
        const double volume = std::exp(logarithms[static_cast<std::size_t>(k)]);
        for (int i = 0; i < square; ++i) {
            s.values[k * square + i] = volume * (sum[static_cast<std::size_t>(i)] / held);
        }
    }
    return true;
}

// Eigenvalues of each scatter in the order of size, (K, D), and, as rows, its eigenvectors. False
// where one has no volume that stands out of rounding: its axes are then anybody's.
bool along_own_axes(const Scatters& s, Doubles& spectra, Doubles& axes) {
    const int K = s.n_components, d = s.n_features, square = d * d;
    Doubles matrix(static_cast<std::size_t>(square)), vectors(matrix.size());
    std::vector<int> order(static_cast<std::size_t>(d));
    spectra.resize(static_cast<std::size_t>(K * d));
    axes.resize(static_cast<std::size_t>(K * square));
    const Doubles sizes = traces(s.values, K, square, d + 1);
    if (!all_above_zero(sizes)) return false;
    for (int k = 0; k < K; ++k) {
        const double size = sizes[static_cast<std::size_t>(k)];
        for (int i = 0; i < square; ++i) {
            matrix[static_cast<std::size_t>(i)] = s.values[k * square + i] / size;
        }
        diagonalise(d, matrix.data(), vectors.data());
        const auto value = [&](int i) { return matrix[static_cast<std::size_t>(i * (d + 1))]; };
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](int a, int b) { return value(a) < value(b); });
        if (!(value(order.front()) > flat * value(order.back()))) return false;
        for (int i = 0; i < d; ++i) {
            const int from = order[static_cast<std::size_t>(i)];
            spectra[static_cast<std::size_t>(k * d + i)] = size * value(from);
            std::copy_n(vectors.begin() + from * d, d, axes.begin() + k * square + i * d);
        }
    }
    return true;
}

void assemble(const Scatters& s, const Doubles& spectra, const Doubles& axes) {
    const int d = s.n_features, square = d * d;
    for (int k = 0; k < s.n_components; ++k) {
        compose(d, spectra.data() + k * d, axes.data() + k * square, s.values + k * square);
    }
}

// Scatters along the axes that all share, (K, D), and for each component these, as rows; none where
// a component has no size.
Doubles along_common_axes(const Scatters& s, bool one_volume, Doubles& spectra) {
    const int K = s.n_components, d = s.n_features, square = d * d;
    if (!all_above_zero(traces(s.values, K, square, d + 1))) return {};
    const Doubles shared = common_axes(s, one_volume);
    Doubles axes;
    for (int k = 0; k < K; ++k) {
        const double* scatter = s.values + k * square;
        axes.insert(axes.end(), shared.begin(), shared.end());
        for (int i = 0; i < d; ++i) {
            const double* axis = shared.data() + i * d;
            double sum = 0;
            for (int a = 0; a < d; ++a) {
                double along = 0;
                for (int b = 0; b < d; ++b) along += scatter[a * d + b] * axis[b];
                sum += axis[a] * along;
            }
            spectra.push_back(std::max(sum, 0.0));
        }
    }
    return axes;
}

bool share_EEV(const Scatters& s) {
    const int K = s.n_components, d = s.n_features;
    Doubles spectra, axes;
    if (!along_own_axes(s, spectra, axes)) return false;
    const Scatters along{K, d, s.resp_sum, nullptr, spectra.data()};
    share_EEI(along);
    assemble(s, spectra, axes);
    return true;
}

bool share_VEV(const Scatters& s) {
    const int K = s.n_components, d = s.n_features;
    Doubles spectra, axes;
    if (!along_own_axes(s, spectra, axes)) return false;
    const Doubles sizes = traces(s.previous, K, d * d, d + 1);
    if (!make_proportional(s, sizes, spectra.data())) return false;
    assemble(s, spectra, axes);
    return true;
}

bool share_EVE(const Scatters& s) {
    Doubles spectra;
    const Doubles axes = along_common_axes(s, true, spectra);
    if (axes.empty()) return false;
    const Scatters along{s.n_components, s.n_features, s.resp_sum, nullptr, spectra.data()};
    if (!share_EVI(along)) return false;
    assemble(s, spectra, axes);
    return true;
}

bool share_VVE(const Scatters& s) {
    Doubles spectra;
    const Doubles axes = along_common_axes(s, false, spectra);
    if (axes.empty()) return false;
    for (int i = 0; i < s.n_components * s.n_features; ++i) {
        spectra[static_cast<std::size_t>(i)] /= s.resp_sum[i / s.n_features];
    }
    assemble(s, spectra, axes);
    return true;
}

}  // namespace

const std::map<std::string, Sharing>& sharings() {
    static const std::map<std::string, Sharing> known{
        {"EII", share_EII}, {"EEI", share_EEI}, {"VEI", share_VEI}, {"EVI", share_EVI},
        {"VEE", share_VEE}, {"EEV", share_EEV}, {"VEV", share_VEV}, {"EVV", share_EVV},
        {"EVE", share_EVE}, {"VVE", share_VVE},
    };
    return known;
}

bool share(Sharing sharing, const Scatters& scatters) {
    if (sharing == nullptr) return true;
    return scatters.n_components <= most_sharing && sharing(scatters);
}

}  // namespace bactrian
