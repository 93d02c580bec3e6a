// The M-step and the coordinates of mixtures, against sums over the rows in long double. Every
// array is of its exact size, on the heap: AddressSanitizer sees whoever goes a number too far.
#include <algorithm>
#include <vector>

#include "../chart.hpp"
#include "../mstep.hpp"
#include "check.hpp"

namespace bactrian::tests {
void test_mstep();
}

namespace {

using namespace bactrian;
using tests::check;
using Doubles = std::vector<double>;
using Long = long double;

constexpr int n_rows = 60;
constexpr double smallest = 1e-9;  // variance above which a covariance must be

struct Problem {
    Structure structure;
    int k, d, size, n_covariances;
    Doubles rows, resp, origins, resp_sum, first, second, bound;

    Problem(Structure s, int n_components, int n_features, double place)
        : structure(s), k(n_components), d(n_features) {
        const bool matrix = s == Structure::full || s == Structure::tied;
        size = matrix ? d * d : s == Structure::diag ? d : 1;
        n_covariances = s == Structure::tied ? 1 : k;
        tests::Random random(static_cast<std::uint64_t>(100 * k + d));
        for (int i = 0; i < n_rows * d; ++i) rows.push_back(place + random.normal());
        for (int i = 0; i < n_rows * k; ++i) resp.push_back(random.uniform());
        for (int i = 0; i < k * d; ++i) origins.push_back(place + random.normal() / 2);
        bound.assign(static_cast<std::size_t>(d), smallest);
        resp_sum = summed(k, [](int, int) { return Long(1); });
        first = summed(k * d, [&](int i, int j) { return from(i, j / d, j % d); });
        second = moments();
    }

    // Difference of row i from the origin of component c, in feature j.
    Long from(int i, int c, int j) const { return Long(rows[at(i * d + j)]) - origins[at(c * d + j)]; }

    static std::size_t at(int i) { return static_cast<std::size_t>(i); }

    // Sums over the rows, weighted by the responsibilities; entries go through the components.
    template <class Term> Doubles summed(int entries, Term term) const {
        Doubles result;
        const int each = entries / k;
        for (int j = 0; j < entries; ++j) {
            Long sum = 0;
            for (int i = 0; i < n_rows; ++i) sum += resp[at(i * k + j / each)] * term(i, j);
            result.push_back(static_cast<double>(sum));
        }
        return result;
    }

    Doubles moments() const {
        if (structure == Structure::diag) {
            return summed(k * d, [&](int i, int j) { return from(i, j / d, j % d) * from(i, j / d, j % d); });
        }
        if (structure == Structure::spherical) {
            return summed(k, [&](int i, int c) {
                Long sum = 0;
                for (int j = 0; j < d; ++j) sum += from(i, c, j) * from(i, c, j);
                return sum;
            });
        }
        Doubles all = summed(k * d * d, [&](int i, int e) {
            const int c = e / (d * d);
            return from(i, c, e / d % d) * from(i, c, e % d);
        });
        if (structure == Structure::full) return all;
        Doubles pooled(at(d * d), 0.0);
        for (int e = 0; e < k * d * d; ++e) pooled[at(e % (d * d))] += all[at(e)];
        return pooled;
    }

    // Mean of feature j, and covariance of two, of component c (or all, if they share one).
    Long mean(int c, int j) const {
        Long sum = 0;
        for (int i = 0; i < n_rows; ++i) sum += Long(resp[at(i * k + c)]) * rows[at(i * d + j)];
        return sum / Long(resp_sum[at(c)]);
    }

    Long scatter(int c, int a, int b) const {
        const Long at_a = mean(c, a), at_b = mean(c, b);
        Long sum = 0;
        for (int i = 0; i < n_rows; ++i) {
            sum += resp[at(i * k + c)] * (rows[at(i * d + a)] - at_a) * (rows[at(i * d + b)] - at_b);
        }
        return sum;
    }

    Long covariance(int c, int e) const {
        if (structure == Structure::full) return scatter(c, e / d, e % d) / Long(resp_sum[at(c)]);
        if (structure == Structure::diag) return scatter(c, e, e) / Long(resp_sum[at(c)]);
        Long sum = 0, held = 0;
        if (structure == Structure::tied) {
            for (int o = 0; o < k; ++o) sum += scatter(o, e / d, e % d), held += resp_sum[at(o)];
            return sum / held;
        }
        for (int j = 0; j < d; ++j) sum += scatter(c, j, j);
        return sum / (d * Long(resp_sum[at(c)]));
    }
};

struct Found {
    Doubles weights, means, covariances, factors;

