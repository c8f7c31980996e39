// The one place where errno becomes an error of the contract.
#pragma once

#include "port/completion_port.hpp"

namespace lastbyte::port::posix {

[[nodiscard]] outcome from_errno(int code) noexcept;

// The outcome of the system call that just failed.
[[nodiscard]] outcome last_error() noexcept;

}  // namespace lastbyte::port::posix
