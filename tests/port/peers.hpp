// Plain blocking sockets on the network that a port is a port to: the kernel's, unless it is a simulation.
#pragma once

#include <concepts>

#include "platform.hpp"
#include "port/sim/port.hpp"
#include "sim/raw_socket.hpp"
#include "support/raw_socket.hpp"

namespace lastbyte::test {

template <class Port>
class peers {
 public:
  using socket = raw_socket;

  explicit peers(Port& /*of*/) {}
  static socket connect(const endpoint& where) { return socket::connect(where); }
  static socket listen(const endpoint& where) { return socket::listen(where); }
  static std::optional<socket> try_connect(const endpoint& where, std::chrono::milliseconds limit) {
    return socket::try_connect(where, limit);
  }
  static bool take_error(std::uintptr_t native) { return test::take_error(native); }
};

template <class Port>
  requires std::derived_from<Port, port::sim::any_port>
class peers<Port> {
 public:
  using socket = sim::raw_socket;

  explicit peers(Port& of) : over_(of.over()) {}
  socket connect(const endpoint& where) { return socket::connect(over_, where); }
  socket listen(const endpoint& where) { return socket::listen(over_, where); }
  std::optional<socket> try_connect(const endpoint& where, std::chrono::milliseconds limit) {
    return socket::try_connect(over_, where, limit);
  }
  bool take_error(std::uintptr_t native) { return sim::take_error(over_, native); }

 private:
  port::sim::network& over_;
};

}  // namespace lastbyte::test
