#include "protocol/echo.hpp"

#include <utility>

namespace lastbyte::protocol {

// connection::user_word() counts what was echoed.
void echo::on_receive(connection& from, buffer bytes) {
  std::uint64_t& echoed = from.user_word();
  const std::uint64_t size = bytes.size();
  if (from.send(std::move(bytes))) return;  // ending: its ledger counts the bytes as refused
  echoed += size;
  if (finish_after_ != 0 && echoed >= finish_after_) from.close();
}

}  // namespace lastbyte::protocol
