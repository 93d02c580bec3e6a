#include "memory.hpp"

#include <cstdint>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace bactrian {
namespace {

constexpr std::size_t large = std::size_t{1} << 22;

// An advice: where it is not taken, nothing is lost.
void prefer_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto start = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t begin = (start + page - 1) / page * page;
    const std::uintptr_t end = (start + bytes) / page * page;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace

void* allocate(std::size_t bytes) {
    void* memory = ::operator new(bytes, std::align_val_t{alignment});
    if (bytes >= large) prefer_huge_pages(memory, bytes);
    return memory;
}

void release(void* memory) { ::operator delete(memory, std::align_val_t{alignment}); }

}  // namespace bactrian
