// Vectors as wide as the instruction set that this translation unit is compiled for.
//
// The files that include this one are compiled once for each instruction set, each time in a
// namespace of its own. They use no templates of the standard library: the linker could take
// an instance that was compiled for a newer machine than the one it runs on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace bactrian::BACTRIAN_ISA {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
inline constexpr int n_registers = 32;
#elif defined(__AVX2__)
inline constexpr int vector_bytes = 32;
inline constexpr int n_registers = 16;
#else
inline constexpr int vector_bytes = 16;
#if defined(__aarch64__)
inline constexpr int n_registers = 32;
#else
inline constexpr int n_registers = 16;
#endif
#endif

template <class T> struct VectorOf;

template <> struct VectorOf<double> {
    typedef double type __attribute__((vector_size(vector_bytes)));
    typedef double anywhere __attribute__((vector_size(vector_bytes), aligned(8), may_alias));
    typedef std::int64_t bits __attribute__((vector_size(vector_bytes)));
};

template <> struct VectorOf<float> {
    typedef float type __attribute__((vector_size(vector_bytes)));
    typedef float anywhere __attribute__((vector_size(vector_bytes), aligned(4), may_alias));
    typedef std::int32_t bits __attribute__((vector_size(vector_bytes)));
};

template <class T> using Vec = typename VectorOf<T>::type;
template <class T> using Bits = typename VectorOf<T>::bits;
template <class T> inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

#define BACTRIAN_INLINE inline __attribute__((always_inline))

template <class T> BACTRIAN_INLINE Vec<T> load(const T* from) {
    return *reinterpret_cast<const Vec<T>*>(from);  // from is aligned to a vector
}

// From and to anywhere.
template <class T> BACTRIAN_INLINE Vec<T> load_unaligned(const T* from) {
    return *reinterpret_cast<const typename VectorOf<T>::anywhere*>(from);
}

template <class T> BACTRIAN_INLINE void store_unaligned(T* to, Vec<T> value) {
    *reinterpret_cast<typename VectorOf<T>::anywhere*>(to) = value;
}

template <class T> BACTRIAN_INLINE void store(T* to, Vec<T> value) {
    *reinterpret_cast<Vec<T>*>(to) = value;
}

template <class T> BACTRIAN_INLINE Vec<T> splat(T value) { return value - Vec<T>{}; }

template <class T> BACTRIAN_INLINE Vec<T> larger(Vec<T> a, Vec<T> b) { return a > b ? a : b; }

template <class T> BACTRIAN_INLINE Bits<T> as_bits(Vec<T> value) {
    return reinterpret_cast<Bits<T>>(value);
}

template <class T> BACTRIAN_INLINE Vec<T> from_bits(Bits<T> value) {
    return reinterpret_cast<Vec<T>>(value);
}

// Whether a comparison, of which every lane is 0 or -1, holds in any lane.
template <class T> BACTRIAN_INLINE bool any(Bits<T> mask) {
#if defined(__AVX512F__)
    const __m512i m = reinterpret_cast<__m512i>(mask);
    return _mm512_test_epi64_mask(m, m) != 0;
#elif defined(__AVX2__)
    const __m256i m = reinterpret_cast<__m256i>(mask);
    return _mm256_testz_si256(m, m) == 0;
#else
    bool found = false;
    for (int lane = 0; lane < lanes<T>; ++lane) found |= mask[lane] != 0;
    return found;
#endif
}

template <class T> BACTRIAN_INLINE double sum(Vec<T> value) {
    double total = 0;
    for (int lane = 0; lane < lanes<T>; ++lane) total += static_cast<double>(value[lane]);
    return total;
}

// Of every pair of blocks of `width` lanes of a, then of b, the lower or the upper one.
template <class T, int width, bool upper, std::size_t... lane>
BACTRIAN_INLINE Vec<T> blocks(Vec<T> a, Vec<T> b, std::index_sequence<lane...>) {
#if defined(__clang__)
#define BACTRIAN_PICK(...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define BACTRIAN_PICK(...) __builtin_shuffle(a, b, Bits<T>{__VA_ARGS__})
#endif
    return BACTRIAN_PICK(static_cast<int>((lane & ~std::size_t{width}) + (upper ? width : 0) +
                                          ((lane & width) ? sizeof...(lane) : 0))...);
#undef BACTRIAN_PICK
}

// Sums of the lanes of each of as many vectors as a vector has lanes: lane i of the result is
// the sum of vector i. Overwrites v.
template <class T, int width = 1> BACTRIAN_INLINE Vec<T> sums(Vec<T>* v) {
    constexpr int n = lanes<T>;
    using Lanes = std::make_index_sequence<n>;
#pragma GCC unroll 16
    for (int i = 0; i < n; i += 2 * width) {
        v[i] = blocks<T, width, false>(v[i], v[i + width], Lanes{}) +
               blocks<T, width, true>(v[i], v[i + width], Lanes{});
    }
    if constexpr (2 * width < n) return sums<T, 2 * width>(v);
    return v[0];
}

