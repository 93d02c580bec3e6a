// Where a step of EM leads, in coordinates: what tells the curvature of the likelihood.
#pragma once

#include "place.hpp"

namespace bactrian {

// Writes the coordinates around `base` of where a step of EM leads from those of `vector`. Returns
// false where that is the reference's, or it was stopped. Of `model`, what belongs to a mixture is
// not read.
bool image(const Passing& passing, const Moments& model, const Base& base, const double* vector,
           Stop& stop, double* to);

}  // namespace bactrian