    explicit Found(const Problem& p)
        : weights(p.resp_sum.size()), means(p.first.size()), covariances(p.second.size()),
          factors(p.second.size()) {}

    bool maximise(const Problem& p) {
        const Moments moments{p.structure, p.k, p.d, p.origins.data(), p.resp_sum.data(),
                              p.first.data(), p.second.data(), double(n_rows * p.k),
                              p.bound.data(), 0.0, 1e-11, nullptr, nullptr, nullptr,
                              nullptr};
        return bactrian::maximise(moments, maximisers());
    }

    Maximisers maximisers() {
        return {weights.data(), means.data(), covariances.data(), factors.data()};
    }

    Base base(const Problem& p) const {
        return {p.structure,    nullptr, p.k, p.d, true, weights.data(), means.data(),
                factors.data()};
    }
};

void near(double found, Long wanted, double scale, const char* what, const Problem& p) {
    const double gap = std::abs(static_cast<double>(found - wanted));
    check(gap <= 1e-11 * scale, "%s of K=%d D=%d structure %d: %.17g, not %.17g", what, p.k, p.d,
          static_cast<int>(p.structure), found, static_cast<double>(wanted));
}

void test_maximum(const Problem& p, double place) {
    Found found(p);
    check(found.maximise(p), "K=%d D=%d structure %d is left to the reference", p.k, p.d,
          static_cast<int>(p.structure));
    const double scale = 1 + std::abs(place);
    for (int c = 0; c < p.k; ++c) {
        for (int j = 0; j < p.d; ++j) {
            near(found.means[Problem::at(c * p.d + j)], p.mean(c, j), scale, "mean", p);
        }
    }
    for (int c = 0; c < p.n_covariances; ++c) {
        for (int e = 0; e < p.size; ++e) {
            const auto i = Problem::at(c * p.size + e);
            near(found.covariances[i], p.covariance(c, e), 100, "covariance", p);
        }
    }
}

void test_what_is_left_to_the_reference() {
    for (double collapsed : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
        for (Structure s : {Structure::full, Structure::tied, Structure::diag, Structure::spherical}) {
            Problem p(s, 2, 3, 0.0);
            std::fill(p.second.begin(), p.second.end(), collapsed);
            check(!Found(p).maximise(p), "moments of %g pass for covariances", collapsed);
            Problem dead(s, 2, 3, 0.0);
            dead.resp_sum[1] = 0;
            check(!Found(dead).maximise(dead), "a component without rows passes");
        }
    }
}

void test_chart(const Problem& p) {
    Found here(p);
    here.maximise(p);
    const Base base = here.base(p);
    const std::size_t size = p.resp_sum.size() + p.first.size() + p.second.size();
    Doubles vector(size), back(size);
    locate(base, here.weights.data(), here.means.data(), here.covariances.data(), vector.data());
    for (double x : vector) check(std::abs(x) < 1e-10, "the origin is at %g", x);
    for (double length : {0.1, 1.0, 30.0, 1e3, 1e300}) {
        tests::Random random(7);
        for (double& x : vector) x = length * random.normal();
        Found there(p);
        const bool whole = point(base, vector.data(), there.maximisers());
        check(whole || length > 1, "no mixture at a distance of %g", length);
        if (!whole || length > 0.1) continue;
        locate(base, there.weights.data(), there.means.data(), there.covariances.data(),
               vector.data());
        Found again(p);
        check(point(base, vector.data(), again.maximisers()), "no way back");
        for (std::size_t i = 0; i < p.second.size(); ++i) {
            near(again.covariances[i], there.covariances[i], 100, "covariance on the way back", p);
        }
        for (std::size_t i = 0; i < p.first.size(); ++i) {
            near(again.means[i], there.means[i], 100, "mean on the way back", p);
        }
    }
}

}  // namespace

void bactrian::tests::test_mstep() {
    for (Structure s : {Structure::full, Structure::tied, Structure::diag, Structure::spherical}) {
        for (int k : {1, 2, 7}) {
            for (int d : {1, 2, 3, 8, 17, most_features}) {
                for (double place : {0.0, 1e6}) test_maximum(Problem(s, k, d, place), place);
                if (d <= most_charted) test_chart(Problem(s, k, d, 0.0));
            }
        }
    }
    for (int d : {11, most_charted}) test_chart(Problem(Structure::full, 3, d, 0.0));
    test_what_is_left_to_the_reference();
}
