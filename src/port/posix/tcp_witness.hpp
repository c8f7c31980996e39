// What the Linux kernel knows about a connection, and about a listener: TCP_INFO.
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

// Connections that wait to be accepted. Who knows it needs no accept4() that finds nobody: that makes a socket
// before it looks, and throws it away (do_accept() in net/socket.c), which was 7 % of a short connection's cost.
// @return 0: nobody, or the kernel doesn't say; accept until there is nobody.
[[nodiscard]] std::uint32_t ask_waiting(int listener_fd) noexcept;

// Counts them down.
class known_waiting {
 public:
  explicit known_waiting(int listener_fd) noexcept : left_(ask_waiting(listener_fd)) {}
  // One was accepted. @return whether it was the last one that is known of.
  [[nodiscard]] bool take() noexcept {
    if (left_ == 0) return false;
    --left_;
    return left_ == 0;
  }

 private:
  std::uint32_t left_;
};

// Bytes in the kernel's receive queue.
[[nodiscard]] std::optional<std::uint64_t> ask_unread(int fd) noexcept;

}  // namespace lastbyte::port::posix
