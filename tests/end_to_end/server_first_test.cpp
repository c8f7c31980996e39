// The server has said all it has to say, and ends; its client still says something now and then.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

DAEMON_TEST("a server that finishes first delivers everything though its client goes on talking",
            "[case-2][case-25]") {
  auto& server =
      at.start({"--protocol", "chargen", "--chargen-bytes", std::to_string(stream_bytes)});
  crowd all(server.where(), 10, {.to_send = 10, .half_closes = false});
  constexpr std::uint64_t step = stream_bytes / 16;
  for (std::uint64_t read = step; read < stream_bytes; read += step) {
    all.run_until("a sixteenth more read",
                  [read](const client& each) { return each.received() >= read; });
    all.each_wants([](client::plan& wants) { wants.to_send += 10; });
  }
  all.run_until_over(at.scaled(seconds(20)));
  INFO(all.text());
  CHECK(all.wrong() == 0);
  CHECK(all.received() == stream_bytes * all.members.size());
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_local_first") == all.members.size());
  CHECK(told.of("queued") == all.received());
  CHECK(told.of("received") == all.sent());
  check_no_resets(at.resets);
}

DAEMON_TEST("an echo that ends by itself answers what it took, and counts the rest as unanswered",
            "[case-2][case-5][case-25]") {
  auto& server = at.start({"--finish-after", "100000"});
  crowd all(server.where(), 10, {.to_send = 300'000});
  all.run_until_over(at.scaled(seconds(20)));
  INFO(all.text());
  CHECK(all.wrong() == 0);
  for (const auto& each : all.members) CHECK(each.received() >= 100'000);
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("received") == all.sent());
  CHECK(told.of("unanswered") == all.sent() - all.received());
  CHECK(told.of("queued") == all.received());
  check_no_resets(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
