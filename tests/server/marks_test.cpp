// Back-pressure at its very edge.
#include <string>

#include "live_server.hpp"
#include "simulated_crew.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

struct fills_to_the_mark : scripted_handler {
  void on_send_low(connection& /*unused*/) override { ++lows; }
  int lows = 0;
};

}  // namespace

TEST_CASE(
    "who sends until it is told to stop is told when it may go on, also exactly at the mark") {
  fills_to_the_mark serving;
  options how;
  how.high_mark_bytes = 256U << 10U;  // a multiple of what a block holds
  how.low_mark_bytes = 64U << 10U;
  constexpr std::size_t block = 16U << 10U;
  serving.open = [](connection& opened) {
    while (!opened.above_high_mark()) (void)opened.send(std::string(block, 'x'));
  };
  simulated_crew crew(serving, how);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  std::size_t got = 0;
  for (int rounds = 0; rounds < 1'000 && got < how.high_mark_bytes; ++rounds) {
    got += crew.read(peer);
    crew.go_on_for(simulated_crew::ms);
  }
  CHECK(got == how.high_mark_bytes);
  CHECK(serving.lows == 1);
  (void)crew.end();
}
