// What is used again, slots and accepts, remembers nothing of its last life.
#include <algorithm>
#include <string>

#include "question_count.hpp"
#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

TEST_CASE("a connection is not paused because the last one in its slot was") {
  options small;
  small.high_mark_bytes = 4'096;
  small.low_mark_bytes = 1'024;
  scripted_handler serving;
  bool is_first = true;
  serving.open = [&is_first](connection& opened) {
    if (!std::exchange(is_first, false)) return;
    opened.pause();
    opened.abort();
  };
  port::sim::weather narrow;
  narrow.send_room = narrow.receive_room = 2'048;
  simulated_crew crew(serving, small, narrow);
  (void)crew.connect();
  crew.go_on_for(simulated_crew::ms);
  REQUIRE(crew.report().ended(ending::app_abort) == 1);

  // Its own mark pauses the second one, until its peer has read.
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  std::size_t said = 0;
  std::size_t read = 0;
  const std::string more(512, 'x');
  const std::size_t all = 32 * more.size();
  for (int rounds = 0; rounds < 1'000 && read < all; ++rounds) {
    if (said < all && crew.over.room(peer) >= more.size()) {
      crew.say(peer, more);
      said += more.size();
    } else {
      std::string heard(static_cast<std::size_t>(peer.unread()), '-');
      crew.over.receive(peer, std::as_writable_bytes(std::span(heard)));
      read += heard.size();
    }
    crew.go_on_for(simulated_crew::ms);
  }
  CHECK(read == all);
  (void)crew.end();
}

TEST_CASE(
    "an accept that failed while it was held back keeps to the limit when it is submitted again") {
  options one_at_a_time;
  one_at_a_time.max_connections = 1;
  scripted_handler serving;
  simulated_crew crew(serving, one_at_a_time);
  auto& sky = crew.over.sky();
  // The first one is not looked at yet when there is no handle for the second, and meets the limit: what is held back
  // has failed already.
  auto& first = crew.connect();
  crew.let_pass(simulated_crew::ms);
  sky[port::sim::fault::refused_accept] = 1'000'000;
  auto& second = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  sky[port::sim::fault::refused_accept] = 0;
  REQUIRE(crew.report().accept_failures == 1);

  crew.over.close(first, port::close_mode::reset);
  crew.go_on_for(200 * simulated_crew::ms);  // it waits 100 ms before it tries again
  REQUIRE(crew.report().accepted == 2);
  auto& third = crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.report().open == 1);
  crew.over.close(second, port::close_mode::reset);
  crew.over.close(third, port::close_mode::reset);
  (void)crew.end();
}

TEST_CASE("who was put aside is looked at no more") {
  options how;
  how.join_ms = 20;
  scripted_handler serving;
  serving.receive = [](connection& from, const buffer& /*unused*/) { from.abort(); };
  simulated_crew crew(serving, how, losing_operations_for(500 * simulated_crew::ms));
  question_count kernel;
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "abort");
  crew.go_on_for(50 * simulated_crew::ms);
  REQUIRE(crew.report().quarantined == 1);
  crew.watch_by(&kernel);
  crew.go_on_for(300 * simulated_crew::ms);
  CHECK(kernel.asked == 0);
  crew.watch_by(nullptr);
  crew.go_on_for(500 * simulated_crew::ms);
  (void)crew.end();
}

TEST_CASE("a slot that was put aside and came back serves the next connection like any other") {
  options how;
  how.join_ms = 20;
  how.idle_ms = 200;
  how.first_byte_ms = 0;
  scripted_handler serving;
  serving.receive = [](connection& from, const buffer& /*unused*/) { from.abort(); };
  simulated_crew crew(serving, how, losing_operations_for(100 * simulated_crew::ms));
  auto& first = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(first, "abort");
  crew.go_on_for(50 * simulated_crew::ms);
  REQUIRE(crew.report().quarantined == 1);
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().ended(ending::app_abort) == 1);
  CHECK(crew.report().quarantined == 0);
  crew.over.sky()[port::sim::fault::lost_operation] = 0;

  // Its deadlines strike, and it is one of those that are waited for.
  (void)crew.connect();
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().open == 1);
  crew.go_on_for(600 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::idle) == 1);
  CHECK(crew.end().open == 0);
}
