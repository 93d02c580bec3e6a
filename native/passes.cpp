#include "passes.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "flushing.hpp"
#include "memory.hpp"

namespace bactrian {
namespace {

class Memory {
  public:
    explicit Memory(std::size_t bytes) : start_(allocate(bytes)) {}
    ~Memory() { release(start_); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    void* bytes() const { return start_; }
    double* doubles() const { return static_cast<double*>(start_); }

  private:
    void* start_;
};

// Rows in a part: enough to make up for adding its moments.
template <class Step> std::int64_t rows_in_part(const Step& step) {
    const std::int64_t block = step.block_rows();
    const auto moments = static_cast<std::int64_t>(step.n_moments());
    const std::int64_t rows = std::max<std::int64_t>(1024, (std::int64_t{1} << 19) / moments);
    return (rows + block - 1) / block * block;
}

struct Parts {
    std::int64_t n_rows;
    std::int64_t rows;
    std::int64_t count() const { return (n_rows + rows - 1) / rows; }
    std::int64_t begin(std::int64_t part) const { return part * rows; }
    std::int64_t end(std::int64_t part) const { return std::min(n_rows, (part + 1) * rows); }
};

// Runs worker(thread) on so many threads, the calling one among them: it looks for interrupts
// until all have ended.
template <class Worker> void on_threads(std::int64_t n_threads, Stop& stop, Worker worker) {
    std::vector<std::thread> others;
    std::atomic<std::size_t> ended{0};
    const auto beside = [&](std::int64_t thread) {
        worker(thread);
        ++ended;
    };
    try {
        for (std::int64_t t = 1; t < n_threads; ++t) others.emplace_back(beside, t);
    } catch (const std::system_error&) {
        // The system gives no more: those there are take the parts of the missing ones.
    }
    worker(0);
    while (ended < others.size() && !stop.while_waiting()) std::this_thread::yield();
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

// Calls some(begin, end) for pieces of n numbers; returns false if stopped.
template <class Some> bool piece_by_piece(std::size_t n, Stop& stop, Some some) {
    constexpr std::size_t piece = std::size_t{1} << 18;
    for (std::size_t at = 0; at < n; at += piece) {
        const std::size_t end = std::min(n, at + piece);
        if (stop.after(static_cast<std::int64_t>(end - at))) return false;
        some(at, end);
    }
    return true;
}

bool clear(double* numbers, std::size_t n, Stop& stop) {
    return piece_by_piece(n, stop, [=](std::size_t begin, std::size_t end) {
        std::fill(numbers + begin, numbers + end, 0.0);
    });
}

bool add(const double* numbers, std::size_t n, double* to, Stop& stop) {
    return piece_by_piece(n, stop, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) to[i] += numbers[i];
    });
}

// Does work(begin, end, scratch, moments, stop) for each part of the rows. If there is a total,
// the moments of each part are added to it, in the order of the parts. Returns false if stopped.
template <class Step, class Work>
bool for_each_part(const Step& step, const Rows& rows, int n_threads, Stop& stop,
                   const Memory* total, Work work) {
    const Parts parts{rows.n_rows, rows_in_part(step)};
    const std::size_t n_moments = total ? step.n_moments() : 0;
    const std::int64_t threads = threads_for(step, parts, n_threads);
    if (total && !clear(total->doubles(), n_moments, stop)) return false;
    std::vector<std::unique_ptr<Memory>> own;
    std::vector<Stop> stops;
    for (std::int64_t t = 0; t < threads; ++t) {
        own.push_back(std::make_unique<Memory>(n_moments * sizeof(double)));
        own.push_back(std::make_unique<Memory>(step.scratch_bytes()));
        stops.push_back(t == 0 ? stop : stop.elsewhere());
    }
    std::atomic<std::int64_t> next{0}, added{0};
    on_threads(threads, stop, [&](std::int64_t thread) {
        const Flushing flushing;
        double* moments = own[static_cast<std::size_t>(2 * thread)]->doubles();
        void* scratch = own[static_cast<std::size_t>(2 * thread + 1)]->bytes();
        Stop& told = stops[static_cast<std::size_t>(thread)];
        while (!told.stopped()) {
            const std::int64_t part = next.fetch_add(1);
            if (part >= parts.count()) return;
            if (!clear(moments, n_moments, told)) return;
            work(parts.begin(part), parts.end(part), scratch, moments, told);
            if (!total) continue;
            while (added.load(std::memory_order_acquire) != part) {
                if (told.while_waiting()) return;
                std::this_thread::yield();
            }
            if (told.stopped() || !add(moments, n_moments, total->doubles(), told)) return;
            added.store(part + 1, std::memory_order_release);
        }
    });
    return !stop.stopped();
}

// Room for the moments of all rows.
template <class Step> Memory moments_of(const Step& step) {
    return Memory(step.n_moments() * sizeof(double));
}

}  // namespace

bool accumulate(const EStep& estep, const Rows& rows, int n_threads, Stop stop,
                Statistics& statistics) {
    const Memory total = moments_of(estep);
    const bool whole = for_each_part(
        estep, rows, n_threads, stop, &total,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments, Stop& told) {
            estep.accumulate(rows, begin, end, scratch, moments, told);
        });
    if (whole) estep.finish(total.doubles(), statistics, stop);
    return !stop.stopped();
}

bool draw(const EStep& estep, const Rows& rows, int n_threads, Stop stop, const Draw& drawn,
          Statistics& statistics) {
    const Memory total = moments_of(estep);
    const bool whole = for_each_part(
        estep, rows, n_threads, stop, &total,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments, Stop& told) {
            estep.draw(rows, begin, end, scratch, drawn, moments, told);
        });
    if (whole) estep.finish(total.doubles(), statistics, stop);
    return !stop.stopped();
}

bool evaluate(const EStep& estep, const Rows& rows, int n_threads, Stop stop,
              const RowResults& results, bool& lost) {
    std::atomic<bool> found_lost{false};
    const bool whole = for_each_part(
        estep, rows, n_threads, stop, nullptr,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double*, Stop& told) {
            if (estep.evaluate(rows, begin, end, scratch, results, told)) found_lost = true;
        });
    lost = found_lost;
    return whole;
}

bool assign(const KMeans& kmeans, const Rows& rows, int n_threads, Stop stop,
            const Nearest& nearest, Clusters* clusters) {
    const Memory total = moments_of(kmeans);
    const bool whole = for_each_part(
        kmeans, rows, n_threads, stop, clusters ? &total : nullptr,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments, Stop& told) {
            kmeans.assign(rows, begin, end, scratch, nearest, clusters != nullptr, moments, told);
        });
    if (whole && clusters) kmeans.finish(total.doubles(), *clusters);
    return whole;
}

bool approach(const KMeans& kmeans, const Rows& rows, int n_threads, Stop stop,
              const double* squared, double* closer, double* potential) {
    const Memory total = moments_of(kmeans);
    const bool whole = for_each_part(
        kmeans, rows, n_threads, stop, &total,
        [&](std::int64_t begin, std::int64_t end, void* scratch, double* moments, Stop& told) {
            kmeans.approach(rows, begin, end, scratch, squared, closer, moments, told);
        });
    if (whole) kmeans.finish(total.doubles(), potential);
    return whole;
}

}  // namespace bactrian
