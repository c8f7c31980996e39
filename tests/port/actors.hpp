// What the driver keeps of a connection and of a listener: the port's own memory, the journal, and the
// standing orders by which it goes on without being told.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "journal.hpp"
#include "pattern.hpp"
#include "port/completion_port.hpp"

namespace lastbyte::test {

inline constexpr std::uint64_t endless = ~std::uint64_t{0};

/// The port's memory for one socket or listener. Once it is closed it is overwritten, since it might as well
/// be freed (rule 2): whatever the port still does with it then shows.
template <class Held>
class mortal {
 public:
  mortal() { new (bytes_.data()) Held; }
  mortal(const mortal&) = delete;
  mortal& operator=(const mortal&) = delete;
  ~mortal() { end(); }

  operator Held&() { return *std::launder(reinterpret_cast<Held*>(bytes_.data())); }
  void begin() {
    if (!std::exchange(is_alive_, true)) new (bytes_.data()) Held;
  }
  void end() {
    if (!std::exchange(is_alive_, false)) return;
    static_cast<Held&>(*this).~Held();
    bytes_.fill(std::byte{0xdb});
  }

 private:
  alignas(Held) std::array<std::byte, sizeof(Held)> bytes_{};
  bool is_alive_ = true;
};

/// What every completion's `owner` points at. Where connections don't stay, the mutex is the caller's
/// half of rule 1: one thread at a time touches it.
struct actor {
  explicit actor(bool listens) : is_listener(listens) {}
  std::mutex mutex;
  bool is_listener;
};

/// The order to send so many bytes of the pattern, or back whatever is received.
class outgoing {
 public:
  std::uint64_t from = 0;  // where in the pattern the stream begins
  std::uint64_t goal = 0;  // bytes
  std::size_t slice_bytes = 256U << 10;
  std::size_t slices_per_send = 1;
  bool is_echo = false;
  std::deque<block*> echoes;

  /// What to send next; nothing if there is nothing. @param sent: bytes so far.
  std::span<const port::slice> next(std::uint64_t sent) {
    std::size_t count = 0;
    if (is_echo) {
      for (std::size_t i = 0; i < echoes.size() && count < port::max_slices; ++i) {
        slices_[count++] = {echoes[i]->begin, echoes[i]->size};
      }
    } else {
      for (std::uint64_t at = sent; at < goal && count < slices_per_send;
           at += slices_[count++].size()) {
        const auto most = std::min<std::uint64_t>(slice_bytes, goal - at);
        slices_[count] = pattern_at(from + at, static_cast<std::size_t>(most));
      }
    }
    return std::span(slices_).first(count);
  }

  /// Gives back what was echoed. @param bytes: of the echo, that the kernel took.
  void taken(std::size_t bytes) {
    while (bytes > 0 && !echoes.empty()) {
      block& first = *echoes.front();
      const auto now = std::min<std::size_t>(bytes, first.size);
      first.begin += now;
      first.size -= static_cast<std::uint32_t>(now);
      bytes -= now;
      if (first.size == 0) drop_first();
    }
  }
  void drop_all() {
    while (!echoes.empty()) drop_first();
    is_echo = false;
    goal = 0;
  }
  [[nodiscard]] bool is_done(const account& seen) const {
    return is_echo ? seen.has_ended && echoes.empty() : seen.sent >= goal;
  }

 private:
  void drop_first() {
    echoes.front()->owner->give_back(*echoes.front());
    echoes.pop_front();
  }
  std::array<port::slice, port::max_slices> slices_;
};

template <class Worker>
struct connection : actor {
  connection() : actor(false) {}

  mortal<typename Worker::socket> socket;
  journal seen;
  std::uint32_t home = 0;  // the worker that adopted it
  bool is_open = false;
  bool keeps_memory = false;  // when it is closed
  bool is_ending = false;     // standing orders count no more

  bool keeps_receiving = false;
  outgoing out;
  bool finishes = false;  // shuts down once everything is sent
  bool has_finished = false;
  port::outcome finish_result;
  std::function<void(connection&)> on_receive;  // runs at the worker, after each receive completion
};

template <class Worker>
struct listener : actor {
  listener() : actor(true) {}

  mortal<typename Worker::listener> socket;
  endpoint where;
  std::uint32_t home = 0;
  bool is_open = false;
  bool is_accepting = false;  // in flight
  bool may_be_cancelled = false;
  bool keeps_accepting = true;
  bool is_finishing = false;  // accepts until the queue is empty
  bool adopts = true;         // false: accepted sockets wait in `waiting`
  std::uint32_t accepted = 0;
  port::outcome result;       // of the last completion
  std::uint64_t seen_at = 0;  // one bit per worker
  std::vector<port::accepted_socket> waiting;
  std::vector<connection<Worker>*> adopted;
  std::function<void(connection<Worker>&)> on_adopted;  // gives the standing orders
};

}  // namespace lastbyte::test
