// A plain blocking socket of the simulated network; the members are those of support/raw_socket.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "port/sim/network.hpp"
#include "support/raw_socket.hpp"

namespace lastbyte::test::sim {

using port::sim::network;

class raw_socket {
 public:
  using arrival = test::raw_socket::arrival;

  static raw_socket connect(network& over, const endpoint& where);
  static std::optional<raw_socket> try_connect(network& over, const endpoint& where,
                                               std::chrono::milliseconds limit);
  static raw_socket listen(network& over, const endpoint& where);

  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&& other) noexcept;
  raw_socket(const raw_socket&) = delete;
  raw_socket& operator=(const raw_socket&) = delete;
  ~raw_socket();

  raw_socket accept();
  [[nodiscard]] endpoint local() const;
  std::size_t send(std::span<const std::byte> all);
  arrival receive(std::span<std::byte> into);
  void shutdown_send();
  void reset();
  void close() noexcept;

 private:
  explicit raw_socket(network& over) noexcept : over_(&over) {}
  void close_by(port::close_mode mode) noexcept;

  network* over_;
  port::sim::tcp_end* end_ = nullptr;
  port::sim::tcp_listener* listening_ = nullptr;
};

bool take_error(network& over, std::uintptr_t native);

}  // namespace lastbyte::test::sim
