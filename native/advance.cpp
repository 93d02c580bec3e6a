#include "advance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "floor.hpp"
#include "place.hpp"

namespace bactrian {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double rounding = 64 * std::numeric_limits<double>::epsilon();
constexpr double unknown_rate = 0.99;
constexpr double race_margin = 10.0, accuracy = 1e-5;
constexpr double settled = 3e-4;  // gain below which EM may be extrapolated...
constexpr int shrinking = 3;      // ... if so many shrink
// Squared shift of the means, in their new deviations, at which moments have lost four digits.
constexpr double far = 1e4;

// Whether the gains are small and shrink.
bool has_settled(const Vector& trace) {
    if (trace.size() < shrinking + 1) return false;
    const double* last = trace.data() + trace.size() - 1;
    const auto gain = [last](int back) { return last[-back] - last[-back - 1]; };
    for (int back = 0; back < shrinking - 1; ++back) {
        if (!(gain(back) < gain(back + 1))) return false;
    }
    return gain(0) < settled;
}

// Whether all covariances are above what none may be below.
bool are_admitted(const Moments& m, const Maximisers& p) {
    const int size = size_of_covariance(m.structure, m.n_features);
    for (int k = 0; k < covariances_of(m.structure, m.n_components); ++k) {
        const double *covariance = p.covariances + k * size, *factor = p.factors + k * size;
        if (!exceeds(m.structure, m.n_features, covariance, factor, m.lowest)) return false;
    }
    return true;
}

// Raises to the floor what is below.
void confine(const Moments& m, const Maximisers& p) {
    const int size = size_of_covariance(m.structure, m.n_features);
    for (int k = 0; k < covariances_of(m.structure, m.n_components); ++k) {
        double *covariance = p.covariances + k * size, *factor = p.factors + k * size;
        if (exceeds(m.structure, m.n_features, covariance, factor, m.lowest)) continue;
        raise_to(m.structure, m.n_features, m.lowest, covariance, factor);
    }
}

// The steps from where EM stands.
class Course {
  public:
    Course(const Passing& passing, const Moments& model, const Pace& pace, Stop& stop,
           Standing& now)
        : passing_(passing), model_(model), pace_(pace), stop_(stop), now_(now) {
        for (auto& place : places_) place = std::make_unique<Place>(model);
        here().take(now.parameters, now.statistics);
    }

    int run(const Maximisers& before) {
        int passes = 0;
        while (passes < pace_.most) {
            const int made = step(pace_.most - passes);
            if (made < 0) return -1;
            if (made == 0) break;
            passes += made;
            if (passes >= pace_.enough || has_arrived(passes)) break;
        }
        if (passes > 0) {
            here().give(now_.parameters);
            here().give(now_.statistics);
            if (now_.is_plain) last().give(before);
        }
        return passes;
    }

  private:
    Place& last() { return *places_[0]; }   // a step ago
    Place& here() { return *places_[1]; }
    Place& next() { return *places_[2]; }   // where EM leads
    Place& ahead() { return *places_[3]; }  // where the extrapolation does

    // Passes made in a step: 0 if it is left to the reference, and nothing has changed; -1 if
    // stopped.
    int step(int room) {
        if (!propose_next()) return 0;
        Memory memory = now_.memory;
        int passes = 0;
        if (pace_.accelerated && (memory.laid_out || has_settled(now_.trace))) {
            if (model_.n_features > most_charted) return 0;
            double gain = 0;
            const bool found = extrapolate(base(), here().parameters, next().parameters,
                                           now_.is_plain, memory, ahead().parameters, gain);
            bool tried = found && room >= 2 && !(gain < pace_.due);
            if (tried && !are_admitted(model_, ahead().parameters)) {
                if (!has_floor(model_)) return 0;
                confine(model_, ahead().parameters);
                tried = are_admitted(model_, ahead().parameters);
                if (!tried) judge(memory, false);
            }
            if (tried) {
                if (!measured(ahead())) return stop_.stopped() ? -1 : 0;
                const double objective = ahead().objective();
                const bool accepted = objective >= now_.trace.back();
                judge(memory, accepted);
                if (accepted) {
                    std::swap(places_[1], places_[3]);
                    arrive(objective, 1, false);
                    now_.memory = std::move(memory);
                    return 1;
                }
                passes = 1;
            }
        }
        if (!measured(next())) return stop_.stopped() ? -1 : 0;
        if (passes > 0) arrive(now_.trace.back(), 1, now_.is_plain);
        std::swap(places_[0], places_[1]);
        std::swap(places_[1], places_[2]);
        arrive(here().objective(), now_.n_plain + 1, true);
        now_.memory = std::move(memory);
        return passes + 1;
    }

    void arrive(double objective, int n_plain, bool is_plain) {
        now_.trace.push_back(objective);
        now_.n_plain = n_plain;
        now_.is_plain = is_plain;
    }

    // The next mixture by the M-step; false where that is the reference's.
    bool propose_next() {
        const Maximisers& to = next().parameters;
        return propose(model_, here(), to) &&
               squared_shift(model_, here().parameters.means, to) < far;
    }

    bool measured(Place& place) { return measure(passing_, model_, stop_, place); }

    Base base() const {
        return {model_.structure, model_.sharing, model_.n_components, model_.n_features,
                model_.held_weights == nullptr, nullptr, nullptr, nullptr};
    }

    bool has_arrived(int passes) const {
        const Vector& trace = now_.trace;
        const int n = std::min(now_.n_plain, static_cast<int>(trace.size()));
        if (n > 1 && std::fabs(trace.back() - trace[trace.size() - 2]) < pace_.gain) return true;
        if (!(pace_.to_come > 0) && !(pace_.rival > -infinity)) return false;
        const double left = gain_to_come(trace.data() + trace.size() - n, n);
        if (left < pace_.to_come) return true;
        return passes >= pace_.racing_after &&
               trace.back() + race_margin * left < pace_.rival - accuracy;
    }

    const Passing& passing_;
    const Moments& model_;
    const Pace& pace_;
    Stop& stop_;
    Standing& now_;
    std::unique_ptr<Place> places_[4];
};

}  // namespace

double gain_to_come(const double* trace, int n) {
    const int n_gains = std::min(n, 5) - 1;
    if (n_gains < 1) return infinity;
    const double* end = trace + n;
    const auto gain = [&](int back) { return end[-1 - back] - end[-2 - back]; };
    const double last = gain(0);
    if (last <= rounding * std::max(1.0, std::fabs(end[-1]))) return std::fabs(last);
    if (n_gains < 2) return last * unknown_rate / (1 - unknown_rate);
    double rate = -infinity;
    for (int back = std::min(n_gains - 2, 2); back >= 0; --back) {
        const double earlier = gain(back + 1);
        rate = std::max(rate, earlier > 0 ? gain(back) / earlier : infinity);
    }
    return rate < 1 ? last * rate / (1 - rate) : infinity;
}

int advance(const Passing& passing, const Moments& model, const Pace& pace, Stop& stop,
            Standing& now, const Maximisers& before) {
    return Course(passing, model, pace, stop, now).run(before);
}

}  // namespace bactrian
