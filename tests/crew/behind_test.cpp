// A worker with more news than a batch holds: what it has not looked at is no silence.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "interruption.hpp"
#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

// The kernel's part of bytes is over when they come: nobody can ask it how many wait.
port::sim::weather taking_at_once() {
  port::sim::weather sky;
  sky[port::sim::fault::early_receive] = 1'000'000;
  return sky;
}

// Nothing ends a connection but its silence.
options with_idle(std::uint32_t ms) {
  options how;
  how.idle_ms = ms;
  how.first_byte_ms = 0;
  return how;
}

// A peer that takes longer to finish, or to acknowledge our end, has vanished.
options ending_within(std::uint32_t ms) {
  options how;
  how.drain_idle_ms = ms;
  how.confirm_ms = ms;
  return how;
}

// A network: an acknowledgement is not there at once.
port::sim::weather far_away() {
  port::sim::weather sky;
  sky.latency_us = 20 * simulated_crew::ms;
  return sky;
}

ending clean_ending(bool peer_is_first) {
  return peer_is_first ? ending::clean_peer_first : ending::clean_local_first;
}

struct listener_only : scripted_handler {
  void on_receive(connection& /*unused*/, buffer /*unused*/) override { ++heard; }
  std::size_t heard = 0;
};

// One of its clients has something to say in each turn.
void keep_busy(simulated_crew& crew, simulated_crew::tcp_end& speaker, int turns) {
  for (int said = 0; said < turns; ++said) {
    crew.say(speaker, "more");
    crew.let_pass(simulated_crew::ms);
    crew.turn();
  }
}

}  // namespace

TEST_CASE("quiesce takes nobody for quiet whose bytes wait behind a full batch") {
  // More than one batch, and many.
  const std::size_t clients = GENERATE(port::max_batch + 4, 64 * port::max_batch + 4);
  scripted_handler serving;
  options how;
  how.quiesce_quiet_ms = 16;  // so that it looks at all of them by then
  simulated_crew crew(serving, how, taking_at_once());
  std::vector<simulated_crew::tcp_end*> peers;
  const auto deal = [&] {
    for (std::size_t turns = 0; turns < clients / port::max_batch + 8; ++turns) {
      crew.let_pass(0);  // what happens now
      crew.turn();
    }
  };
  for (std::size_t i = 0; i < clients; ++i) peers.push_back(&crew.connect());
  crew.let_pass(simulated_crew::ms);
  deal();
  REQUIRE(crew.report().open == clients);

  // All have been silent for long, and speak just before the worker looks whom it may end.
  crew.let_pass(300 * simulated_crew::ms);
  crew.work();
  crew.quiesce();
  crew.turn();
  crew.let_pass(20 * simulated_crew::ms);
  for (auto* each : peers) crew.say(*each, "late");
  crew.let_pass(simulated_crew::ms);
  deal();
  crew.let_pass(simulated_crew::ms);
  for (const auto* each : peers) CHECK(each->unread() == 4);
  CHECK(crew.end().unanswered == 0);
}

