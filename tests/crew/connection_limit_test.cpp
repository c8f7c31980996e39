#include "server/connection_limit.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <semaphore>
#include <string_view>
#include <thread>

#include "port/sim/codes.hpp"
#include "simulated_crew.hpp"
#include "support/catch.hpp"
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
  constexpr auto patience = std::chrono::seconds(20);
  connection_limit limit(1);
  std::counting_semaphore<> bell(0);
  std::atomic<unsigned> entered = 0;
  std::atomic<bool> is_over = false;
  std::thread leaver([&] {
    for (unsigned left = 0; !is_over.load();) {
      if (entered.load() == left) continue;
      // A little later each time, so that every moment of the other's question is met.
      const unsigned most = asks_another ? 1'024 : 64;
      for (unsigned wait = left++ % most; wait != 0 && entered.load() != 0;) --wait;
      if (limit.leave()) bell.release();
    }
  });
  std::thread another([&] {
    while (asks_another && !is_over.load()) (void)limit.ask();
  });
  bool is_forgotten = false;
  while (clock::now() < over_at && !is_forgotten) {
    limit.enter();
    ++entered;
    while (limit.ask() != answer::room && !is_forgotten)
      is_forgotten = !bell.try_acquire_for(patience);
  }
  is_over = true;
  leaver.join();
  another.join();
  CHECK_FALSE(is_forgotten);
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

TEST_CASE("while one listener waits after a failed accept, the others keep to the limit") {
  options how;
  how.listen = {*parse_endpoint("127.0.0.1:9000"), *parse_endpoint("127.0.0.1:9001")};
  how.max_connections = 1;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  auto& sky = crew.over.sky();
  sky[port::sim::fault::refused_accept] = 1'000'000;
  (void)crew.connect(0);
  crew.let_pass(simulated_crew::ms);
  crew.turn();
  sky[port::sim::fault::refused_accept] = 0;
  REQUIRE(crew.report().accept_failures == 1);
  // One after the other: a batch may bring a few that were under way when the limit struck.
  for (int i = 0; i < 40; ++i) {
    (void)crew.connect(1);
    crew.go_on_for(simulated_crew::ms);
  }
  CHECK(crew.report().open == 1);
  (void)crew.end();
}

