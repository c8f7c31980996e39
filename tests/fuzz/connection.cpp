// The connection machine under any sequence of events: nothing that happens makes it break its ledger,
// say what it may not, or fail to end.
//
// Shape: one byte for the surroundings, one for the way it winds down, nine for its bounds; then pairs of
// what happens and how.
#include "core/connection.hpp"

#include "fuzz/input.hpp"
#include "fuzz/surroundings.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

// Several events may come before the machine is asked what to do: this bit says so.
constexpr std::uint8_t unsettled = 0x80;

setting read_setting(input& from) {
  const std::uint8_t first = from.byte();
  setting chosen;
  if ((first & 1U) != 0) chosen.from = core::connection::origin::connecting;
  // The clock wraps during the run.
  if ((first & 2U) != 0) chosen.now = UINT32_MAX - 1'000;
  chosen.answer_to_end = first >> 2U;
  for (core::tick& bound : chosen.bounds.ms) {
    const core::tick root = from.byte();
    bound = root * root;  // 0: off
  }
  chosen.bounds.send_stall_bytes = 1 + from.byte();
  chosen.bounds.drain_bytes = from.byte();
  return chosen;
}

}  // namespace

void connection(std::span<const std::uint8_t> bytes) {
  input from(bytes);
  const std::uint8_t how_it_ends = from.byte();
  surroundings around(read_setting(from));
  while (!from.empty()) {
    const std::uint8_t what = from.byte();
    around.happen(static_cast<deed>((what & ~unsettled) % deed_count), from.byte());
    if ((what & unsettled) == 0) around.settle();
  }
  around.wind_down(how_it_ends);
}

}  // namespace lastbyte::fuzz
