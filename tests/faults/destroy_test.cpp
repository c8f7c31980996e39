// An administrator kills the server's sockets (`ss -K`), in every state that they can be in. Judged by what each
// client got, and by the kernel's counters of this network; the server's word must agree with them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <sstream>

#include "end_to_end/daemon_test.hpp"
#include "faults/kernel_sockets.hpp"
#include "faults/program.hpp"

namespace lastbyte::test {
namespace {

constexpr std::size_t destroyed = 3;

/// What the kernel makes of the kill, for each connection.
struct expected {
  tcp_state state;
  /// RSTs at the kill. The kernel sends none where both FINs are out; the client then gets its reset once it
  /// says something.
  std::uint64_t resets = 1;
  /// Connections reset while they were established, or half-closed by the other side: ours, and the client's.
  std::uint64_t established_resets = 0;
  bool is_frozen = false;  // the daemon; it goes on afterwards
};

// @return why this machine can't, or an empty string.
std::string destroy_sockets(std::uint16_t tcp_port) {
  const std::string own_port = ":" + std::to_string(tcp_port);
  const auto done = run_program({"ss", "-H", "-K", "-t", "-n", "( sport = " + own_port + " )"});
  if (done.is_missing()) return "ss is not installed (iproute2)";
  if (done.err.find("not supported") != std::string::npos) {
    return "this kernel can't destroy sockets (CONFIG_INET_DIAG_DESTROY)";
  }
  INFO(done.out << done.err);
  // A line for each that it has killed.
  CHECK(std::count(done.out.begin(), done.out.end(), '\n') == destroyed);
  return {};
}

std::string own_address(const client& of) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  REQUIRE(::getsockname(of.socket(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
  return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
}

// What the daemon's log says of each connection that ended: its line, by the client's address.
std::map<std::string, std::string> lines_by_peer(const account& told) {
  std::map<std::string, std::string> lines;
  std::istringstream all(told.log);
  for (std::string line; std::getline(all, line);) {
    const auto peer = line.find("peer=");
    if (peer == std::string::npos) continue;
    lines[line.substr(peer + 5, line.find(' ', peer) - peer - 5)] = line;
  }
  return lines;
}

std::uint64_t number_in(const std::string& line, const std::string& name) {
  const auto at = line.find(' ' + name + '=');
  INFO(line);
  REQUIRE(at != std::string::npos);
  return std::stoull(line.substr(at + name.size() + 2));
}

// Lets them take what has come, and then say something: no client may take the kill for an end.
void see_the_reset(stage& at, crowd& all) {
  all.each_wants([](client::plan& wants) {
    wants.reads = true;
    wants.read_chunk = 64 << 10;
    wants.half_closes = wants.closes = false;
  });
  for (auto& each : all.members) each.wants.to_send = each.sent();
  all.run_until_over(at.scaled(seconds(20)));
  // Whoever had the server's whole stream, and its end, learns of the kill only now.
  for (auto& each : all.members) {
    if (each.end() != stream_end::end_of_stream) continue;
    each.wants.to_send = client::endless;
    each.push(1);
  }
}

void check_destroyed(stage& at, daemon& server, crowd& all, const expected& what) {
  const auto tcp_port = server.where().tcp_port;
  await_sockets(tcp_port, destroyed, "in the state to be killed in",
                [&](const kernel_socket& each) { return each.state == what.state; });
  std::vector<std::string> addresses;
  for (const auto& each : all.members) addresses.push_back(own_address(each));
  if (!enter_own_network().empty()) return skip(enter_own_network());

  const reset_counter counted;
  if (const auto missing = destroy_sockets(tcp_port); !missing.empty()) return skip(missing);
  CHECK(counted.of("OutRsts") >= destroyed * what.resets);
  if (what.is_frozen) server.thaw();
  see_the_reset(at, all);
  INFO("the kernel's counters of this network:" << counted.text());
  CHECK(counted.of("EstabResets") == destroyed * what.established_resets);
  CHECK(counted.of("OutRsts") >= destroyed);

  server.await_log("cause=local_abort", destroyed, at.scaled(seconds(20)));
  const account told = server.end(at.scaled(seconds(20)));
  INFO(all.text());
  INFO(told.text());
  CHECK(all.ended_by(stream_end::reset) == destroyed);
  CHECK(all.wrong() == 0);
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("local_abort") == destroyed);
  CHECK(told.report.at("unproven").at("local_abort") == 0);
  CHECK(told.of("lost_out") == told.of("queued") - told.of("acknowledged"));
  // Of each connection by itself: whatever is called acknowledged has been read by its client.
  const auto lines = lines_by_peer(told);
  for (std::size_t i = 0; i < destroyed; ++i) {
    const std::string& line = lines.at(addresses[i]);
    INFO(line);
    CHECK(number_in(line, "acknowledged") <= all.members[i].received());
    CHECK(number_in(line, "received") <= all.members[i].sent());
    CHECK(line.find("native_error=" + std::to_string(ECONNABORTED)) != std::string::npos);
  }
}

constexpr expected while_established{tcp_state::established, 1, 2};

DAEMON_TEST("killed while it is idle, a connection ends as local_abort, nothing lost") {
  auto& server = at.start();
  crowd all(server.where(), destroyed, {.to_send = 1'000, .half_closes = false});
  all.run_until("its echo", [](const client& each) { return each.received() == 1'000; });
  check_destroyed(at, server, all, while_established);
  CHECK(all.received() == destroyed * 1'000);
}

DAEMON_TEST("killed while a send is pending, a connection ends as local_abort, loss counted") {
  auto& server = at.start();
  crowd all(server.where(), destroyed, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(200));
  check_destroyed(at, server, all, while_established);
}

DAEMON_TEST("killed while it receives, a connection ends as local_abort") {
  auto& server = at.start({"--protocol", "discard"});
  crowd all(server.where(), destroyed, {.to_send = client::endless});
  all.run_until("1 MiB sent", [](const client& each) { return each.sent() > 1 << 20; });
  // So it is in the middle of it, with bytes that it has not read.
  server.freeze();
  all.run_until_stalled(milliseconds(200));
  await_sockets(server.where().tcp_port, destroyed, "unread",
                [](const kernel_socket& each) { return each.unread > 0; });
  check_destroyed(at, server, all, {tcp_state::established, 1, 2, true});
}

DAEMON_TEST("killed while the server flushes, a connection ends as local_abort, loss counted") {
  auto& server =
      at.start({"--protocol", "chargen", "--chargen-bytes", "33554432", "--high-mark", "67108864"});
  crowd all(server.where(), destroyed, {.read_chunk = 1, .half_closes = false});
  all.run_until("something read", [](const client& each) { return each.received() > 0; });
  check_destroyed(at, server, all, while_established);
}

DAEMON_TEST(
    "killed in CLOSE_WAIT, while its last answers flush, a connection ends as local_abort") {
  auto& server = at.start({"--high-mark", "67108864"});
  crowd all(server.where(), destroyed, {.to_send = 32 << 20, .reads = false});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == destroyed * (32 << 20));
  check_destroyed(at, server, all, {tcp_state::close_wait, 1, 1});
}

// Small enough for the kernel to take all of it, our FIN behind it; and for a client that doesn't read too much.
const std::vector<std::string> says_little_and_ends{"--protocol", "chargen",     "--chargen-bytes",
                                                    "1048576",    "--high-mark", "4194304"};

DAEMON_TEST("killed in FIN_WAIT_1, a connection ends as local_abort, loss counted") {
  auto& server = at.start(says_little_and_ends);
  crowd all(server.where(), destroyed, {.reads = false, .half_closes = false},
            {.receive = 16 << 10});
  check_destroyed(at, server, all, {tcp_state::fin_wait_1, 1, 1});
}

DAEMON_TEST("killed in FIN_WAIT_2, while the server drains, a connection ends as local_abort") {
  auto& server = at.start({"--finish-after", "10"});
  crowd all(server.where(), destroyed, {.to_send = 10, .half_closes = false, .closes = false});
  all.run_until_over();
  check_destroyed(at, server, all, {tcp_state::fin_wait_2, 1, 1});
  CHECK(all.received() == destroyed * 10);
}

DAEMON_TEST("killed in CLOSING, with both ends of stream out, a connection ends as local_abort") {
  auto& server = at.start(says_little_and_ends);
  crowd all(server.where(), destroyed, {.reads = false, .half_closes = false},
            {.receive = 16 << 10});
  await_sockets(server.where().tcp_port, destroyed, "finished by us",
                [](const kernel_socket& each) { return each.state == tcp_state::fin_wait_1; });
  for (auto& each : all.members) each.half_close();
  check_destroyed(at, server, all, {tcp_state::closing, 0, 0});
}

DAEMON_TEST(
    "killed in LAST_ACK, while its end is to be confirmed, a connection ends as local_abort") {
  auto& server = at.start({"--high-mark", "4194304", "--confirm", "20s"});
  crowd all(server.where(), destroyed, {.to_send = 1 << 20, .reads = false}, {.receive = 16 << 10});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == destroyed * (1 << 20));
  check_destroyed(at, server, all, {tcp_state::last_ack, 0, 0});
}

}  // namespace
}  // namespace lastbyte::test
