// Giving up in the midst of a pass.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace bactrian {

// Asked every few milliseconds whether to stop; from the calling thread only.
using Interrupted = std::function<bool()>;

// What a thread asks, between one piece of its work and the next, whether to give up. What it
// then leaves is of no use.
//
// Nothing here is inline: code for all instruction sets calls it, and must share one copy that
// runs on any machine.
class Stop {
  public:
    explicit Stop(Interrupted interrupted);

    // For another thread, which stops when the calling one finds that it should.
    Stop elsewhere() const;

    // `work`: multiply-adds, or numbers moved, since it was last asked; enough of it is worth a
    // look whether there was an interrupt.
    bool after(std::int64_t work);
    // The same in a thread that has nothing to do.
    bool while_waiting();
    bool stopped() const;

  private:
    Interrupted interrupted_;
    std::shared_ptr<std::atomic<bool>> stopped_;
    std::int64_t done_ = 0;
};

}  // namespace bactrian
