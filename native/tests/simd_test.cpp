// Vectors of one instruction set: exponential, logarithm, sums, transposes. Compiled once for
// each, as the kernel is.
#include "../simd.hpp"

#include "check.hpp"

namespace bactrian::BACTRIAN_ISA {
namespace {

using tests::check;

template <class T> struct alignas(64) Lanes {
    T values[lanes<T>];
    Vec<T> load() const { return BACTRIAN_ISA::load<T>(values); }
};

template <class T> T at(Vec<T> (*function)(Vec<T>), T x) {
    Lanes<T> lanes_of_x;
    for (T& value : lanes_of_x.values) value = x;
    return function(lanes_of_x.load())[lanes<T> - 1];
}

template <class T> double ulps(T got, long double exact) {
    const T nearest = static_cast<T>(exact);
    const T ulp = std::nextafter(std::fabs(nearest), std::numeric_limits<T>::infinity()) -
                  std::fabs(nearest);
    return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / ulp);
}

template <class T> void exponentials(const char* path) {
    const T infinity = std::numeric_limits<T>::infinity();
    const T lowest = Format<T>::smallest_exponent;
    tests::Random random(1);
    double worst = 0;
    for (int i = 0; i < 200000; ++i) {
        const T x = static_cast<T>(i % 2 ? random.between(lowest, 0) : random.between(-3, 0));
        const double error = ulps<T>(at<T>(exp2<T>, x), exp2l(x));
        worst = error > worst ? error : worst;
    }
    std::printf("%s: exp2 of %zu bytes: %.2f ulp\n", path, sizeof(T), worst);
    check(worst < 1.2, "%s: exp2 is %g ulp off", path, worst);
    for (int n = static_cast<int>(lowest); n <= 0; ++n) {
        check(at<T>(exp2<T>, T(n)) == std::ldexp(T(1), n), "%s: 2^%d is not exact", path, n);
        const T half = T(n) - T(0.5);  // where rounding to a whole number is a tie
        if (half > lowest) check(ulps<T>(at<T>(exp2<T>, half), exp2l(half)) < 1.2,
                                 "%s: 2^%g", path, double(half));
    }
    // Below the normal numbers: 0 or the denormal one, and never anything large.
    for (const T x : {T(lowest - T(0.001)), T(lowest - 1), T(lowest - 30), T(2 * lowest),
                      T(-1999.9), T(-2000), T(-2001), T(-1e4), T(-1e9), T(-1e18), T(-1e30),
                      std::numeric_limits<T>::lowest(), -infinity}) {
        const T got = at<T>(exp2<T>, x);
        const long double exact = exp2l(x);
        check(got >= 0 && (got == 0 || std::fabs(got - exact) <= exact),
              "%s: 2^%g is %g", path, double(x), double(got));
    }
    check(std::isnan(at<T>(exp2<T>, std::numeric_limits<T>::quiet_NaN())), "%s: NaN", path);
}

template <class T> void logarithms(const char* path) {
    tests::Random random(2);
    double worst = 0;
    for (int i = 0; i < 200000; ++i) {
        const double exponent = i % 3 == 0 ? 1.0 : i % 3 == 1 ? 10.0 : 100.0;
        const T x = static_cast<T>(std::exp2(random.between(0, exponent)));
        const T got = at<T>(log2<T>, x);
        const long double exact = log2l(x);
        // Relative to what it is added to: 1, or the logarithm itself.
        const double error = static_cast<double>(
            std::fabs(got - exact) / (std::numeric_limits<T>::epsilon() * (1 + std::fabs(exact))));
        worst = error > worst ? error : worst;
    }
    std::printf("%s: log2 of %zu bytes: %.2f epsilon\n", path, sizeof(T), worst);
    check(worst < 1.5, "%s: log2 is %g epsilon off", path, worst);
    for (int n = 0; n < 100; ++n) {
        check(at<T>(log2<T>, std::ldexp(T(1), n)) == T(n), "%s: log2 of 2^%d", path, n);
    }
}

template <class T> void crossings(const char* path) {
    constexpr int n = lanes<T>;
    Vec<T> rows[n], columns[n];
    for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) columns[j][i] = rows[i][j] = T(100 * i + j * j);
    }
    Vec<T> crossed[n];
    for (int i = 0; i < n; ++i) crossed[i] = rows[i];
    transpose<T>(crossed);
    for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) {
            check(crossed[i][j] == columns[i][j], "%s: transposed (%d, %d)", path, i, j);
        }
    }
    T totals[n] = {};
    for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) totals[i] += rows[i][j];
        check(sum<T>(rows[i]) == double(totals[i]), "%s: sum of lanes", path);
    }
    const Vec<T> added = sums<T>(rows);
    for (int i = 0; i < n; ++i) check(added[i] == totals[i], "%s: sums, lane %d", path, i);
}

template <class T> void masks(const char* path) {
    constexpr int n = lanes<T>;
    check(!any<T>(Bits<T>{}), "%s: any of none", path);
    for (int lane = 0; lane < n; ++lane) {
        Bits<T> mask{};
        mask[lane] = -1;
        check(any<T>(mask), "%s: any of lane %d", path, lane);
    }
    const T nan = std::numeric_limits<T>::quiet_NaN(), one = T(1);
    check(larger<T>(splat(nan), splat(one))[0] == one, "%s: the larger of NaN and 1", path);
    check(std::isinf(splat(-std::numeric_limits<T>::infinity())[n - 1]), "%s: splat", path);
    check(std::signbit(splat(T(-0.0))[0]), "%s: splat of -0", path);
}

template <class T> void everything(const char* path) {
    exponentials<T>(path);
    logarithms<T>(path);
    crossings<T>(path);
    masks<T>(path);
}

}  // namespace

void test_vectors(const char* path) {
    everything<double>(path);
    everything<float>(path);
}

}  // namespace bactrian::BACTRIAN_ISA
