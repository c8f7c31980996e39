// When a contest stops, who is the best, and what becomes of rounds that went wrong. Nobody serves here.
#include "suite/contest.hpp"

#include "fake_rounds.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

const std::vector<const contestant*> limit_and_ours{&contestant_named("limit-epoll"),
                                                    &contestant_named("lastbyte-epoll")};

standings play(const std::vector<const contestant*>& who, milliseconds most, const player& by) {
  progress shown = silent();
  return run_contest(job_named("J1"), who, {}, most, {}, shown, by);
}

// 0, 1 percent up, 1 percent down, ...: by the number of rounds that were asked for.
double wobble(std::size_t round, double by) {
  return 1 + by * (static_cast<double>(round % 3) - 1);
}

}  // namespace

TEST_CASE("a contest stops as soon as every interval is within 1 %") {
  std::map<std::string_view, std::size_t> rounds;
  const auto all = play(limit_and_ours, hours(1),
                        [&](const contestant& who, const job&, const timing&, const surroundings&) {
                          ++rounds[who.name];
                          return good(who.is == role::limit ? 2.0 : 2.1);
                        });
  CHECK(all.is_decided);
  // Six pairs are the fewest that have an interval.
  CHECK(rounds["limit-epoll"] == 6);
  CHECK(rounds["lastbyte-epoll"] == 6);
  const auto found = cpu_ratio(all.all[1], all.all[0]);
  REQUIRE(found);
  CHECK(found->value == Approx(1.05));
}

TEST_CASE("a contest goes on while an interval is wider than 1 %") {
  std::map<std::string_view, std::size_t> rounds;
  const auto all = play(limit_and_ours, hours(1),
                        [&](const contestant& who, const job&, const timing&, const surroundings&) {
                          const std::size_t round = rounds[who.name]++;
                          return good(who.is == role::limit ? 2.0 : 2.0 * wobble(round, 0.03));
                        });
  CHECK(all.is_decided);
  CHECK(all.all[1].rounds.size() > 6);
  const auto found = cpu_ratio(all.all[1], all.all[0]);
  REQUIRE(found);
  CHECK(found->half_width() <= wanted_half_width);
}

TEST_CASE("a contest whose time is over stops behind the round under way, undecided") {
  std::size_t rounds = 0;
  const auto all = play(limit_and_ours, milliseconds(0),
                        [&](const contestant&, const job&, const timing&, const surroundings&) {
                          ++rounds;
                          return good(2);
                        });
  CHECK_FALSE(all.is_decided);
  CHECK(rounds == 2);
}

TEST_CASE("the order of the servers is reversed in every other round") {
  std::string order;
  (void)play(limit_and_ours, hours(1),
             [&](const contestant& who, const job&, const timing&, const surroundings&) {
               order += who.is == role::limit ? 'l' : 'o';
               return good(2);
             });
  CHECK(order == "loolloollool");
}

TEST_CASE("a disturbed round is thrown away, counted and played again") {
  std::size_t calls = 0;
  const auto all = play(limit_and_ours, hours(1),
                        [&](const contestant&, const job&, const timing&, const surroundings&) {
                          return ++calls == 3 ? disturbed() : good(2);
                        });
  CHECK(all.disturbed == 1);
  CHECK(all.last_disturbance == "something else ran");
  CHECK(all.is_decided);
  CHECK(calls == 13);
}

TEST_CASE(
    "a server whose rounds are all disturbed goes without a figure, and the contest with it") {
  std::size_t calls = 0;
  const auto all = play(limit_and_ours, milliseconds(0),
                        [&](const contestant&, const job&, const timing&, const surroundings&) {
                          ++calls;
                          return disturbed();
                        });
  CHECK(calls == 2 * most_tries);
  CHECK_FALSE(typical(all.all[0]));
  CHECK(all.all[0].problem.empty());
  CHECK_FALSE(all.is_decided);
}

TEST_CASE("a server that is wrong twice in a row takes no further part, and says why") {
  std::map<std::string_view, std::size_t> calls;
  const auto all = play(limit_and_ours, hours(1),
                        [&](const contestant& who, const job&, const timing&, const surroundings&) {
                          ++calls[who.name];
                          return who.is == role::limit ? wrong() : good(2);
                        });
  CHECK(all.all[0].problem == "bytes were lost");
  CHECK(calls["limit-epoll"] == 2);
}

TEST_CASE("a server that is wrong once is given another try") {
  std::size_t calls = 0;
  const auto all = play(limit_and_ours, hours(1),
                        [&](const contestant&, const job&, const timing&, const surroundings&) {
                          return ++calls == 1 ? wrong() : good(2);
                        });
  CHECK(all.all[0].problem.empty());
  CHECK(all.is_decided);
}

