// Sends back what arrives, without a copy.
#pragma once

#include <cstdint>

#include <lastbyte/handler.hpp>

namespace lastbyte::protocol {

class echo final : public handler {
 public:
  // @param finish_after: close() from our side once so many bytes of a connection were sent back. The buffer
  // that holds the last of them is sent back whole: so what was delivered was answered, and what was not is
  // exactly what the ledger calls unanswered. 0: the peer finishes. Units: bytes.
  explicit echo(std::uint64_t finish_after = 0) noexcept : finish_after_(finish_after) {}

  void on_receive(connection& from, buffer bytes) override;

 private:
  std::uint64_t finish_after_;
};

}  // namespace lastbyte::protocol
