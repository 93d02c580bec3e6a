#include "mstep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "floor.hpp"
#include "triangular.hpp"

namespace bactrian {
namespace {

// Adds the second moments that a shift of the origin by `shift` makes, (twice shift' + shift
// twice') / 2, to those of one component.
void recentre(const Moments& m, const double* twice, const double* shift, double* second) {
    const int d = m.n_features;
    switch (m.structure) {
        case Structure::full:
        case Structure::tied:
            for (int i = 0; i < d; ++i) {
                for (int j = 0; j < d; ++j) {
                    second[i * d + j] += (twice[i] * shift[j] + twice[j] * shift[i]) / 2;
                }
            }
            return;
        case Structure::diag:
            for (int i = 0; i < d; ++i) second[i] += twice[i] * shift[i];
            return;
        case Structure::spherical:
            for (int i = 0; i < d; ++i) second[0] += twice[i] * shift[i];
    }
}

// Whether the trace of diag(bound) U U' is below 1, and so each of its eigenvalues.
bool is_above(const Moments& m, const double* factor) {
    const int d = m.n_features;
    double trace = 0;
    for (int i = 0; i < d; ++i) {
        double precision = 0;
        for (int j = i; j < d; ++j) precision += factor[i * d + j] * factor[i * d + j];
        trace += m.bound[i] * precision;
    }
    return trace < 1;
}

// Whether each feature has a share of its variance to itself.
bool is_sound(const Moments& m, const double* covariance, const double* factor) {
    const int d = m.n_features;
    double steepest = 0;
    for (int i = 0; i < d; ++i) {
        const double own = factor[i * (d + 1)];
        steepest = std::max(steepest, own * own * covariance[i * (d + 1)]);
    }
    return steepest * m.tolerance < 1;
}

bool factorise_matrix(const Moments& m, double* covariance, double* factor) {
    const int d = m.n_features;
    const bool whole = cholesky(covariance, d, factor);
    if (whole) invert(d, factor);
    if (!has_floor(m)) {
        return whole && is_above(m, factor) && is_sound(m, covariance, factor);
    }
    if (!whole || !exceeds(m.structure, d, covariance, factor, m.lowest)) {
        if (!raise_to(m.structure, d, m.lowest, covariance, factor)) return false;
    }
    return is_sound(m, covariance, factor);
}

bool factorise_variances(const double* variances, int count, const double* bound, double* factor) {
    for (int i = 0; i < count; ++i) {
        if (!(variances[i] > bound[i]) || !std::isfinite(variances[i])) return false;
        factor[i] = 1 / std::sqrt(variances[i]);
    }
    return true;
}

bool factorise(const Moments& m, double* covariance, double* factor) {
    if (m.structure == Structure::full || m.structure == Structure::tied) {
        return factorise_matrix(m, covariance, factor);
    }
    if (has_floor(m)) return raise_to(m.structure, m.n_features, m.lowest, covariance, factor);
    if (m.structure == Structure::diag) {
        return factorise_variances(covariance, m.n_features, m.bound, factor);
    }
    const double largest = *std::max_element(m.bound, m.bound + m.n_features);
    return factorise_variances(covariance, 1, &largest, factor);
}

}  // namespace

bool has_floor(const Moments& m) {
    if (m.lowest == nullptr || m.sharing != nullptr || m.ridge > 0) return false;
    for (int i = 0; i < m.n_features; ++i) {
        if (!(m.lowest[i] > 0) || m.lowest[i] < m.bound[i]) return false;
    }
    return true;
}

bool maximise(const Moments& m, const Maximisers& out) {
    const int K = m.n_components, d = m.n_features;
    const bool matrix = m.structure == Structure::full || m.structure == Structure::tied;
    const int size = matrix ? d * d : m.structure == Structure::diag ? d : 1;
    const int n_covariances = m.structure == Structure::tied ? 1 : K;
    double total = 0;
    for (int k = 0; k < K; ++k) {
        if (!(m.resp_sum[k] > std::numeric_limits<double>::epsilon() * m.weight)) return false;
        total += m.resp_sum[k];
    }
    std::copy(m.second, m.second + n_covariances * size, out.covariances);
    double twice[most_features], shift[most_features];
    for (int k = 0; k < K; ++k) {
        const double held = m.resp_sum[k];
        out.weights[k] = m.held_weights ? m.held_weights[k] : held / total;
        for (int i = 0; i < d; ++i) {
            const double origin = m.origins[k * d + i], moved = m.first[k * d + i];
            const double mean = origin + moved / held;
            out.means[k * d + i] = mean;
            shift[i] = origin - mean;
            twice[i] = 2 * moved + held * shift[i];
        }
        recentre(m, twice, shift, out.covariances + (n_covariances == 1 ? 0 : k * size));
    }
    if (!share(m.sharing, {K, d, m.resp_sum, m.previous, out.covariances})) return false;
    for (int k = 0; k < n_covariances; ++k) {
        double* covariance = out.covariances + k * size;
        const double held = m.sharing != nullptr                  ? 1.0
                            : m.structure == Structure::tied      ? total
                            : m.structure == Structure::spherical ? d * m.resp_sum[k]
                                                                  : m.resp_sum[k];
        for (int i = 0; i < size; ++i) covariance[i] /= held;
        for (int i = 0; i < size; i += matrix ? d + 1 : 1) covariance[i] += m.ridge;
        if (!factorise(m, covariance, out.factors + k * size)) return false;
    }
    return true;
}

}  // namespace bactrian
