// What the covariances of components have in common, and the M-step of it: see
// core/covariance/structures.
#pragma once

#include <map>
#include <string>

namespace bactrian {

inline constexpr int most_sharing = 128;  // components, from where on LAPACK is faster

struct Scatters {
    int n_components;
    int n_features;
    const double* resp_sum;  // (K), all above 0
    const double* previous;  // the covariances before, from which iterations set out
    double* values;          // (K, D, D), (K, D) or (K, 1): scatters, and then covariances
};

// Turns scatters about the means into the covariances of largest expected likelihood. Returns
// false, and leaves it to the reference, where one has no volume. Null where each covariance, or the
// one there is, is free in its form.
using Sharing = bool (*)(const Scatters&);

// By volume, shape and orientation, each equal (E), variable (V) or the identity (I).
const std::map<std::string, Sharing>& sharings();

// Turns them, if anything is shared.
bool share(Sharing sharing, const Scatters& scatters);

}  // namespace bactrian
