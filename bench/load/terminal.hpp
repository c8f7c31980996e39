// Whether somebody watches. One file per platform.
#pragma once

#include <cstdio>

namespace lastbyte::load {

// Whether what is written there can be rewritten in place by a carriage return.
[[nodiscard]] bool is_terminal(std::FILE* stream) noexcept;

}  // namespace lastbyte::load
