#include "load/terminal.hpp"

#include <io.h>

namespace lastbyte::load {

bool is_terminal(std::FILE* stream) noexcept { return _isatty(_fileno(stream)) != 0; }

}  // namespace lastbyte::load
