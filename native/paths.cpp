#include "paths.hpp"

#include <stdexcept>

namespace bactrian {

#define BACTRIAN_DECLARE(path) \
    namespace path {           \
    EStep* new_estep(const Mixture& mixture, bool single, Stop& stop); \
    KMeans* new_kmeans(const Centres& centres, bool single); \
    }

BACTRIAN_DECLARE(portable)
#if defined(BACTRIAN_X86_64)
BACTRIAN_DECLARE(v2)
BACTRIAN_DECLARE(v3)
BACTRIAN_DECLARE(v4)
#endif

namespace {

struct Path {
    const char* name;
    bool (*runs)();
    EStep* (*new_estep)(const Mixture& mixture, bool single, Stop& stop);
    KMeans* (*new_kmeans)(const Centres& centres, bool single);
};

const Path paths[] = {
#if defined(BACTRIAN_X86_64)
    {"v4",
     [] {
         return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512cd");
     },
     v4::new_estep, v4::new_kmeans},
    {"v3",
     [] {
         return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
     },
     v3::new_estep, v3::new_kmeans},
    {"v2",
     [] {
         return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3") &&
                __builtin_cpu_supports("popcnt");
     },
     v2::new_estep, v2::new_kmeans},
#endif
    {"portable", [] { return true; }, portable::new_estep, portable::new_kmeans},
};

const Path& path_named(const std::string& name) {
    for (const Path& path : paths) {
        if (path.name == name && path.runs()) return path;
    }
    throw std::invalid_argument("no instruction set " + name + " here");
}

}  // namespace

std::vector<std::string> paths_that_run() {
    std::vector<std::string> names;
    for (const Path& path : paths) {
        if (path.runs()) names.emplace_back(path.name);
    }
    return names;
}

std::unique_ptr<EStep> new_estep(const std::string& path, const Mixture& mixture, bool single,
                                 Stop& stop) {
    return std::unique_ptr<EStep>(path_named(path).new_estep(mixture, single, stop));
}

std::unique_ptr<KMeans> new_kmeans(const std::string& path, const Centres& centres, bool single) {
    return std::unique_ptr<KMeans>(path_named(path).new_kmeans(centres, single));
}

}  // namespace bactrian
