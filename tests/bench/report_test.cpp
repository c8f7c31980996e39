// The tables for people and the JSON for programs: that they say what was found, and mark what is no difference.
#include "suite/report_text.hpp"

#include <nlohmann/json.hpp>

#include "fake_rounds.hpp"
#include "suite/report_json.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;
using lastbyte::test::contains;
using nlohmann::json;

namespace {

const std::vector<double> six_equal(6, 2.0);

standings example() {
  std::vector<double> slower(6, 2.1);
  return standings_of({record_of("limit-epoll", six_equal), record_of("lastbyte-epoll", slower),
                       record_of("libuv", slower), record_of("libevent", {9, 9})});
}

// The line that begins with this name.
std::string line_of(const std::string& table, const std::string& name) {
  const auto at = table.find("  " + name + " ");
  REQUIRE(at != std::string::npos);
  return table.substr(at, table.find('\n', at) - at);
}

json json_of(const findings& all) {
  return json::parse(report_json(all, suite_options{}, {"--quick"}));
}

}  // namespace

TEST_CASE("a row has rate, latencies, CPU, both ratios, both shares and the number of rounds") {
  const std::string table = report_text(example());
  CHECK(contains(table, "J1  ping-pong, 64 B, 50 connections; server CPU of a message\n"));
  const std::string row = line_of(table, "lastbyte-epoll");
  for (const char* each : {"100,000", "10.0", "20.0", "30.0", "2.100", "1.050 [1.050, 1.050]",
                           "1.000 [1.000, 1.000] tie", "90 %", "50 %"}) {
    INFO(each << " in " << row);
    CHECK(contains(row, each));
  }
  CHECK(row.ends_with(" 6"));
  CHECK(contains(table, "  best peer on its interface: libuv\n"));
}

TEST_CASE("a ratio that is no difference is marked as a tie, one that is unknown as undecided") {
  const std::vector<double> spread{1, 3, 1, 3, 1, 3};
  const auto undecided =
      standings_of({record_of("limit-epoll", spread), record_of("lastbyte-epoll", six_equal)});
  CHECK(contains(line_of(report_text(undecided), "lastbyte-epoll"), "] undecided"));
  CHECK(contains(report_text(undecided), "undecided: not every interval came within 1 % in time"));
  const auto tied =
      standings_of({record_of("limit-epoll", six_equal), record_of("lastbyte-epoll", six_equal)});
  CHECK(contains(line_of(report_text(tied), "lastbyte-epoll"), "1.000 [1.000, 1.000] tie"));
  CHECK_FALSE(contains(report_text(tied), "undecided"));
}

TEST_CASE("a real difference is marked as neither") {
  const std::string row = line_of(report_text(example()), "libuv");
  CHECK(contains(row, "1.050 [1.050, 1.050]"));
  CHECK_FALSE(contains(row, "tie"));
  CHECK_FALSE(contains(row, "undecided"));
}

TEST_CASE("a ratio from too few rounds has no interval and says so") {
  CHECK(contains(line_of(report_text(example()), "libevent"), "4.50 (too few rounds)"));
}

TEST_CASE("below a table stands what went wrong") {
  auto of = example();
  of.all[2].problem = "it fell over";
  of.all[3].is_far_behind = true;
  of.disturbed = 5;
  for (auto& each : of.all[1].rounds) each->was_client_bottleneck = true;
  const std::string table = report_text(of);
  CHECK(contains(table, "  libuv: it fell over\n"));
  CHECK(contains(table, "  libevent can't be the best peer: no further rounds\n"));
  CHECK(contains(table, "  5 rounds thrown away because something else used the processors\n"));
  CHECK(contains(table, "* the client had nothing left"));
  CHECK(contains(line_of(table, "lastbyte-epoll"), "50 % *"));
}

TEST_CASE("a server without a figure has an empty row") {
  const auto of =
      standings_of({record_of("limit-epoll", {}), record_of("lastbyte-epoll", six_equal)});
  CHECK(contains(report_text(of), "  limit-epoll"));
  CHECK(contains(line_of(report_text(of), "lastbyte-epoll"), "-"));
}

TEST_CASE("open connections are a table of memory, or a reason") {
  residences of;
  of.what = &job_named("J5");
  residence one;
  one.who = &contestant_named("lastbyte-uring");
  one.connections = 10'000;
  one.bytes_each = 220.4;
  one.bytes_in_all = 5U << 20U;
  of.all = {one, one};
  of.all[1].who = &contestant_named("libuv");
  of.all[1].problem = "connection 7: connect: Connection refused";
  const std::string table = report_text(of);
  const std::string row = line_of(table, "lastbyte-uring");
  CHECK(contains(row, "10,000"));
  CHECK(contains(row, "220"));
  CHECK(contains(row, "5.0"));
  CHECK(contains(table, "  libuv: connection 7: connect: Connection refused\n"));
  of.skipped = "too few files";
  CHECK(contains(report_text(of), "  skipped: too few files\n"));
}

