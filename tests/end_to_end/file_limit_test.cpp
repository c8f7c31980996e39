// More clients than the daemon may have open files.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

constexpr seconds window{3};

DAEMON_TEST("at the file limit the server rests, says so once a second, and resumes by itself",
            "[case-18]") {
  if (!at.kind.has_witness) return skip("Windows has no such limit");
  // UBSan opens a pipe to examine an object before a virtual call, and takes its failure for a bad object.
  if (is_sanitized) return skip("a sanitizer needs files of its own");
  constexpr std::size_t before_limit = 20;
  constexpr std::size_t behind_limit = 30;
  auto& server = at.start();
  crowd first(server.where(), before_limit, {.to_send = 100, .half_closes = false});
  first.run_until("its echo", [](const client& each) { return each.received() == 100; });
  server.limit_open_files(server.open_files());

  crowd later(server.where(), behind_limit, {.to_send = 100, .half_closes = false});
  server.await_log("cannot accept");
  later.run_until_stalled(milliseconds(300));
  const std::uint64_t woken_before = server.wake_ups();
  const std::size_t lines_before = server.lines_with("cannot accept");
  const stopwatch measured;
  // They have all said something, and the others get no answer: nothing ends this wait but its own time.
  later.run_until_stalled(window);
  const auto passed = static_cast<std::uint64_t>(measured.passed().count());
  const std::uint64_t woken = server.wake_ups() - woken_before;
  const std::size_t lines = server.lines_with("cannot accept") - lines_before;
  INFO("in " << passed << " ms: " << woken << " wake-ups, " << lines << " lines");
  INFO(later.text());
  CHECK(woken * 1'000 <= 20 * passed);
  CHECK(lines * 1'000 <= passed + 1'000);
  // A few may have found room below the limit, where a file was closed.
  CHECK(later.received() < 100 * behind_limit / 2);

  // Those who are connected are served all the while.
  first.each_wants([](client::plan& wants) { wants.to_send = 200; });
  first.run_until("another echo", [](const client& each) { return each.received() == 200; });
  // The limit stays; only these make room.
  first.each_wants([](client::plan& wants) { wants.half_closes = true; });
  first.run_until_over();
  check_whole_echo(first);
  later.each_wants([](client::plan& wants) { wants.half_closes = true; });
  later.run_until_over(at.scaled(seconds(10)));
  check_whole_echo(later);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("accepted") == before_limit + behind_limit);
  CHECK(told.of("accept_failures") > 0);
  CHECK(server.lines_with("accepting again") > 0);
  check_no_resets(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
