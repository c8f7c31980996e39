// A handler that takes its time takes it from nobody else: what begins behind it begins then.
#include <vector>

#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

// And then `idle` strikes.
options silent_for_a_second() {
  options how;
  how.idle_ms = 1'000;
  how.first_byte_ms = 0;
  return how;
}

}  // namespace

TEST_CASE("the peer has all of the drain's time, however long the handler took before close()") {
  scripted_handler serving;
  options how;
  how.drain_idle_ms = 500;
  how.drain_total_ms = 1'000;
  simulated_crew crew(serving, how);
  serving.receive = [&crew](connection& from, const buffer& /*unused*/) {
    crew.let_pass(2'000 * simulated_crew::ms);
    from.close();
  };
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "request");
  crew.go_on_for(400 * simulated_crew::ms);
  crew.say(peer, "more");
  crew.go_on_for(400 * simulated_crew::ms);
  (void)crew.over.shutdown_send(peer);
  crew.go_on_for(simulated_crew::ms);
  CHECK(crew.report().ended(ending::clean_local_first) == 1);
  CHECK(crew.end().unanswered == 4);
}

TEST_CASE("our end has all of its time to be acknowledged, however long the handler took before") {
  port::sim::weather far;
  far.latency_us = 30 * simulated_crew::ms;
  scripted_handler serving;
  simulated_crew crew(serving, {}, far);
  const bool says_close = GENERATE(true, false);
  serving.end = [&](connection& from) {
    crew.let_pass(2'100 * simulated_crew::ms);
    says_close ? from.close() : from.finish();
  };
  auto& peer = crew.connect();
  crew.go_on_for(200 * simulated_crew::ms);
  (void)crew.over.shutdown_send(peer);
  crew.go_on_for(200 * simulated_crew::ms);
  CHECK(crew.end().ended(ending::clean_peer_first) == 1);
}

TEST_CASE("who is accepted behind a slow handler has all of the time for its first byte") {
  scripted_handler serving;
  options how;
  how.first_byte_ms = 1'000;
  simulated_crew crew(serving, how);
  bool is_first = true;
  serving.open = [&](connection& /*unused*/) {
    if (std::exchange(is_first, false)) crew.let_pass(900 * simulated_crew::ms);
  };
  // Both in one batch.
  (void)crew.connect();
  (void)crew.connect();
  crew.let_pass(simulated_crew::ms);
  crew.turn();
  REQUIRE(crew.report().open == 2);
  crew.go_on_for(200 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::first_byte) == 1);
  crew.go_on_for(850 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::first_byte) == 2);
  (void)crew.end();
}

