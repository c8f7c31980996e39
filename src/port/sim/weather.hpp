// What a simulated port and network may do to their users: each freedom that the contract leaves to a port,
// and each fault of a kernel or a wire, with its probability and the count of its strikes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "port/sim/dice.hpp"

namespace lastbyte::port::sim {

// Microseconds of simulated time.
using micros = std::uint64_t;

enum class fault : std::uint8_t {
  late_completion,    // it is told some time after it has happened
  early_receive,      // the kernel took the bytes when they came, not when they were asked for
  one_shot,           // a receive or accept ends though it could go on
  short_receive,      // fewer bytes than there are
  short_send,         // fewer bytes than there is room for
  empty_send,         // a send that takes nothing, without an error
  refused_send,       // a submit that fails at once, for want of memory
  refused_receive,    // no block for the bytes
  refused_accept,     // no handle for the connection
  refused_adoption,   // the accepted socket can't be used
  late_cancel,        // the operation may complete before its cancel gets there
  cancel_with_bytes,  // a cancelled receive that had bytes already
  lost_operation,     // a cancelled operation that comes back only after a very long time
  swallowed_reset,    // a pending send takes the error away: it ends short, and no receive sees it
  split_segment,      // what was sent at once arrives in pieces
  jitter,             // a segment that takes longer than others
  idle_dequeue,       // a dequeue that returns nothing though something waits
  short_batch,        // a dequeue that leaves for the next one what it could have returned
  untold_failure,     // asked why a connection is over, the platform doesn't know
  unheeded_pause,     // the receive goes on until its next bytes, as on IOCP
  told_with_end,      // who finds out about an end of stream finds what was acknowledged, too
  window_taken_back,  // a segment finds no memory: until we read, the peer's acknowledgements are dropped
};
inline constexpr std::size_t fault_count = 22;
[[nodiscard]] std::string_view to_string(fault which) noexcept;

// Units: microseconds, bytes, chances in a million.
struct weather {
  std::array<std::uint32_t, fault_count> chances{};
  std::uint32_t latency_us = 5;             // one way
  std::uint32_t jitter_us = 1'000;          // at most
  std::uint32_t lateness_us = 500;          // of a completion, a cancel: at most
  std::uint32_t lost_us = 60'000'000;       // until a lost operation comes back
  std::uint32_t give_up_us = 4'000'000;     // unacknowledged for so long: the peer has vanished
  std::uint32_t syn_again_us = 1'000'000;   // between attempts to connect, 3 in all
  std::uint32_t send_room = 256U << 10;     // of a socket's send buffer
  std::uint32_t receive_room = 256U << 10;  // of a socket's receive buffer: its window
  bool can_prove = true;  // the kernel can be asked about FINs and acknowledgements

  std::uint32_t& operator[](fault which) noexcept {
    return chances[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] std::uint32_t operator[](fault which) const noexcept {
    return chances[static_cast<std::size_t>(which)];
  }
};

// Every freedom of the contract is used often, and no fault ever strikes.
[[nodiscard]] weather rough_weather() noexcept;

}  // namespace lastbyte::port::sim
