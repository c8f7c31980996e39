// The kernel's own list of a daemon's connections: what state TCP has them in, and what is outstanding.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

/// The states of TCP, by the kernel's numbers (include/net/tcp_states.h).
enum class tcp_state : std::uint8_t {
  established = 1,
  fin_wait_1 = 4,
  fin_wait_2 = 5,
  close_wait = 8,
  last_ack = 9,
  listening = 10,
  closing = 11,
};

struct kernel_socket {
  tcp_state state = {};
  std::uint64_t unacknowledged = 0;  // bytes written and not acknowledged, a FIN among them
  std::uint64_t unread = 0;          // bytes
};

/// The connections of this network whose own TCP port it is, without the listener.
std::vector<kernel_socket> sockets_of(std::uint16_t tcp_port);
/// Their other ends, as far as they are in this network.
std::vector<kernel_socket> peers_of(std::uint16_t tcp_port);

/// Waits until it is so of that many of them. Throws, with their states, if it takes longer.
void await_sockets(std::uint16_t tcp_port, std::size_t count, const std::string& what,
                   const std::function<bool(const kernel_socket&)>& is_so,
                   milliseconds limit = seconds(20));

}  // namespace lastbyte::test
