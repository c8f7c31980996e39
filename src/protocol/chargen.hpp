// Sends the pattern to whoever connects, as fast as he reads (after RFC 864), then ends from our side.
#pragma once

#include <cstdint>

#include <lastbyte/handler.hpp>

#include "protocol/pattern.hpp"

namespace lastbyte::protocol {

class chargen final : public handler {
 public:
  // @param total: sends so many bytes to each connection, then close().
  // Not here: a stream without an end. While we always have more to send, back-pressure keeps receiving
  // paused, so the peer's end of stream would not be seen.
  explicit chargen(std::uint64_t total) noexcept : total_(total) {}

  void on_open(connection& opened) override;
  void on_send_low(connection& to) override;
  void on_receive(connection& from, buffer bytes) override;
  void on_end_of_stream(connection& from) override;

 private:
  void send_more(connection& to) const;

  std::uint64_t total_;
  pattern bytes_;
};

}  // namespace lastbyte::protocol