// One connection's handler takes its time in front of the news of another, whose own is quick, in one batch.
TEST_CASE("what a completion begins behind another one's slow handler begins behind it") {
  struct example {
    simulated_crew::micros took;
    bool closes;
    ending right;
  };
  const auto& [took, closes, right] =
      GENERATE(example{2'500 * simulated_crew::ms, false, ending::clean_peer_first},
               example{6'000 * simulated_crew::ms, true, ending::clean_local_first});
  port::sim::weather far;
  far.latency_us = 30 * simulated_crew::ms;
  far.send_room = 16U << 10U;
  far.receive_room = 8U << 10U;
  std::vector<ending> causes;
  scripted_handler serving;
  serving.ended = [&causes](const ending_report& how) { causes.push_back(how.cause); };
  simulated_crew crew(serving, {}, far);
  serving.receive = [&crew, took, closes](connection& from, const buffer& bytes) {
    if (bytes.text() == "slow") return crew.let_pass(took);
    crew.let_pass(2 * simulated_crew::ms);
    (void)from.send(bytes.text());
    if (closes) from.close();
  };
  auto& slow = crew.connect();
  auto& quick = crew.connect();
  crew.go_on_for(200 * simulated_crew::ms);
  crew.say(quick, "request");
  if (!closes) (void)crew.over.shutdown_send(quick);
  crew.let_pass(simulated_crew::ms);
  crew.say(slow, "slow");
  crew.let_pass(29'500);
  for (int turns = 0; turns < 3; ++turns) crew.turn();
  crew.go_on_for(70 * simulated_crew::ms);
  if (closes) {
    crew.say(quick, "goodbye");
    (void)crew.over.shutdown_send(quick);
  }
  crew.go_on_for(400 * simulated_crew::ms);
  REQUIRE(causes.size() == 1);
  CHECK(causes.front() == right);
  CHECK_FALSE(quick.got_reset);
  (void)crew.end();
}

TEST_CASE("whoever throws after a long time is joined like any other") {
  scripted_handler serving;
  options how;
  how.join_ms = 1'000;
  simulated_crew crew(serving, how, losing_operations_for(500 * simulated_crew::ms));
  serving.receive = [&crew](connection& /*unused*/, const buffer& /*unused*/) {
    crew.let_pass(2'000 * simulated_crew::ms);
    throw 1;
  };
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "request");
  crew.go_on_for(400 * simulated_crew::ms);
  CHECK(crew.report().quarantined == 0);
  crew.go_on_for(300 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::app_abort) == 1);
  CHECK(crew.end().quarantined == 0);
}

TEST_CASE("whose send fails behind another one's slow handler is joined like any other") {
  scripted_handler serving;
  options how;
  how.join_ms = 1'000;
  auto sky = losing_operations_for(500 * simulated_crew::ms);
  sky[port::sim::fault::refused_send] = 1'000'000;
  simulated_crew crew(serving, how, sky);
  auto& slow = crew.connect();
  auto& quick = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  serving.receive = [&](connection& from, const buffer& bytes) {
    if (bytes.text() == "slow") return crew.let_pass(2'000 * simulated_crew::ms);
    [[maybe_unused]] const auto refused = from.send("answer");
    crew.say(slow, "slow");  // in one batch with the failure, and in front of it
    crew.let_pass(simulated_crew::ms);
  };
  crew.say(quick, "request");
  crew.go_on_for(400 * simulated_crew::ms);
  CHECK(crew.report().quarantined == 0);
  crew.go_on_for(300 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::resources) == 1);
  CHECK(crew.end().quarantined == 0);
}

TEST_CASE("a worker sleeps no longer for the time that a handler took") {
  constexpr auto took = 900 * simulated_crew::ms;
  scripted_handler serving;
  simulated_crew crew(serving, silent_for_a_second());
  serving.receive = [&crew](connection& /*unused*/, const buffer& /*unused*/) {
    crew.let_pass(took);
  };
  (void)crew.connect();
  auto& speaker = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(speaker, "slow");
  crew.let_pass(simulated_crew::ms);
  crew.turn();
  crew.turn();
  // The silent one's second is nearly over.
  CHECK(crew.sleep() <= 110 * simulated_crew::ms);
  (void)crew.end();
}

TEST_CASE("where alarms are everybody's, they ring though who set them is held up") {
  constexpr auto ms = simulated_crew::ms;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, silent_for_a_second());
  // One goes to sleep before there is any connection; the other one serves it, and doesn't come back.
  pair.work(1);
  (void)pair.connect();
  pair.let_pass(ms);
  pair.work(0);
  REQUIRE(pair.report().open == 1);
  while (pair.over.now() < 1'300 * ms) {
    pair.over.run_until(pair.wakes_at(1).value());
    pair.turn(1);
  }
  CHECK(pair.report().ended(ending::idle) == 1);
  (void)pair.end();
}

TEST_CASE("nobody goes to sleep in front of an alarm that waits behind a slow handler") {
  constexpr auto ms = simulated_crew::ms;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, silent_for_a_second());
  serving.end = [](connection& /*unused*/) {};
  auto& one = pair.connect();
  auto& other = pair.connect();
  pair.go_on_for(2 * ms);
  for (auto* each : {&one, &other}) REQUIRE_FALSE(pair.over.shutdown_send(*each).failed());
  pair.go_on_for(2 * ms);  // and nothing is in flight, so that idle ends them at once
  REQUIRE(pair.report().open == 2);
  int ended = 0;
  simulated_crew::micros woken_at = 0;
  serving.ended = [&](const ending_report& /*unused*/) {
    if (++ended > 1) return;
    pair.turn(1);
    woken_at = pair.wakes_at(1).value_or(0);
  };
  while (ended == 0 && pair.over.now() < 1'300 * ms) {
    pair.let_pass(ms);
    pair.turn(0);
  }
  CHECK(woken_at == pair.over.now());
  CHECK(ended == 2);
  (void)pair.end();
}

TEST_CASE("whose alarm rings behind a slow handler is not judged by what nobody has heard yet") {
  port::sim::weather far;
  far.latency_us = 20 * simulated_crew::ms;
  far[port::sim::fault::early_receive] = 1'000'000;
  options how = silent_for_a_second();
  how.confirm_ms = 10;
  scripted_handler serving;
  serving.end = [](connection& from) { from.close(); };
  simulated_crew crew(serving, how, far);
  auto& finisher = crew.connect();
  crew.go_on_for(12 * simulated_crew::ms);
  auto& speaker = crew.connect();
  crew.go_on_for(88 * simulated_crew::ms);
  // Its alarm was set before that, and rings behind the other one's end: early, were it not for the handler.
  crew.say(speaker, "first");
  crew.go_on_for(885 * simulated_crew::ms);
  (void)crew.over.shutdown_send(finisher);
  crew.go_on_for(22 * simulated_crew::ms);
  serving.ended = [&](const ending_report& /*unused*/) {
    crew.say(speaker, "in time");
    crew.let_pass(300 * simulated_crew::ms);
  };
  crew.let_pass(35 * simulated_crew::ms);
  crew.turn();
  REQUIRE(crew.report().ended(ending::peer_vanished) == 1);
  crew.go_on_for(500 * simulated_crew::ms);
  CHECK(crew.report().ended(ending::idle) == 0);
  (void)crew.end();
}

TEST_CASE("where alarms surface anywhere, who waits behind a slow handler has all of its time") {
  constexpr auto ms = simulated_crew::ms;
  const auto took = GENERATE(2'000 * ms, 15 * 60 * 1'000 * ms);
  const bool says_close = GENERATE(false, true);
  port::sim::weather far;
  far.latency_us = 30 * ms;
  options how;
  how.send_stall_ms = 500;
  how.idle_ms = 0;
  how.first_byte_ms = 300;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, how, far);
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    // Meanwhile the other worker rings alarms.
    for (int i = 0; i < 200; ++i) {
      pair.let_pass(took / 200);
      pair.turn(1);
    }
    if (says_close) return from.close();
    (void)from.send("answer");
  };
  auto& peer = pair.connect();
  pair.go_on_for(200 * ms);
  pair.say(peer, "request");
  pair.let_pass(60 * ms);
  for (int i = 0; i < 400; ++i) {
    pair.turn(0);
    pair.let_pass(ms);
  }
  CHECK(pair.report().open == 1);
  CHECK_FALSE(peer.got_reset);
  (void)pair.end();
}

