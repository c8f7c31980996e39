// Whether this build has a sanitizer, which is slow and keeps memory and files of its own.
#pragma once

namespace lastbyte::test {

#ifdef LASTBYTE_SANITIZED
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace lastbyte::test
