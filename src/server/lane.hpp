// What belongs together of a server's connections: one lane per worker where connections stay on their
// worker, one lane for all workers where they don't.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>

#include "port/completion_port.hpp"
#include "server/acceptor.hpp"
#include "server/common.hpp"
#include "server/courier.hpp"
#include "server/slot_table.hpp"
#include "server/timer_wheel.hpp"

namespace lastbyte::engine {

// Guards nothing, because only one thread comes by.
struct no_mutex {
  void lock() noexcept {}
  void unlock() noexcept {}
};

// A simulated port brings its own.
template <port::completion_port Port>
struct guard_of {
  using type = std::conditional_t<Port::connections_stay, no_mutex, std::mutex>;
};
template <port::completion_port Port>
  requires requires { typename Port::guard; }
struct guard_of<Port> {
  using type = typename Port::guard;
};

template <port::completion_port Port>
struct lane {
  lane(common& all, std::uint32_t most_slots, std::shared_ptr<courier> mail, tick now)
      : slots(most_slots), wheel(now), inbox(std::move(mail)), door(all) {}

  // Over slots, wheel and door; never held while a handler runs.
  typename guard_of<Port>::type guard;
  slot_table<Port> slots;
  timer_wheel wheel;
  std::shared_ptr<courier> inbox;
  acceptor<Port> door;
  std::atomic<std::uint32_t> open_connections = 0;
  bool has_seen_quiesce = false;
  bool has_seen_end = false;
};

}  // namespace lastbyte::engine
