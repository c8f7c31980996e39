// A client that has said all it has to say, while its answers still wait on the way.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

DAEMON_TEST("a half-close under back-pressure loses nothing", "[case-1]") {
  const narrow_paths paths(1 << 20);
  const one_processor in_order;
  auto& server = at.start();
  crowd all(server.where(), at.kind.half_close_clients, {.to_send = stream_bytes, .reads = false});
  all.run_until_stalled(seconds(1));
  for (const auto& each : all.members) {
    INFO("a client whose path never stalled: " << each.text());
    // Where paths can't be narrowed, the system's buffers may hold all of it.
    REQUIRE((each.sent() < stream_bytes || !paths.are_narrow()));
  }
  all.each_wants([](client::plan& wants) {
    wants.reads = true;
    wants.read_chunk = 16 << 10;
  });
  all.run_until_over(at.scaled(seconds(30)));
  check_whole_echo(all);
  CHECK(all.received() == stream_bytes * all.members.size());
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_peer_first") == all.members.size());
  CHECK(told.of("received") == all.sent());
  CHECK(told.of("queued") == all.received());
  check_no_resets(at.resets);
  // Where the daemon's sockets are another process's (Wine), that one isn't kept on this processor.
  if (at.kind.has_witness) check_no_reset_segments(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