TEST_CASE("a contest ends when nobody takes part any more") {
  const auto all = play(
      limit_and_ours, hours(1),
      [](const contestant&, const job&, const timing&, const surroundings&) { return wrong(); });
  CHECK_FALSE(all.is_decided);
  CHECK(all.all[1].problem == "bytes were lost");
}

TEST_CASE("the best peer is the one that spends least on a unit, and never one with a problem") {
  auto all = standings_of({record_of("lastbyte-epoll", {1}), record_of("libuv", {2.2}),
                           record_of("asio-epoll", {2.1}), record_of("libevent", {1.9})});
  const contestant& ours = *all.all[0].who;
  REQUIRE(best_peer(all, ours) != nullptr);
  CHECK(best_peer(all, ours)->who->name == "libevent");
  all.all[3].problem = "it fell over";
  CHECK(best_peer(all, ours)->who->name == "asio-epoll");
  CHECK(best_peer(standings_of({record_of("lastbyte-epoll", {1})}), ours) == nullptr);
}

TEST_CASE("the best peer is one on the same interface") {
  const auto all = standings_of({record_of("lastbyte-uring", {1}), record_of("lastbyte-epoll", {1}),
                                 record_of("asio-uring", {2}), record_of("libuv", {1.5})});
  REQUIRE(best_peer(all, *all.all[0].who) != nullptr);
  CHECK(best_peer(all, *all.all[0].who)->who->name == "asio-uring");
  REQUIRE(best_peer(all, *all.all[1].who) != nullptr);
  CHECK(best_peer(all, *all.all[1].who)->who->name == "libuv");
}

TEST_CASE("a peer is not dropped for being behind one on another interface") {
  auto all = standings_of({record_of("asio-uring", {9, 9}), record_of("libuv", {2, 2})});
  drop_far_behind(all);
  CHECK_FALSE(all.all[0].is_far_behind);
}

TEST_CASE("a peer that is far behind the best one is dropped, behind two rounds, and only a peer") {
  auto early = standings_of({record_of("libuv", {2}), record_of("libevent", {9})});
  drop_far_behind(early);
  CHECK_FALSE(early.all[1].is_far_behind);
  auto late =
      standings_of({record_of("libuv", {2, 2}), record_of("libevent", {9, 9}),
                    record_of("asio-epoll", {2.1, 2.1}), record_of("lastbyte-epoll", {9, 9})});
  drop_far_behind(late);
  CHECK_FALSE(late.all[0].is_far_behind);
  CHECK(late.all[1].is_far_behind);
  CHECK_FALSE(late.all[2].is_far_behind);
  CHECK_FALSE(late.all[3].is_far_behind);
}

TEST_CASE("ratios are of rounds that both have") {
  record ours = record_of("lastbyte-epoll", {2, 2, 2, 2, 2, 2, 50});
  record limit = record_of("limit-epoll", {1, 1, 1, 1, 1, 1, 1});
  limit.rounds[6].reset();
  const auto found = cpu_ratio(ours, limit);
  REQUIRE(found);
  CHECK(found->value == Approx(2));
  CHECK(found->high == Approx(2));
  CHECK(rough_cpu_ratio(record_of("libuv", {3}), record_of("libevent", {2})) == Approx(1.5));
  CHECK_FALSE(rough_cpu_ratio(record_of("libuv", {}), record_of("libevent", {2})));
}

TEST_CASE(
    "a contest is decided only if ours is known against its limit and against the best peer") {
  const std::vector<double> six(6, 2.0);
  const std::vector<double> spread{1, 3, 1, 3, 1, 3};
  CHECK(is_decided(standings_of(
      {record_of("limit-epoll", six), record_of("lastbyte-epoll", six), record_of("libuv", six)})));
  CHECK_FALSE(is_decided(
      standings_of({record_of("limit-epoll", spread), record_of("lastbyte-epoll", six)})));
  CHECK_FALSE(
      is_decided(standings_of({record_of("limit-epoll", six), record_of("lastbyte-epoll", six),
                               record_of("libuv", spread)})));
  CHECK_FALSE(is_decided(standings_of({record_of("limit-epoll", six)})));
}

TEST_CASE("typical figures are medians, each for itself") {
  record of = record_of("libuv", {1, 5, 3});
  of.rounds[0]->p99_us = 100;
  of.rounds.emplace_back();
  const auto found = typical(of);
  REQUIRE(found);
  CHECK(found->cpu_us == 3);
  CHECK(found->p99_us == 20);
  CHECK_FALSE(found->was_client_bottleneck);
}
