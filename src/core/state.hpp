// The words of the connection machine: its states, what can happen to it, and what follows.
//
// Not here: which follows from which (transition_table.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastbyte::core {

// A state is a pair of what the reading and the writing side do; these are only the pairs' names.
enum class state : std::uint8_t {
  connecting,     // not open yet
  open,           // delivering × open
  finishing,      // delivering × flushing
  half_closed,    // delivering × finished
  flushing,       // dropping × flushing
  draining,       // dropping × finished
  peer_finished,  // ended × open
  last_flush,     // ended × flushing
  confirming,     // ended × finished
  closing,        // the cause is fixed, nothing new is submitted: joining
  closed,
};
inline constexpr std::size_t state_count = 11;

// Guards are part of the event, so that no flag hides beside the table: whether the send queue was empty
// is said in the name.
enum class event : std::uint8_t {
  connected,
  received,       // bytes arrived
  end_of_stream,  // a genuine FIN arrived
  send_done_queue_empty,
  send_done_more_queued,
  request_send,
  request_finish_queue_empty,
  request_finish_queued,
  request_close_queue_empty,
  request_close_queued,
  request_abort,
  operation_failed,
  bound_struck,  // a deadline, or the byte bound of the drain
  confirmed,     // the peer acknowledged our FIN
  joined,        // nothing is in flight any more
};
inline constexpr std::size_t event_count = 15;

// What must be done about an event, besides the change of state. A set of bits.
enum class effect : std::uint8_t {
  none = 0,
  deliver = 1,        // give the bytes to the handler
  discard = 2,        // drop the bytes, counted
  tell_end = 4,       // tell the handler that the peer has finished
  shutdown_send = 8,  // SD_SEND
  fix_ending = 16,    // set the cause, once
  close_socket = 32,
};
[[nodiscard]] constexpr effect operator|(effect a, effect b) noexcept {
  return static_cast<effect>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool has(effect set, effect one) noexcept {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(one)) != 0;
}

[[nodiscard]] std::string_view to_string(state which) noexcept;
[[nodiscard]] std::string_view to_string(event which) noexcept;

// Reading: bytes go to the handler.
[[nodiscard]] constexpr bool is_delivering(state s) noexcept {
  return s == state::open || s == state::finishing || s == state::half_closed;
}
// Reading: bytes are dropped, because close() was said.
[[nodiscard]] constexpr bool is_dropping(state s) noexcept {
  return s == state::flushing || s == state::draining;
}
// Reading: the peer's end of stream has come.
[[nodiscard]] constexpr bool is_read_ended(state s) noexcept {
  return s == state::peer_finished || s == state::last_flush || s == state::confirming;
}
// Writing: nobody has finished our stream.
[[nodiscard]] constexpr bool is_write_open(state s) noexcept {
  return s == state::open || s == state::peer_finished;
}
// Writing: our end of stream is out.
[[nodiscard]] constexpr bool is_write_finished(state s) noexcept {
  return s == state::half_closed || s == state::draining || s == state::confirming;
}
[[nodiscard]] constexpr bool is_ending_fixed(state s) noexcept {
  return s == state::closing || s == state::closed;
}

}  // namespace lastbyte::core
