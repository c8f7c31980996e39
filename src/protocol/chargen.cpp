#include "protocol/chargen.hpp"

#include <algorithm>

namespace lastbyte::protocol {
namespace {

// The queue passes the high mark by less than this.
constexpr std::uint64_t chunk_bytes = 16U << 10;

}  // namespace

void chargen::on_open(connection& opened) { send_more(opened); }

void chargen::on_send_low(connection& to) { send_more(to); }

// What the peer says is dropped; it has no say here.
void chargen::on_receive(connection& /*from*/, buffer /*bytes*/) {}

// A peer that has finished still reads: it gets all that was promised.
void chargen::on_end_of_stream(connection& /*from*/) {}

// connection::user_word() is the position in the stream. on_send_low() comes only after the queue has
// been above the high mark, so we go on until it is.
void chargen::send_more(connection& to) const {
  std::uint64_t& position = to.user_word();
  while (!to.above_high_mark()) {
    const std::uint64_t left = total_ - position;
    if (left == 0) return to.close();
    const auto next = bytes_.run(position, std::min(left, chunk_bytes));
    if (to.send(next)) return;  // ending: it takes no more
    position += next.size();
  }
}

}  // namespace lastbyte::protocol
