// The one place where Windows' codes become errors of the contract.
#pragma once

#include "port/completion_port.hpp"
#include "port/iocp/native.hpp"

namespace lastbyte::port::iocp {

// @param code: of Winsock (10000 and up), of Windows, or 0.
[[nodiscard]] outcome from_code(int code) noexcept;

// The outcome of the Winsock call that just failed.
[[nodiscard]] outcome last_socket_error() noexcept;

// Whether `code` is how a cancelled operation ends. It says nothing about who cancelled.
[[nodiscard]] bool is_cancellation(int code) noexcept;

// Whether `code` says that the connection is broken, so that nothing else will follow.
[[nodiscard]] bool is_of_connection(int code) noexcept;

// Whether an accept that failed with `code` is the story of one client only, and the next one may be fine.
[[nodiscard]] bool is_client_gone(int code) noexcept;

}  // namespace lastbyte::port::iocp
