#include "server/quiesce.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "interruption.hpp"
#include "question_count.hpp"
#include "simulated_crew.hpp"
#include "support/catch.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;
using engine::quiesce;

namespace {

options chosen() {
  options how;
  how.quiesce_grace_ms = 50;
  how.quiesce_quiet_ms = 160;
  how.quiesce_cap_ms = 1'000;
  how.quiesce_hard_ms = 3'000;
  return how;
}

}  // namespace

TEST_CASE("each phase of a quiesce begins when the one before is over, and that is foretold") {
  quiesce ending(chosen());
  CHECK(ending.at(70) == quiesce::phase::serving);
  CHECK(ending.begin(100));
  CHECK_FALSE(ending.begin(120));
  CHECK(ending.at(100) == quiesce::phase::grace);
  CHECK(ending.until_next_phase(100) == 50);
  CHECK(ending.at(150) == quiesce::phase::quieting);
  CHECK(ending.until_next_phase(150) == 1'000);
  CHECK(ending.at(1'150) == quiesce::phase::closing);
  CHECK(ending.until_next_phase(1'150) == 1'950);
  CHECK(ending.at(3'100) == quiesce::phase::over);
}

TEST_CASE("idle connections are closed one after the other, within the quiet time") {
  const quiesce ending(chosen());
  std::set<core::tick> times;
  for (std::uint32_t slot = 0; slot < 16; ++slot) times.insert(ending.spread_ms(slot));
  CHECK(times.size() == 16);
  CHECK(*times.begin() == 0);
  CHECK(*times.rbegin() < 160);
}

TEST_CASE(
    "nobody has been quiet for long enough before the quiet time has passed since the grace time") {
  quiesce ending(chosen());
  REQUIRE(ending.begin(100));
  CHECK(ending.until_first_end(100, 0, 160) == 210);
  CHECK(ending.until_first_end(100, 15, 160) == 360);
  CHECK(ending.until_first_end(300, 0, 160) == 10);
  CHECK(ending.until_first_end(310, 0, 160) == 0);
  CHECK(ending.until_first_end(320, 0, 160) == 0);
  options patient = chosen();
  patient.quiesce_quiet_ms = ~std::uint32_t{0};
  quiesce for_ever(patient);
  REQUIRE(for_ever.begin(100));
  CHECK(for_ever.until_first_end(100, 15, patient.quiesce_quiet_ms) == ~core::tick{0});
}

TEST_CASE("a hard deadline before the cap, or within the grace time, is the next border") {
  options how = chosen();
  how.quiesce_hard_ms = 500;
  quiesce ending(how);
  REQUIRE(ending.begin(100));
  CHECK(ending.until_next_phase(200) == 400);
  CHECK(ending.at(600) == quiesce::phase::over);

  how.quiesce_hard_ms = 20;
  quiesce at_once(how);
  REQUIRE(at_once.begin(100));
  CHECK(at_once.until_next_phase(100) == 20);
  CHECK(at_once.at(120) == quiesce::phase::over);
}

TEST_CASE("a cap without an end leaves the grace time before it as it is") {
  options how = chosen();
  how.quiesce_cap_ms = ~std::uint32_t{0};
  how.quiesce_hard_ms = ~std::uint32_t{0};
  quiesce ending(how);
  REQUIRE(ending.begin(100));
  CHECK(ending.at(120) == quiesce::phase::grace);
  CHECK(ending.at(10'000) == quiesce::phase::quieting);
}

TEST_CASE("a server without connections ends once nobody can be on the way any more") {
  options how;
  how.quiesce_grace_ms = 50;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.go_on_for(340 * simulated_crew::ms);
  CHECK_FALSE(crew.is_over());
  crew.go_on_for(150 * simulated_crew::ms);
  CHECK(crew.is_over());
  (void)crew.end();
}

TEST_CASE("while a server quiesces it still connects to others, until its end") {
  options how;
  how.quiesce_grace_ms = 100;
  how.quiesce_quiet_ms = 200;
  scripted_handler serving;
  std::size_t opened = 0;
  serving.open = [&](connection& /*unused*/) { ++opened; };
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.call();
  crew.go_on_for(110 * simulated_crew::ms);
  CHECK(opened == 2);  // at both ends
  // The grace time is over: nobody lets it in, but it asks.
  crew.call();
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.report().accepted == 3);
  (void)crew.end();
}

TEST_CASE(
    "where there is no time to be quiet in, nobody new is let in behind the grace time either") {
  options how;
  how.quiesce_cap_ms = 0;
  how.drain_idle_ms = 200;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.go_on_for(2 * simulated_crew::ms);
  (void)crew.connect();
  crew.go_on_for(500 * simulated_crew::ms);
  CHECK(crew.report().accepted == 0);
  CHECK(crew.is_over());
  (void)crew.end();
}

TEST_CASE("who was aborted at the hard deadline is not looked at again while it is joined") {
  options how;
  how.quiesce_hard_ms = 10;
  how.join_ms = 2'000;
  scripted_handler serving;
  simulated_crew crew(serving, how, losing_operations_for(500 * simulated_crew::ms));
  question_count kernel;
  crew.watch_by(&kernel);
  (void)crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.quiesce();
  crew.go_on_for(400 * simulated_crew::ms);
  CHECK(crew.report().open == 1);
  CHECK(kernel.asked <= 2);
  crew.go_on_for(200 * simulated_crew::ms);
  CHECK(crew.is_over());
  CHECK(crew.report().ended(ending::server_deadline) == 1);
  (void)crew.end();
  crew.watch_by(nullptr);
}

TEST_CASE("who was held over the cap is closed soon behind that, however long the quiet time is") {
  options how;
  how.quiesce_quiet_ms = 10'000;
  how.quiesce_cap_ms = 50;
  how.quiesce_hard_ms = 1'000;
  scripted_handler serving;
  connection* held = nullptr;
  serving.open = [&](connection& with) {
    with.hold();
    held = &with;
  };
  simulated_crew crew(serving, how);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.quiesce();
  crew.go_on_for(200 * simulated_crew::ms);
  REQUIRE(crew.report().open == 1);
  held->release();
  crew.go_on_for(110 * simulated_crew::ms);
  CHECK(peer.is_end_read());
  (void)crew.end();
}

TEST_CASE(
    "who is let in behind the cap is closed before the hard deadline, however long the quiet is") {
  options how;
  how.max_connections = 1;
  how.quiesce_quiet_ms = 10'000;
  how.quiesce_cap_ms = 50;
  how.quiesce_hard_ms = 1'000;
  scripted_handler serving;
  bool is_first = true;
  serving.open = [&](connection& with) {
    if (std::exchange(is_first, false)) with.hold();
  };
  simulated_crew crew(serving, how);
  auto& held = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  auto& waits = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.quiesce();
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().accepted == 1);
  crew.over.close(held, port::close_mode::reset);
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().accepted == 2);
  CHECK_FALSE(waits.is_end_read());
  crew.go_on_for(500 * simulated_crew::ms);
  CHECK(waits.is_end_read());
  (void)crew.end();
}

TEST_CASE("a hard deadline of no time cuts everybody off at once, also who is held") {
  options how;
  how.quiesce_grace_ms = 50;
  how.quiesce_hard_ms = 0;
  scripted_handler serving;
  serving.open = [](connection& with) { with.hold(); };
  simulated_crew crew(serving, how);
  (void)crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(crew.report().open == 1);
  crew.quiesce();
  crew.go_on_for(5 * simulated_crew::ms);
  CHECK(crew.is_over());
  CHECK(crew.report().ended(ending::server_deadline) == 1);
  (void)crew.end();
}

TEST_CASE("who sees that all is over wakes the workers beside it, which have nothing to wait for") {
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving);
  pair.stop();
  pair.go_on_for(10 * pair.ms);
  REQUIRE(pair.is_over());
  REQUIRE_FALSE(pair.is_awake(1));
  pair.run(0);
  CHECK(pair.is_awake(1));
  (void)pair.end();
}

// Between knowing when to look next and setting the alarm another worker may begin the quiesce.
TEST_CASE("the alarm that quiesce brings forward is not cleared by who knows nothing of it yet") {
  options how;
  how.first_byte_ms = how.idle_ms = how.send_stall_ms = 0;
  how.quiesce_hard_ms = 20'000;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, how);
  interruption in_front_of("lock");
  pair.watch_by(&in_front_of);
  serving.open = [&](connection& /*unused*/) {
    in_front_of.then = [&] {
      pair.quiesce();
      pair.turn(1);
    };
  };
  const auto& peer = pair.connect();
  pair.let_pass(pair.ms);
  pair.turn(0);
  REQUIRE_FALSE(in_front_of.then);
  pair.watch_by(nullptr);
  pair.go_on_for(1'000 * pair.ms);
  CHECK(peer.is_end_read());
  (void)pair.end();
}

namespace {

// A client that is answered with twice what its window takes, and reads nothing until it is told to.
struct slow_reader {
  slow_reader() : crew(serving, patient(), roomy()), peer(crew.connect()) {
    serving.receive = [this](connection& from, const buffer& /*unused*/) {
      ++requests;
      [[maybe_unused]] const auto refused = from.send(std::string(answer_size, 'x'));
    };
    crew.go_on_for(ms);
  }
  void read_all() {
    std::size_t size = 0;
    for (int reads = 0; reads < 8; ++reads) {
      size += crew.read(peer).size();
      crew.work();
      crew.let_pass(10);
    }
    REQUIRE(size == answer_size);
  }
  // Its second request, just in time behind what it has read.
  void ask_again() {
    crew.go_on_for(290 * ms);
    crew.say(peer, "second");
    crew.go_on_for(10 * ms);
  }

  static constexpr auto ms = simulated_crew::ms;
  static constexpr std::size_t window = port::sim::weather{}.receive_room;
  static constexpr std::size_t answer_size = 2 * window;
  std::size_t requests = 0;
  scripted_handler serving;
  simulated_crew crew;
  simulated_crew::tcp_end& peer;

 private:
  static options patient() {
    options how;
    how.quiesce_quiet_ms = 300;
    how.quiesce_cap_ms = 10'000;
    return how;
  }
  // The kernel takes all of the answer.
  static port::sim::weather roomy() {
    port::sim::weather sky;
    sky.send_room = 4U * sky.receive_room;
    return sky;
  }
};

}  // namespace

TEST_CASE("who has just read its answer has the quiet time for what it says next") {
  slow_reader of;
  of.crew.say(of.peer, "first");
  of.crew.go_on_for(1'000 * of.ms);
  of.crew.quiesce();
  of.crew.go_on_for(1'000 * of.ms);
  of.read_all();
  of.ask_again();
  CHECK(of.requests == 2);
  (void)of.crew.end();
}

TEST_CASE("who is answered in a quiesce, and reads slowly, has the quiet time behind that") {
  slow_reader of;
  of.crew.go_on_for(100 * of.ms);
  of.crew.quiesce();
  of.crew.go_on_for(10 * of.ms);
  of.crew.say(of.peer, "first");
  of.crew.go_on_for(280 * of.ms);
  of.read_all();
  of.ask_again();
  CHECK(of.requests == 2);
  (void)of.crew.end();
}

TEST_CASE("who reads on in a quiesce is let go a quiet time later") {
  slow_reader of;
  of.crew.say(of.peer, "request");
  of.crew.go_on_for(100 * of.ms);
  of.crew.quiesce();
  of.crew.go_on_for(20 * of.ms);
  of.read_all();
  of.crew.go_on_for(300 * of.ms);
  CHECK_FALSE(of.peer.in().has_fin_arrived);
  of.crew.go_on_for(180 * of.ms);
  CHECK(of.peer.in().has_fin_arrived);
  (void)of.crew.end();
}

TEST_CASE("a reset that no operation tells of keeps no quiesce waiting") {
  slow_reader of;
  of.serving.end = [](connection&) {};  // more of the answer is to come
  std::vector<ending_report> ends;
  of.serving.ended = [&](const ending_report& how) { ends.push_back(how); };
  of.crew.say(of.peer, "request");
  (void)of.crew.over.shutdown_send(of.peer);
  of.crew.go_on_for(100 * of.ms);
  of.crew.over.close(of.peer, port::close_mode::reset);
  of.crew.quiesce();
  of.crew.go_on_for(700 * of.ms);
  CHECK(of.crew.is_over());
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].cause == ending::peer_reset);
  CHECK(ends[0].native_error != 0);
  CHECK(ends[0].bytes.lost_out() == of.answer_size - of.window);
  (void)of.crew.end();
}

TEST_CASE(
    "nobody waits at quiesce for a dead peer to read on, though its handler listens no more") {
  slow_reader of;
  of.serving.receive = [answer = of.serving.receive](connection& from, buffer bytes) {
    answer(from, std::move(bytes));
    from.pause();
  };
  of.crew.say(of.peer, "request");
  of.crew.go_on_for(100 * of.ms);
  of.crew.over.close(of.peer, port::close_mode::reset);
  of.crew.quiesce();
  of.crew.go_on_for(900 * of.ms);
  CHECK(of.crew.is_over());
  CHECK(of.crew.end().ended(ending::peer_reset) == 1);
}

TEST_CASE("our end of stream waits for room in the peer's window as long as bytes do") {
  options how;
  how.confirm_ms = 500;
  how.send_stall_ms = 20'000;
  scripted_handler serving;
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    [[maybe_unused]] const auto refused =
        from.send(std::string(port::sim::weather{}.receive_room, 'x'));
  };
  std::vector<ending_report> ends;
  serving.ended = [&](const ending_report& how_it_was) { ends.push_back(how_it_was); };
  simulated_crew crew(serving, how);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "request");
  (void)crew.over.shutdown_send(peer);
  crew.go_on_for(5'000 * simulated_crew::ms);
  REQUIRE(ends.empty());
  CHECK(crew.read(peer).size() == port::sim::weather{}.receive_room);
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].cause == ending::clean_peer_first);
  CHECK(peer.is_end_read());
  (void)crew.end();
}
