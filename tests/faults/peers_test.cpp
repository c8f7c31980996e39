// Peers and an operator that do their worst, while others want to be served.
#include <algorithm>
#include <csignal>
#include <cstdio>

#include "end_to_end/daemon_test.hpp"
#include "faults/program.hpp"

namespace lastbyte::test {
namespace {

// A client program of ours under load: `lastbyte-load`, which verifies every byte.
std::vector<std::string> load_command(const daemon& to) {
  return {LASTBYTE_LOAD, to_string(to.where()), "-c",    "8", "-d", "1s", "-s", "16k", "-P",
          "4",           "--fail-on",           "lost=0"};
}

DAEMON_TEST("a peer that is stopped and continued in mid-transfer loses nothing") {
  auto& server = at.start();
  const temporary_folder folder;
  child_process peer(load_command(server), folder.file("out"), folder.file("err"));
  // In the middle of its second: only time can tell.
  REQUIRE_FALSE(peer.wait(time_limit(milliseconds(400))));
  peer.signal(SIGSTOP);
  CHECK_FALSE(peer.wait(time_limit(milliseconds(400))));
  peer.signal(SIGCONT);
  const auto code = peer.wait(time_limit(at.scaled(seconds(20))));
  INFO(read_file(folder.file("out")) << read_file(folder.file("err")));
  CHECK(code == 0);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  check_no_resets(at.resets);
}

DAEMON_TEST("a peer that is stopped for longer than the stall deadline ends as a slow reader") {
  auto& server =
      at.start({"--send-stall", "1s", "--protocol", "chargen", "--chargen-bytes", "1099511627776"});
  const temporary_folder folder;
  const std::string where = "/dev/tcp/127.0.0.1/" + std::to_string(server.where().tcp_port);
  child_process peer({"bash", "-c", "exec 3<>" + where + "; exec cat <&3 >/dev/null"},
                     folder.file("out"), folder.file("err"));
  // In the middle of it, as it has no end.
  REQUIRE_FALSE(peer.wait(time_limit(milliseconds(300))));
  peer.signal(SIGSTOP);
  server.await_log("cause=slow_reader", 1, at.scaled(seconds(10)));
  peer.signal(SIGCONT);
  CHECK(peer.wait(time_limit(at.scaled(seconds(10)))) == 1);
  CHECK(read_file(folder.file("err")).find("reset") != std::string::npos);
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("slow_reader") == 1);
  CHECK(told.of("lost_out") > 0);
  CHECK(told.of("unknown_out") == 0);
}

DAEMON_TEST("a file limit that is lifted lets everybody in", "[case-18]") {
  auto& server = at.start();
  crowd first(server.where(), 10, {.to_send = 100, .half_closes = false});
  first.run_until("its echo", [](const client& each) { return each.received() == 100; });
  server.limit_open_files(server.open_files());
  crowd later(server.where(), 30, {.to_send = 100});
  server.await_log("cannot accept");
  server.limit_open_files(1'000);
  later.run_until_over(at.scaled(seconds(10)));
  check_whole_echo(later);
  server.await_log("accepting again");
  first.each_wants([](client::plan& wants) { wants.half_closes = true; });
  first.run_until_over();
  check_whole_echo(first);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("accepted") == 40);
  check_no_resets(at.resets);
}

// How long each of its small messages took to come back, one after the other.
std::vector<milliseconds> ping_pong(crowd& all, int rounds, milliseconds limit) {
  std::vector<milliseconds> took;
  for (int round = 0; round < rounds; ++round) {
    for (auto& each : all.members) each.wants.to_send += 64;
    const stopwatch since_asked;
    all.run_until(
        "its answer", [](const client& each) { return each.received() == each.wants.to_send; },
        limit);
    took.push_back(since_asked.passed());
  }
  std::sort(took.begin(), took.end());
  return took;
}

DAEMON_TEST(
    "thousands of silent clients and a slow attack leave others served within their deadlines",
    "[case-19]") {
  constexpr std::size_t silent_count = 2'000;
  if (const auto missing = make_room_for(silent_count); !missing.empty()) return skip(missing);
  auto& server = at.start({"--first-byte", "2s", "--idle", "2s", "--log-endings", "none"});
  crowd lively(server.where(), 8, {.half_closes = false});
  const temporary_folder folder;
  // It opens 200 connections a second and dribbles a byte now and then into each.
  child_process attack({"slowhttptest", "-c", "400", "-H", "-i", "1", "-r", "400", "-l", "3", "-u",
                        "http://" + to_string(server.where()) + "/"},
                       folder.file("out"), folder.file("err"));
  crowd silent(server.where(), silent_count, {.half_closes = false});
  const auto took = ping_pong(lively, 500, at.scaled(milliseconds(1'000)));
  const auto p99 = took[took.size() * 99 / 100];
  std::printf("beside %zu silent clients: p99 %lld ms, longest %lld ms\n", silent_count,
              static_cast<long long>(p99.count()), static_cast<long long>(took.back().count()));
  CHECK(p99 <= at.scaled(milliseconds(250)));
  silent.run_until_over(at.scaled(seconds(10)));
  CHECK(silent.received() == 0);
  lively.each_wants([](client::plan& wants) { wants.half_closes = true; });
  lively.run_until_over();
  check_whole_echo(lively);
  if (attack.wait(time_limit(milliseconds(0))) == 127) {
    skip("held without its attack: slowhttptest is not installed");
  }
  attack.signal(SIGINT);
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.ended("first_byte") >= silent_count);
  CHECK(told.ended_cleanly() >= lively.members.size());
}

DAEMON_TEST("a daemon that is killed in mid-transfer is followed by another at once") {
  endpoint where;
  {
    auto& first = at.start();
    where = first.where();
    CHECK(first.end().exit_code == 0);
  }
  for (int round = 0; round < 5; ++round) {
    INFO("restart " << round);
    auto& next = at.start({"--listen", to_string(where)});
    crowd all(where, 10, {.to_send = client::endless});
    all.run_until("1 MiB echoed", [](const client& each) { return each.received() > 1 << 20; });
    next.kill();
    all.run_until_over(at.scaled(seconds(10)));
    // Nobody may take that for an end: what was in flight is lost, and each of them sees it.
    CHECK(all.ended_by(stream_end::reset) == all.members.size());
    CHECK(all.wrong() == 0);
  }
  auto& last = at.start({"--listen", to_string(where)});
  crowd all(where, 10, {.to_send = 100'000});
  all.run_until_over(at.scaled(seconds(10)));
  check_whole_echo(all);
  const account told = last.end();
  INFO(told.text());
  check_all_clean(told);
}

}  // namespace
}  // namespace lastbyte::test
