// Listeners: which wait for whom behind a failure, in a quiesce, and at the connection limit.
#include <cstddef>
#include <cstdint>
#include <map>

#include "interruption.hpp"
#include "port/sim/codes.hpp"
#include "simulated_crew.hpp"
#include "support/catch.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

options two_doors() {
  options how;
  how.listen = {*parse_endpoint("127.0.0.1:9000"), *parse_endpoint("127.0.0.1:9001")};
  return how;
}

struct notice_counter final : observer {
  void on_notice(const notice& what) override {
    ++told[what.what];
    if (what.ended != nullptr) last_native = what.ended->native_error;
  }
  std::map<notice::kind, int> told;
  int last_native = 0;
};

}  // namespace

TEST_CASE("while one listener waits after a failed accept, the others keep to the limit") {
  options how = two_doors();
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
  options how = two_doors();
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

TEST_CASE("who came together with one that can't be used does not end the wait behind it") {
  options how;
  how.accept_depth = 1;
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, how, {}, &watching);
  std::uint32_t& refused = crew.over.sky()[port::sim::fault::refused_adoption];
  refused = 1'000'000;
  interruption between("cancel_accept");  // behind the first one
  between.then = [&refused] { refused = 0; };
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
  options how = two_doors();
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
  options how = two_doors();
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

TEST_CASE("a listener lingers until the cap at most") {
  options how;
  how.quiesce_quiet_ms = 4'000;
  how.quiesce_cap_ms = 100;
  scripted_handler serving;
  simulated_crew crew(serving, how);
  crew.quiesce();
  crew.go_on_for(90 * simulated_crew::ms);
  CHECK_FALSE(crew.is_over());
  crew.go_on_for(120 * simulated_crew::ms);
  CHECK(crew.is_over());
  (void)crew.end();
}

TEST_CASE("who had no handles before the end does not spin behind it") {
  scripted_handler serving;
  simulated_crew crew(serving, {}, losing_operations_for(5'000 * simulated_crew::ms));
  auto& sky = crew.over.sky();
  (void)crew.connect();
  crew.go_on_for(simulated_crew::ms);
  sky[port::sim::fault::refused_accept] = 1'000'000;
  (void)crew.connect();
  crew.go_on_for(simulated_crew::ms);
  REQUIRE(crew.report().accept_failures == 1);
  crew.stop();
  crew.go_on_for(200 * simulated_crew::ms);
  REQUIRE_FALSE(crew.is_over());
  CHECK(crew.sleep() > 0);
  crew.go_on_for(5'000 * simulated_crew::ms);  // it comes back
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

TEST_CASE("who is asked to connect, and has no place for that, says so") {
  options how;
  how.max_connections = 1;
  how.accept_depth = 1;
  constexpr int places = 1 + port::max_batch + 1;  // with those in passing
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, how, {}, &watching);
  for (int i = 0; i < places; ++i) crew.call();
  crew.turn();
  CHECK(watching.told[notice::kind::connect_refused] == 0);
  crew.call();
  crew.turn();
  CHECK(watching.told[notice::kind::connect_refused] >= 1);
  (void)crew.end();
}

TEST_CASE("who is asked to connect in the turn of the end does not begin to") {
  scripted_handler serving;
  notice_counter watching;
  simulated_crew crew(serving, {}, {}, &watching);
  crew.stop();
  crew.call();
  crew.turn();
  CHECK(watching.told[notice::kind::connect_refused] == 1);
  CHECK(crew.end().accepted == 0);
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
