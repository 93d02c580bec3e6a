// Subnormal numbers, which cost some processors a hundred times as much as others.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace bactrian {

// As long as it lives, results of this thread that are below the normal numbers are 0, where the
// processor can; it leaves the thread as it was.
class Flushing {
  public:
#if defined(__SSE2__)
    Flushing() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8000u); }
    ~Flushing() { _mm_setcsr(before_); }
#elif defined(__aarch64__)
    Flushing() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        set(before_ | std::uint64_t{1} << 24);
    }
    ~Flushing() { set(before_); }
#else
    Flushing() {}
    ~Flushing() {}
#endif
    Flushing(const Flushing&) = delete;
    Flushing& operator=(const Flushing&) = delete;

  private:
#if defined(__SSE2__)
    unsigned before_;
#elif defined(__aarch64__)
    static void set(std::uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
    std::uint64_t before_;
#endif
};

}  // namespace bactrian
