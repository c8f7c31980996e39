// Peers that would keep a connection for ever: each ends by its own cause, within its bound.
#include <poll.h>

#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

// How much later than its bound a connection may be ended: a bound is looked at when a timer rings.
constexpr milliseconds lateness{1'000};

void check_within(milliseconds took, milliseconds bound, milliseconds late) {
  INFO("ended after " << took.count() << " ms, the bound is " << bound.count() << " ms");
  CHECK(took >= bound - milliseconds(50));
  CHECK(took <= bound + late);
}

DAEMON_TEST("a peer that never reads ends as a slow reader", "[case-6]") {
  auto& server = at.start({"--send-stall", "1s"});
  crowd all(server.where(), 5, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(200));
  const stopwatch since_stalled;
  all.run_until_over(at.scaled(seconds(10)));
  // From the stall: until it is noticed, then the bound.
  check_within(since_stalled.passed() + milliseconds(200), seconds(1), at.scaled(lateness));
  CHECK(all.ended_by(stream_end::reset) == all.members.size());
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("slow_reader") == all.members.size());
  if (at.kind.has_witness) {
    CHECK(told.of("lost_out") == told.of("queued") - told.of("acknowledged"));
    CHECK(told.of("lost_out") > 0);
  }
}

DAEMON_TEST("a peer that reads 16 KiB a second is served for as long as it likes", "[case-7]") {
  if (!at.kind.has_witness) {
    return skip("this platform can't ask TCP how much of a send that is in flight has arrived");
  }
  auto& server = at.start({"--send-stall", "2s", "--protocol", "chargen", "--chargen-bytes",
                           std::to_string(stream_bytes)});
  // With a small receive buffer TCP tells the server of progress that often.
  crowd one(server.where(), 1, {.reads = false, .half_closes = false}, {.receive = 16 << 10});
  auto& slow = one.members.front();
  for (int second = 0; second < 5; ++second) {
    // Asked for nothing, poll() tells only of an error: so it waits a second, or until it is reset.
    pollfd trouble{slow.socket(), 0, 0};
    REQUIRE(::poll(&trouble, 1, 1'000) == 0);
    for (const auto before = slow.received(); slow.received() < before + (16 << 10);) {
      pollfd readable{slow.socket(), POLLIN, 0};
      REQUIRE(::poll(&readable, 1, 5'000) == 1);
      slow.pull(before + (16 << 10) - slow.received());
      REQUIRE_FALSE(slow.is_over());
    }
  }
  slow.wants.reads = true;
  one.run_until_over(at.scaled(seconds(20)));
  INFO(one.text());
  CHECK(one.received() == stream_bytes);
  CHECK(one.wrong() == 0);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  check_no_resets(at.resets);
}

DAEMON_TEST("a peer that never closes after our end is left by drain_idle",
            "[case-8][case-21][case-25]") {
  auto& server = at.start({"--finish-after", "10", "--drain-idle", "1s"});
  crowd all(server.where(), 3, {.to_send = 10, .half_closes = false, .closes = false});
  all.run_until_over();
  const stopwatch since_finished;
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
  server.await_log("cause=drain_idle", all.members.size());
  check_within(since_finished.passed(), seconds(1), at.scaled(lateness));
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("drain_idle") == all.members.size());
  CHECK(told.of("lost_out") == 0);
}

DAEMON_TEST("a peer that goes on talking after our end is left by drain_total",
            "[case-8][case-25]") {
  auto& server = at.start({"--finish-after", "10", "--drain-idle", "1s", "--drain-total", "2s"});
  crowd one(server.where(), 1, {.to_send = 10, .half_closes = false, .closes = false});
  one.run_until_over();
  const stopwatch since_finished;
  auto& talker = one.members.front();
  std::uint64_t said = 0;
  while (!server.has_logged("cause=drain_", 1, milliseconds(250))) {
    REQUIRE(since_finished.passed() < at.scaled(seconds(10)));
    talker.wants.to_send += 1;
    talker.push(1);
    ++said;
  }
  check_within(since_finished.passed(), seconds(2), at.scaled(lateness) + milliseconds(250));
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.ended("drain_total") == 1);
  CHECK(told.of("unanswered") > 0);
  CHECK(told.of("unanswered") <= said);
}

DAEMON_TEST("a peer that floods the drain is left by drain_bytes", "[case-9]") {
  auto& server = at.start({"--finish-after", "10", "--drain-bytes", "65536"});
  crowd all(server.where(), 3, {.to_send = client::endless, .reads = false});
  all.run_until_over(at.scaled(seconds(5)));
  CHECK(all.ended_by(stream_end::reset) == all.members.size());
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("drain_bytes") == all.members.size());
  // One buffer passes the bound.
  CHECK(told.of("unanswered") > 65'536 * all.members.size());
  CHECK(told.of("unanswered") <= (65'536 + 65'536) * all.members.size());
}

DAEMON_TEST(
    "a peer that says nothing ends by first_byte, one that falls silent by idle, others live",
    "[case-19]") {
  auto& server = at.start({"--first-byte", "1s", "--idle", "2s"});
  const stopwatch since_connected;
  crowd silent(server.where(), 50, {.half_closes = false});
  crowd lively(server.where(), 1, {.to_send = 100, .half_closes = false});
  crowd fallen_silent(server.where(), 1, {.to_send = 100, .half_closes = false});
  lively.run_until("an echo", [](const client& each) { return each.received() == 100; });
  fallen_silent.run_until("an echo", [](const client& each) { return each.received() == 100; });
  const stopwatch since_echo;
  silent.run_until_over(at.scaled(seconds(5)));
  check_within(since_connected.passed(), seconds(1), at.scaled(lateness));
  CHECK(silent.received() == 0);
  lively.each_wants([](client::plan& wants) {
    wants.to_send = 200;
    wants.half_closes = true;
  });
  lively.run_until_over();
  check_whole_echo(lively);
  fallen_silent.run_until_over(at.scaled(seconds(5)));
  check_within(since_echo.passed(), seconds(2), at.scaled(lateness));
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("first_byte") == silent.members.size());
  CHECK(told.ended("idle") == 1);
  CHECK(told.ended_cleanly() == 1);
}

}  // namespace
}  // namespace lastbyte::test
