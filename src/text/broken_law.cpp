#include <cstdio>
#include <cstdlib>

#include "core/check.hpp"

namespace lastbyte {

void broken_law(const char* law, const char* file, int line) noexcept {
  std::fprintf(stderr, "lastbyte: broken law: %s (%s:%d); this is a bug, please report it\n", law,
               file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace lastbyte
