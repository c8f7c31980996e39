#include "server/tally.hpp"

#include "support/catch.hpp"

using namespace lastbyte;

namespace {

ending_report ended_at(std::uint16_t tcp_port) {
  ending_report how;
  how.cause = ending::clean_peer_first;
  how.peer.tcp_port = tcp_port;
  return how;
}

}  // namespace

TEST_CASE("a quiesce takes until the last listener is closed") {
  engine::tally counts;
  counts.count_accepted();
  counts.count_closed(90);
  counts.count_ended(ended_at(1), true, 100);
  CHECK(counts.read().quiesce_ms == 100);
  counts.count_closed(300);
  counts.count_closed(250);
  const server_report report = counts.read();
  CHECK(report.quiesce_ms == 300);
  CHECK(report.slowest_ms == 100);
}

TEST_CASE(
    "the slowest of a quiesce is who took longest, though a worker with an older clock counts "
    "later") {
  engine::tally counts;
  counts.count_accepted();
  counts.count_accepted();
  counts.count_accepted();
  counts.count_ended(ended_at(1), false, 0);
  counts.count_ended(ended_at(2), true, 105);
  counts.count_ended(ended_at(3), true, 100);
  const server_report report = counts.read();
  CHECK(report.quiesced == 2);
  CHECK(report.quiesce_ms == 105);
  CHECK(report.slowest_ms == 105);
  REQUIRE(report.slowest_peer.has_value());
  CHECK(report.slowest_peer->tcp_port == 2);
}

TEST_CASE("somebody is the slowest of a quiesce that takes no time, too") {
  engine::tally counts;
  counts.count_accepted();
  counts.count_ended(ended_at(1), true, 0);
  CHECK(counts.read().slowest_peer.has_value());
}