TEST_CASE("however long there are no handles, accepting is tried each second") {
  scripted_handler serving;
  simulated_crew crew(serving);
  auto& sky = crew.over.sky();
  sky[port::sim::fault::refused_accept] = 1'000'000;
  (void)crew.connect();
  crew.go_on_for(20'000 * simulated_crew::ms);
  // 100, 200, 400 and 800 ms, then each second.
  CHECK(crew.report().accept_failures >= 20);
  CHECK(crew.report().accept_failures <= 24);
  sky[port::sim::fault::refused_accept] = 0;
  crew.go_on_for(1'010 * simulated_crew::ms);
  CHECK(crew.report().accepted == 1);
  (void)crew.end();
}

TEST_CASE("a listener that nobody waits at does not hurry the one that has no handles") {
  options how;
  how.listen = {*parse_endpoint("127.0.0.1:9000"), *parse_endpoint("127.0.0.1:9001")};
  how.quiesce_quiet_ms = 4'000;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  auto& sky = crew.over.sky();
  sky[port::sim::fault::refused_accept] = 1'000'000;
  (void)crew.connect(0);
  crew.go_on_for(5'000 * simulated_crew::ms);
  crew.quiesce();
  crew.go_on_for(10 * simulated_crew::ms);
  const auto failed = crew.report().accept_failures;
  crew.go_on_for(3'000 * simulated_crew::ms);
  CHECK(crew.report().accept_failures >= failed + 2);
  CHECK(crew.report().accept_failures <= failed + 4);
  sky[port::sim::fault::refused_accept] = 0;
  (void)crew.end();
}

namespace {

struct notice_counter final : observer {
  void on_notice(const notice& what) override {
    ++told[what.what];
    if (what.ended != nullptr) last_native = what.ended->native_error;
  }
  std::map<notice::kind, int> told;
  int last_native = 0;
};

}  // namespace

TEST_CASE("where a connection that was accepted can't be used, those behind it wait") {
  options how;
  how.accept_depth = 1;
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, how, {}, &watching);
  auto& sky = crew.over.sky();
  sky[port::sim::fault::refused_adoption] = 1'000'000;
  for (int i = 0; i < 30; ++i) (void)crew.connect();
  // Two each time, since two are on their way: it is tried at once, and after 100, 200 and 400 ms.
  crew.go_on_for(90 * simulated_crew::ms);
  CHECK(crew.report().accept_failures == 2);
  crew.go_on_for(400 * simulated_crew::ms);
  CHECK(crew.report().accept_failures == 6);
  CHECK(watching.last_native == port::sim::code::no_memory);
  sky[port::sim::fault::refused_adoption] = 0;
  crew.go_on_for(1'000 * simulated_crew::ms);
  const server_report report = crew.end();
  CHECK(report.accepted == 30);
  CHECK(report.endings[static_cast<std::size_t>(ending::resources)] == 6);
}

namespace {

// Until accepting is held back behind one that can't be used, none can.
struct refuses_first final : port::sim::spectator {
  explicit refuses_first(port::sim::weather& over) : sky(over) {
    sky[port::sim::fault::refused_adoption] = 1'000'000;
  }
  void on_call(std::string_view what, void* /*unused*/, std::uint64_t /*unused*/) override {
    if (what == "cancel_accept") sky[port::sim::fault::refused_adoption] = 0;
  }
  void on_return(std::string_view /*unused*/) override {}
  void on_completion(const port::completion& /*unused*/) override {}
  port::sim::weather& sky;
};

}  // namespace

TEST_CASE("who came together with one that can't be used does not end the wait behind it") {
  options how;
  how.accept_depth = 1;
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, how, {}, &watching);
  refuses_first between(crew.over.sky());
  crew.watch_by(&between);
  (void)crew.connect();
  (void)crew.connect();
  crew.go_on_for(50 * simulated_crew::ms);
  CHECK(crew.report().accept_failures == 1);
  CHECK(crew.report().open == 1);
  CHECK(watching.told[notice::kind::accept_paused] == 1);
  CHECK(watching.told[notice::kind::accept_resumed] == 0);
  crew.go_on_for(100 * simulated_crew::ms);
  (void)crew.connect();
  crew.go_on_for(50 * simulated_crew::ms);
  CHECK(watching.told[notice::kind::accept_paused] == 1);
  CHECK(watching.told[notice::kind::accept_resumed] == 1);
  crew.watch_by(nullptr);
  (void)crew.end();
}

TEST_CASE("a listener that lingers is no wait for memory: another's failure is told, and waits") {
  options how;
  how.listen = {*parse_endpoint("127.0.0.1:9000"), *parse_endpoint("127.0.0.1:9001")};
  how.accept_depth = 1;
  how.quiesce_quiet_ms = 4'000;
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, how, {}, &watching);
  for (int i = 0; i < 40; ++i) (void)crew.connect(1);
  crew.let_pass(simulated_crew::ms);
  crew.quiesce();
  for (int turns = 0; turns < 3; ++turns) crew.turn();
  REQUIRE(crew.report().accepted < 40);
  crew.over.sky()[port::sim::fault::refused_adoption] = 1'000'000;
  crew.go_on_for(50 * simulated_crew::ms);
  CHECK(watching.told[notice::kind::accept_paused] == 1);
  crew.over.sky()[port::sim::fault::refused_adoption] = 0;
  (void)crew.end();
}

TEST_CASE("each listener that was emptied lingers, not only the first of them") {
  options how;
  how.listen = {*parse_endpoint("127.0.0.1:9000"), *parse_endpoint("127.0.0.1:9001")};
  how.quiesce_quiet_ms = 4'000;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.go_on_for(50 * simulated_crew::ms);
  // A door that is closed says so at once.
  for (const std::size_t door : {0U, 1U}) {
    const auto& late = crew.connect(door);
    crew.go_on_for(10 * simulated_crew::ms);
    CHECK_FALSE(late.is_over);
  }
  (void)crew.end();
}

TEST_CASE("a listener lingers from the end of the grace time on") {
  options how;
  how.quiesce_grace_ms = 500;
  how.quiesce_quiet_ms = 300;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.go_on_for(600 * simulated_crew::ms);
  const auto& late = crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK_FALSE(late.is_over);
  (void)crew.end();
}

TEST_CASE("who is asked to connect behind the end says that it can't") {
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, {}, {}, &watching);
  crew.quiesce();
  crew.go_on_for(1'000 * simulated_crew::ms);
  REQUIRE(crew.is_over());
  crew.call();
  (void)crew.end();
  CHECK(watching.told[notice::kind::connect_refused] == 1);
  crew.call();
  CHECK(watching.told[notice::kind::connect_refused] == 2);
}

TEST_CASE("where there is no place for one who was accepted, those behind him wait for it") {
  options how;
  how.max_connections = 1;
  how.accept_depth = 1;
  how.join_ms = 20;
  constexpr std::uint64_t places = 1 + port::max_batch + 1;  // with those in passing
  scripted_handler serving;
  serving.receive = [](connection& from, const buffer& /*unused*/) { from.abort(); };
  simulated_crew crew(serving, how, losing_operations_for(3'000 * simulated_crew::ms));
  for (std::uint64_t i = 0; i < places; ++i) {
    auto& stuck = crew.connect();
    crew.go_on_for(simulated_crew::ms);
    crew.say(stuck, "abort");
    crew.go_on_for(40 * simulated_crew::ms);
  }
  REQUIRE(crew.report().quarantined == places);
  for (int i = 0; i < 30; ++i) (void)crew.connect();
  // Two each time, since two are on their way: it is tried at once, and after 100, 200 and 400 ms.
  crew.go_on_for(90 * simulated_crew::ms);
  CHECK(crew.report().accept_failures == 2);
  crew.go_on_for(400 * simulated_crew::ms);
  CHECK(crew.report().accept_failures == 6);
  // They come back.
  crew.over.sky()[port::sim::fault::lost_operation] = 0;
  crew.go_on_for(5'000 * simulated_crew::ms);
  CHECK(crew.report().accepted > places);
  (void)crew.end();
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
