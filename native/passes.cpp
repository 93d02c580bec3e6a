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
std::int64_t rows_in_part(const EStep& estep) {
    const std::int64_t block = estep.block_rows();
    const auto moments = static_cast<std::int64_t>(estep.n_moments());
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

std::int64_t threads_for(const EStep& estep, const Parts& parts, int n_threads) {
    const auto work = parts.n_rows * static_cast<std::int64_t>(estep.n_moments());
    if (work < little) return 1;
    return std::max<std::int64_t>(1, std::min<std::int64_t>(n_threads, parts.count()));
}

}  // namespace

bool accumulate(const EStep& estep, const Rows& rows, int n_threads,
                const Interrupted& interrupted, Statistics& statistics) {
    const Parts parts{rows.n_rows, rows_in_part(estep)};
    const std::size_t n_moments = estep.n_moments();
    const std::int64_t threads = threads_for(estep, parts, n_threads);
    Memory total(n_moments * sizeof(double));
    std::fill_n(total.doubles(), n_moments, 0.0);
    std::vector<std::unique_ptr<Memory>> own;
    for (std::int64_t t = 0; t < threads; ++t) {
        own.push_back(std::make_unique<Memory>(n_moments * sizeof(double)));
        own.push_back(std::make_unique<Memory>(estep.scratch_bytes()));
    }
    std::atomic<std::int64_t> next{0}, added{0};
    std::atomic<bool> stopped{false};
    on_threads(threads, [&](std::int64_t thread) {
        double* moments = own[static_cast<std::size_t>(2 * thread)]->doubles();
        void* scratch = own[static_cast<std::size_t>(2 * thread + 1)]->bytes();
        for (;;) {
            const std::int64_t part = next.fetch_add(1);
            if (part >= parts.count()) return;
            std::fill_n(moments, n_moments, 0.0);
            estep.accumulate(rows, parts.begin(part), parts.end(part), scratch, moments);
            while (added.load(std::memory_order_acquire) != part) {
                if (stopped.load()) return;
                std::this_thread::yield();
            }
            for (std::size_t i = 0; i < n_moments; ++i) total.doubles()[i] += moments[i];
            if (thread == 0 && interrupted()) stopped = true;
            if (stopped.load()) return;
            added.store(part + 1, std::memory_order_release);
        }
    });
    if (stopped) return false;
    estep.finish(total.doubles(), statistics);
    return true;
}

bool evaluate(const EStep& estep, const Rows& rows, int n_threads, const Interrupted& interrupted,
              const RowResults& results, bool& lost) {
    const Parts parts{rows.n_rows, rows_in_part(estep)};
    const std::int64_t threads = threads_for(estep, parts, n_threads);
    std::vector<std::unique_ptr<Memory>> scratch;
    for (std::int64_t t = 0; t < threads; ++t) {
        scratch.push_back(std::make_unique<Memory>(estep.scratch_bytes()));
    }
    std::atomic<std::int64_t> next{0};
    std::atomic<bool> stopped{false}, found_lost{false};
    on_threads(threads, [&](std::int64_t thread) {
        while (!stopped.load()) {
            const std::int64_t part = next.fetch_add(1);
            if (part >= parts.count()) return;
            void* memory = scratch[static_cast<std::size_t>(thread)]->bytes();
            if (estep.evaluate(rows, parts.begin(part), parts.end(part), memory, results)) {
                found_lost = true;
            }
            if (thread == 0 && interrupted()) stopped = true;
        }
    });
    lost = found_lost;
    return !stopped;
}

}  // namespace bactrian
