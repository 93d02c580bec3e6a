// The thread driver, with an E-step that only keeps account, and with k-means. Meant for
// ThreadSanitizer.
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "../passes.hpp"
#include "check.hpp"

namespace bactrian::portable {
KMeans* new_kmeans(const Centres& centres, bool single);
}

namespace {

using namespace bactrian;
using tests::check;

// Draws as it sums, and counts how often each row is drawn.
class Summing : public EStep {
  public:
    void draw(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
              const Draw& drawn, double* moments, Stop& stop) const override {
        accumulate(rows, begin, end, scratch, moments, stop);
        for (std::int64_t i = begin; i < end; ++i) ++drawn.labels[i];
    }
};

// Sums the rows, which are doubles; the order of the additions shows in the last bits.
class Account final : public Summing {
  public:
    Account(std::int64_t block, std::size_t n_moments) : block_(block), n_moments_(n_moments) {}
    std::size_t n_moments() const override { return n_moments_; }
    std::size_t scratch_bytes() const override { return 64; }
    std::int64_t block_rows() const override { return block_; }

    void accumulate(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                    double* moments, Stop& stop) const override {
        check(begin % block_ == 0 && begin < end && end <= rows.n_rows, "a wrong part");
        auto* count = static_cast<std::int64_t*>(scratch);
        *count = 0;
        for (std::int64_t i = begin; i < end; ++i, ++*count) {
            moments[0] += static_cast<const double*>(rows.values)[i];
            if (i % 1024 == 0 && stop.after(1024)) return;
        }
        moments[n_moments_ - 1] += static_cast<double>(*count);
    }

    void finish(const double* moments, Statistics& statistics, Stop&) const override {
        statistics.log_likelihood = moments[0];
        statistics.weight = moments[n_moments_ - 1];
    }

    bool evaluate(const Rows& rows, std::int64_t begin, std::int64_t end, void* scratch,
                  const RowResults& results, Stop& stop) const override {
        *static_cast<std::int64_t*>(scratch) = begin;
        bool lost = false;
        for (std::int64_t i = begin; i < end; ++i) {
            ++results.labels[i];
            lost |= static_cast<const double*>(rows.values)[i] > 1e6;
            if (i % 1024 == 0 && stop.after(1024)) return lost;
        }
        return lost;
    }

  private:
    std::int64_t block_;
    std::size_t n_moments_;
};

// Sums a quarter of each row.
class Quarters final : public Summing {
  public:
    std::size_t n_moments() const override { return 8; }
    std::size_t scratch_bytes() const override { return 64; }
    std::int64_t block_rows() const override { return 1; }
    void accumulate(const Rows& rows, std::int64_t begin, std::int64_t end, void*, double* moments,
                    Stop&) const override {
        const volatile double* values = static_cast<const double*>(rows.values);
        for (std::int64_t i = begin; i < end; ++i) moments[0] += values[i] / 4;
    }
    void finish(const double* moments, Statistics& statistics, Stop&) const override {
        statistics.log_likelihood = moments[0];
    }
    bool evaluate(const Rows&, std::int64_t, std::int64_t, void*, const RowResults&,
                  Stop&) const override {
        return false;
    }
};

Rows rows_of(const std::vector<double>& values) {
    return {values.data(), false, static_cast<std::int64_t>(values.size()), 1, 1, 1, nullptr};
}

const Stop never([] { return false; });

void every_row_once_and_in_order() {
    for (const std::int64_t block : {1, 32, 256}) {
        for (const std::size_t n_moments : {8u, 1000u}) {
            const Account account(block, n_moments);
            for (const std::size_t n : {0u, 1u, 1023u, 1024u, 1025u, 150000u}) {
                std::vector<double> values(n);
                tests::Random random(n + 1);
                for (double& value : values) value = random.normal() * std::exp(random.normal());
                double first = 0;
                for (const int n_threads : {1, 2, 3, 8, 33, 0, -1}) {
                    Statistics sums{};
                    check(accumulate(account, rows_of(values), n_threads, never, sums), "stopped");
                    check(sums.weight == static_cast<double>(n), "%g of %zu", sums.weight, n);
                    if (n_threads == 1) first = sums.log_likelihood;
                    check(sums.log_likelihood == first, "%d threads: other bits", n_threads);
                    std::vector<std::int64_t> seen(n, 0);
                    bool lost = true;
                    check(evaluate(account, rows_of(values), n_threads, never,
                                   {nullptr, nullptr, seen.data()}, lost), "stopped");
                    for (const std::int64_t times : seen) check(times == 1, "not once");
                    check(!lost, "lost");
                    std::vector<std::int32_t> labels(n, 0);
                    check(draw(account, rows_of(values), n_threads, never, {0, 0, labels.data()},
                               sums), "stopped");
                    check(sums.log_likelihood == first, "%d threads: other bits", n_threads);
                    for (const std::int32_t times : labels) check(times == 1, "not drawn once");
                }
            }
        }
    }
}

void subnormal_numbers_are_zero_in_a_pass_and_nowhere_else() {
    const double smallest = std::numeric_limits<double>::min();
    for (const std::size_t n : {1u, 300000u}) {
        const std::vector<double> values(n, smallest), large(n, 8 * smallest);
        Statistics none{}, some{};
        check(accumulate(Quarters(), rows_of(values), 2, never, none), "it was stopped");
        check(accumulate(Quarters(), rows_of(large), 2, never, some), "it was stopped");
#if defined(__SSE2__) || defined(__aarch64__)
        check(none.log_likelihood == 0, "a subnormal number in a pass");
#endif
        check(some.log_likelihood == static_cast<double>(n) * 2 * smallest, "a normal one is lost");
    }
    const volatile double here = smallest;
    check(here / 4 > 0, "after a pass numbers are flushed");
}

void a_lost_row_is_told() {
    const Account account(32, 8);
    for (const std::size_t place : {0u, 70000u, 199999u}) {
        std::vector<double> values(200000, 1.0);
        values[place] = 1e9;
        std::vector<std::int64_t> seen(values.size(), 0);
        bool lost = false;
        evaluate(account, rows_of(values), 3, never, {nullptr, nullptr, seen.data()}, lost);
        check(lost, "the row %zu is not told", place);
    }
}

void it_stops_when_asked_to() {
    const Account account(32, 8);
    const std::vector<double> values(8000000, 1.0);
    for (const int n_threads : {1, 2, 8}) {
        for (const int calls : {1, 2, 5}) {
            // The calling thread may take few parts, or none after the others: only it may ask.
            int asked = 0;
            const Stop enough([&] { return ++asked >= calls; });
            Statistics sums{};
            const bool whole = accumulate(account, rows_of(values), n_threads, enough, sums);
            check(whole == (asked < calls), "accumulate: stopped or not");
            asked = 0;
            const Stop again([&] { return ++asked >= calls; });
            bool lost;
            std::vector<std::int64_t> seen(values.size(), 0);
            const bool all = evaluate(account, rows_of(values), n_threads, again,
                                      {nullptr, nullptr, seen.data()}, lost);
            check(all == (asked < calls), "evaluate: stopped or not");
        }
    }
}

// Works on its first part until it is told to stop; does the others at once.
class Endless final : public Summing {
  public:
    explicit Endless(std::size_t n_moments) : n_moments_(n_moments) {}
    std::size_t n_moments() const override { return n_moments_; }
    std::size_t scratch_bytes() const override { return 64; }
    std::int64_t block_rows() const override { return 32; }
    void accumulate(const Rows&, std::int64_t begin, std::int64_t, void*, double*,
                    Stop& stop) const override {
        while (begin == 0 && !stop.after(1024)) continue;
    }
    void finish(const double*, Statistics&, Stop&) const override { check(false, "finished"); }
    bool evaluate(const Rows&, std::int64_t begin, std::int64_t, void*, const RowResults&,
                  Stop& stop) const override {
        while (begin == 0 && !stop.after(1024)) continue;
        return false;
    }

