// Several plain steps of EM in one call: for small data, where calls cost more than sums.
#pragma once

#include <string>
#include <vector>

#include "mstep.hpp"
#include "stop.hpp"

namespace bactrian {

// When the steps end, at the latest: what the loop in Python would look at after each.
struct Pace {
    int most;          // steps
    double gain;       // a gain, up or down, below this
    double to_come;    // an estimate of the gain to come below this
    double rival;      // an objective that it will hardly come up to, -infinity for none,
    int racing_after;  // but not before so many steps
};

// Where EM stands: parameters, and statistics of the rows under them, about the means.
struct Standing {
    Maximisers parameters;
    Statistics statistics;
};

// Takes steps until the pace is satisfied or the M-step leaves one to the reference. `now` is where
// EM stands, and then where it came to; `before` where it was a step ago, if any was taken.
// `trace` has the last objectives of plain steps, at least one, and gets those of the steps. Of
// `model`, what belongs to a mixture is not read. Returns how many steps were taken; -1 if stopped.
int advance(const std::string& path, const Rows& rows, int n_threads, const Moments& model,
            const Pace& pace, Stop& stop, Standing& now, const Maximisers& before,
            std::vector<double>& trace);

// Aitken's estimate of how far a sequence still has to rise, from its last n values, as
// core/em/stopping.py has it.
double gain_to_come(const double* trace, int n);

}  // namespace bactrian
