// Extrapolation of EM from the steps that it took: see core/em/anderson.py.
#pragma once

#include <vector>

#include "chart.hpp"

namespace bactrian {

using Vector = std::vector<double>;

inline constexpr std::size_t most_moves = 3;  // steps that are remembered

// What is remembered of the steps so far; in the coordinates around a base, once there is one.
struct Memory {
    bool laid_out = false;
    bool foresees = false;  // whether `foreseen` is known
    Vector base_weights, base_means, base_covariances, base_factors;
    std::vector<Vector> moves, changes;  // the last first
    Vector here, residual, foreseen;     // here and residual empty at first
    double radius = 0;
    double length = 0;
};

// Looks ahead from a mixture and the step that EM proposes there. `is_plain` says whether a step of
// EM led to the mixture. Writes the point ahead and the gain up to the maximum, as far as the steps
// can tell, and returns whether there is one.
bool extrapolate(const Base& model, const Maximisers& now, const Maximisers& proposal,
                 bool is_plain, Memory& memory, const Maximisers& ahead, double& gain);

// The memory once it is known how the last extrapolation fared.
void judge(Memory& memory, bool accepted);

}  // namespace bactrian
