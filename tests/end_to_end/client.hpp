// A client as others write them: a non-blocking socket, made without any of the server's code, that
// sends the pattern, verifies what it gets, and says how the connection ended as it saw it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <lastbyte/endpoint.hpp>

#include "end_to_end/descriptor.hpp"
#include "protocol/pattern.hpp"

namespace lastbyte::test {

enum class stream_end : std::uint8_t { none, end_of_stream, reset, other };

class client {
 public:
  static constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

  /// What it does whenever the socket lets it. May be changed at any time.
  struct plan {
    std::uint64_t to_send = 0;          // bytes in all
    std::size_t send_chunk = 64 << 10;  // bytes a pass
    bool reads = true;
    std::size_t read_chunk = 64 << 10;  // bytes a pass
    bool half_closes = true;            // once all is sent
    bool closes = true;                 // once the connection is over
  };

  /// SO_RCVBUF and SO_SNDBUF; 0: the system's, which grow with what passes through them.
  struct socket_buffers {
    int receive = 0;
    int send = 0;
  };

  /// Throws std::system_error if it can't connect.
  client(const endpoint& where, plan wanted, socket_buffers sizes);

  plan wants;

  /// What to poll() for; 0 if nothing.
  [[nodiscard]] short events() const;
  void on_ready(short events);

  // By hand, where a test needs its own order.
  void push(std::size_t most);
  void pull(std::size_t most);
  void half_close();
  void reset();  // SO_LINGER 0
  void close();

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  /// Received bytes that were not the next ones of the pattern.
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  [[nodiscard]] stream_end end() const { return end_; }
  [[nodiscard]] bool is_over() const { return end_ != stream_end::none; }
  /// Payload that this side's TCP has taken from the network, read or not.
  [[nodiscard]] std::uint64_t arrived() const;
  [[nodiscard]] int socket() const { return socket_.number(); }
  [[nodiscard]] std::string text() const;

 private:
  void fail();

  descriptor socket_;
  protocol::pattern bytes_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t wrong_ = 0;
  stream_end end_ = stream_end::none;
  int error_ = 0;
  bool is_half_closed_ = false;
};

}  // namespace lastbyte::test
