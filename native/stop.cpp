#include "stop.hpp"

#include <utility>

namespace bactrian {
namespace {

constexpr std::int64_t worth_a_look = std::int64_t{1} << 21;  // up to 2 ms of work

}  // namespace

Stop::Stop(Interrupted interrupted)
    : interrupted_(std::move(interrupted)), stopped_(std::make_shared<std::atomic<bool>>(false)) {}

Stop Stop::elsewhere() const {
    Stop other(*this);
    other.interrupted_ = nullptr;
    return other;
}

bool Stop::after(std::int64_t work) {
    done_ += work;
    if (done_ >= worth_a_look) {
        done_ = 0;
        if (interrupted_ && interrupted_()) stopped_->store(true);
    }
    return stopped();
}

bool Stop::while_waiting() { return after(worth_a_look); }

bool Stop::stopped() const { return stopped_->load(std::memory_order_relaxed); }

}  // namespace bactrian
