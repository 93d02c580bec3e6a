// The unit of log-densities in the kernel: logarithms to base 2.
#pragma once

namespace bactrian::BACTRIAN_ISA {

inline constexpr double log2_e = 1.4426950408889634074;
inline constexpr double log_2 = 0.69314718055994530942;
// With factors that are scaled by this, -d/2 log2(e) is minus a sum of squares.
inline constexpr double sqrt_half_log2_e = 0.84932180028801904272;

}  // namespace bactrian::BACTRIAN_ISA
