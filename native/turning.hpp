// Scatters as seen from axes that turn: see core/covariance/structures/axes.py.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "elimination.hpp"

namespace bactrian::turning {

using Doubles = std::vector<double>;

inline constexpr double flattest = 1e-40;          // a scatter no smaller is allowed for
inline constexpr double least_information = 1e-6;  // of the mass

// out = a b, or a b', of square matrices.
inline void multiply(std::size_t d, const double* a, const double* b, double* out) {
    std::fill(out, out + d * d, 0.0);
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t k = 0; k < d; ++k) {
            for (std::size_t j = 0; j < d; ++j) out[i * d + j] += a[i * d + k] * b[k * d + j];
        }
    }
}

inline void multiply_by_transpose(std::size_t d, const double* a, const double* b, double* out) {
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j < d; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < d; ++k) sum += a[i * d + k] * b[j * d + k];
            out[i * d + j] = sum;
        }
    }
}

// out = in - in'.
inline void take_skew_part(std::size_t d, const Doubles& in, Doubles& out) {
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j < d; ++j) out[i * d + j] = in[i * d + j] - in[j * d + i];
    }
}

// What is to be brought along common axes.
struct Task {
    std::size_t n_components, n_features;
    const double* resp_sum;
    double mass;       // the sum of resp_sum
    Doubles scatters;  // (K, D, D), of a size about 1
    bool one_volume;
};

// Axes, and the value and derivatives of the function to be minimised there.
class Point {
  public:
    explicit Point(const Task& task)
        : task_(&task), axes_(task.n_features * task.n_features), half_(axes_),
          product_(axes_), gradient_(axes_), information_(axes_), turned_(task.scatters.size()),
          spectra_(task.n_components * task.n_features), slopes_(spectra_), relative_(spectra_),
          masses_(task.n_components) {}

    double value() const { return value_; }
    const Doubles& axes() const { return axes_; }
    const Doubles& gradient() const { return gradient_; }
    const Doubles& information() const { return information_; }

    // Moves to axes, as rows.
    void stand(const Doubles& axes) {
        const std::size_t K = task_->n_components, d = task_->n_features;
        axes_ = axes;
        for (std::size_t k = 0; k < K; ++k) {
            double* own = turned_.data() + k * d * d;
            multiply(d, axes_.data(), task_->scatters.data() + k * d * d, half_.data());
            multiply_by_transpose(d, half_.data(), axes_.data(), own);
            for (std::size_t i = 0; i < d; ++i) {
                spectra_[k * d + i] = std::max(own[i * (d + 1)], flattest);
            }
        }
        evaluate();
    }

    // Moves to where a point is turned by a skew step, with Cayley's transform.
    void turn(const Point& from, const Doubles& step) {
        const std::size_t d = task_->n_features;
        Doubles system(d * d), right = from.axes_;
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t k = 0; k < d; ++k) {
                const double half = step[i * d + k] / 2;
                system[i * d + k] = half + (i == k ? 1.0 : 0.0);
                for (std::size_t j = 0; j < d; ++j) {
                    right[i * d + j] -= half * from.axes_[k * d + j];
                }
            }
        }
        solve(d, d, system, right);  // the one plus a skew matrix is never singular
        stand(right);
    }

    // Finds gradient and information.
    void differentiate() {
        const std::size_t K = task_->n_components, d = task_->n_features;
        std::fill(half_.begin(), half_.end(), 0.0);
        std::fill(product_.begin(), product_.end(), 0.0);
        for (std::size_t k = 0; k < K; ++k) {
            const double *own = turned_.data() + k * d * d, *spectrum = spectra_.data() + k * d;
            double* slopes = slopes_.data() + k * d;
            for (std::size_t i = 0; i < d; ++i) slopes[i] = masses_[k] / spectrum[i];
            for (std::size_t i = 0; i < d; ++i) {
                for (std::size_t j = 0; j < d; ++j) {
                    half_[i * d + j] += own[i * d + j] * slopes[j];
                    product_[i * d + j] += masses_[k] * spectrum[i] / spectrum[j];
                }
            }
        }
        take_skew_part(d, half_, gradient_);
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                const double both = product_[i * d + j] + product_[j * d + i];
                information_[i * d + j] = std::max(both - 2 * task_->mass, least_information * task_->mass);
            }
        }
    }

    // Largest angle of a step, scaled up where small angles matter: for needles.
    double length(const Doubles& skew) const {
        double longest = 0;
        for (std::size_t i = 0; i < skew.size(); ++i) {
            const double telling = std::max(information_[i] / task_->mass, 1.0);
            longest = std::max(longest, std::fabs(skew[i]) * std::sqrt(telling));
        }
        return longest;
    }

    // The Hessian times a skew matrix, in the scale of the gradient.
    void curve(const Doubles& skew, Doubles& image) {
        const std::size_t K = task_->n_components, d = task_->n_features;
        products_.resize(turned_.size());
        double shift = 0;
        for (std::size_t k = 0; k < K; ++k) {
            double *product = products_.data() + k * d * d, *relative = relative_.data() + k * d;
            multiply(d, turned_.data() + k * d * d, skew.data(), product);
            double mean = 0;
            for (std::size_t i = 0; i < d; ++i) {
                relative[i] = 2 * product[i * (d + 1)] / spectra_[k * d + i];
                mean += relative[i] / static_cast<double>(d);
            }
            shift += masses_[k] * mean / task_->mass;
            if (task_->one_volume) {
                for (std::size_t i = 0; i < d; ++i) relative[i] -= mean;
            }
        }
        if (!task_->one_volume) shift = 0;
        multiply(d, gradient_.data(), skew.data(), half_.data());
        for (double& entry : half_) entry *= -0.5;
        for (std::size_t k = 0; k < K; ++k) {
            const double *product = products_.data() + k * d * d, *own = turned_.data() + k * d * d;
            const double *slopes = slopes_.data() + k * d, *relative = relative_.data() + k * d;
            for (std::size_t i = 0; i < d; ++i) {
                for (std::size_t j = 0; j < d; ++j) {
                    const double change = product[i * d + j] + product[j * d + i];
                    half_[i * d + j] +=
                        slopes[j] * (change - own[i * d + j] * (relative[j] + shift));
                }
            }
        }
        take_skew_part(d, half_, image);
    }

  private:
    // The value and the masses s_k, such that the derivative by spectra_kd is s_k / spectra_kd.
    void evaluate() {
        const std::size_t K = task_->n_components, d = task_->n_features;
        Doubles& logarithms = masses_;
        double highest = -std::numeric_limits<double>::infinity();
        value_ = 0;
        for (std::size_t k = 0; k < K; ++k) {
            double sum = 0;
            for (std::size_t i = 0; i < d; ++i) sum += std::log(spectra_[k * d + i]);
            value_ += task_->resp_sum[k] * sum;
            logarithms[k] = sum / static_cast<double>(d);
            highest = std::max(highest, logarithms[k]);
        }
        if (!task_->one_volume) {
            std::copy_n(task_->resp_sum, K, masses_.begin());
            return;
        }
        double total = 0;
        for (double& logarithm : logarithms) total += logarithm = std::exp(logarithm - highest);
        value_ = task_->mass * static_cast<double>(d) * (highest + std::log(total));
        for (double& mass : masses_) mass *= task_->mass / total;
    }

    const Task* task_;
    double value_ = 0;
    Doubles axes_, half_, product_, gradient_, information_;
    Doubles turned_;  // scatters in the coordinates of the axes
    Doubles spectra_, slopes_, relative_, masses_, products_;
};

}  // namespace bactrian::turning
