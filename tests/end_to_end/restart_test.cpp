// A server that takes over from one that has just ended.
#include <csignal>

#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

DAEMON_TEST("the TCP port is free as soon as the daemon has ended, however it ended", "[case-17]") {
  if (platform::end_signal() != SIGTERM) return skip("under Wine it is Wine that holds the port");
  endpoint where;
  {
    auto& first = at.start();
    where = first.where();
    CHECK(first.end().exit_code == 0);
  }
  for (int round = 0; round < 20; ++round) {
    INFO("restart " << round);
    auto& next = at.start({"--listen", to_string(where)});
    crowd all(where, 5, {.to_send = 100, .half_closes = false});
    all.run_until("its echo", [](const client& each) { return each.received() == 100; });
    next.ask_to_end();
    // In turn: served to the end, and ended at once with everything in flight.
    if (round % 2 == 0) next.ask_to_end();
    all.run_until_over(at.scaled(seconds(10)));
    (void)next.wait();
  }
}

}  // namespace
}  // namespace lastbyte::test
