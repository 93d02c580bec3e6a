// Several steps of EM in one call: the objective never falls, what is shared is, and every array is
// of its exact size, on the heap, for AddressSanitizer.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../advance.hpp"
#include "../image.hpp"
#include "../passes.hpp"
#include "../paths.hpp"
#include "../triangular.hpp"
#include "check.hpp"

namespace bactrian::tests {
void test_advance();
}

namespace {

using namespace bactrian;
using tests::check;

constexpr int n_rows = 90;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
    const char* name;
    Structure structure;
    bool shares;

    Sharing sharing() const { return shares ? sharings().at(name) : nullptr; }
};

const Case cases[] = {
    {"full", Structure::full, false},     {"tied", Structure::tied, false},
    {"diag", Structure::diag, false},     {"spherical", Structure::spherical, false},
    {"EII", Structure::spherical, true},  {"EEI", Structure::diag, true},
    {"VEI", Structure::diag, true},       {"EVI", Structure::diag, true},
    {"VEE", Structure::full, true},       {"EEV", Structure::full, true},
    {"VEV", Structure::full, true},       {"EVV", Structure::full, true},
    {"EVE", Structure::full, true},       {"VVE", Structure::full, true},
};

std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct Mixed {
    Vector weights, means, covariances, factors;

    Mixed(const Case& c, int k, int d)
        : weights(at(k), 1.0 / k), means(at(k * d)),
          covariances(at(covariances_of(c.structure, k) * size_of_covariance(c.structure, d)), 0.0),
          factors(covariances.size(), 0.0) {
        const int stride = size_of_covariance(c.structure, d) == d * d && d > 1 &&
                                   c.structure != Structure::diag
                               ? d + 1
                               : 1;
        const int size = size_of_covariance(c.structure, d);
        for (std::size_t i = 0; i < covariances.size(); ++i) {
            const bool diagonal = static_cast<int>(i) % size % stride == 0;
            covariances[i] = factors[i] = diagonal ? 1.0 : 0.0;
        }
    }

    Maximisers maximisers() {
        return {weights.data(), means.data(), covariances.data(), factors.data()};
    }
};

double determinant(const Case& c, const double* covariance, int d) {
    double product = 1;
    if (c.structure == Structure::spherical) return std::pow(covariance[0], d);
    if (c.structure == Structure::diag) {
        for (int i = 0; i < d; ++i) product *= covariance[i];
        return product;
    }
    Vector root(at(d * d));
    double sum = 1;
    check(cholesky(covariance, d, root.data()), "%s: no covariance", c.name);
    for (int i = 0; i < d; ++i) sum *= root[at(i * (d + 1))];
    return sum * sum;
}

// Thin: the rows of the first component are all alike, so that it comes to lie on the floor.
void test_steps(const Case& c, int k, int d, bool accelerated, bool thin) {
    tests::Random random(static_cast<std::uint64_t>(10 * k + d));
    Vector values;
    for (int i = 0; i < n_rows; ++i) {
        for (int j = 0; j < d; ++j) {
            const double wide = thin && i % k == 0 ? 0.0 : 1 + 0.3 * j;
            values.push_back(4.0 * (i % k) + wide * random.normal());
        }
    }
    const Rows rows{values.data(), false, n_rows, d, d, 1, nullptr};
    Mixed now(c, k, d), before(c, k, d);
    for (int m = 0; m < k; ++m) {
        for (int j = 0; j < d; ++j) {
            now.means[at(m * d + j)] = 4.0 * m + (thin ? 0.0 : random.normal() / 2);
        }
    }
    Vector resp_sum(at(k)), first(at(k * d)), second(now.covariances.size()), constants(at(k));
    for (double& constant : constants) constant = -std::log(k) - 0.5 * d * std::log(2 * M_PI);
    Stop stop{nullptr};
    const Mixture start{c.structure, k, d, now.means.data(), now.means.data(), now.factors.data(),
                        constants.data()};
    Statistics statistics{resp_sum.data(), first.data(), second.data(), 0, 0, 0};
    accumulate(*new_estep(paths_that_run().front(), start, false, stop), rows, 1, stop, statistics);
    const Vector bound(at(d), thin ? 1e-4 : 1e-9);
    Moments model{};
    model.structure = c.structure;
    model.sharing = c.sharing();
    model.n_components = k;
    model.n_features = d;
    model.bound = model.lowest = bound.data();
    model.tolerance = 1e-11;
    Standing standing{now.maximisers(), statistics, {statistics.log_likelihood / n_rows},
                      1,                false,      {}};
    standing.memory.radius = 0.3;
    const Pace pace{60, 1000, accelerated, 0, 1e-12, 1e-13, -infinity, 0};
    const std::string path = paths_that_run().front();
    const Passing passing{path, rows, 1};
    const int passes = advance(passing, model, pace, stop, standing, before.maximisers());
    check(passes > 0, "%s, K=%d, D=%d: no step", c.name, k, d);
    check(standing.trace.size() == at(passes + 1), "%s: a trace of another length", c.name);
    for (std::size_t i = 1; i < standing.trace.size(); ++i) {
        check(standing.trace[i] >= standing.trace[i - 1] - 1e-12, "%s, K=%d, D=%d falls by %g",
              c.name, k, d, standing.trace[i - 1] - standing.trace[i]);
    }
    const Base base{c.structure,        model.sharing,     k, d, true, now.weights.data(),
                    now.means.data(),   now.factors.data()};
    Vector nowhere(n_coordinates(base)), led(nowhere);
    if (!thin && accelerated) {
        const bool made = image(passing, model, base, nowhere.data(),
                                stop, led.data());
        check(made, "%s, K=%d, D=%d: no step in coordinates", c.name, k, d);
        for (const double step : led) {
            check(std::abs(step) < 1e-4, "%s, K=%d, D=%d: a step of %g from the end", c.name, k, d,
                  step);
        }
    }
    const int size = size_of_covariance(c.structure, d);
    if (thin && c.structure != Structure::tied) {
        double smallest = infinity;
        for (int i = 0; i < size; i += c.structure == Structure::full ? d + 1 : 1) {
            smallest = std::min(smallest, now.covariances[at(i)]);
        }
        check(smallest > 0.999e-4 && smallest < 2e-4, "%s, K=%d, D=%d: a variance of %g on the floor",
              c.name, k, d, smallest);
    }
    const bool one_volume = c.name[0] == 'E';
    for (int m = 1; one_volume && m < k; ++m) {
        const double a = determinant(c, now.covariances.data(), d);
        const double b = determinant(c, now.covariances.data() + m * size, d);
        check(std::abs(a / b - 1) < 1e-8, "%s, K=%d, D=%d: volumes %g and %g", c.name, k, d, a, b);
    }
}

}  // namespace

void bactrian::tests::test_advance() {
    for (const Case& c : cases) {
        for (int k : {1, 2, 3}) {
            for (int d : {1, 2, 5, most_charted}) {
                for (const bool accelerated : {false, true}) {
                    test_steps(c, k, d, accelerated, false);
                    if (!c.shares && k > 1) test_steps(c, k, d, accelerated, true);
                }
            }
        }
    }
    const double rising[] = {0, 1, 1.5, 1.75, 1.875};
    check(std::abs(gain_to_come(rising, 5) - 0.125) < 1e-15, "half of what is left each time");
    check(gain_to_come(rising, 1) == infinity, "nothing is known of one value");
}
