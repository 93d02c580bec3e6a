#include "passes.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace bactrian {
namespace {

// Memory aligned for the widest vectors.
class Memory {
  public:
    explicit Memory(std::size_t bytes)
        : start_(::operator new(std::max<std::size_t>(bytes, 1), std::align_val_t{64})) {}
    ~Memory() { ::operator delete(start_, std::align_val_t{64}); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    void* bytes() const { return start_; }
    double* doubles() const { return static_cast<double*>(start_); }

  private:
    void* start_;
};

// Rows in a part: enough to make up for adding its moments, few enough to stop soon.
template <class Step> std::int64_t rows_in_part(const Step& step) {
    const std::int64_t block = step.block_rows();
    const auto moments = static_cast<std::int64_t>(step.n_moments());
    std::int64_t rows = std::max<std::int64_t>(1024, (std::int64_t{1} << 19) / moments);
    rows = std::min(rows, std::max(block, (std::int64_t{1} << 28) / moments));
    return (rows + block - 1) / block * block;
}

struct Parts {
    std::int64_t n_rows;
    std::int64_t rows;
    std::int64_t count() const { return (n_rows + rows - 1) / rows; }
    std::int64_t begin(std::int64_t part) const { return part * rows; }
    std::int64_t end(std::int64_t part) const { return std::min(n_rows, (part + 1) * rows); }
};

// Runs worker(thread) on so many threads, the calling one among them.
template <class Worker> void on_threads(std::int64_t n_threads, Worker worker) {
    std::vector<std::thread> others;
    try {
        for (std::int64_t t = 1; t < n_threads; ++t) others.emplace_back(worker, t);
    } catch (const std::system_error&) {
        // The system gives no more: those there are take the parts of the missing ones.
    }
    worker(0);
    for (std::thread& other : others) other.join();
}

// Too little work to be worth a thread, in moments of rows.
constexpr std::int64_t little = std::int64_t{1} << 18;

template <class Step>
std::int64_t threads_for(const Step& step, const Parts& parts, int n_threads) {
    const auto work = parts.n_rows * static_cast<std::int64_t>(step.n_moments());
    if (work < little) return 1;
    return std::max<std::int64_t>(1, std::min<std::int64_t>(n_threads, parts.count()));
}

// Does work(begin, end, scratch, moments) for each part of the rows. If there is a total, the
// moments of each part are added to it, in the order of the parts. Returns false if interrupted.
template <class Step, class Work>
bool for_each_part(const Step& step, const Rows& rows, int n_threads,
                   const Interrupted& interrupted, const Memory* total, Work work) {
    const Parts parts{rows.n_rows, rows_in_part(step)};
    const std::size_t n_moments = total ? step.n_moments() : 0;
    const std::int64_t threads = threads_for(step, parts, n_threads);
    if (total) std::fill_n(total->doubles(), n_moments, 0.0);
    std::vector<std::unique_ptr<Memory>> own;
    for (std::int64_t t = 0; t < threads; ++t) {
        own.push_back(std::make_unique<Memory>(n_moments * sizeof(double)));
        own.push_back(std::make_unique<Memory>(step.scratch_bytes()));
    }
    std::atomic<std::int64_t> next{0}, added{0};
    std::atomic<bool> stopped{false};
    on_threads(threads, [&](std::int64_t thread) {
        double* moments = own[static_cast<std::size_t>(2 * thread)]->doubles();
        void* scratch = own[static_cast<std::size_t>(2 * thread + 1)]->bytes();
        while (!stopped.load()) {
            const std::int64_t part = next.fetch_add(1);
            if (part >= parts.count()) return;
            std::fill_n(moments, n_moments, 0.0);
            work(parts.begin(part), parts.end(part), scratch, moments);
            if (total) {
                while (added.load(std::memory_order_acquire) != part) {
                    if (thread == 0 && interrupted()) stopped = true;
                    if (stopped.load()) return;
                    std::this_thread::yield();
                }
                for (std::size_t i = 0; i < n_moments; ++i) total->doubles()[i] += moments[i];
                added.store(part + 1, std::memory_order_release);
            }
            if (thread == 0 && interrupted()) stopped = true;
        }
    });
    return !stopped;
}

// Room for the moments of all rows.
template <class Step> Memory moments_of(const Step& step) {
    return Memory(step.n_moments() * sizeof(double));
}

}  // namespace

bool accumulate(const EStep& estep, const Rows& rows, int n_threads,
                const Interrupted& interrupted, Statistics& statistics) {
    const Memory total = moments_of(estep);
    const bool whole = for_each_part(
        estep, rows, n_threads, interrupted, &total,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments) {
            estep.accumulate(rows, begin, end, scratch, moments);
        });
    if (whole) estep.finish(total.doubles(), statistics);
    return whole;
}

bool evaluate(const EStep& estep, const Rows& rows, int n_threads, const Interrupted& interrupted,
              const RowResults& results, bool& lost) {
    std::atomic<bool> found_lost{false};
    const bool whole =
        for_each_part(estep, rows, n_threads, interrupted, nullptr,
                      [&](std::int64_t begin, std::int64_t end, void* scratch, double*) {
                          if (estep.evaluate(rows, begin, end, scratch, results)) found_lost = true;
                      });
    lost = found_lost;
    return whole;
}

bool assign(const KMeans& kmeans, const Rows& rows, int n_threads, const Interrupted& interrupted,
            const Nearest& nearest, Clusters* clusters) {
    const Memory total = moments_of(kmeans);
    const bool whole = for_each_part(
        kmeans, rows, n_threads, interrupted, clusters ? &total : nullptr,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments) {
            kmeans.assign(rows, begin, end, scratch, nearest, clusters != nullptr, moments);
        });
    if (whole && clusters) kmeans.finish(total.doubles(), *clusters);
    return whole;
}

bool approach(const KMeans& kmeans, const Rows& rows, int n_threads,
              const Interrupted& interrupted, const double* squared, double* closer,
              double* potential) {
    const Memory total = moments_of(kmeans);
    const bool whole = for_each_part(
        kmeans, rows, n_threads, interrupted, &total,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments) {
            kmeans.approach(rows, begin, end, scratch, squared, closer, moments);
        });
    if (whole) kmeans.finish(total.doubles(), potential);
    return whole;
}

}  // namespace bactrian