// Transposes as many vectors as a vector has lanes.
template <class T, int width = 1> BACTRIAN_INLINE void transpose(Vec<T>* v) {
    constexpr int n = lanes<T>;
    using Lanes = std::make_index_sequence<n>;
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) {
        if (i & width) continue;
        const Vec<T> lower = blocks<T, width, false>(v[i], v[i + width], Lanes{});
        v[i + width] = blocks<T, width, true>(v[i], v[i + width], Lanes{});
        v[i] = lower;
    }
    if constexpr (2 * width < n) transpose<T, 2 * width>(v);
}

// ---- exponential and logarithm to base 2

template <class T> struct Format;

template <> struct Format<double> {
    static constexpr int mantissa_bits = 52;
    static constexpr std::int64_t bias = 1023;
    static constexpr double rounder = 6755399441055744.0;  // 1.5 * 2^52
    static constexpr double smallest_exponent = -1022.0;
    static constexpr std::int64_t sqrt_half = 0x3fe6a09e667f3bcd;
    static constexpr std::int64_t rounder_bits = 0x4338000000000000;
    // (2^f - 1) / f on [-1/2, 1/2], interpolated at Chebyshev's points: 8e-18 off.
    static constexpr double exp2[] = {
        0.693147180559945309,     0.240226506959100982,    0.0555041086648215943,
        0.00961812910760688853,   0.00133335581464169353,  0.000154035304417360502,
        0.0000152527338298361184, 1.32154425879216897e-6,  1.01780624458457735e-7,
        7.0725859492692237e-9,    4.45496059818651839e-10,
    };
    // log2(m) / t as a polynomial of t^2, t = (m - 1) / (m + 1), m^2 in [1/2, 2]: 1e-18 off.
    static constexpr double log2[] = {
        2.88539008177792681,  0.961796693925989729, 0.577078016345520229, 0.412198585840900534,
        0.320598534913959861, 0.262334352504183019, 0.220913084231176796, 0.213658956943192694,
    };
};

template <> struct Format<float> {
    static constexpr int mantissa_bits = 23;
    static constexpr std::int32_t bias = 127;
    static constexpr float rounder = 12582912.0f;  // 1.5 * 2^23
    static constexpr float smallest_exponent = -126.0f;
    static constexpr std::int32_t sqrt_half = 0x3f3504f3;
    static constexpr std::int32_t rounder_bits = 0x4b400000;
    static constexpr float exp2[] = {  // 5e-9 off
        0.693147188026228781f,   0.240226507605681269f,    0.0555035711421907782f,
        0.00961808255727785149f, 0.00133908633646712344f,  0.000154531629451206902f,
    };
    static constexpr float log2[] = {  // 7e-10 off
        2.88539007980333633f, 0.961798838802110004f, 0.576715186019023427f, 0.43171769745887384f,
    };
};

template <class T, int n>
BACTRIAN_INLINE Vec<T> polynomial(const T (&coefficients)[n], Vec<T> x) {
    Vec<T> value = splat(coefficients[n - 1]);
#pragma GCC unroll 16
    for (int i = n - 2; i >= 0; --i) value = value * x + coefficients[i];
    return value;
}

// 2^x for x up to 0 (or anywhere below the format's largest exponent), to 1.2 ulp; 0 where that
// is less than the smallest normal number (or denormal, where the machine scales by powers
// of 2), NaN for NaN.
template <class T> BACTRIAN_INLINE Vec<T> exp2(Vec<T> x) {
    using F = Format<T>;
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == sizeof(double)) {
        x = _mm512_max_pd(splat(-2000.0), x);  // NaN stays
        const Vec<T> n = _mm512_roundscale_pd(x, 0);
        return _mm512_scalef_pd((x - n) * polynomial<T>(F::exp2, x - n) + T(1), n);
    } else {
        x = _mm512_max_ps(splat(-2000.0f), x);
        const Vec<T> n = _mm512_roundscale_ps(x, 0);
        return _mm512_scalef_ps((x - n) * polynomial<T>(F::exp2, x - n) + T(1), n);
    }
#else
    const Vec<T> shifted = x + F::rounder;  // the integer part now stands in the last bits
    const Vec<T> f = x - (shifted - F::rounder);
    const Vec<T> mantissa = f * polynomial<T>(F::exp2, f) + T(1);
    const Vec<T> power = from_bits<T>((as_bits<T>(shifted) + F::bias) << F::mantissa_bits);
    return x < F::smallest_exponent ? Vec<T>{} : mantissa * power;
#endif
}

// log2 of normal positive numbers.
template <class T> BACTRIAN_INLINE Vec<T> log2(Vec<T> x) {
    using F = Format<T>;
    const Bits<T> exponent = (as_bits<T>(x) - F::sqrt_half) >> F::mantissa_bits;
    const Vec<T> m = from_bits<T>(as_bits<T>(x) - (exponent << F::mantissa_bits));
    const Vec<T> e = from_bits<T>(exponent + F::rounder_bits) - F::rounder;
    const Vec<T> t = (m - T(1)) / (m + T(1));
    return t * polynomial<T>(F::log2, t * t) + e;
}

}  // namespace bactrian::BACTRIAN_ISA
