#include "mstep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

// Whether the trace of diag(bound) U U' is below 1, and so each of its eigenvalues, and each
// feature has a share of its variance to itself.
bool is_sound(const Moments& m, const double* covariance, const double* factor) {
    const int d = m.n_features;
    double trace = 0, steepest = 0;
    for (int i = 0; i < d; ++i) {
        double precision = 0;
        for (int j = i; j < d; ++j) precision += factor[i * d + j] * factor[i * d + j];
        trace += m.bound[i] * precision;
        const double own = factor[i * d + i];
        steepest = std::max(steepest, own * own * covariance[i * d + i]);
    }
    return trace < 1 && steepest * m.tolerance < 1;
}

bool factorise_matrix(const Moments& m, const double* covariance, double* factor) {
    if (!cholesky(covariance, m.n_features, factor)) return false;
    invert(m.n_features, factor);
    return is_sound(m, covariance, factor);
}

bool factorise_variances(const double* variances, int count, const double* bound, double* factor) {
    for (int i = 0; i < count; ++i) {
        if (!(variances[i] > bound[i]) || !std::isfinite(variances[i])) return false;
        factor[i] = 1 / std::sqrt(variances[i]);
    }
    return true;
}

bool factorise(const Moments& m, const double* covariance, double* factor) {
    switch (m.structure) {
        case Structure::full:
        case Structure::tied:
            return factorise_matrix(m, covariance, factor);
        case Structure::diag:
            return factorise_variances(covariance, m.n_features, m.bound, factor);
        default: {
            const double largest = *std::max_element(m.bound, m.bound + m.n_features);
            return factorise_variances(covariance, 1, &largest, factor);
        }
    }
}

}  // namespace

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
