// Runs the tests of the vectors, on the instruction sets that this machine has, of the kernel, of
// k-means, of the M-step, of several steps in one call, and of groups.
#include "../paths.hpp"
#include "check.hpp"

#define BACTRIAN_DECLARE(path) \
    namespace bactrian::path { \
    void test_vectors(const char* name); \
    }
BACTRIAN_DECLARE(portable)
#if defined(BACTRIAN_X86_64)
BACTRIAN_DECLARE(v2)
BACTRIAN_DECLARE(v3)
BACTRIAN_DECLARE(v4)
#endif

namespace bactrian::tests {
void test_kernel();
void test_kmeans();
void test_mstep();
void test_advance();
void test_groups();
}

int main() {
    for (const std::string& path : bactrian::paths_that_run()) {
        if (path == "portable") bactrian::portable::test_vectors("portable");
#if defined(BACTRIAN_X86_64)
        if (path == "v2") bactrian::v2::test_vectors("v2");
        if (path == "v3") bactrian::v3::test_vectors("v3");
        if (path == "v4") bactrian::v4::test_vectors("v4");
#endif
    }
    bactrian::tests::test_kernel();
    bactrian::tests::test_kmeans();
    bactrian::tests::test_mstep();
    bactrian::tests::test_advance();
    bactrian::tests::test_groups();
    return bactrian::tests::report("vectors, kernel, k-means, M-step, steps and groups");
}
