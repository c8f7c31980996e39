#include "protocol/echo.hpp"

#include <utility>

namespace lastbyte::protocol {

// connection::user_word() counts what was echoed.
void echo::on_receive(connection& from, buffer bytes) {
  std::uint64_t& echoed = from.user_word();
  if (finish_after_ != 0) {
    const std::uint64_t left = finish_after_ - echoed;
    if (left == 0) return;  // closed already; what still comes is not ours to answer
    if (bytes.size() > left) bytes.truncate(static_cast<std::uint32_t>(left));
  }
  const std::uint64_t size = bytes.size();
  if (from.send(std::move(bytes))) return;  // ending: its ledger counts the bytes as refused
  echoed += size;
  if (echoed == finish_after_) from.close();
}

}  // namespace lastbyte::protocol
