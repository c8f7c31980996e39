// What became of a connection's bytes, column by column.
//
// The rule: what is not known stays unknown; it is never reported as 0.
// Not here: the laws that the columns obey while the connection lives (src/core/laws.hpp).
#pragma once

#include <cstdint>
#include <optional>

namespace lastbyte {

// Units: bytes of payload; the SYN and FIN that kernels count are already taken out.
struct ledger {
  // In: what the peer sent.
  std::uint64_t received = 0;    // taken from the kernel
  std::uint64_t delivered = 0;   // handed to the handler
  std::uint64_t discarded = 0;   // dropped before close() was asked: lost
  std::uint64_t unanswered = 0;  // dropped after close() was asked: the peer sent it behind our end
  std::optional<std::uint64_t> unread;  // left in the kernel when the socket was closed
  bool close_asked = false;             // close() was asked: nobody was to read what is unread

  // Out: what the handler sent.
  std::uint64_t queued = 0;                   // accepted from the handler
  std::uint64_t refused = 0;                  // offered by the handler after its end: never queued
  std::uint64_t sent = 0;                     // taken by the kernel
  std::uint64_t unsent = 0;                   // still in our queue
  std::optional<std::uint64_t> acknowledged;  // by the peer's TCP

  // Bytes of ours that the peer's TCP never acknowledged.
  // @return nothing where the kernel could not be asked.
  [[nodiscard]] std::optional<std::uint64_t> lost_out() const noexcept {
    if (!acknowledged) return std::nullopt;
    return queued - *acknowledged;
  }

  // Bytes of the peer's that reached this machine and never the handler, though it still listened.
  // @return nothing where the kernel could not be asked how many it held.
  [[nodiscard]] std::optional<std::uint64_t> lost_in() const noexcept {
    if (!unread) return std::nullopt;
    return discarded + (close_asked ? 0 : *unread);
  }
};

}  // namespace lastbyte
