// Ending the whole server while its clients are in the middle of something.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

// Short of memory, as this test can make it, TCP drops what it has received out of order, and the peer sends it again
// after 200 ms at the soonest, twice that the next time: who waits for quiet must outlast that.
DAEMON_TEST("whoever reads on while the server quiesces gets everything", "[case-15]") {
  auto& server = at.start({"--quiesce-quiet", "2s"});
  crowd all(server.where(), at.kind.quiesce_clients,
            {.to_send = stream_bytes, .reads = false, .half_closes = false});
  all.run_until_stalled(milliseconds(200));
  server.ask_to_end();
  all.each_wants([](client::plan& wants) {
    wants.reads = true;
    wants.to_send = 0;  // no more than is in flight now
  });
  all.run_until_over(at.scaled(seconds(30)));
  check_whole_echo(all);
  CHECK(all.received() > 0);
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_local_first") == all.members.size());
  CHECK(told.of("received") == all.sent());
  check_no_resets(at.resets);
}

DAEMON_TEST(
    "clients that never stop sending get a clean end of stream within the cap and a second") {
  auto& server = at.start({"--quiesce-cap", "1s"});
  crowd all(server.where(), at.kind.quiesce_clients,
            {.to_send = client::endless, .half_closes = false});
  all.run_until(
      "1 MiB echoed", [](const client& each) { return each.received() > 1 << 20; },
      at.scaled(seconds(20)));
  server.ask_to_end();
  const stopwatch since_asked;
  all.run_until_over(at.scaled(seconds(10)));
  INFO(all.text());
  CHECK(all.wrong() == 0);
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
  const account told = server.wait();
  const auto took = since_asked.passed();
  INFO(told.text());
  INFO("from the signal to the end of the daemon: " << took.count() << " ms");
  CHECK(took <= seconds(1) + at.scaled(seconds(1)));
  check_all_clean(told);
  // What the clients sent behind the server's end of stream, and nothing else, was not answered.
  CHECK(told.of("unanswered") == all.sent() - all.received());
  check_no_resets(at.resets);
}

// Case "pause, then close": the server has paused receiving, since the client doesn't read, and then ends.
// If it went on pausing, the client's window and its own would wait for each other for ever.
DAEMON_TEST("a server that has paused receiving and then closes drops what still comes",
            "[case-10][case-28]") {
  auto& server = at.start({"--quiesce-cap", "500ms"});
  crowd all(server.where(), 4, {.to_send = 4 * stream_bytes, .reads = false});
  all.run_until_stalled(milliseconds(300));
  const std::uint64_t stalled_at = all.sent();
  REQUIRE(stalled_at < 4 * stream_bytes * all.members.size());
  server.ask_to_end();
  all.run_until(
      "all pushed, though it has read nothing",
      [](const client& each) { return each.sent() == 4 * stream_bytes; }, at.scaled(seconds(20)));
  all.each_wants([](client::plan& wants) { wants.reads = true; });
  all.run_until_over(at.scaled(seconds(20)));
  INFO(all.text());
  CHECK(all.wrong() == 0);
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("unanswered") > 0);
  CHECK(told.of("unanswered") == all.sent() - all.received());
  check_no_resets(at.resets);
}

// Case "accept against quiesce": they are still in the kernel's queue when the server is asked to end.
DAEMON_TEST("clients still in the accept queue when the server is asked to end are all served",
            "[case-15][case-29]") {
  if (!at.kind.has_witness) {
    return skip("this platform can't stop new connections without resetting those in its queue");
  }
  // So many that they can't all be accepted before the daemon has read the signal.
  constexpr std::size_t count = 2'000;
  if (const std::string missing = make_room_for(count); !missing.empty()) return skip(missing);
  auto& server = at.start();
  server.freeze();
  crowd all(server.where(), count, {.to_send = 10'000});
  for (std::size_t i = 0; i < count; i += 2) all.members[i].wants.half_closes = false;
  server.ask_to_end();
  server.thaw();
  all.run_until_over(at.scaled(seconds(10)));
  check_whole_echo(all);
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("accepted") == count);
  CHECK(told.of("received") == all.sent());
  check_no_resets(at.resets);
}

DAEMON_TEST(
    "a request that crosses the server's end on the wire is answered, and then the end comes",
    "[case-16]") {
  auto& server = at.start({"--quiesce-quiet", "1s"});
  crowd all(server.where(), 20, {.to_send = 100, .half_closes = false});
  all.run_until("its echo", [](const client& each) { return each.received() == 100; });
  server.ask_to_end();
  for (auto& each : all.members) {
    each.wants.to_send += 50'000;
    each.push(50'000);
  }
  all.run_until_over(at.scaled(seconds(10)));
  check_whole_echo(all);
  CHECK(all.received() == 50'100 * all.members.size());
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_local_first") == all.members.size());
  CHECK(told.of("unanswered") == 0);
  check_no_resets(at.resets);
}

// All of them at once: each kind of connection is ended as becomes it.
DAEMON_TEST(
    "quiesce ends idle, active, half-closed, draining and just accepted connections cleanly",
    "[case-15]") {
  constexpr std::uint64_t finish_after = 1 << 20;
  auto& server = at.start({"--finish-after", std::to_string(finish_after), "--quiesce-cap", "5s",
                           "--quiesce-hard", "10s"});
  crowd idle(server.where(), 5, {.to_send = 100, .half_closes = false});
  idle.run_until("its echo", [](const client& each) { return each.received() == 100; });
  crowd active(server.where(), 5,
               {.to_send = finish_after / 2, .reads = false, .half_closes = false});
  active.run_until_stalled(milliseconds(200));
  crowd half_closed(server.where(), 5, {.to_send = 4 << 20, .reads = false}, {.receive = 16 << 10});
  half_closed.run_until_stalled(milliseconds(200));
  // They have the server's end, and don't answer it before they see that the others are gone.
  crowd draining(server.where(), 5,
                 {.to_send = finish_after, .half_closes = false, .closes = false});
  draining.run_until_over(at.scaled(seconds(20)));
  crowd just_accepted(server.where(), 5, {.half_closes = false});
  server.ask_to_end();
  const stopwatch since_asked;
  for (crowd* each : {&active, &half_closed}) {
    each->each_wants([](client::plan& wants) { wants.reads = true; });
  }
  for (crowd* each : {&idle, &active, &just_accepted, &half_closed}) {
    each->run_until_over(at.scaled(seconds(10)));
    INFO(each->text());
    CHECK(each->wrong() == 0);
    CHECK(each->ended_by(stream_end::end_of_stream) == each->members.size());
  }
  draining.close();
  const account told = server.wait();
  INFO(told.text());
  for (const crowd* each : {&idle, &active, &just_accepted}) CHECK(each->without_whole_echo() == 0);
  CHECK(since_asked.passed() < at.scaled(seconds(6)));
  check_all_clean(told);
  CHECK(told.of("accepted") == 25);
  CHECK(told.of("quiesced") >= 20);
  CHECK(told.of("received") == idle.sent() + active.sent() + half_closed.sent() + draining.sent());
  check_no_resets(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
