// Assertions that stay on in every build.
//
// They state what the table and the types cannot. The core can neither print nor abort by itself, so what
// happens when one fails is decided at the edge (text/broken_law.cpp).
#pragma once

namespace lastbyte {

// Reports `law` and where it was broken, and ends the process. Thread: any.
[[noreturn]] void broken_law(const char* law, const char* file, int line) noexcept;

}  // namespace lastbyte

#define LASTBYTE_CHECK(law) \
  (static_cast<bool>(law) ? static_cast<void>(0) : ::lastbyte::broken_law(#law, __FILE__, __LINE__))
