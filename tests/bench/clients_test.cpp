// lastbyte-load against the bare client: when it is decided, and what is said. Nobody loads anything here.
#include "suite/clients.hpp"

#include "fake_rounds.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

player always(const round_result& result) {
  return [result](const contestant&, const job&, const timing&, const surroundings&) {
    return result;
  };
}

client_standings play(milliseconds most, const client_players& by) {
  progress shown = silent();
  return compare_clients(job_named("J1"), contestant_named("limit-uring"), {}, most, {}, shown, by);
}

client_standings with_rates(std::vector<double> ours, std::vector<double> bare) {
  client_standings made;
  made.what = &job_named("J1");
  made.server = &contestant_named("limit-uring");
  made.ours = std::move(ours);
  made.bare = std::move(bare);
  return made;
}

const std::vector<double> six_rates(6, 200'000);

std::string table_of(const client_standings& one) { return report_text(std::vector{one}); }

}  // namespace

TEST_CASE("clients are compared until the ratio of their rates is within 1 %") {
  const auto all = play(hours(1), {always(good(1, 210'000)), always(good(1, 200'000))});
  CHECK(all.ours.size() == 6);
  CHECK(all.bare.size() == 6);
  const auto found = rate_ratio(all);
  REQUIRE(found);
  CHECK(found->value == Approx(1.05));
  CHECK(reaches(all) == true);
}

TEST_CASE("clients whose time is over are undecided, with the pair under way") {
  const auto all = play(milliseconds(0), {always(good(1, 2)), always(good(1, 2))});
  CHECK(all.ours.size() == 1);
  CHECK_FALSE(reaches(all).has_value());
  CHECK(table_of(all).find("J1: undecided: the interval did not come within 1 % in time") !=
        std::string::npos);
}

TEST_CASE("each client goes first in every other round") {
  std::string order;
  const auto noting = [&order](char which) {
    return [&order, which](const contestant&, const job&, const timing&, const surroundings&) {
      order += which;
      return good(1);
    };
  };
  (void)play(hours(1), {noting('o'), noting('b')});
  CHECK(order == "obboobboobbo");
}

TEST_CASE("a pair counts only if both rounds were undisturbed") {
  std::size_t calls = 0;
  const auto all = play(milliseconds(0),
                        {[&](const contestant&, const job&, const timing&, const surroundings&) {
                           ++calls;
                           return disturbed();
                         },
                         always(good(1))});
  CHECK(calls == most_tries);
  CHECK(all.disturbed == most_tries);
  CHECK(all.ours.empty());
  CHECK(all.bare.empty());
  CHECK(table_of(all).find("4 rounds thrown away") != std::string::npos);
}

TEST_CASE("a client that fails twice ends the comparison, and is named") {
  const auto all = play(hours(1), {always(good(1)), always(wrong())});
  CHECK(all.problem == "bare client: bytes were lost");
  CHECK(table_of(all).find("J1: bare client: bytes were lost\n") != std::string::npos);
}

TEST_CASE("that lastbyte-load is slower is said plainly") {
  const auto slower = with_rates(std::vector<double>(6, 190'000), six_rates);
  CHECK(reaches(slower) == false);
  CHECK(table_of(slower).find("lastbyte-load does NOT reach the bare client's rate") !=
        std::string::npos);
  CHECK(table_of(slower).find("0.950 [0.950, 0.950]") != std::string::npos);
}

TEST_CASE("as fast as the bare client is a tie, and reaches it") {
  const auto equal = with_rates(six_rates, six_rates);
  CHECK(reaches(equal) == true);
  CHECK(table_of(equal).find("lastbyte-load reaches the bare client's rate: a tie") !=
        std::string::npos);
  const auto faster = with_rates(std::vector<double>(6, 220'000), six_rates);
  CHECK(table_of(faster).find("lastbyte-load reaches the bare client's rate\n") !=
        std::string::npos);
}

TEST_CASE("a wide interval is undecided even where the estimate is good") {
  const auto wide = with_rates({100, 300, 100, 300, 100, 300}, {200, 200, 200, 200, 200, 200});
  CHECK_FALSE(reaches(wide).has_value());
}

TEST_CASE("the bare client does ping-pong only") {
  CHECK(has_bare_client(job_named("J1")));
  CHECK(has_bare_client(job_named("J2")));
  for (const char* each : {"J3", "J4-client-first", "J4-server-first", "J5", "crowd-most"}) {
    CHECK_FALSE(has_bare_client(job_named(each)));
  }
}
