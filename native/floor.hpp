// What no covariance may be below: see core/covariance/forms.
#pragma once

#include "estep.hpp"

namespace bactrian {

// Whether a covariance is above diag(bound), given its factor; (D, D), (D) or a single variance.
bool exceeds(Structure structure, int n_features, const double* covariance, const double* factor,
             const double* bound);

// Raises a covariance to the nearest in likelihood that is at least diag(floor), and writes the
// factor of its precision, which is the more exact of both. False where a number is not finite.
bool raise_to(Structure structure, int n_features, const double* floor, double* covariance,
              double* factor);

}  // namespace bactrian
