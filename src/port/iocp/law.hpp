// What the driver of the port has to keep, checked in every build. When it is broken the kernel may be
// writing into memory that somebody else has by now, so there is nothing to go on with.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace lastbyte::port::iocp {

inline void hold_law(bool is_kept, const char* law) noexcept {
  if (is_kept) return;
  std::fprintf(stderr, "lastbyte: iocp: broken law: %s\n", law);
  std::abort();
}

}  // namespace lastbyte::port::iocp
