// What peers that never read cost the server.
#include <csignal>

#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

constexpr std::uint64_t high_mark = 256 << 10;
constexpr std::uint64_t receive_buffer = 64 << 10;

// Peers that push and never read, until nothing moves any more.
crowd push_without_reading(const daemon& server, std::size_t count) {
  crowd all(server.where(), count, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(300));
  return all;
}

DAEMON_TEST("a hundred peers that never read cost a high mark and a receive buffer each",
            "[case-6]") {
  if (is_sanitized) return skip("a sanitizer keeps memory of its own");
  if (platform::end_signal() != SIGTERM) return skip("under Wine its own memory would be counted");
  constexpr std::size_t count = 100;
  auto& server = at.start({"--log-endings", "all"});
  // Once before it counts: pools, and what the C library keeps for each thread, are there then.
  crowd first = push_without_reading(server, 4);
  for (auto& each : first.members) each.reset();
  server.await_log("cause=peer_reset", first.members.size());

  const std::uint64_t before = server.resident_bytes();
  crowd all = push_without_reading(server, count);
  const std::uint64_t after = server.resident_bytes();
  const std::uint64_t bound = count * (high_mark + receive_buffer) + (1 << 20);
  INFO("resident before: " << before << ", with " << count << " peers: " << after << ", "
                           << (after - before) / count << " bytes each; allowed " << bound);
  CHECK(after <= before + bound);
  for (auto& each : all.members) each.reset();
  const account told = server.end();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("peer_reset") == count + first.members.size());
}

}  // namespace
}  // namespace lastbyte::test
