// What the Linux kernel knows about a connection: TCP_INFO.
#pragma once

#include <cstdint>
#include <optional>

#include "port/completion_port.hpp"

namespace lastbyte::port::posix {

// @param connecting_side: whether this end opened the connection; its SYN is taken out of the count.
[[nodiscard]] kernel_witness ask_witness(int fd, bool connecting_side) noexcept;

// Whether a receive of 0 was the peer's FIN.
// @param received: bytes received from this socket so far.
// @return nothing if it was not; else what the peer has acknowledged, as in kernel_witness.
[[nodiscard]] std::optional<std::uint64_t> verify_end(int fd, std::uint64_t received,
                                                      bool connecting_side) noexcept;

// Bytes in the kernel's receive queue.
[[nodiscard]] std::optional<std::uint64_t> ask_unread(int fd) noexcept;

}  // namespace lastbyte::port::posix
