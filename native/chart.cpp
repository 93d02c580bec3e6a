#include "chart.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

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

bool has_matrices(Structure structure) {
    return structure == Structure::full || structure == Structure::tied;
}

// From the covariance of a component to that of the next.
int stride_of(const Base& base) {
    return base.structure == Structure::tied ? 0 : size_of_covariance(base.structure, base.n_features);
}

// Root of the information on the logarithm of a covariance: half the weight that it stands for,
// times the features that it does.
double scale_of(const Base& base, int k) {
    double share = base.weights[k];
    if (base.structure == Structure::tied) {
        share = 0;
        for (int j = 0; j < base.n_components; ++j) share += base.weights[j];
    }
    if (base.structure == Structure::spherical) share *= base.n_features;
    return std::sqrt(share / 2);
}

double factor_at(const Base& base, const double* factor, int i) {
    return factor[base.structure == Structure::spherical ? 0 : i];
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

// The covariances of the base's structure nearest to any of its form, and their factors.
bool confine(const Base& base, const Maximisers& to) {
    const int K = base.n_components, d = base.n_features;
    const int size = size_of_covariance(base.structure, d);
    if (base.sharing != nullptr) {
        const std::vector<double> own(to.covariances, to.covariances + K * size);
        const int features = base.structure == Structure::spherical ? d : 1;
        for (int i = 0; i < K * size; ++i) to.covariances[i] *= features * base.weights[i / size];
        if (!share(base.sharing, {K, d, base.weights, own.data(), to.covariances})) return false;
    }
    for (int k = 0; k < covariances_of(base.structure, K); ++k) {
        const double* covariance = to.covariances + k * size;
        double* factor = to.factors + k * size;
        if (has_matrices(base.structure)) {
            if (!cholesky(covariance, d, factor)) return false;
            invert(d, factor);
            continue;
        }
        for (int i = 0; i < size; ++i) {
            if (!(covariance[i] > 0) || !std::isfinite(covariance[i])) return false;
            factor[i] = 1 / std::sqrt(covariance[i]);
        }
    }
    return true;
}

}  // namespace

int covariances_of(Structure structure, int n_components) {
    return structure == Structure::tied ? 1 : n_components;
}

int size_of_covariance(Structure structure, int n_features) {
    if (has_matrices(structure)) return n_features * n_features;
    return structure == Structure::diag ? n_features : 1;
}

std::size_t n_coordinates(const Base& base) {
    const int K = base.n_components;
    const int covariances = covariances_of(base.structure, K);
    const int size = size_of_covariance(base.structure, base.n_features);
    return static_cast<std::size_t>((base.weights_move ? K : 0) + K * base.n_features +
                                    covariances * size);
}

void locate(const Base& base, const double* weights, const double* means,
            const double* covariances, double* vector) {
    const int K = base.n_components, d = base.n_features, stride = stride_of(base);
    const int size = size_of_covariance(base.structure, d);
    const bool matrices = has_matrices(base.structure);
    double* steps = vector + (base.weights_move ? K : 0);
    double* changes = steps + K * d;
    for (int k = 0; k < K; ++k) {
        const double root = std::sqrt(base.weights[k]);
        if (base.weights_move) {
            vector[k] = root > 0 ? root * cut(std::log(weights[k] / base.weights[k])) : 0;
        }
        const double* factor = base.factors + k * stride;
        const double *mean = means + k * d, *from = base.means + k * d;
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            if (matrices) {
                for (int i = 0; i <= j; ++i) sum += (mean[i] - from[i]) * factor[i * d + j];
            } else {
                sum = (mean[j] - from[j]) * factor_at(base, factor, j);
            }
            steps[k * d + j] = root * sum;
        }
    }
    for (int k = 0; k < covariances_of(base.structure, K); ++k) {
        const double *covariance = covariances + k * size, *factor = base.factors + k * size;
        const double scale = scale_of(base, k);
        if (!matrices) {
            for (int i = 0; i < size; ++i) {
                const double ratio = covariance[i] * factor[i] * factor[i];
                changes[k * size + i] = scale * std::log(ratio);
            }
            continue;
        }
        double ratio[most_charted * most_charted], vectors[most_charted * most_charted];
        double logarithms[most_charted];
        whiten(d, covariance, factor, ratio);
        diagonalise(d, ratio, vectors);
        for (int i = 0; i < d; ++i) logarithms[i] = scale * std::log(ratio[i * d + i]);
        compose(d, logarithms, vectors, changes + k * size);
    }
}

bool point(const Base& base, const double* vector, const Maximisers& to) {
    const int K = base.n_components, d = base.n_features, stride = stride_of(base);
    const int size = size_of_covariance(base.structure, d);
    const int covariances = covariances_of(base.structure, K);
    const bool matrices = has_matrices(base.structure);
    const double* steps = vector + (base.weights_move ? K : 0);
    const double* changes = steps + K * d;
    std::copy(base.weights, base.weights + K, to.weights);
    if (base.weights_move) {
        double total = 0;
        for (int k = 0; k < K; ++k) {
            const double unroot = inverse(std::sqrt(base.weights[k]));
            to.weights[k] *= std::exp(cut(vector[k] * unroot));
            total += to.weights[k];
        }
        for (int k = 0; k < K; ++k) to.weights[k] /= total;
    }
    // Until they are replaced, the inverses of the base's factors lie where the new ones will.
    std::copy(base.factors, base.factors + covariances * size, to.factors);
    for (int k = 0; k < covariances; ++k) {
        double* factor = to.factors + k * size;
        if (matrices) {
            invert(d, factor);
        } else {
            for (int i = 0; i < size; ++i) factor[i] = 1 / factor[i];
        }
    }
    for (int k = 0; k < K; ++k) {
        const double unroot = inverse(std::sqrt(base.weights[k]));
        const double* back = to.factors + k * stride;
        for (int j = 0; j < d; ++j) {
            double sum = 0;
            if (matrices) {
                for (int i = 0; i <= j; ++i) sum += steps[k * d + i] * back[i * d + j];
            } else {
                sum = steps[k * d + j] * factor_at(base, back, j);
            }
            to.means[k * d + j] = base.means[k * d + j] + unroot * sum;
        }
    }
    for (int k = 0; k < covariances; ++k) {
        const double unscale = inverse(scale_of(base, k));
        const double *change = changes + k * size, *back = to.factors + k * size;
        double* covariance = to.covariances + k * size;
        if (matrices) {
            grow(d, change, unscale, back, covariance);
            continue;
        }
        for (int i = 0; i < size; ++i) {
            covariance[i] = back[i] * back[i] * std::exp(cut(change[i] * unscale));
        }
    }
    return confine(base, to);
}

}  // namespace bactrian
