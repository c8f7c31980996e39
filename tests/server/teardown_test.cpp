// Ending connections with everything in flight, from anywhere.
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

// So much that a send is always in flight to whoever doesn't read; a receive is in flight anyway.
const std::string& much() {
  static const std::string whole(32 << 20, 'p');
  return whole;
}

options listening_at(io_choice io, std::vector<endpoint> where) {
  options chosen;
  chosen.io = io;
  chosen.workers = 2;
  chosen.listen = std::move(where);
  return chosen;
}

}  // namespace

SERVER_TEST("a connection aborted from afar with a receive and a send in flight ends once, joined",
            "[case-13]") {
  checks_elsewhere there;
  occurrences ends;
  std::mutex guard;
  connection_handle pushed_to;
  scripted_handler serving;
  serving.receive = [&](connection& from, buffer bytes) {
    if (bytes.text() == "push") {
      there.expect(!from.send(much()));
      const std::lock_guard lock(guard);
      pushed_to = from.handle();
    } else {
      // Whatever completes at this worker meanwhile has to wait.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      send_back(from, std::move(bytes));
    }
  };
  serving.ended = [&ends](const ending_report&) { ends.add(); };
  live_server server(io, serving);
  constexpr std::size_t rounds = 8;
  for (std::size_t round = 1; round <= rounds; ++round) {
    raw_socket victim = server.connect();
    say(victim, "push");
    CHECK(hear(victim, 1'000).size() == 1'000);
    raw_socket others[2] = {server.connect(), server.connect()};
    for (raw_socket& each : others) say(each, "hold up");
    {
      const std::lock_guard lock(guard);
      CHECK_FALSE(pushed_to.abort());
    }
    CHECK(hear(victim, much().size()).size() < much().size() - 1'000);
    for (raw_socket& each : others) each.reset();
    CHECK(ends.reaches(3 * round));
  }
  const server_report report = server.end();
  CHECK(there.all_held());
  CHECK(ends.count() == 3 * rounds);
  CHECK(report.accepted == 3 * rounds);
  CHECK(report.ended(ending::app_abort) == rounds);
  CHECK(report.quarantined == 0);
}

SERVER_TEST(
    "what an aborted connection had received and nobody was given is lost, whoever holds it") {
  constexpr std::size_t total = 40'000;
  checks_elsewhere there;
  occurrences all_there;
  std::atomic<std::size_t> delivered = 0;
  scripted_handler serving;
  serving.receive = [&](connection& from, const buffer& bytes) {
    there.expect(all_there.reaches(1));
    delivered += bytes.size();
    from.abort();
  };
  live_server server(io, serving);
  raw_socket client = server.connect();
  say(client, std::string(total, 'x'));
  all_there.add();
  CHECK(hear_end(client) == raw_end::reset);
  const server_report report = server.end();
  CHECK(report.ended(ending::app_abort) == 1);
  CHECK(there.all_held());
  CHECK(delivered + report.lost_in == total);
}

SERVER_TEST("a server that stops with operations in flight on every connection joins them all",
            "[case-17]") {
  std::atomic<int> ends = 0;
  scripted_handler serving;
  serving.open = [](connection& opened) { (void)opened.send(much()); };
  serving.ended = [&ends](const ending_report&) { ++ends; };
  live_server server(io, serving);
  std::vector<raw_socket> peers;
  peers.reserve(5);
  for (int i = 0; i < 5; ++i) peers.push_back(server.connect());
  for (raw_socket& each : peers) CHECK(hear(each, 1'000).size() == 1'000);
  const server_report report = server.stop();
  CHECK(ends == 5);
  CHECK(report.open == 0);
  CHECK(report.quarantined == 0);
  CHECK(report.ended(ending::server_deadline) == 5);
}

SERVER_TEST(
    "a stall deadline, the sends of a strange thread and their completions meet in one order",
    "[case-30]") {
  constexpr int connections = 12;
  checks_elsewhere there;
  std::atomic<std::uint64_t> offered = 0;
  std::atomic<std::uint64_t> refused_at_once = 0;
  std::atomic<int> ends = 0;
  std::mutex guard;
  std::vector<connection_handle> handles;
  scripted_handler serving;
  serving.open = [&](connection& opened) {
    const std::lock_guard lock(guard);
    handles.push_back(opened.handle());
  };
  serving.ended = [&](const ending_report& how) {
    ++ends;
    there.expect(how.cause == ending::slow_reader);
    there.expect(how.bytes.queued == how.bytes.sent + how.bytes.unsent);
  };
  options how;
  how.send_stall_ms = 60;
  how.workers = 4;
  live_server server(io, serving, how);
  std::vector<raw_socket> peers;  // none of them reads
  for (int i = 0; i < connections; ++i) peers.push_back(server.connect());
  std::vector<std::jthread> strangers;
  for (int i = 0; i < 2; ++i) {
    strangers.emplace_back([&] {
      const std::string piece(64 << 10, 's');
      for (std::size_t turn = 0; ends < connections; ++turn) {
        connection_handle any;
        {
          const std::lock_guard lock(guard);
          if (handles.empty()) continue;
          any = handles[turn % handles.size()];
        }
        offered += piece.size();
        if (any.send(piece)) refused_at_once += piece.size();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  for (auto& each : strangers) each.join();
  // Behind its end every one of them refuses.
  for (const auto& each : handles) CHECK(each.send("too late") == refusal::gone);
  const server_report report = server.end();
  CHECK(there.all_held());
  CHECK(report.ended(ending::slow_reader) == connections);
  CHECK(offered == report.queued + report.refused + refused_at_once);
}

SERVER_TEST("who could not start says so again, and ends") {
  scripted_handler serving;
  live_server first(io, serving);
  server other(listening_at(io, {first.where()}), serving);
  const auto problem = other.start();
  REQUIRE(problem);
  (void)first.stop();
  const auto again = other.start();
  REQUIRE(again);
  CHECK(again->text == problem->text);
  other.stop();
  CHECK(other.wait().accepted == 0);
}

SERVER_TEST("who could not listen everywhere listens nowhere") {
  scripted_handler serving;
  live_server first(io, serving);
  const endpoint free = live_server(io, serving).where();
  server refused(listening_at(io, {free, first.where()}), serving);
  const auto problem = refused.start();
  REQUIRE(problem);
  CHECK(problem->text.find(to_string(first.where())) != std::string::npos);
  server later(listening_at(io, {free}), serving);
  CHECK_FALSE(later.start());
  later.stop();
  (void)later.wait();
}

SERVER_TEST("whoever waits for the end gets the report, however many wait") {
  scripted_handler serving;
  server running(listening_at(io, {*parse_endpoint("127.0.0.1:0")}), serving);
  REQUIRE_FALSE(running.start());
  checks_elsewhere there;
  std::array<server_report, 4> reports;
  occurrences begun;
  std::atomic<bool> is_asked_to_end = false;
  std::vector<std::thread> waiting;
  for (auto& each : reports) {
    waiting.emplace_back([&running, &each, &there, &begun, &is_asked_to_end] {
      begun.add();
      each = running.wait();
      there.expect(is_asked_to_end);
    });
  }
  CHECK(begun.reaches(reports.size()));
  // Time enough for whoever doesn't wait.
  raw_socket client = raw_socket::connect(running.listening().at(0));
  say(client, "here");
  CHECK(hear(client, 4) == "here");
  client.shutdown_send();
  is_asked_to_end = true;
  running.quiesce();
  for (auto& each : waiting) each.join();
  CHECK(there.all_held());
  for (const auto& each : reports) CHECK(each.open == 0);
  for (const auto& each : reports) CHECK(each.accepted == 1);
}
