#include "chart.hpp"

#include <algorithm>
#include <cmath>

#include "symmetric.hpp"
#include "triangular.hpp"

namespace bactrian {
namespace {

constexpr double widest = 30;  // logarithm of a ratio beyond which it is cut

double cut(double logarithm) { return std::min(std::max(logarithm, -widest), widest); }

// U' cov U.
void whiten(int d, const double* covariance, const double* factor, double* ratio) {
    double half[most_charted * most_charted];
    for (int i = 0; i < d; ++i) {
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            for (int k = 0; k <= j; ++k) sum += covariance[i * d + k] * factor[k * d + j];
            half[i * d + j] = sum;
        }
    }
    for (int i = 0; i < d; ++i) {
        for (int j = 0; j <= i; ++j) {
            double sum = 0, mirrored = 0;
            for (int k = 0; k <= i; ++k) sum += factor[k * d + i] * half[k * d + j];
            for (int k = 0; k <= j; ++k) mirrored += factor[k * d + j] * half[k * d + i];
            ratio[i * d + j] = ratio[j * d + i] = (sum + mirrored) / 2;
        }
    }
}

// Root of the information on the logarithm of a covariance: half the weight that it stands for.
double scale_of(const Base& base, int k) {
    double share = base.weights[k];
    if (base.n_covariances == 1) {
        share = 0;
        for (int j = 0; j < base.n_components; ++j) share += base.weights[j];
    }
    return std::sqrt(share / 2);
}

// The covariance root' root, where root = exp(values / 2) V' U^-1 for the eigenvalues and
// eigenvectors of the logarithm, `change` times `unscale`.
void grow(int d, const double* change, double unscale, const double* back, double* covariance) {
    double matrix[most_charted * most_charted], vectors[most_charted * most_charted];
    for (int i = 0; i < d; ++i) {
        for (int j = 0; j < d; ++j) {
            const double a = change[i * d + j], b = change[j * d + i];
            matrix[i * d + j] = (cut(a * unscale) + cut(b * unscale)) / 2;
        }
    }
    diagonalise(d, matrix, vectors);
    double root[most_charted * most_charted], ones[most_charted];
    for (int i = 0; i < d; ++i) {
        const double grown = std::exp(matrix[i * d + i] / 2);
        ones[i] = 1;
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            for (int k = 0; k <= j; ++k) sum += vectors[i * d + k] * back[k * d + j];
            root[i * d + j] = grown * sum;
        }
    }
    compose(d, ones, root, covariance);
}

double inverse(double value) { return value > 0 ? 1 / value : 0; }

}  // namespace

void locate(const Base& base, const double* weights, const double* means,
            const double* covariances, double* vector) {
    const int K = base.n_components, d = base.n_features;
    double* steps = vector + K;
    double* changes = steps + K * d;
    for (int k = 0; k < K; ++k) {
        const double root = std::sqrt(base.weights[k]);
        vector[k] = root > 0 ? root * cut(std::log(weights[k] / base.weights[k])) : 0;
        const double* factor = base.factors + (base.n_covariances == 1 ? 0 : k * d * d);
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            for (int i = 0; i <= j; ++i) {
                sum += (means[k * d + i] - base.means[k * d + i]) * factor[i * d + j];
            }
            steps[k * d + j] = root * sum;
        }
    }
    for (int k = 0; k < base.n_covariances; ++k) {
        double ratio[most_charted * most_charted], vectors[most_charted * most_charted];
        double logarithms[most_charted];
        whiten(d, covariances + k * d * d, base.factors + k * d * d, ratio);
        diagonalise(d, ratio, vectors);
        const double scale = scale_of(base, k);
        for (int i = 0; i < d; ++i) logarithms[i] = scale * std::log(ratio[i * d + i]);
        compose(d, logarithms, vectors, changes + k * d * d);
    }
}

bool point(const Base& base, const double* vector, double* weights, double* means,
           double* covariances, double* factors) {
    const int K = base.n_components, d = base.n_features;
    const double* steps = vector + K;
    const double* changes = steps + K * d;
    double total = 0;
    for (int k = 0; k < K; ++k) {
        const double unroot = inverse(std::sqrt(base.weights[k]));
        weights[k] = base.weights[k] * std::exp(cut(vector[k] * unroot));
        total += weights[k];
    }
    for (int k = 0; k < K; ++k) weights[k] /= total;
    // Until they are replaced, the inverses of the base's factors lie where the new ones will.
    std::copy(base.factors, base.factors + base.n_covariances * d * d, factors);
    for (int k = 0; k < base.n_covariances; ++k) invert(d, factors + k * d * d);
    for (int k = 0; k < K; ++k) {
        const double unroot = inverse(std::sqrt(base.weights[k]));
        const double* back = factors + (base.n_covariances == 1 ? 0 : k * d * d);
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            for (int i = 0; i <= j; ++i) sum += steps[k * d + i] * back[i * d + j];
            means[k * d + j] = base.means[k * d + j] + unroot * sum;
        }
    }
    for (int k = 0; k < base.n_covariances; ++k) {
        double* covariance = covariances + k * d * d;
        double* factor = factors + k * d * d;
        grow(d, changes + k * d * d, inverse(scale_of(base, k)), factor, covariance);
        if (!cholesky(covariance, d, factor)) return false;
        invert(d, factor);
    }
    return true;
}

}  // namespace bactrian