TEST_CASE("where news surface anywhere, nobody is silent whose news wait behind a slow handler") {
  constexpr auto ms = simulated_crew::ms;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, silent_for_a_second());
  std::size_t heard = 0;
  serving.receive = [&](connection& /*unused*/, const buffer& /*unused*/) {
    if (++heard != 1) return;
    // Meanwhile the other worker looks who is silent.
    for (const auto until = pair.over.now() + 1'500 * ms; pair.over.now() < until;) {
      pair.let_pass(100 * ms);
      pair.work(1);
    }
  };
  auto& one = pair.connect();
  auto& other = pair.connect();
  pair.let_pass(ms);
  pair.work(0);
  REQUIRE(pair.report().open == 2);
  for (auto* each : {&one, &other}) pair.say(*each, "news");
  pair.let_pass(ms);
  pair.turn(0);
  CHECK(heard == 2);
  CHECK(pair.report().ended(ending::idle) == 0);
  (void)pair.end();
}

TEST_CASE(
    "where alarms surface anywhere, quiesce closes nobody whose end waits behind a slow handler") {
  constexpr auto ms = simulated_crew::ms;
  // Somewhen between two looks at who is quiet.
  const auto shift = GENERATE(range<simulated_crew::micros>(0, 45, 5));
  options how;
  how.quiesce_quiet_ms = 160;
  scripted_handler serving;
  simulated_pair<port::sim::shared_port> pair(serving, how);
  serving.receive = [&](connection& /*unused*/, const buffer& bytes) {
    if (bytes.text() != "slow") return;
    // Meanwhile the other worker looks who is quiet.
    for (int i = 0; i < 10; ++i) {
      pair.let_pass(10 * ms);
      pair.turn(1);
    }
  };
  serving.end = [](connection& from) {
    (void)from.send("answer");
    from.close();
  };
  auto& slow = pair.connect();
  auto& quiet = pair.connect();
  pair.go_on_for(10 * ms);
  pair.quiesce();
  pair.go_on_for((100 + shift) * ms);
  for (auto* each : {&slow, &quiet}) pair.say(*each, "news");
  pair.go_on_for(161 * ms);
  pair.say(slow, "slow");
  (void)pair.over.shutdown_send(quiet);
  pair.let_pass(ms);
  pair.turn(0);
  pair.go_on_for(100 * ms);
  CHECK(pair.read(quiet) == "answer");
  (void)pair.end();
}
