// What every connection gets, and what a listener gets.
#pragma once

#include "port/completion_port.hpp"
#include "port/iocp/native.hpp"

namespace lastbyte::port::iocp {

// TCP_NODELAY, urgent bytes as ordinary bytes, no blocking.
[[nodiscard]] outcome set_connection_options(SOCKET of) noexcept;
// Units: milliseconds; 0: off.
void set_keepalive(SOCKET of, std::uint32_t idle_ms) noexcept;

// Nobody else may have the TCP port. An IPv6 listener serves IPv4 too only at "::".
[[nodiscard]] outcome set_listener_options(SOCKET of, const endpoint& where) noexcept;

// Synchronous calls then never wait; overlapped ones don't care.
[[nodiscard]] outcome set_no_blocking(SOCKET of) noexcept;

}  // namespace lastbyte::port::iocp
