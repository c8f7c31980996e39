// Commands of one thread to one connection, on the simulated port: there another worker can be let in between.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "interruption.hpp"
#include "simulated_crew.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

struct keeper : handler {
  void on_open(connection& opened) override {
    handles.push_back(opened.handle());
    if (pauses) opened.pause();
  }
  void on_receive(connection&, buffer) override {}
  std::vector<connection_handle> handles;
  bool pauses = false;
};

}  // namespace

TEST_CASE("sends of one thread arrive in their order, though another worker obeys the later one") {
  keeper serving;
  simulated_pair<port::sim::shared_port> pair(serving);
  interruption between("submit_send");
  pair.watch_by(&between);
  const auto go_on = [&] {
    for (int i = 0; i < 8; ++i) {
      pair.turn(0);
      pair.let_pass(1'000);
    }
  };
  go_on();
  auto& one = pair.connect();
  auto& other = pair.connect();
  go_on();
  REQUIRE(serving.handles.size() == 2);

  // One worker has both in hand, and is busy with the first; meanwhile the third comes to the other worker.
  REQUIRE_FALSE(serving.handles[0].send("-"));
  REQUIRE_FALSE(serving.handles[1].send("1"));
  between.then = [&] {
    REQUIRE_FALSE(serving.handles[1].send("2"));
    pair.turn(1);
  };
  go_on();
  CHECK(pair.read(one) + pair.read(other) == "-12");

  // One worker is about to bring the first to its connection; meanwhile the second comes to the other worker.
  interruption in_front_of("lock");
  pair.watch_by(&in_front_of);
  REQUIRE_FALSE(serving.handles[0].send("3"));
  in_front_of.then = [&] {
    REQUIRE_FALSE(serving.handles[0].send("4"));
    pair.turn(1);
  };
  go_on();
  CHECK(pair.read(one) == "34");

  (void)pair.end();
}

namespace {

// Says as much as the marks let it, once it is asked for the second time.
struct fills_when_asked : handler {
  static constexpr std::size_t block = 16U << 10U;
  static constexpr std::size_t all = 4U << 20U;
  void on_open(connection&) override {}
  void on_receive(connection& from, buffer) override {
    if (std::exchange(is_first, false)) {
      for (int i = 0; i < 12; ++i) say(from);  // below the mark
    } else {
      go_on(from);
    }
  }
  void on_send_low(connection& to) override { go_on(to); }
  void go_on(connection& to) {
    while (said < all && !to.above_high_mark()) say(to);
    if (said == all) to.close();
  }
  void say(connection& to) {
    (void)to.send(std::string(block, 'x'));
    said += block;
  }
  bool is_first = true;
  std::size_t said = 0;
};

}  // namespace

TEST_CASE("who met the mark is told to go on, though what it waits for came in the same round") {
  port::sim::weather narrow;
  narrow.send_room = 64U << 10U;
  narrow.receive_room = 32U << 10U;
  fills_when_asked serving;
  options chosen;
  chosen.idle_ms = 5'000;
  chosen.first_byte_ms = 0;
  simulated_pair<port::sim::shared_port> pair(serving, chosen, narrow);
  constexpr auto ms = pair.ms;
  pair.go_on_for(ms);
  auto& peer = pair.connect();
  pair.go_on_for(2 * ms);
  pair.say(peer, "1");
  pair.go_on_for(2 * ms);
  REQUIRE_FALSE(serving.is_first);

  // While the first worker owns the connection, in an alarm, the second one brings it the next request, and then the
  // end of the send.
  std::size_t got = 0;
  interruption between("witness");
  pair.watch_by(&between);
  between.then = [&] {
    pair.say(peer, "2");
    pair.let_pass(ms);
    pair.turn(1);
    for (int i = 0; i < 8; ++i) {
      got += pair.read(peer).size();
      pair.let_pass(ms);
    }
    pair.turn(1);
  };
  for (int i = 0; i < 10'000 && between.then; ++i) {
    pair.let_pass(ms);
    pair.turn(0);
  }
  REQUIRE_FALSE(between.then);
  for (int i = 0; i < 6'000 && got < fills_when_asked::all; ++i) {
    got += pair.read(peer).size();
    pair.go_on_for(ms);
  }
  CHECK(got == fills_when_asked::all);
  pair.watch_by(nullptr);
  (void)pair.end();
}

namespace {

// Whenever the first worker has submitted a send, something is sent again, and the second one brings that and the end
// of the send. At last it is aborted, if somebody says when.
struct never_done final : port::sim::spectator {
  never_done(simulated_pair<port::sim::shared_port>& both, connection_handle to)
      : pair(both), handle(std::move(to)) {}
  void on_call(std::string_view, void*, std::uint64_t) override {}
  void on_return(std::string_view what) override {
    if (what != "submit_send" || left == 0) return;
    --left;
    const auto refused = left == aborted_at ? handle.abort() : handle.send("x");
    REQUIRE_FALSE(refused);
    pair.turn(1);
  }
  void on_completion(const port::completion&) override {}
  simulated_pair<port::sim::shared_port>& pair;
  connection_handle handle;
  int left = 40;
  int aborted_at = -1;
};

}  // namespace

TEST_CASE("who always has mail is left for a turn, and nobody sleeps in front of the rest of it") {
  keeper serving;
  simulated_pair<port::sim::shared_port> pair(serving);
  pair.go_on_for(pair.ms);
  auto& peer = pair.connect();
  pair.go_on_for(2 * pair.ms);
  REQUIRE(serving.handles.size() == 1);
  never_done others(pair, serving.handles[0]);
  pair.watch_by(&others);
  REQUIRE_FALSE(serving.handles[0].send("x"));
  pair.turn(0);
  REQUIRE(others.left > 0);

  const auto said = std::string(std::size_t(41 - std::exchange(others.left, 0)), 'x');
  pair.turn(0);
  CHECK(pair.sleep() == 0);
  pair.watch_by(nullptr);
  pair.go_on_for(pair.ms);
  CHECK(pair.read(peer) == said);
  (void)pair.end();
}

TEST_CASE("who ends in the very round in which others would have their turn gives his place back") {
  keeper serving;
  serving.pauses = true;  // nothing is left to be cancelled
  simulated_pair<port::sim::shared_port> pair(serving);
  pair.go_on_for(pair.ms);
  (void)pair.connect();
  pair.go_on_for(2 * pair.ms);
  REQUIRE(serving.handles.size() == 1);
  never_done others(pair, serving.handles[0]);
  others.aborted_at = 40 - GENERATE(range(14, 20));
  pair.watch_by(&others);
  REQUIRE_FALSE(serving.handles[0].send("x"));
  for (int turns = 0; turns < 4; ++turns) pair.turn(0);
  pair.watch_by(nullptr);
  CHECK(pair.report().ended(ending::app_abort) == 1);
  (void)pair.end();  // and says so if not
}
