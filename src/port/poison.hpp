// Tells AddressSanitizer which bytes of a pool are nobody's: it sees by itself only what goes back to the heap.
#pragma once

#include <lastbyte/buffer.hpp>

// GCC and clang each have a way of their own to say that they sanitize.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LASTBYTE_HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define LASTBYTE_HAS_ASAN
#endif

#ifdef LASTBYTE_HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace lastbyte::port {

// From here on whoever touches its bytes is reported. Without AddressSanitizer neither does anything.
inline void poison([[maybe_unused]] const block& returned) noexcept {
#ifdef LASTBYTE_HAS_ASAN
  ASAN_POISON_MEMORY_REGION(returned.storage, returned.capacity);
#endif
}

inline void unpoison([[maybe_unused]] const block& taken) noexcept {
#ifdef LASTBYTE_HAS_ASAN
  ASAN_UNPOISON_MEMORY_REGION(taken.storage, taken.capacity);
#endif
}

}  // namespace lastbyte::port
