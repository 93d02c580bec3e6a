// Several steps of EM in one call: for small data, where calls cost more than sums. What decides is
// the loop in Python, core/em; this takes the steps that need no more than Gaussians, complete rows
// and covariances above their bounds, or free and on their floor.
#pragma once

#include "anderson.hpp"
#include "place.hpp"

namespace bactrian {

// Where EM stands: parameters, statistics of the rows under them, about the means, and what led
// there.
struct Standing {
    Maximisers parameters;
    Statistics statistics;
    Vector trace;  // the last objectives, at least one
    int n_plain;   // how many of them, and of those before, steps of EM in a row led to
    bool is_plain;  // whether a step of EM led to the parameters, and not an extrapolation
    Memory memory;
};

// When it ends, at the latest: what the loop in Python looks at after each step.
struct Pace {
    int most;          // passes
    int enough;        // passes after which no further step is begun
    bool accelerated;  // whether to extrapolate
    double gain;       // a gain, up or down, below this
    double to_come;    // an estimate of the gain to come below this
    double due;        // likewise of the acceleration: then the step is one of EM
    double rival;      // an objective that it will hardly come up to, -infinity for none,
    int racing_after;  // but not before so many passes
};

// Takes steps until the pace is satisfied or one is left to the reference. `now` is where EM
// stands, and then where it came to, its trace longer by what was gained on the way; `before` is
// where it was a step of EM ago, if one led there. Of `model`, what belongs to a mixture is not
// read. Returns how many passes were made; -1 if stopped.
int advance(const Passing& passing, const Moments& model, const Pace& pace, Stop& stop,
            Standing& now, const Maximisers& before);

// Aitken's estimate of how far a sequence still has to rise, from its last n values, as
// core/em/stopping.py has it.
double gain_to_come(const double* trace, int n);

}  // namespace bactrian
