#include "advance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "passes.hpp"
#include "paths.hpp"

namespace bactrian {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double log_2_pi = 1.8378770664093454836;
constexpr double rounding = 64 * std::numeric_limits<double>::epsilon();
constexpr double unknown_rate = 0.99;
constexpr double race_margin = 10.0, accuracy = 1e-5;
// Squared shift of the means, in their new deviations, at which moments have lost four digits.
constexpr double far = 1e4;

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
    switch (m.structure) {
        case Structure::full:
            return m.n_features * m.n_features;
        case Structure::diag:
            return m.n_features;
        case Structure::spherical:
            return 1;
        default:
            return 0;  // all have the same
    }
}

// Numbers of the covariances, and of whatever has their shape.
std::size_t covariance_numbers(const Moments& m) {
    if (m.structure == Structure::tied) return index(m.n_features * m.n_features);
    return index(m.n_components * factor_stride(m));
}

// Memory for a mixture and its statistics.
class Place {
  public:
    explicit Place(const Moments& m)
        : n_components_(index(m.n_components)), n_means_(index(m.n_components * m.n_features)),
          n_covariances_(covariance_numbers(m)),
          numbers_(2 * n_components_ + 2 * n_means_ + 3 * n_covariances_) {}

    Standing standing() {
        double* at = numbers_.data();
        const auto take = [&at](std::size_t n) {
            double* taken = at;
            at += n;
            return taken;
        };
        Standing result{};
        result.parameters = {take(n_components_), take(n_means_), take(n_covariances_),
                             take(n_covariances_)};
        result.statistics.resp_sum = take(n_components_);
        result.statistics.first = take(n_means_);
        result.statistics.second = take(n_covariances_);
        return result;
    }

    void copy(const Maximisers& from, const Maximisers& to) const {
        std::copy_n(from.weights, n_components_, to.weights);
        std::copy_n(from.means, n_means_, to.means);
        std::copy_n(from.covariances, n_covariances_, to.covariances);
        std::copy_n(from.factors, n_covariances_, to.factors);
    }

    void copy(const Standing& from, Standing& to) const {
        copy(from.parameters, to.parameters);
        std::copy_n(from.statistics.resp_sum, n_components_, to.statistics.resp_sum);
        std::copy_n(from.statistics.first, n_means_, to.statistics.first);
        std::copy_n(from.statistics.second, n_covariances_, to.statistics.second);
        to.statistics.log_likelihood = from.statistics.log_likelihood;
        to.statistics.weight = from.statistics.weight;
    }

  private:
    std::size_t n_components_, n_means_, n_covariances_;
    std::vector<double> numbers_;
};

// Sum of the squared shifts of all means, in their new deviations.
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

bool has_arrived(const Pace& pace, const std::vector<double>& trace, int steps) {
    const std::size_t n = trace.size();
    const double gain = trace[n - 1] - trace[n - 2];
    if (std::fabs(gain) < pace.gain) return true;
    if (!(pace.to_come > 0) && !(pace.rival > -infinity)) return false;
    const double left = gain_to_come(trace.data(), static_cast<int>(n));
    if (left < pace.to_come) return true;
    return steps >= pace.racing_after && trace[n - 1] + race_margin * left < pace.rival - accuracy;
}

}  // namespace

double gain_to_come(const double* trace, int n) {
    const int n_gains = std::min(n, 5) - 1;
    if (n_gains < 1) return infinity;
    const double* end = trace + n;
    const auto gain = [&](int back) { return end[-1 - back] - end[-2 - back]; };
    const double last = gain(0);
    if (last <= rounding * std::max(1.0, std::fabs(end[-1]))) return std::fabs(last);
    if (n_gains < 2) return last * unknown_rate / (1 - unknown_rate);
    double rate = -infinity;
    for (int back = std::min(n_gains - 2, 2); back >= 0; --back) {
        const double earlier = gain(back + 1);
        rate = std::max(rate, earlier > 0 ? gain(back) / earlier : infinity);
    }
    return rate < 1 ? last * rate / (1 - rate) : infinity;
}

int advance(const std::string& path, const Rows& rows, int n_threads, const Moments& model,
            const Pace& pace, Stop& stop, Standing& now, const Maximisers& before,
            std::vector<double>& trace) {
    const int K = model.n_components, d = model.n_features, stride = factor_stride(model);
    std::vector<Place> places(3, Place(model));
    Standing last = places[0].standing(), here = places[1].standing(), next = places[2].standing();
    places[0].copy(now, here);
    std::vector<double> log_constants(index(K));
    int steps = 0;
    while (steps < pace.most) {
        Moments m = model;
        m.origins = here.parameters.means;
        m.resp_sum = here.statistics.resp_sum;
        m.first = here.statistics.first;
        m.second = here.statistics.second;
        m.weight = here.statistics.weight;
        m.previous = here.parameters.covariances;
        const Maximisers& to = next.parameters;
        if (!maximise(m, to) || !(squared_shift(m, m.origins, to) < far)) break;
        for (int k = 0; k < K; ++k) {
            const double peak = log_det(m, to.factors + k * stride) - 0.5 * d * log_2_pi;
            log_constants[index(k)] = std::log(to.weights[k]) + peak;
        }
        const Mixture mixture{m.structure, K,          d, to.means, to.means,
                              to.factors,  log_constants.data()};
        const auto estep = new_estep(path, mixture, rows.single, stop);
        if (!accumulate(*estep, rows, n_threads, stop, next.statistics)) return -1;
        if (next.statistics.lost) break;
        std::swap(last, here);
        std::swap(here, next);
        ++steps;
        trace.push_back(here.statistics.log_likelihood / here.statistics.weight);
        if (has_arrived(pace, trace, steps)) break;
    }
    if (steps > 0) {
        places[0].copy(here, now);
        places[0].copy(last.parameters, before);
    }
    return steps;
}

}  // namespace bactrian
