// A command that comes too late: on the simulated port the order of things can be said.
#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

TEST_CASE(
    "a command that was posted before its connection ended never reaches the next in its slot") {
  connection_handle latest;
  scripted_handler serving;
  serving.open = [&latest](connection& opened) { latest = opened.handle(); };
  simulated_crew crew(serving);
  auto& first = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  const connection_handle old = latest;

  // While the worker is busy elsewhere: the first one is reset, another comes, and somebody sends.
  crew.over.close(first, port::close_mode::reset);
  crew.let_pass(simulated_crew::ms);
  auto& second = crew.connect();
  crew.let_pass(simulated_crew::ms);
  REQUIRE_FALSE(old.send("not yours"));
  crew.work();
  REQUIRE(crew.report().accepted == 2);
  REQUIRE(old.send("too late") == refusal::gone);
  crew.let_pass(simulated_crew::ms);
  CHECK(second.unread() == 0);
  CHECK(crew.report().refused == 9);

  crew.over.close(second, port::close_mode::orderly);
  CHECK(crew.end().ended(ending::peer_reset) == 1);
}

namespace {

struct says_more_at_its_end : scripted_handler {
  void on_ended(connection& gone, const ending_report& /*unused*/) override {
    was_taken = !gone.handle().send("one more");
  }
  bool was_taken = false;
};

}  // namespace

TEST_CASE("what a handler still posts when the last connection ends is counted as refused") {
  says_more_at_its_end serving;
  // Nothing is in flight, so that it ends as soon as it is aborted, behind the turn's last look into the inbox.
  serving.open = [](connection& opened) { opened.pause(); };
  simulated_crew crew(serving);
  (void)crew.connect();
  crew.go_on_for(simulated_crew::ms);
  CHECK(crew.end().refused == 8);
  CHECK(serving.was_taken);
}

TEST_CASE("who finishes behind a reset that nothing has told of learns its error") {
  scripted_handler serving;
  connection_handle handle;
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    from.pause();
    handle = from.handle();
  };
  std::vector<ending_report> ends;
  serving.ended = [&](const ending_report& how) { ends.push_back(how); };
  simulated_crew crew(serving);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "request");
  crew.go_on_for(10 * simulated_crew::ms);
  crew.over.close(peer, port::close_mode::reset);
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(ends.empty());
  REQUIRE_FALSE(handle.finish());
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].cause == ending::peer_reset);
  CHECK(ends[0].native_error != 0);
  (void)crew.end();
}

TEST_CASE("who resets right behind its end, before it has seen ours, is told of with its error") {
  port::sim::weather far;
  far.latency_us = 20 * simulated_crew::ms;
  scripted_handler serving;
  serving.receive = [](connection& from, const buffer& /*unused*/) { from.finish(); };
  std::vector<ending_report> ends;
  serving.ended = [&](const ending_report& how) { ends.push_back(how); };
  simulated_crew crew(serving, {}, far);
  auto& peer = crew.connect();
  crew.go_on_for(50 * simulated_crew::ms);
  crew.say(peer, "request");
  crew.go_on_for(25 * simulated_crew::ms);
  (void)crew.over.shutdown_send(peer);
  crew.over.close(peer, port::close_mode::reset);
  // Both are there when the server looks.
  crew.let_pass(30 * simulated_crew::ms);
  crew.work();
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].cause == ending::peer_reset);
  CHECK(ends[0].native_error != 0);
  (void)crew.end();
}
