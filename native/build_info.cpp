#include "build_info.hpp"

namespace bactrian {
namespace {

constexpr long standard_macro() {
#if defined(_MSVC_LANG)
    return _MSVC_LANG;  // MSVC keeps __cplusplus at 199711 unless told otherwise
#else
    return __cplusplus;
#endif
}

constexpr const char* architecture() {
#if defined(__x86_64__) || defined(_M_X64)
    return "x86_64";
#elif defined(__aarch64__) || defined(_M_ARM64)
    return "aarch64";
#elif defined(__i386__) || defined(_M_IX86)
    return "x86";
#elif defined(__arm__) || defined(_M_ARM)
    return "arm";
#elif defined(__powerpc64__)
    return "ppc64";
#elif defined(__s390x__)
    return "s390x";
#elif defined(__riscv)
    return "riscv";
#elif defined(__wasm__)
    return "wasm";
#else
    return "other";
#endif
}

constexpr bool optimised() {
#if defined(_MSC_VER) && !defined(__clang__)
    // MSVC has no macro for its optimiser; its debug run-time library goes with /Od.
#if defined(_DEBUG)
    return false;
#else
    return true;
#endif
#elif defined(__OPTIMIZE__)
    return true;
#else
    return false;
#endif
}

}  // namespace

BuildInfo build_info() {
    return {
        BACTRIAN_COMPILER_ID,
        BACTRIAN_COMPILER_VERSION,
        static_cast<int>(standard_macro() / 100 % 100),  // 201703 -> 17
        BACTRIAN_BUILD_TYPE,
        architecture(),
        optimised(),
    };
}

}  // namespace bactrian
