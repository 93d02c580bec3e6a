// Moments of groups: labels and shares say the same, and the sums are those about the means.
#include "../groups.hpp"

#include <cmath>
#include <vector>

#include "../chart.hpp"
#include "check.hpp"

namespace bactrian::tests {
void test_groups();
}

namespace {

using namespace bactrian;
using tests::check;
using tests::Random;
using Vector = std::vector<double>;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct Summed {
    Summed(Structure structure, int k, int d)
        : mass(at(k)), means(at(k * d)), first(at(k * d)),
          second(at(covariances_of(structure, k) * size_of_covariance(structure, d))) {}
    GroupMoments view() { return {mass.data(), means.data(), first.data(), second.data()}; }
    Vector mass, means, first, second;
};

void test_structure(Structure structure, int n, int k, int d) {
    Random random(static_cast<std::uint64_t>(n + k + d));
    Vector values(at(n * d)), weights(at(n)), shares(at(n * k));
    std::vector<std::int64_t> labels(at(n));
    for (double& value : values) value = random.normal() + 3;
    for (int i = 0; i < n; ++i) {
        weights[at(i)] = 1 + i % 3;
        labels[at(i)] = i % (k > 1 ? k - 1 : 1);  // the last of several has no rows
        shares[at(i * k) + static_cast<std::size_t>(labels[at(i)])] = 1;
    }
    const Table rows{values.data(), weights.data(), n, d};
    Summed wholly(structure, k, d), partly(structure, k, d);
    gather(structure, rows, labels.data(), k, wholly.view());
    gather(structure, rows, shares.data(), k, partly.view());
    double trace = 0, wanted = 0, mass = 0;
    for (int g = 0; g < k; ++g) mass += wholly.mass[at(g)];
    for (int i = 0; i < n; ++i) {
        const auto g = static_cast<int>(labels[at(i)]);
        for (int j = 0; j < d; ++j) {
            const double step = values[at(i * d + j)] - wholly.means[at(g * d + j)];
            wanted += weights[at(i)] * step * step;
            mass -= j == 0 ? weights[at(i)] : 0;
        }
    }
    const bool matrices = structure == Structure::full || structure == Structure::tied;
    const int size = size_of_covariance(structure, d), stride = matrices ? d + 1 : 1;
    for (int c = 0; c < covariances_of(structure, k); ++c) {
        for (int i = 0; i < size; i += stride) trace += wholly.second[at(c * size + i)];
    }
    check(std::abs(trace - wanted) < 1e-9 * wanted, "a trace of %g, not %g", trace, wanted);
    check(std::abs(mass) < 1e-9, "mass is off by %g", mass);
    for (std::size_t i = 0; i < wholly.second.size(); ++i) {
        check(wholly.second[i] == partly.second[i], "second moment %zu by shares", i);
    }
    for (std::size_t i = 0; i < wholly.first.size(); ++i) {
        check(std::abs(wholly.first[i]) < 1e-9, "rounding of %g", wholly.first[i]);
        check(wholly.means[i] == partly.means[i], "mean %zu by shares", i);
    }
}

// Where every group has rows, each is a component in the units of the data; otherwise none is made.
void test_settled(Structure structure, int k, int d) {
    const int n = 20 * k, size = size_of_covariance(structure, d);
    Random random(7);
    Vector values(at(n * d)), weights(at(n), 1.0), lowest(at(d), 1e-6), place(at(d), 5.0);
    Vector units(at(d), 2.0), shares(at(k)), means(at(k * d));
    std::vector<std::int64_t> labels(at(n));
    for (double& value : values) value = random.normal();
    for (int i = 0; i < n; ++i) labels[at(i)] = i % k;
    Summed summed(structure, k, d);
    gather(structure, {values.data(), weights.data(), n, d}, labels.data(), k, summed.view());
    Vector covariances(summed.second.size()), factors(summed.second.size());
    const Maximisers to{shares.data(), means.data(), covariances.data(), factors.data()};
    const Units own{place.data(), units.data()};
    check(settle(structure, k, d, summed.view(), lowest.data(), own, 1, to), "nothing is settled");
    const double rows = (structure == Structure::tied        ? n
                         : structure == Structure::spherical ? 20 * d
                                                             : 20);
    for (int i = 0; i < k; ++i) {
        check(std::abs(shares[at(i)] - 1.0 / k) < 1e-12, "a share of %g", shares[at(i)]);
        const double mean = 2 * summed.means[at(i * d)] + 5;
        check(std::abs(means[at(i * d)] - mean) < 1e-12, "a mean of %g", means[at(i * d)]);
    }
    for (std::size_t i = 0; i < covariances.size(); ++i) {
        const double wanted = 4 * summed.second[i] / rows;
        check(std::abs(covariances[i] - wanted) < 1e-12 * (1 + std::abs(wanted)),
              "a covariance of %g, not %g", covariances[i], wanted);
    }
    const double last = factors[at(size - 1)] * factors[at(size - 1)] * covariances[at(size - 1)];
    check(last > 1 - 1e-9, "a factor that explains %g", last);
    lowest[0] = 1e6;
    check(!settle(structure, k, d, summed.view(), lowest.data(), own, 1, to), "below the lowest");
    summed.mass[0] = 0;
    check(!settle(structure, k, d, summed.view(), lowest.data(), own, 1, to), "of no rows");
}

}  // namespace

void bactrian::tests::test_groups() {
    for (const Structure structure :
         {Structure::full, Structure::tied, Structure::diag, Structure::spherical}) {
        for (const int k : {1, 2, 5}) {
            for (const int d : {1, 3, 7}) {
                test_structure(structure, 60, k, d);
                test_settled(structure, k, d);
            }
        }
    }
}
