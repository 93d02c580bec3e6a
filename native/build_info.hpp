// How this library was compiled, as the compiler itself saw it.
#pragma once

#include <string>

namespace bactrian {

struct BuildInfo {
    std::string compiler;          // GNU, Clang, AppleClang, MSVC, ...
    std::string compiler_version;  // 12.2.0
    int cxx_standard;              // 17 for C++17
    std::string build_type;        // Release, Debug, ...
    std::string architecture;      // x86_64, aarch64, ...
    bool optimised;                // false for a build without optimisation
};

BuildInfo build_info();

}  // namespace bactrian
