#include "server/connection_limit.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "simulated_crew.hpp"
#include "support/catch.hpp"
#include "support/other_threads.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;
using engine::connection_limit;
using answer = connection_limit::answer;

TEST_CASE("who asks first at the limit is told to tell the others") {
  connection_limit limit(2);
  CHECK(limit.ask() == answer::room);
  limit.enter();
  CHECK(limit.ask() == answer::room);
  limit.enter();
  CHECK(limit.ask() == answer::just_met);
  CHECK(limit.ask() == answer::met);
  CHECK(limit.leave());
  limit.enter();
  CHECK(limit.ask() == answer::just_met);
}

TEST_CASE("who leaves learns that the limit was met, once, and that there is room again") {
  connection_limit limit(2);
  limit.enter();
  limit.enter();
  CHECK_FALSE(limit.leave());  // nobody had looked
  limit.enter();
  REQUIRE(limit.ask() == answer::just_met);
  CHECK(limit.leave());
  CHECK(limit.ask() == answer::room);
  CHECK_FALSE(limit.leave());
}

// One meets the limit in the moment in which another leaves, and perhaps a third one finds room: for a while, as often
// as this machine can.
TEST_CASE("whoever waits at the limit is woken, however close the one who leaves is") {
  using clock = std::chrono::steady_clock;
  const bool asks_another = GENERATE(false, true);
  const auto over_at = clock::now() + std::chrono::seconds(2);
  connection_limit limit(1);
  occurrences bell;
  std::atomic<unsigned> entered = 0;
  std::atomic<bool> is_over = false;
  std::thread leaver([&] {
    for (unsigned left = 0; !is_over.load();) {
      if (entered.load() == left) continue;
      // A little later each time, so that every moment of the other's question is met.
      const unsigned most = asks_another ? 1'024 : 64;
      for (unsigned wait = left++ % most; wait != 0 && entered.load() != 0;) --wait;
      if (limit.leave()) bell.add();
    }
  });
  // Whoever takes back what he said wakes everybody, as whoever leaves.
  const auto finds_room = [&] {
    const answer said = limit.ask();
    if (said == answer::room_again) bell.add();
    return said == answer::room || said == answer::room_again;
  };
  std::thread another([&] {
    while (asks_another && !is_over.load()) (void)finds_room();
  });
  bool is_forgotten = false;
  std::size_t rings = 0;
  while (clock::now() < over_at && !is_forgotten) {
    limit.enter();
    ++entered;
    while (!finds_room() && !is_forgotten) is_forgotten = !bell.reaches(++rings);
  }
  is_over = true;
  leaver.join();
  another.join();
  CHECK_FALSE(is_forgotten);
}

// Somebody leaves while another one asks: as often as this machine can in a while.
TEST_CASE("who found room after all hides nothing from whoever meets the limit next") {
  using clock = std::chrono::steady_clock;
  const auto over_at = clock::now() + std::chrono::seconds(1);
  connection_limit limit(1);
  std::atomic<bool> is_full = false;
  std::atomic<bool> is_over = false;
  std::thread leaver([&] {
    for (unsigned left = 0; !is_over.load();) {
      if (!is_full.load()) continue;
      for (unsigned wait = left++ % 64; wait != 0 && is_full.load(); --wait) continue;
      (void)limit.leave();
      is_full = false;
    }
  });
  bool is_hidden = false;
  while (clock::now() < over_at && !is_hidden) {
    limit.enter();
    is_full = true;
    const answer first = limit.ask();
    while (is_full.load()) continue;
    // Nobody is in, and whoever was told of the limit was told of the room, too.
    limit.enter();
    const bool was_room = first == answer::room || first == answer::room_again;
    is_hidden = was_room && limit.ask() != answer::just_met;
    (void)limit.leave();
  }
  is_over = true;
  leaver.join();
  CHECK_FALSE(is_hidden);
}

TEST_CASE("no worker takes one more than the limit, also where another one has met it") {
  scripted_handler serving;
  options how;
  how.max_connections = 1;
  simulated_pair<port::sim::port> pair(serving, how);
  const auto settle = [&pair] {
    pair.let_pass(1'000);
    // Who sleeps is not there to see it.
    for (std::uint32_t i = 0; i < 2; ++i) {
      while (pair.is_awake(i)) pair.turn(i);
    }
  };
  settle();
  for (int clients = 0; clients < 16; ++clients) {
    (void)pair.connect();
    settle();
  }
  CHECK(pair.report().open == 1);
  (void)pair.end();
}

TEST_CASE("whoever was put aside leaves his place at the limit to the next") {
  options how;
  how.max_connections = 1;
  how.join_ms = 20;
  scripted_handler serving;
  serving.receive = [](connection& from, const buffer& /*unused*/) { from.abort(); };
  simulated_crew crew(serving, how, losing_operations_for(500 * simulated_crew::ms));
  auto& first = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(first, "abort");
  (void)crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.report().accepted == 1);
  crew.go_on_for(40 * simulated_crew::ms);
  REQUIRE(crew.report().quarantined == 1);
  CHECK(crew.report().accepted == 2);
  // What is stuck for ever would keep its memory for ever.
  crew.over.sky()[port::sim::fault::lost_operation] = 0;
  crew.go_on_for(500 * simulated_crew::ms);
  (void)crew.end();
}
