// Peers and an operator that do their worst, while others want to be served.
#include <poll.h>

#include <csignal>
#include <cstdio>

#include "end_to_end/daemon_test.hpp"
#include "faults/kernel_sockets.hpp"
#include "faults/program.hpp"

namespace lastbyte::test {
namespace {

// A client program of ours under load: `lastbyte-load`, which verifies every byte.
std::vector<std::string> load_command(const daemon& to) {
  return {LASTBYTE_LOAD, to_string(to.where()), "-c",    "8", "-d", "1s", "-s", "16k", "-P",
          "4",           "--fail-on",           "lost=0"};
}

std::uint64_t count_unread(const std::vector<kernel_socket>& among) {
  std::uint64_t bytes = 0;
  for (const auto& each : among) bytes += each.unread;
  return bytes;
}

// Stops it while what comes back to it waits to be read. @return whether that came about.
bool stop_in_the_middle(const child_process& peer, std::uint16_t tcp_port) {
  for (const time_limit soon(seconds(10)); !soon.is_over(); peer.signal(SIGCONT)) {
    (void)::poll(nullptr, 0, 20);  // it goes on
    peer.stop();
    for (int look = 0; look < 20; ++look) {
      if (count_unread(peers_of(tcp_port)) > 0) return true;
      (void)::poll(nullptr, 0, 5);
    }
  }
  return false;
}

DAEMON_TEST("a peer that is stopped and continued in mid-transfer loses nothing") {
  auto& server = at.start();
  const temporary_folder folder;
  child_process peer(load_command(server), folder.file("out"), folder.file("err"));
  const auto tcp_port = server.where().tcp_port;
  await_sockets(tcp_port, 8, "connected",
                [](const kernel_socket& each) { return each.state == tcp_state::established; });
  REQUIRE(stop_in_the_middle(peer, tcp_port));
  CHECK_FALSE(peer.wait(time_limit(milliseconds(400))));
  CHECK(peer.state() == 'T');
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
  peer.stop();
  server.await_log("cause=slow_reader", 1, at.scaled(seconds(10)));
  CHECK(peer.state() == 'T');
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
  CHECK(told.of("accept_failures") > 0);
  check_no_resets(at.resets);
}

// What `lastbyte-load` has measured.
std::string p99_of(const std::string& report) {
  const auto all = nlohmann::json::parse(report);
  const auto ns = all.at("latency").at("percentiles_ns").at("p99").get<std::uint64_t>();
  return std::to_string(ns / 1'000'000) + '.' + std::to_string(ns / 100'000 % 10) + " ms";
}

DAEMON_TEST(
    "thousands of silent clients and a slow attack leave others served within their deadlines",
    "[case-19]") {
  constexpr std::size_t silent_count = 2'000;
  constexpr std::size_t attack_count = 400;
  if (const auto missing = make_room_for(silent_count); !missing.empty()) return skip(missing);
  if (run_program({"slowhttptest", "-h"}).is_missing()) return skip("slowhttptest is missing");
  auto& server = at.start({"--first-byte", "8s", "--idle", "8s", "--log-endings", "none"});
  const temporary_folder folder;
  // It opens 400 connections a second and dribbles a byte now and then into each.
  child_process attack(
      {"slowhttptest", "-c", std::to_string(attack_count), "-H", "-i", "1", "-r",
       std::to_string(attack_count), "-l", "15", "-u", "http://" + to_string(server.where()) + "/"},
      folder.file("out"), folder.file("err"));
  const auto is_established = [](const kernel_socket& each) {
    return each.state == tcp_state::established;
  };
  await_sockets(server.where().tcp_port, attack_count, "attacked", is_established);
  crowd silent(server.where(), silent_count, {.half_closes = false});
  await_sockets(server.where().tcp_port, silent_count + attack_count, "beset", is_established);

  // The others: verified to the last byte.
  child_process lively({LASTBYTE_LOAD, to_string(server.where()), "-c", "8", "-d", "1s", "-w", "0s",
                        "--json", folder.file("json"), "--fail-on", "lost=0"},
                       folder.file("load"), folder.file("load_errors"));
  const auto code = lively.wait(time_limit(at.scaled(seconds(20))));
  INFO(read_file(folder.file("load")) << read_file(folder.file("load_errors")));
  REQUIRE(code == 0);
  std::printf("measured: %s: p99 %s beside %zu silent clients and %zu slow ones\n",
              std::string(at.kind.name).c_str(), p99_of(read_file(folder.file("json"))).c_str(),
              silent_count, attack_count);

  silent.run_until_over(at.scaled(seconds(20)));
  CHECK(silent.received() == 0);
  attack.signal(SIGINT);
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.ended("first_byte") >= silent_count);
  CHECK(told.ended_cleanly() >= 8);
  CHECK(told.of("accepted") >= silent_count + attack_count + 8);
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
