// An administrator kills the server's sockets (`ss -K`), in every state that they can be in.
#include "end_to_end/daemon_test.hpp"
#include "faults/program.hpp"

namespace lastbyte::test {
namespace {

constexpr std::size_t clients = 3;

// @return why this machine can't, or an empty string.
std::string destroy_sockets(const daemon& of) {
  const auto done = run_program(
      {"ss", "-K", "-t", "-n", "( sport = :" + std::to_string(of.where().tcp_port) + " )"});
  if (done.is_missing()) return "ss is not installed (iproute2)";
  if (done.err.find("not supported") != std::string::npos) {
    return "this kernel can't destroy sockets (CONFIG_INET_DIAG_DESTROY)";
  }
  return {};
}

// The sockets are destroyed: each connection ends by that cause, proven, and what the clients' TCP doesn't
// have is counted as lost.
void check_destroyed(stage& at, daemon& server, const crowd& all) {
  if (const auto missing = destroy_sockets(server); !missing.empty()) return skip(missing);
  const account told = server.end(at.scaled(seconds(20)));
  std::uint64_t arrived = 0;
  for (const auto& each : all.members) arrived += each.arrived();
  INFO(all.text());
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("local_abort") == clients);
  CHECK(told.report.at("unproven").at("local_abort") == 0);
  CHECK(told.of("lost_out") == told.of("queued") - told.of("acknowledged"));
  CHECK(told.of("acknowledged") <= arrived);
}

DAEMON_TEST("a connection that is killed while it is open ends as local_abort") {
  auto& server = at.start();
  crowd all(server.where(), clients, {.to_send = 1'000, .half_closes = false});
  all.run_until("its echo", [](const client& each) { return each.received() == 1'000; });
  check_destroyed(at, server, all);
}

DAEMON_TEST(
    "a connection that is killed while a send is pending ends as local_abort, loss counted") {
  auto& server = at.start();
  crowd all(server.where(), clients, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(200));
  check_destroyed(at, server, all);
}

DAEMON_TEST(
    "a connection that is killed while the server flushes ends as local_abort, loss counted") {
  auto& server =
      at.start({"--protocol", "chargen", "--chargen-bytes", "33554432", "--high-mark", "67108864"});
  crowd all(server.where(), clients, {.read_chunk = 1, .half_closes = false});
  all.run_until("something read", [](const client& each) { return each.received() > 0; });
  check_destroyed(at, server, all);
}

DAEMON_TEST("a connection that is killed while its last answers flush ends as local_abort") {
  auto& server = at.start({"--high-mark", "67108864"});
  crowd all(server.where(), clients, {.to_send = 32 << 20, .reads = false});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == clients * (32 << 20));
  check_destroyed(at, server, all);
}

DAEMON_TEST("a connection that is killed while the server drains ends as local_abort") {
  auto& server = at.start({"--finish-after", "10"});
  crowd all(server.where(), clients, {.to_send = 10, .half_closes = false, .closes = false});
  all.run_until_over();
  check_destroyed(at, server, all);
}

DAEMON_TEST("a connection that is killed while its end is to be confirmed ends as local_abort") {
  auto& server = at.start({"--high-mark", "4194304", "--confirm", "20s"});
  crowd all(server.where(), clients, {.to_send = 1 << 20, .reads = false}, {.receive = 16 << 10});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == clients * (1 << 20));
  check_destroyed(at, server, all);
}

}  // namespace
}  // namespace lastbyte::test