TEST_CASE("what was asked before the signal, and lost once on the way, is answered") {
  // TCP sends it again after 200 ms at the soonest; before it the connection was silent for long.
  scripted_handler serving;
  simulated_crew crew(serving);
  auto& peer = crew.connect();
  crew.go_on_for(2'000 * simulated_crew::ms);
  crew.quiesce();
  crew.go_on_for(250 * simulated_crew::ms);
  crew.say(peer, "request");
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(peer.unread() == 7);
  CHECK(crew.report().open == 1);
  crew.go_on_for(400 * simulated_crew::ms);
  (void)crew.over.shutdown_send(peer);
  crew.go_on_for(10 * simulated_crew::ms);
  const server_report report = crew.end();
  CHECK(report.ended(ending::clean_local_first) == 1);
  CHECK(report.unanswered == 0);
}

TEST_CASE("quiesce waits for whoever has finished and still has bytes to send") {
  constexpr std::size_t much = 1U << 20U;
  scripted_handler serving;
  serving.open = [](connection& opened) {
    (void)opened.send(std::string(much, 'x'));
    opened.finish();
  };
  simulated_crew crew(serving);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.quiesce();
  // For longer than anybody may be quiet it reads nothing.
  crew.go_on_for(300 * simulated_crew::ms);
  REQUIRE(crew.report().open == 1);
  REQUIRE(crew.report().ended(ending::server_deadline) == 0);
  CHECK(peer.unread() < much);
  CHECK(crew.end().ended(ending::server_deadline) == 1);
}

TEST_CASE("a worker that was held up calls nobody silent whose bytes wait to be dealt") {
  constexpr std::size_t clients = port::max_batch + 4;
  listener_only serving;
  simulated_crew crew(serving, with_idle(1'000));
  std::vector<simulated_crew::tcp_end*> peers;
  for (std::size_t i = 0; i < clients; ++i) peers.push_back(&crew.connect());
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().open == clients);

  for (auto* each : peers) crew.say(*each, "in time");
  crew.let_pass(1'200 * simulated_crew::ms);
  crew.work();
  CHECK(crew.report().ended(ending::idle) == 0);
  CHECK(serving.heard == clients);
  // But who says nothing any more is found by the next look.
  crew.go_on_for(1'200 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::idle) == clients);
  (void)crew.end();
}

TEST_CASE("a slow command takes nobody else for silent who has spoken meanwhile") {
  constexpr std::size_t clients = port::max_batch + 4;
  scripted_handler serving;
  simulated_crew crew(serving, with_idle(500), taking_at_once());
  std::vector<simulated_crew::tcp_end*> peers;
  connection_handle held;
  std::size_t opened = 0;
  serving.open = [&opened](connection& from) { from.user_word() = opened++; };
  std::size_t heard = 0;
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    ++heard;
    if (from.user_word() != 0) return;
    held = from.handle();
    from.hold();
  };
  serving.end = [&](connection& from) {
    crew.let_pass(200 * simulated_crew::ms);
    for (auto* each : peers) crew.say(*each, "in time");
    crew.let_pass(500 * simulated_crew::ms);
    from.close();
  };
  auto& first = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(first, "request");
  (void)crew.over.shutdown_send(first);
  crew.go_on_for(simulated_crew::ms);
  for (std::size_t i = 0; i < clients; ++i) peers.push_back(&crew.connect());
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().open == clients + 1);

  heard = 0;
  REQUIRE_FALSE(held.release());
  crew.work();
  CHECK(heard == clients);
  CHECK(crew.report().ended(ending::idle) == 0);
  CHECK(crew.report().unanswered == 0);
  (void)crew.end();
}

namespace {

// When the first one has ended, that takes its time.
struct slow_farewell : handler {
  void on_open(connection& opened) override { opened.user_word() = count++; }
  void on_receive(connection& from, buffer bytes) override { (void)from.send(std::move(bytes)); }
  void on_ended(connection& ended, const ending_report& /*how*/) override {
    if (ended.user_word() != 0) return;
    take_time();
    ended.close();  // refused, and a look at the clock
  }
  std::function<void()> take_time;
  std::uint64_t count = 0;
};

// Lets somebody finish and then say nothing more, not even that he has our end of stream. Nothing of his is in flight when
// that deadline strikes: he ends in the middle of the others' alarms.
// @return when.
simulated_crew::micros first_vanishes_at(simulated_crew& crew, const options& how) {
  constexpr auto ms = simulated_crew::ms;
  auto& first = crew.connect();
  crew.go_on_for(ms);
  (void)crew.over.shutdown_send(first);
  crew.let_pass(ms);
  crew.over.stall(*first.link, crew.over.now() + 60'000 * ms);
  crew.work();
  return crew.over.now() + how.confirm_ms * ms;
}

}  // namespace

namespace {

// Many who may speak while the first one's end is told.
struct crowd_behind_a_farewell {
  crowd_behind_a_farewell()
      : crew(serving, how, taking_at_once()), first_ends_at(first_vanishes_at(crew, how)) {
    for (int i = 0; i < 32; ++i) peers.push_back(&crew.connect());
  }
  void all_say() {
    for (auto* each : peers) crew.say(*each, "more");
  }
  // From now on the farewell takes half a second, in which all speak.
  void slow_down() {
    serving.take_time = [this] {
      all_say();
      crew.let_pass(500 * simulated_crew::ms);
    };
  }

  options how = [] {
    options made;
    made.confirm_ms = 2'000;
    return made;
  }();
  slow_farewell serving;
  simulated_crew crew;
  simulated_crew::micros first_ends_at;
  std::vector<simulated_crew::tcp_end*> peers;
};

}  // namespace

TEST_CASE("quiesce takes nobody for quiet who has spoken while another one's end was told") {
  constexpr auto ms = simulated_crew::ms;
  crowd_behind_a_farewell all;
  simulated_crew& crew = all.crew;
  crew.go_on_for(10 * ms);
  crew.quiesce();
  while (crew.over.now() + 100 * ms < all.first_ends_at) {
    all.all_say();
    crew.go_on_for(50 * ms);
  }
  REQUIRE(crew.report().open == all.peers.size() + 1);
  all.slow_down();

  // Many look in this turn whether they are quiet.
  crew.let_pass(180 * ms);
  crew.work();
  REQUIRE(crew.report().ended(ending::peer_vanished) == 1);
  crew.go_on_for(10 * ms);
  CHECK(crew.end().unanswered == 0);
}

TEST_CASE("nor does quiesce count the time in which another one's end was told as heard") {
  constexpr auto ms = simulated_crew::ms;
  crowd_behind_a_farewell all;
  simulated_crew& crew = all.crew;
  all.slow_down();
  // They have been silent for long when the signal comes.
  crew.go_on_for(all.first_ends_at - 100 * ms - crew.over.now());
  crew.quiesce();
  crew.turn();
  crew.let_pass(180 * ms);
  crew.work();
  REQUIRE(crew.report().ended(ending::peer_vanished) == 1);
  crew.go_on_for(10 * ms);
  CHECK(crew.end().unanswered == 0);
}

TEST_CASE("nobody is put aside whose operation came back while another one's end was told") {
  constexpr auto ms = simulated_crew::ms;
  options how;
  how.confirm_ms = 2'000;
  how.first_byte_ms = 100;
  how.join_ms = 50;
  struct : slow_farewell {
    void on_open(connection& opened) override {
      slow_farewell::on_open(opened);
      handles.push_back(opened.handle());
    }
    std::vector<connection_handle> handles;
  } serving;
  simulated_crew crew(serving, how, taking_at_once());
  const auto first_ends_at = first_vanishes_at(crew, how);
  // Their alarms for the first byte ring just behind its end. By then they have been aborted, and are not back.
  constexpr int others = 8;
  crew.go_on_for(first_ends_at - crew.over.now() - 94 * ms);
  for (int i = 0; i < others; ++i) (void)crew.connect();
  crew.go_on_for(88 * ms);
  crew.over.sky()[port::sim::fault::late_cancel] = 1'000'000;
  crew.over.sky().lateness_us = 100 * ms;
  REQUIRE(serving.handles.size() == 1 + others);
  for (int i = 1; i <= others; ++i)
    REQUIRE_FALSE(serving.handles[static_cast<std::size_t>(i)].abort());
  crew.turn();
  serving.take_time = [&crew] { crew.let_pass(300 * ms); };

  crew.let_pass(16 * ms);
  REQUIRE(crew.report().open > 4);
  for (int turns = 0; turns < 8; ++turns) {
    crew.turn();
    CHECK(crew.report().quarantined == 0);
  }
  REQUIRE(crew.report().ended(ending::peer_vanished) == 1);
  crew.go_on_for(10 * ms);
  CHECK(crew.end().ended(ending::app_abort) == others);
}

TEST_CASE("who woke up for nothing calls nobody silent whose bytes the kernel holds") {
  listener_only serving;
  simulated_crew crew(serving, with_idle(500));
  auto& peer = crew.connect();
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().open == 1);
  crew.over.sky()[port::sim::fault::idle_dequeue] = 1'000'000;
  crew.say(peer, "in time");
  crew.go_on_for(600 * simulated_crew::ms);
  crew.over.sky()[port::sim::fault::idle_dequeue] = 0;
  crew.work();
  CHECK(serving.heard == 1);
  CHECK(crew.report().ended(ending::idle) == 0);
  (void)crew.end();
}

TEST_CASE("a worker that was held up calls nobody silent whose end a short batch has left behind") {
  listener_only serving;
  simulated_crew crew(serving, with_idle(1'000));
  auto& speaker = crew.connect();
  auto& finisher = crew.connect();
  crew.go_on_for(100 * simulated_crew::ms);
  REQUIRE(crew.report().open == 2);

  crew.over.sky()[port::sim::fault::short_batch] = 1'000'000;
  crew.say(speaker, "in time");
  (void)crew.over.shutdown_send(finisher);
  crew.let_pass(1'200 * simulated_crew::ms);
  crew.work();
  CHECK(crew.report().ended(ending::idle) == 0);
  CHECK(crew.end().ended(ending::clean_peer_first) == 1);
}

TEST_CASE("a worker that always has something to deal with looks at its alarms all the same") {
  listener_only serving;
  simulated_crew crew(serving, with_idle(1'000));
  (void)crew.connect();
  auto& speaker = crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(crew.report().open == 2);
  keep_busy(crew, speaker, 4'000);
  CHECK(crew.report().ended(ending::idle) == 1);
  CHECK(crew.report().open == 1);
  (void)crew.end();
}

TEST_CASE("what comes while a worker goes to sleep is counted from when it came") {
  listener_only serving;
  simulated_pair<port::sim::shared_port> pair(serving, with_idle(1'000));
  auto& peer = pair.connect();
  pair.go_on_for(pair.ms);
  REQUIRE(pair.report().open == 1);
  interruption behind_its_clock("lock");
  behind_its_clock.then = [&] {
    pair.let_pass(700 * pair.ms);
    pair.say(peer, "just now");
    pair.let_pass(pair.ms);
  };
  pair.watch_by(&behind_its_clock);
  pair.turn(0);
  pair.watch_by(nullptr);
  REQUIRE(serving.heard == 1);
  pair.go_on_for(990 * pair.ms);
  CHECK(pair.report().ended(ending::idle) == 0);
  pair.go_on_for(30 * pair.ms);
  CHECK(pair.report().ended(ending::idle) == 1);
  (void)pair.end();
}

TEST_CASE("at the hard deadline nobody waits for a worker that always has something to deal with") {
  listener_only serving;
  serving.open = [](connection& with) { with.hold(); };
  options how = with_idle(0);
  how.quiesce_cap_ms = how.quiesce_hard_ms = 100;
  simulated_crew crew(serving, how);
  (void)crew.connect();
  auto& speaker = crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(crew.report().open == 2);
  crew.quiesce();
  keep_busy(crew, speaker, 110);
  CHECK(crew.report().ended(ending::server_deadline) == 2);
  (void)crew.end();
}

TEST_CASE("who has had news all the time calls nobody silent whose bytes wait behind two batches") {
  listener_only serving;
  simulated_crew crew(serving, with_idle(4'000), taking_at_once());
  std::vector<simulated_crew::tcp_end*> peers;
  for (std::size_t i = 0; i < 3 * port::max_batch; ++i) peers.push_back(&crew.connect());
  auto& speaker = crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(crew.report().open == peers.size() + 1);
  // So long that all that could wait when it began has been dealt with.
  keep_busy(crew, speaker, 2'000);

  for (auto* each : peers) crew.say(*each, "in time");
  crew.let_pass(3'000 * simulated_crew::ms);
  for (int turns = 0; turns < 8; ++turns) crew.turn();
  CHECK(crew.report().ended(ending::idle) == 0);
  (void)crew.end();
}

TEST_CASE("who has had news all the time has heard only what had come when a sweep began") {
  constexpr auto ms = simulated_crew::ms;
  // As many as make a sweep longer than their own news are: it ends while the end of somebody waits behind theirs.
  constexpr std::size_t talkers = 600;
  constexpr std::size_t talkers_turns = talkers / port::max_batch;
  constexpr std::size_t ends_at =
      60;  // turns; its silence is over 15 later, and the sweep at about 92
  listener_only serving;
  serving.end = [](connection& who) { who.close(); };
  options how = with_idle(1'000);
  simulated_crew crew(serving, how);
  auto& silent = crew.connect();
  crew.turn();
  std::vector<simulated_crew::tcp_end*> peers;
  for (std::size_t i = 0; i < talkers; ++i) peers.push_back(&crew.connect());
  crew.go_on_for(10 * ms);
  REQUIRE(crew.report().open == talkers + 1);
  crew.let_pass((how.idle_ms - 10 - ends_at - 15) * ms);
  crew.turn();
  REQUIRE(crew.report().open == talkers + 1);

  // Each speaks again once it was heard.
  std::size_t next = 0;
  for (auto* each : peers) crew.say(*each, "word");
  for (std::size_t turns = 0; turns < ends_at + talkers_turns; ++turns) {
    if (turns == ends_at) (void)crew.over.shutdown_send(silent);
    crew.let_pass(ms);
    crew.turn();
    for (std::size_t i = 0; i < port::max_batch; ++i) crew.say(*peers[next++ % talkers], "word");
  }
  crew.go_on_for(20 * ms);
  CHECK(crew.report().ended(ending::idle) == 0);
  CHECK(crew.report().ended(ending::clean_peer_first) == 1);
  (void)crew.end();
}

TEST_CASE("a handler that works on behind close() or finish() takes none of its peer's time") {
  constexpr auto ms = simulated_crew::ms;
  const bool peer_is_first = GENERATE(false, true);
  scripted_handler serving;
  simulated_crew crew(serving, ending_within(1'000), far_away());
  const auto close_and_work = [&crew](connection& from) {
    from.close();
    crew.let_pass(3'000 * ms);
  };
  serving.receive = [&](connection& from, const buffer& /*unused*/) { close_and_work(from); };
  serving.end = close_and_work;
  auto& peer = crew.connect();
  crew.go_on_for(100 * ms);
  if (peer_is_first) {
    (void)crew.over.shutdown_send(peer);
    crew.go_on_for(200 * ms);
  } else {
    crew.say(peer, "request");
    crew.go_on_for(500 * ms);
    (void)crew.over.shutdown_send(peer);
    crew.go_on_for(200 * ms);
  }
  CHECK(crew.report().ended(clean_ending(peer_is_first)) == 1);
  (void)crew.end();
}

TEST_CASE("what a slow handler of another one has ended has all of its time") {
  constexpr auto ms = simulated_crew::ms;
  const bool peer_is_first = GENERATE(false, true);
  scripted_handler serving;
  simulated_crew crew(serving, ending_within(1'000), far_away());
  connection_handle ended;
  serving.open = [&, is_first = true](connection& from) mutable {
    if (std::exchange(is_first, false)) ended = from.handle();
  };
  serving.end = [](connection& /*unused*/) {};
  serving.receive = [&](connection& /*other*/, const buffer& /*unused*/) {
    crew.let_pass(3'000 * ms);
    REQUIRE_FALSE((peer_is_first ? ended.finish() : ended.close()));
  };
  auto& peer = crew.connect();
  crew.go_on_for(100 * ms);
  auto& other = crew.connect();
  crew.go_on_for(100 * ms);
  if (peer_is_first) (void)crew.over.shutdown_send(peer);
  crew.go_on_for(100 * ms);
  crew.say(other, "request");
  crew.go_on_for(500 * ms);
  if (!peer_is_first) (void)crew.over.shutdown_send(peer);
  crew.go_on_for(200 * ms);
  CHECK(crew.report().ended(clean_ending(peer_is_first)) == 1);
  (void)crew.end();
}

TEST_CASE("who is listened to again behind a slow handler of another one has all of his time") {
  constexpr auto ms = simulated_crew::ms;
  const options how = with_idle(1'000);
  scripted_handler serving;
  simulated_crew crew(serving, how);
  connection_handle paused;
  std::size_t opened = 0;
  serving.open = [&](connection& from) {
    if (opened++ != 0) return;
    paused = from.handle();
    from.pause();
  };
  serving.receive = [&, is_slow = true](connection& /*other*/, const buffer& /*unused*/) mutable {
    if (!std::exchange(is_slow, false)) return;
    crew.let_pass(900 * ms);
    REQUIRE_FALSE(paused.resume());
  };
  (void)crew.connect();
  crew.go_on_for(ms);
  auto& other = crew.connect();
  crew.go_on_for(ms);
  crew.say(other, "request");
  crew.let_pass(ms);
  crew.turn();
  const auto resumed_at = crew.over.now();
  while (crew.report().open == 2 && crew.over.now() < resumed_at + 2'000 * ms)
    keep_busy(crew, other, 1);
  CHECK(crew.over.now() >= resumed_at + how.idle_ms * ms);
  (void)crew.end();
}
