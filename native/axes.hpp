// Axes that all components share: see core/covariance/structures/axes.py.
#pragma once

#include <vector>

#include "sharing.hpp"

namespace bactrian {

// The axes, as rows, along which scatters are of largest likelihood: the components have one
// volume, or each its own. The search sets out from the axes that the previous covariances share,
// or, if they share none, from several.
std::vector<double> common_axes(const Scatters& scatters, bool one_volume);

}  // namespace bactrian
