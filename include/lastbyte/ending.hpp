// How a connection ended, who wanted it to, and whether that is proven.
//
// The rule: every connection ends by exactly one of these causes, fixed before its teardown begins,
// because a completion code cannot tell afterwards who ended it.
// Not here: what became of its bytes (ledger.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastbyte {

// The cause. Clean means: both ends of stream were exchanged, ours was confirmed, nothing was lost.
enum class ending : std::uint8_t {
  none,               // not ended yet
  clean_local_first,  // we finished first
  clean_peer_first,   // the peer finished first
  peer_reset,         // the peer reset the connection, or closed it with our bytes in flight
  peer_vanished,      // the peer stopped answering (time-out, unreachable)
  send_failed,        // a send failed for another reason
  receive_failed,     // a receive failed for another reason
  slow_reader,        // the peer acknowledged too little for too long
  idle,               // nothing moved for too long
  first_byte,         // the peer never said anything
  drain_total,        // after close(): the peer took too long in all to finish
  drain_idle,         // after close(): the peer said nothing more, yet did not finish
  drain_bytes,        // after close(): the peer sent too much
  app_abort,          // the handler said abort()
  server_deadline,    // cut by the hard deadline of quiesce
  protocol_error,     // the handler said the peer broke its protocol
  resources,          // memory, handles or buffers ran out
  local_abort,        // this machine killed the connection (an administrator, say)
  connect_failed,     // it was never open
};
inline constexpr std::size_t ending_count = 19;

// Who asked first to end the connection. It doesn't say how that went: ending does.
enum class intent : std::uint8_t { none, peer, application, quiesce, bound };

// Whether the kernel itself bore witness to the ending. Where it can't be asked, nothing is called
// proven; the cause stands all the same.
enum class proof : std::uint8_t { proven, unproven };

[[nodiscard]] std::string_view to_string(ending cause) noexcept;
[[nodiscard]] std::string_view to_string(intent who) noexcept;
[[nodiscard]] std::string_view to_string(proof mark) noexcept;

[[nodiscard]] constexpr bool is_clean(ending cause) noexcept {
  return cause == ending::clean_local_first || cause == ending::clean_peer_first;
}

}  // namespace lastbyte
