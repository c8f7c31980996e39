// A peer that resets the connection, or closes it with our bytes in flight: in every state, never clean.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

void reset_all(crowd& all) {
  for (auto& each : all.members) each.reset();
}

std::uint64_t arrived_at(const crowd& all) {
  std::uint64_t sum = 0;
  for (const auto& each : all.members) sum += each.arrived();
  return sum;
}

// Every connection ended as peer_reset, and the report counts at least what never reached its client.
void check_resets_counted(const account& told, const crowd& all, std::uint64_t arrived) {
  INFO(told.text());
  INFO(all.text());
  INFO("of the server's bytes, " << arrived << " had arrived at the clients' TCP");
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("peer_reset") == all.members.size());
  CHECK(told.of("lost_out") == told.of("queued") - told.of("acknowledged"));
  CHECK(told.of("acknowledged") <= arrived);
  CHECK(told.of("lost_out") >= told.of("queued") - arrived);
}

std::string no_witness_reason() { return "this platform can't ask TCP what was acknowledged"; }

DAEMON_TEST("a reset of an open connection", "[case-4]") {
  auto& server = at.start();
  crowd all(server.where(), 5, {.to_send = 1'000, .half_closes = false});
  all.run_until("its echo", [](const client& each) { return each.received() == 1'000; });
  reset_all(all);
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("peer_reset") == all.members.size());
}

// Case "swallowed reset": the send that is pending may take the error, and the receive then says 0.
DAEMON_TEST(
    "a reset while a send is pending is never taken for a clean end, and its loss is counted",
    "[case-4][case-26]") {
  auto& server = at.start();
  crowd all(server.where(), 20, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(300));
  const std::uint64_t arrived = arrived_at(all);
  reset_all(all);
  const account told = server.end();
  INFO(told.text());
  CHECK(told.ended_cleanly() == 0);
  CHECK(told.ended("peer_reset") == all.members.size());
  CHECK(told.of("unsent") > 0);
  if (!at.kind.has_witness) return;
  check_resets_counted(told, all, arrived);
  CHECK(told.of("lost_out") > 0);
}

DAEMON_TEST("a reset while the server flushes into a full window", "[case-4]") {
  constexpr std::uint64_t queued_bytes = 32 << 20;
  auto& server = at.start({"--protocol", "chargen", "--chargen-bytes", std::to_string(queued_bytes),
                           "--high-mark", std::to_string(2 * queued_bytes)});
  crowd all(server.where(), 3, {.reads = false, .half_closes = false});
  // The handler has sent all and closed before anything can be read.
  all.each_wants([](client::plan& wants) {
    wants.reads = true;
    wants.read_chunk = 1;
  });
  all.run_until("something read", [](const client& each) { return each.received() > 0; });
  const std::uint64_t arrived = arrived_at(all);
  reset_all(all);
  const account told = server.end();
  CHECK(told.of("queued") == queued_bytes * all.members.size());
  if (!at.kind.has_witness) {
    check_books(told);
    return skip("held, but for what was lost: " + no_witness_reason());
  }
  INFO("arrived before the reset: " << arrived);
  INFO(told.text());
  check_books(told);
  CHECK(told.ended("peer_reset") == all.members.size());
  CHECK(told.of("lost_out") > 0);
}

DAEMON_TEST("a reset while the last answers flush to a peer that has finished", "[case-4]") {
  constexpr std::uint64_t queued_bytes = 32 << 20;
  auto& server = at.start({"--high-mark", std::to_string(2 * queued_bytes)});
  crowd all(server.where(), 3, {.to_send = queued_bytes, .reads = false});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == queued_bytes * all.members.size());
  wait_until_received(server.where());
  const std::uint64_t arrived = arrived_at(all);
  reset_all(all);
  const account told = server.end();
  CHECK(told.of("received") == all.sent());
  if (!at.kind.has_witness) {
    check_books(told);
    return skip("held, but for what was lost: " + no_witness_reason());
  }
  check_resets_counted(told, all, arrived);
  CHECK(told.of("lost_out") > 0);
}

DAEMON_TEST("a reset while the server drains", "[case-4]") {
  auto& server = at.start({"--finish-after", "10"});
  crowd all(server.where(), 5, {.to_send = 10, .half_closes = false, .closes = false});
  all.run_until_over();
  reset_all(all);
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("peer_reset") == all.members.size());
  CHECK(told.of("lost_out") == 0);
}

// What is in flight fits into the server's socket, but not into the client's: so the server has sent all
// and its end of stream too, has seen the client's, and waits for the acknowledgement.
crowd waiting_to_be_confirmed(const daemon& server) {
  crowd all(server.where(), 5, {.to_send = 1 << 20, .reads = false}, {.receive = 16 << 10});
  all.run_until_stalled(milliseconds(300));
  REQUIRE(all.sent() == (1 << 20) * all.members.size());
  wait_until_received(server.where());
  return all;
}

DAEMON_TEST("a reset while only our end of stream is to be confirmed", "[case-4]") {
  if (!at.kind.has_witness) return skip(no_witness_reason());
  auto& server = at.start({"--high-mark", "4194304"});
  crowd all = waiting_to_be_confirmed(server);
  const std::uint64_t arrived = arrived_at(all);
  reset_all(all);
  const account told = server.end();
  check_resets_counted(told, all, arrived);
  CHECK(told.of("lost_out") > 0);
}

// Case "peer closes fully, reply in flight": every call of the server's has succeeded by then.
DAEMON_TEST("a peer that finishes and then closes with our reply in flight is found by confirming",
            "[case-27]") {
  if (!at.kind.has_witness) return skip(no_witness_reason());
  auto& server = at.start({"--high-mark", "4194304"});
  crowd all = waiting_to_be_confirmed(server);
  const std::uint64_t arrived = arrived_at(all);
  all.close();
  const account told = server.end();
  check_resets_counted(told, all, arrived);
  CHECK(told.of("lost_out") > 0);
  CHECK(told.of("unsent") == 0);
}

DAEMON_TEST("a peer that closes before our reply was sent loses it, and that is counted") {
  if (!at.kind.has_witness) return skip(no_witness_reason());
  constexpr std::uint64_t request = 64 << 10;
  auto& server = at.start();
  crowd all(server.where(), 5, {.to_send = request, .half_closes = false});
  // They are connected, but what they say is read only when they are gone: their end is a genuine one.
  server.freeze();
  all.run_until("all sent", [](const client& each) { return each.sent() == request; });
  all.close();
  server.thaw();
  const account told = server.end();
  check_resets_counted(told, all, 0);
  CHECK(told.of("lost_out") > 0);
}

}  // namespace
}  // namespace lastbyte::test
