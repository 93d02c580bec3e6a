#include "place.hpp"

#include <algorithm>
#include <cmath>

#include "passes.hpp"
#include "paths.hpp"

namespace bactrian {
namespace {

constexpr double log_2_pi = 1.8378770664093454836;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

double log_det(const Moments& m, const double* factor) {
    const int d = m.n_features;
    if (m.structure == Structure::spherical) return d * std::log(factor[0]);
    const int stride = m.structure == Structure::diag ? 1 : d + 1;
    double sum = 0;
    for (int i = 0; i < d; ++i) sum += std::log(factor[i * stride]);
    return sum;
}

// From the factor of a component to that of the next.
int factor_stride(const Moments& m) {
    return m.structure == Structure::tied ? 0 : size_of_covariance(m.structure, m.n_features);
}

}  // namespace

Place::Place(const Moments& m)
    : n_components_(index(m.n_components)), n_means_(index(m.n_components * m.n_features)),
      n_covariances_(index(covariances_of(m.structure, m.n_components) *
                           size_of_covariance(m.structure, m.n_features))),
      numbers_(2 * n_components_ + 2 * n_means_ + 3 * n_covariances_) {
    double* at = numbers_.data();
    const auto taken = [&at](std::size_t n) {
        double* begin = at;
        at += n;
        return begin;
    };
    parameters = {taken(n_components_), taken(n_means_), taken(n_covariances_),
                  taken(n_covariances_)};
    statistics.resp_sum = taken(n_components_);
    statistics.first = taken(n_means_);
    statistics.second = taken(n_covariances_);
}

void Place::take(const Maximisers& from, const Statistics& measured) {
    copy(from, parameters);
    copy(measured, statistics);
}

void Place::give(const Maximisers& to) const { copy(parameters, to); }

void Place::give(Statistics& to) const { copy(statistics, to); }

void Place::copy(const Maximisers& from, const Maximisers& to) const {
    std::copy_n(from.weights, n_components_, to.weights);
    std::copy_n(from.means, n_means_, to.means);
    std::copy_n(from.covariances, n_covariances_, to.covariances);
    std::copy_n(from.factors, n_covariances_, to.factors);
}

void Place::copy(const Statistics& from, Statistics& to) const {
    std::copy_n(from.resp_sum, n_components_, to.resp_sum);
    std::copy_n(from.first, n_means_, to.first);
    std::copy_n(from.second, n_covariances_, to.second);
    to.log_likelihood = from.log_likelihood;
    to.weight = from.weight;
}

bool measure(const Passing& passing, const Moments& model, Stop& stop, Place& place) {
    const Maximisers& p = place.parameters;
    const int d = model.n_features, stride = factor_stride(model);
    std::vector<double> log_constants(index(model.n_components));
    for (int k = 0; k < model.n_components; ++k) {
        const double peak = log_det(model, p.factors + k * stride) - 0.5 * d * log_2_pi;
        log_constants[index(k)] = std::log(p.weights[k]) + peak;
    }
    const Mixture mixture{model.structure, model.n_components,  d, p.means, p.means,
                          p.factors,       log_constants.data()};
    const auto estep = new_estep(passing.path, mixture, passing.rows.single, stop);
    return accumulate(*estep, passing.rows, passing.n_threads, stop, place.statistics) &&
           !place.statistics.lost;
}

bool propose(const Moments& model, const Place& here, const Maximisers& to) {
    Moments m = model;
    m.origins = here.parameters.means;
    m.resp_sum = here.statistics.resp_sum;
    m.first = here.statistics.first;
    m.second = here.statistics.second;
    m.weight = here.statistics.weight;
    m.previous = here.parameters.covariances;
    return maximise(m, to);
}

double squared_shift(const Moments& m, const double* origins, const Maximisers& to) {
    const int d = m.n_features, stride = factor_stride(m);
    double total = 0;
    for (int k = 0; k < m.n_components; ++k) {
        const double* factor = to.factors + k * stride;
        const double *from = origins + k * d, *mean = to.means + k * d;
        for (int j = 0; j < d; ++j) {
            double step = 0;
            if (m.structure == Structure::full || m.structure == Structure::tied) {
                for (int i = 0; i <= j; ++i) step += (mean[i] - from[i]) * factor[i * d + j];
            } else {
                step = (mean[j] - from[j]) * factor[m.structure == Structure::diag ? j : 0];
            }
            total += step * step;
        }
    }
    return total;
}

}  // namespace bactrian
