#include "anderson.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "symmetric.hpp"

namespace bactrian {
namespace {

constexpr double last_radius = 2.0;  // bound of any step, in deviations of all components
constexpr double reach = 2.0;        // length of coordinates at which they are laid out anew
constexpr double flattest = 1e-4;    // curvature, of 1 - R
constexpr double independent = 1e-6;  // share of a step that the others do not explain

double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

double length_of(const Vector& vector) { return std::sqrt(dot(vector, vector)); }

void add(double factor, const Vector& what, Vector& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * what[i];
}

void scale(double factor, Vector& vector) {
    for (double& entry : vector) entry *= factor;
}

// Orthonormal moves, up to the first that depends on those before, and their changes.
std::size_t orthonormalise(std::vector<Vector>& moves, std::vector<Vector>& changes) {
    for (std::size_t j = 0; j < moves.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) {
            const double along = dot(moves[i], moves[j]);
            add(-along, moves[i], moves[j]);
            add(-along, changes[i], changes[j]);
        }
        const double length = length_of(moves[j]);
        if (!(length >= independent)) return j;
        scale(1 / length, moves[j]);
        scale(1 / length, changes[j]);
    }
    return moves.size();
}

// Step to where no residual is left along the moves, and one of EM from there; false where the
// likelihood is convex along the last move.
bool newton_step(const Vector& residual, std::vector<Vector> moves, std::vector<Vector> changes,
                 Vector& step) {
    const std::size_t independent_moves = orthonormalise(moves, changes);
    for (std::size_t n = independent_moves; n > 0; --n) {
        double curvature[most_moves * most_moves], vectors[most_moves * most_moves];
        double along[most_moves], shares[most_moves] = {0};
        for (std::size_t i = 0; i < n; ++i) {
            along[i] = dot(moves[i], residual);
            for (std::size_t j = 0; j < n; ++j) curvature[i * n + j] = dot(moves[i], changes[j]);
        }
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const double mean = (curvature[i * n + j] + curvature[j * n + i]) / 2;
                curvature[i * n + j] = curvature[j * n + i] = mean;
            }
        }
        diagonalise(static_cast<int>(n), curvature, vectors);
        bool concave = true;
        for (std::size_t i = 0; i < n; ++i) {
            const double value = curvature[i * (n + 1)];
            concave = concave && value > 0;
            double share = 0;
            for (std::size_t j = 0; j < n; ++j) share += vectors[i * n + j] * along[j];
            share /= std::max(value, flattest);
            for (std::size_t j = 0; j < n; ++j) shares[j] += share * vectors[i * n + j];
        }
        if (!concave) continue;
        step = residual;  // and what is left of it beyond
        for (std::size_t i = 0; i < n; ++i) add(-shares[i], changes[i], step);
        double left[most_moves];
        for (std::size_t i = 0; i < n; ++i) left[i] = dot(moves[i], step);
        for (std::size_t i = 0; i < n; ++i) add(shares[i] - left[i], moves[i], step);
        return true;
    }
    return false;
}

Base base_of(const Base& model, const Memory& memory) {
    Base base = model;
    base.weights = memory.base_weights.data();
    base.means = memory.base_means.data();
    base.factors = memory.base_factors.data();
    return base;
}

void lay_out(const Base& model, const Maximisers& now, Memory& memory) {
    const double radius = memory.radius;
    const std::ptrdiff_t K = model.n_components;
    const std::ptrdiff_t size = covariances_of(model.structure, model.n_components) *
                                size_of_covariance(model.structure, model.n_features);
    memory = Memory{};
    memory.laid_out = true;
    memory.radius = radius;
    memory.base_weights.assign(now.weights, now.weights + K);
    memory.base_means.assign(now.means, now.means + K * model.n_features);
    memory.base_covariances.assign(now.covariances, now.covariances + size);
    memory.base_factors.assign(now.factors, now.factors + size);
}

void remember(Memory& memory, const Vector& here, const Vector& residual) {
    if (memory.here.empty()) return;
    Vector move = here, change = memory.residual;
    add(-1, memory.here, move);
    add(-1, residual, change);
    const double length = length_of(move);
    if (!(length > 0)) return;
    scale(1 / length, move);
    scale(1 / length, change);
    memory.moves.insert(memory.moves.begin(), std::move(move));
    memory.changes.insert(memory.changes.begin(), std::move(change));
    if (memory.moves.size() > most_moves) {
        memory.moves.pop_back();
        memory.changes.pop_back();
    }
}

}  // namespace

bool extrapolate(const Base& model, const Maximisers& now, const Maximisers& proposal,
                 bool is_plain, Memory& memory, const Maximisers& ahead, double& gain) {
    Vector here(n_coordinates(model)), there(here.size());
    bool known = memory.laid_out;
    if (known) {
        if (is_plain && memory.foresees) {
            here = memory.foreseen;
        } else {
            locate(base_of(model, memory), now.weights, now.means, now.covariances, here.data());
        }
        known = length_of(here) < reach;
    }
    if (!known) {
        lay_out(model, now, memory);
        std::fill(here.begin(), here.end(), 0.0);
    }
    const Base base = base_of(model, memory);
    locate(base, proposal.weights, proposal.means, proposal.covariances, there.data());
    Vector residual = there;
    add(-1, here, residual);
    remember(memory, here, residual);
    Vector step;
    bool is_ahead = false;
    if (newton_step(residual, memory.moves, memory.changes, step)) {
        const double rise = dot(residual, step);
        if (rise > 0 && std::isfinite(rise)) {
            const double length = length_of(step);
            memory.length = std::min(length, memory.radius);
            Vector target = here;
            add(memory.length / length, step, target);
            is_ahead = point(base, target.data(), ahead);
            gain = rise / 2;
        }
    }
    memory.here = std::move(here);
    memory.residual = std::move(residual);
    memory.foreseen = std::move(there);
    memory.foresees = true;
    return is_ahead;
}

void judge(Memory& memory, bool accepted) {
    if (!accepted) {
        memory.radius = memory.length / 4;
    } else if (memory.length >= memory.radius) {
        memory.radius = std::min(2 * memory.radius, last_radius);
    }
}

}  // namespace bactrian
