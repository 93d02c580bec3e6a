// What the tests share: counting failures, and numbers at random.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace bactrian::tests {

inline int failures = 0;

// The rest has a copy in each file: these are compiled for different machines.
namespace {

// Notes a failure, the first twenty of them in full.
template <class... Values> void check(bool holds, const char* format, Values... values) {
    if (holds) return;
    if (++failures > 20) return;
    std::printf("FAILED: ");
    std::printf(format, values...);
    std::printf("\n");
}

[[maybe_unused]] int report(const char* name) {
    std::printf("%s: %s, %d failures\n", name, failures ? "FAILED" : "passed", failures);
    return failures ? 1 : 0;
}

// Steele, Lea and Flood (2014), SplitMix: the same numbers on any machine.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    double between(double low, double high) { return low + (high - low) * uniform(); }
    double normal() {
        double total = -6;
        for (int i = 0; i < 12; ++i) total += uniform();
        return total;
    }

  private:
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

}  // namespace
}  // namespace bactrian::tests