TEST_CASE("the JSON has every round, every ratio and what is said about it") {
  findings all;
  all.contests.push_back(example());
  all.contests[0].all[2].rounds[1].reset();
  const json report = json_of(all);
  const json& contest = report["contests"][0];
  CHECK(contest["job"] == "J1");
  CHECK(contest["unit"] == "message");
  CHECK(contest["is_decided"] == true);
  CHECK(contest["disturbed_rounds"] == 0);
  REQUIRE(contest["servers"].size() == 4);
  const json& ours = contest["servers"][1];
  CHECK(ours["server"] == "lastbyte-epoll");
  CHECK(ours["problem"].is_null());
  CHECK(ours["median"]["server_cpu_us"] == Approx(2.1));
  CHECK(ours["to_limit"]["to"] == "limit-epoll");
  CHECK(ours["to_limit"]["ratio"].get<double>() == Approx(1.05));
  CHECK(ours["to_limit"]["low"].get<double>() == Approx(1.05));
  CHECK(ours["to_limit"]["judgement"] == "more");
  CHECK(ours["to_best_peer"]["to"] == "libuv");
  CHECK(ours["rounds"].size() == 6);
  for (const char* each : {"units_per_s", "server_cpu_us", "p50_us", "p99_us", "p999_us",
                           "server_share", "client_share", "was_client_bottleneck"}) {
    CHECK(ours["rounds"][0].contains(each));
  }
  CHECK(contest["servers"][0]["to_limit"].is_null());
  CHECK(contest["servers"][2]["rounds"][1].is_null());
}

TEST_CASE("the JSON says tie, undecided and too few rounds apart") {
  findings all;
  all.contests.push_back(
      standings_of({record_of("limit-epoll", six_equal), record_of("lastbyte-epoll", six_equal)}));
  all.contests.push_back(standings_of(
      {record_of("limit-epoll", {1, 3, 1, 3, 1, 3}), record_of("lastbyte-epoll", six_equal)}));
  all.contests.push_back(
      standings_of({record_of("limit-epoll", {2}), record_of("lastbyte-epoll", {3})}));
  const json report = json_of(all);
  const auto to_limit = [&](std::size_t which) {
    return report["contests"][which]["servers"][1]["to_limit"];
  };
  CHECK(to_limit(0)["judgement"] == "tie");
  CHECK(to_limit(1)["judgement"] == "undecided");
  CHECK(to_limit(2)["judgement"] == "undecided");
  CHECK(to_limit(2)["ratio"] == 1.5);
  CHECK(to_limit(2)["low"].is_null());
}

TEST_CASE("the JSON has memory, counts, clients and the environment") {
  findings all;
  residence one;
  one.who = &contestant_named("libuv");
  one.connections = 7;
  one.bytes_each = 286;
  all.open_connections.push_back({&job_named("J5"), "", {one}});
  counts counted;
  counted.who = &contestant_named("libuv");
  counted.what = &job_named("J2");
  counted.units = 10;
  counted.calls = {{"sendto", 12}};
  counted.instructions = 99.5;
  all.counted.push_back(counted);
  client_standings clients;
  clients.what = &job_named("J1");
  clients.server = &contestant_named("limit-uring");
  clients.ours = std::vector<double>(6, 95);
  clients.bare = std::vector<double>(6, 100);
  all.clients.push_back(clients);
  const json report = json_of(all);
  CHECK(report["open_connections"][0]["servers"][0]["bytes_each"] == 286);
  CHECK(report["open_connections"][0]["servers"][0]["cpu_share"].is_null());
  CHECK(report["counts"][0]["system_calls"]["sendto"] == 12);
  CHECK(report["counts"][0]["instructions_each"] == 99.5);
  CHECK(report["clients"][0]["server"] == "limit-uring");
  CHECK(report["clients"][0]["ratio"].get<double>() == Approx(0.95));
  CHECK(report["clients"][0]["reaches"] == false);
  CHECK(report["clients"][0]["messages_per_s"].size() == 6);
  CHECK(report["environment"]["command"] == json{"--quick"});
  for (const char* each :
       {"finished_at", "system", "cpu", "processors", "server_processor", "client_processor"}) {
    CHECK(report["environment"].contains(each));
  }
}