  private:
    std::size_t n_moments_;
};

// In whichever thread the work is, and wherever the others wait: for their turn, or at the end.
void it_stops_within_a_part() {
    const std::vector<double> values(1000000, 1.0);
    for (const std::size_t n_moments : {8u, 100000u}) {
        const Endless endless(n_moments);
        for (const int n_threads : {1, 2, 8}) {
            for (int turn = 0; turn < 5; ++turn) {
                int asked = 0;
                const Stop third([&] { return ++asked >= 3; });
                Statistics sums{};
                check(!accumulate(endless, rows_of(values), n_threads, third, sums), "not told");
                bool lost;
                asked = 0;
                const Stop again([&] { return ++asked >= 3; });
                check(!evaluate(endless, rows_of(values), n_threads, again, {}, lost), "not told");
            }
        }
    }
}

void kmeans_on_threads() {
    tests::Random random(0);
    std::vector<double> values(300000), centres(15);
    for (double& value : values) value = random.normal();
    for (double& value : centres) value = random.normal();
    const std::int64_t n = 100000;
    const Rows rows{values.data(), false, n, 3, 3, 1, nullptr};
    const std::unique_ptr<KMeans> kmeans(portable::new_kmeans({5, 3, centres.data()}, false));
    std::vector<double> first_sums;
    for (const int n_threads : {1, 2, 8}) {
        std::vector<std::int64_t> labels(n);
        std::vector<double> squared(n), sums(20), closer(5 * n), potential(5);
        Clusters clusters{sums.data(), sums.data() + 5, 0};
        check(assign(*kmeans, rows, n_threads, never, {labels.data(), squared.data()}, &clusters),
              "stopped");
        check(approach(*kmeans, rows, n_threads, never, squared.data(), closer.data(),
                       potential.data()), "stopped");
        sums.insert(sums.end(), potential.begin(), potential.end());
        if (n_threads == 1) first_sums = sums;
        check(sums == first_sums, "k-means on %d threads: other bits", n_threads);
    }
}

}  // namespace

int main() {
    every_row_once_and_in_order();
    subnormal_numbers_are_zero_in_a_pass_and_nowhere_else();
    a_lost_row_is_told();
    it_stops_when_asked_to();
    it_stops_within_a_part();
    kmeans_on_threads();
    return tests::report("passes");
}
