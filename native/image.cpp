#include "image.hpp"

namespace bactrian {

bool image(const Passing& passing, const Moments& model, const Base& base, const double* vector,
           Stop& stop, double* to) {
    Place here(model), next(model);
    if (!point(base, vector, here.parameters)) return false;
    if (!measure(passing, model, stop, here)) return false;
    const Maximisers& led = next.parameters;
    if (!propose(model, here, led)) return false;
    locate(base, led.weights, led.means, led.covariances, to);
    return true;
}

}  // namespace bactrian
