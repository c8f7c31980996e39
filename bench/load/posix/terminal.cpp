#include "load/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace lastbyte::load {

bool is_terminal(std::FILE* stream) noexcept {
  if (isatty(fileno(stream)) == 0) return false;
  const char* kind = std::getenv("TERM");
  return kind == nullptr || std::string_view(kind) != "dumb";
}

}  // namespace lastbyte::load
