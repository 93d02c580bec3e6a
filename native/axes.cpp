#include "axes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "symmetric.hpp"
#include "turning.hpp"

namespace bactrian {
namespace {

using namespace turning;

constexpr int most_steps = 100;
constexpr double enough = 1e-5;   // length of a step after which the next is lost in rounding
constexpr double widest = 0.5;    // radians, of one step
constexpr double inexact = 1e-4;  // relative residual with which a step's equation is solved
constexpr double alike = 0.3;     // correlation up to which covariances are along common axes
constexpr std::size_t followed = 3;  // of the axes to set out from, the best

double product_of(const Doubles& a, const Doubles& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

double largest_of(const Doubles& numbers) {
    double largest = 0;
    for (const double number : numbers) largest = std::max(largest, std::fabs(number));
    return largest;
}

// Newton's step by conjugate gradients, as long as the function is convex along it.
Doubles newton_step(Point& point) {
    const Doubles &gradient = point.gradient(), &scale = point.information();
    const std::size_t size = gradient.size();
    Doubles step(size, 0.0), residual(size), direction(size), image(size), preconditioned(size);
    for (std::size_t i = 0; i < size; ++i) {
        residual[i] = -gradient[i];
        direction[i] = residual[i] / scale[i];
    }
    double old = product_of(residual, direction);
    const double first = old;
    for (std::size_t round = 0; round < size && old > inexact * inexact * first; ++round) {
        point.curve(direction, image);
        const double curvature = product_of(direction, image);
        if (!(curvature > 0)) return round > 0 ? step : direction;
        for (std::size_t i = 0; i < size; ++i) {
            step[i] += old / curvature * direction[i];
            residual[i] -= old / curvature * image[i];
            preconditioned[i] = residual[i] / scale[i];
        }
        const double next = product_of(residual, preconditioned);
        for (std::size_t i = 0; i < size; ++i) {
            direction[i] = preconditioned[i] + next / old * direction[i];
        }
        old = next;
    }
    return step;
}

// Goes down to the nearest local minimum; `there` is room.
void descend(Point& here, Point& there) {
    for (int round = 0; round < most_steps; ++round) {
        here.differentiate();
        Doubles step = newton_step(here);
        const double angle = largest_of(step);
        if (!(angle > 0)) return;
        if (here.length(step) < enough) {
            there.turn(here, step);
            std::swap(here, there);
            return;
        }
        const double cut = std::min(1.0, widest / angle);
        for (double& entry : step) entry *= cut;
        there.turn(here, step);
        while (!(there.value() < here.value())) {
            for (double& entry : step) entry /= 4;
            if (here.length(step) < enough) return;
            there.turn(here, step);
        }
        std::swap(here, there);
    }
}

Doubles eigenvectors(std::size_t d, Doubles matrix) {
    Doubles vectors(d * d);
    diagonalise(static_cast<int>(d), matrix.data(), vectors.data());
    return vectors;
}

// Covariances divided by their traces, (K, D, D).
Doubles shapes(const Task& task, const double* covariances) {
    const std::size_t K = task.n_components, d = task.n_features;
    Doubles each(covariances, covariances + K * d * d);
    for (std::size_t k = 0; k < K; ++k) {
        double trace = 0;
        for (std::size_t i = 0; i < d; ++i) trace += each[k * d * d + i * (d + 1)];
        for (std::size_t i = 0; i < d * d; ++i) each[k * d * d + i] /= trace;
    }
    return each;
}

// The axes that covariances share, as far as one decomposition tells. They are added in
// proportions in which no sum of theirs is likely to be round.
Doubles axes_of(const Task& task, const Doubles& each) {
    const std::size_t K = task.n_components, square = task.n_features * task.n_features;
    Doubles sum(square, 0.0);
    for (std::size_t k = 0; k < K; ++k) {
        double whole = 0;
        const double turns = static_cast<double>(k + 1) * 0.6180339887498949;
        const double proportion = 1 + std::modf(turns, &whole);
        for (std::size_t i = 0; i < square; ++i) sum[i] += proportion * each[k * square + i];
    }
    return eigenvectors(task.n_features, sum);
}

// Whether covariances are nearly diagonal along axes.
bool are_along(const Task& task, const Doubles& axes, const Doubles& each) {
    const std::size_t K = task.n_components, d = task.n_features;
    Doubles half(d * d), turned(d * d);
    for (std::size_t k = 0; k < K; ++k) {
        multiply(d, axes.data(), each.data() + k * d * d, half.data());
        multiply_by_transpose(d, half.data(), axes.data(), turned.data());
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                const double both = turned[i * (d + 1)] * turned[j * (d + 1)];
                const double beside = turned[i * d + j];
                if (i != j && !(beside * beside < alike * alike * both)) return false;
            }
        }
    }
    return true;
}

// Where the search may begin if nothing is known but axes near to the previous ones: these, the
// features', and the eigenvectors of the pooled scatter and of each component's.
std::vector<Doubles> candidates(const Task& task, const Doubles& near) {
    const std::size_t d = task.n_features, square = d * d;
    Doubles features(square, 0.0), pooled(square, 0.0);
    for (std::size_t i = 0; i < d; ++i) features[i * (d + 1)] = 1;
    for (std::size_t i = 0; i < task.scatters.size(); ++i) pooled[i % square] += task.scatters[i];
    std::vector<Doubles> found{near, features, eigenvectors(d, pooled)};
    for (std::size_t k = 0; k < task.n_components; ++k) {
        const double* own = task.scatters.data() + k * square;
        found.push_back(eigenvectors(d, Doubles(own, own + square)));
    }
    return found;
}

Task task_of(const Scatters& s, bool one_volume) {
    const auto K = static_cast<std::size_t>(s.n_components);
    const auto d = static_cast<std::size_t>(s.n_features);
    Task task{K, d, s.resp_sum, 0, Doubles(s.values, s.values + K * d * d), one_volume};
    const double size = largest_of(task.scatters);
    for (double& entry : task.scatters) entry /= size;
    for (std::size_t k = 0; k < K; ++k) task.mass += s.resp_sum[k];
    return task;
}

}  // namespace

std::vector<double> common_axes(const Scatters& scatters, bool one_volume) {
    const Task task = task_of(scatters, one_volume);
    const Doubles each = shapes(task, scatters.previous);
    const Doubles known = axes_of(task, each);
    Point here(task), room(task);
    if (are_along(task, known, each)) {
        here.stand(known);
        descend(here, room);
        return here.axes();
    }
    std::vector<Point> points;
    for (const Doubles& axes : candidates(task, known)) {
        points.push_back(here);
        points.back().stand(axes);
    }
    const auto lower = [](const Point& a, const Point& b) { return a.value() < b.value(); };
    std::stable_sort(points.begin(), points.end(), lower);
    const auto end = points.begin() + static_cast<std::ptrdiff_t>(std::min(followed, points.size()));
    std::for_each(points.begin(), end, [&](Point& point) { descend(point, room); });
    return std::min_element(points.begin(), end, lower)->axes();
}

}  // namespace bactrian
