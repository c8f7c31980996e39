// What the uring port keeps of a socket and of a listener, and how the kernel is told whose an operation is.
//
// The rule: what is needed only while a send or a connect is submitted lies in the worker, not here; an
// idle connection costs these few bytes.
#pragma once

#include <cstdint>

#include "port/completion_port.hpp"

namespace lastbyte::port::uring {

// What an operation of the ring is; travels in the low bits of its user_data, beside its owner's address.
enum class tag : std::uint8_t {
  bell,
  receive_message,
  receive_bulk,
  send,
  connect,
  accept,
  cancel
};
inline constexpr std::uint64_t tag_mask = 7;

struct alignas(tag_mask + 1) socket {
  void* owner = nullptr;
  // Received behind a pause, or sooner than it may be told: comes before all that the ring brings.
  block* stash = nullptr;
  std::uint64_t received = 0;  // bytes
  outcome first_error;         // sticky
  int fd = -1;
  bool is_connecting_side : 1 = false;
  bool is_sending : 1 = false;          // the ring has a send
  bool is_connecting : 1 = false;       // the ring has a connect
  bool is_send_error_held : 1 = false;  // told once the waiting bytes are received
  bool is_receiving : 1 = false;        // a receive is in flight
  bool is_armed : 1 = false;            // the ring has it
  bool is_cancelled : 1 = false;        // which was asked to end
  bool is_stopping : 1 = false;         // so the receive ends with it
  bool is_awaiting_send : 1 = false;    // it takes what an error left, once the send is over
  bool is_bulk : 1 = false;             // receives into large buffers
  std::uint8_t streak = 0;              // receives in a row that speak for the other size
  std::uint8_t dealt_in = 0;  // the dequeue that dealt its last receive, by its lowest byte
};
static_assert(sizeof(socket) <= 40);

struct alignas(tag_mask + 1) listener {
  void* owner = nullptr;
  outcome result;  // of the accept that is stopping
  int fd = -1;
  bool is_accepting = false;  // an accept is in flight
  bool is_stopping = false;   // its poll was asked to end, and the accept with it
  bool is_finishing = false;  // it ends once the queue is empty
  bool is_ready = false;      // somebody may wait in the queue
};

template <class Source>
[[nodiscard]] std::uint64_t user_data_of(Source& about, tag which) noexcept {
  return reinterpret_cast<std::uintptr_t>(&about) | static_cast<std::uint64_t>(which);
}
[[nodiscard]] inline tag tag_of(std::uint64_t user_data) noexcept {
  return static_cast<tag>(user_data & tag_mask);
}
template <class Source>
[[nodiscard]] Source& source_of(std::uint64_t user_data) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives back a number
  return *reinterpret_cast<Source*>(user_data & ~tag_mask);
}

}  // namespace lastbyte::port::uring
