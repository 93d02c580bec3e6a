// Memory for large arrays.
#pragma once

#include <cstddef>

namespace bactrian {

inline constexpr std::size_t alignment = 64;  // bytes: that of the widest vectors

// Aligned, and where the system can in huge pages: it takes a second to hand out and take back
// a gigabyte in small ones. Throws std::bad_alloc.
void* allocate(std::size_t bytes);
void release(void* memory);

}  // namespace bactrian
