#include "volumes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "elimination.hpp"

namespace bactrian {
namespace {

using Doubles = std::vector<double>;

constexpr int most_steps = 200;
constexpr double tiny = 1e-300, enough = 1e-8, longest = 4.0, widest = 80.0;

double sum_of(const double* numbers, int n) { return std::accumulate(numbers, numbers + n, 0.0); }

double largest_of(const Doubles& numbers) {
    double largest = 0;
    for (const double number : numbers) largest = std::max(largest, std::fabs(number));
    return largest;
}

}  // namespace

Doubles log_volumes(Pool& pool, int K, int d, const double* resp_sum, const Doubles& sizes) {
    const auto n = static_cast<std::size_t>(K);
    const double total = sum_of(resp_sum, K);
    const double largest = *std::max_element(sizes.begin(), sizes.end());
    Doubles weights(n), current(n), trace(n), step(n), there(n), hessian(n * n);
    Doubles share(n * static_cast<std::size_t>(pool.size)), beyond(share.size());
    for (std::size_t k = 0; k < n; ++k) {
        weights[k] = resp_sum[k] / total;
        current[k] = std::log(std::max(sizes[k], largest * std::exp(-widest)));
    }
    for (std::size_t k = n; k-- > 0;) current[k] -= current[0];
    double log_det = pool.share(current, share);
    for (int round = 0; round < most_steps; ++round) {
        const auto [low, high] = std::minmax_element(current.begin(), current.end());
        if (*high - *low > widest) break;
        const auto size = static_cast<std::size_t>(pool.size);
        const auto stride = static_cast<std::size_t>(pool.stride);
        for (std::size_t k = 0; k < n; ++k) {
            trace[k] = 0;
            for (std::size_t i = 0; i < size; i += stride) trace[k] += share[k * size + i];
            trace[k] = std::max(trace[k], tiny);
        }
        for (std::size_t k = 0; k < n; ++k) {
            step[k] = trace[k] - d * weights[k];
            for (std::size_t l = 0; l <= k; ++l) {
                double product = 0;
                for (std::size_t i = 0; i < size; ++i) {
                    product += share[k * size + i] * share[l * size + i];
                }
                const double entry = (k == l ? trace[k] : 0.0) - product + 1.0 / K;
                hessian[k * n + l] = hessian[l * n + k] = entry;
            }
        }
        bool solved = solve(n, 1, hessian, step);
        const double mean = sum_of(step.data(), K) / K;
        for (double& entry : step) {
            entry -= mean;
            solved = solved && std::isfinite(entry);
        }
        if (solved) {
            const double length = largest_of(step);
            if (length < enough) {
                for (std::size_t k = 0; k < n; ++k) current[k] += step[k];
                return current;
            }
            const double scale = std::min(1.0, longest / length);
            double change = 0;
            for (std::size_t k = 0; k < n; ++k) {
                there[k] = current[k] + scale * step[k];
                change += d * weights[k] * scale * step[k];
            }
            const double log_det_there = pool.share(there, beyond);
            if (log_det_there - log_det + change < 0) {
                current.swap(there);
                share.swap(beyond);
                log_det = log_det_there;
                continue;
            }
        }
        for (std::size_t k = 0; k < n; ++k) {
            const double logarithm = std::log(trace[k] / (d * weights[k]));
            step[k] = std::min(std::max(logarithm, -longest), longest);
        }
        if (largest_of(step) < enough) return current;
        const double middle = sum_of(step.data(), K) / K;
        for (std::size_t k = 0; k < n; ++k) current[k] += step[k] - middle;
        log_det = pool.share(current, share);
    }
    return current;
}

}  // namespace bactrian
