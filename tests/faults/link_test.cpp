// A link that fails, loses or is slow: TCP delivers, and so everything arrives; where TCP gives up, that is
// the cause.
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <fstream>
#include <optional>

#include "end_to_end/daemon_test.hpp"
#include "faults/far_network.hpp"
#include "faults/kernel_sockets.hpp"

namespace lastbyte::test {
namespace {

constexpr std::uint64_t stream_bytes = 8 << 20;
// So slow that whoever acts in mid-transfer has the time to.
constexpr unsigned slow_megabits_per_s = 80;

// Clients at the far end of the link.
class far_crowd {
 public:
  far_crowd(const far_network& there, std::size_t count, client::plan wanted) {
    const far_network::visit visiting(there);
    all_.emplace(far_network::our_end(), count, wanted);
  }
  crowd* operator->() { return &*all_; }
  crowd& operator*() { return *all_; }

 private:
  std::optional<crowd> all_;
};

std::vector<std::string> listen_at_link() {
  return {"--listen", to_string(far_network::our_end())};
}

void run_until_in_the_middle(far_crowd& all) {
  all->run_until("a quarter received",
                 [](const client& each) { return each.received() > stream_bytes / 4; });
  for (const auto& each : all->members) REQUIRE(each.received() < stream_bytes);
}

// Bytes on their way between the server and its clients, at either end.
std::uint64_t outstanding(far_crowd& all) {
  std::uint64_t bytes = 0;
  for (const auto& each : sockets_of(far_network::our_end().tcp_port)) bytes += each.unacknowledged;
  for (const auto& each : all->members) {
    int unacknowledged = 0;
    REQUIRE(::ioctl(each.socket(), SIOCOUTQ, &unacknowledged) == 0);
    bytes += static_cast<std::uint64_t>(unacknowledged);
  }
  return bytes;
}

// How often our network's TCP tries again before it gives up: 15 times would be a quarter of an hour.
class fewer_retries {
 public:
  explicit fewer_retries(int count) { set(count); }
  fewer_retries(const fewer_retries&) = delete;
  fewer_retries& operator=(const fewer_retries&) = delete;
  ~fewer_retries() { set(15); }

 private:
  static void set(int count) {
    std::ofstream("/proc/sys/net/ipv4/tcp_retries2") << count << std::flush;
  }
};

void check_all_echoed(stage& at, daemon& server, far_crowd& all) {
  all->run_until_over(at.scaled(seconds(30)));
  check_whole_echo(*all);
  CHECK(all->received() == stream_bytes * all->members.size());
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("acknowledged") == all->received());
  check_no_resets(at.resets);
}

DAEMON_TEST("a link that goes down and up in mid-transfer loses nothing") {
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.limit_rate(slow_megabits_per_s); !problem.empty())
    return skip(problem);
  auto& server = at.start(listen_at_link());
  far_crowd all(there, 1, {.to_send = stream_bytes});
  run_until_in_the_middle(all);
  there.set_link(false);
  all->run_until_stalled(milliseconds(300));
  for (const auto& each : all->members) CHECK(each.received() < stream_bytes);
  CHECK(outstanding(all) > 0);
  there.set_link(true);
  check_all_echoed(at, server, all);
}

DAEMON_TEST("a link that loses 2 % of its segments carries 8 MiB each way") {
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.lose_percent(2); !problem.empty()) return skip(problem);
  auto& server = at.start(listen_at_link());
  far_crowd all(there, 1, {.to_send = stream_bytes});
  check_all_echoed(at, server, all);
  CHECK(there.dropped_here() > 0);
  CHECK(there.dropped_there() > 0);
  CHECK(at.resets.of("RetransSegs") > 0);
}

// TCP sends it again after 200 ms at the soonest; for longer than that nothing was heard of the client.
DAEMON_TEST("a request that the network loses once is answered, though the server quiesces",
            "[case-15]") {
  constexpr std::size_t message = 100;
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.lose_second_message(); !problem.empty()) return skip(problem);
  auto& server = at.start(listen_at_link());
  far_crowd all(there, 1, {.half_closes = false});
  client& one = all->members.front();
  for (std::uint64_t each = 0; each < 2; ++each) {
    one.wants.to_send += message;
    one.push(message);
  }
  all->run_until("the first echo", [](const client& each) { return each.received() >= message; });
  server.ask_to_end();
  all->run_until_over(at.scaled(seconds(10)));
  check_whole_echo(*all);
  CHECK(all->received() == 2 * message);
  CHECK(there.dropped_here() == 1);
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("unanswered") == 0);
}

// Its connect() has succeeded, but it is in no queue yet: TCP sends again after 200 ms what ended the handshake.
DAEMON_TEST("who takes itself for connected when the server is asked to end is served",
            "[case-15]") {
  constexpr std::size_t message = 100;
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.lose_beginning(); !problem.empty()) return skip(problem);
  auto& server = at.start(listen_at_link());
  far_crowd all(there, 1, {.to_send = message, .half_closes = false});
  all->run_until("all pushed", [](const client& each) { return each.sent() == message; });
  server.ask_to_end();
  all->run_until_over(at.scaled(seconds(10)));
  check_whole_echo(*all);
  CHECK(all->received() == message);
  CHECK(there.dropped_here() == 2);
  const account told = server.wait();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("accepted") == 1);
}

DAEMON_TEST("a slow link carries 8 MiB each way") {
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.limit_rate(slow_megabits_per_s); !problem.empty())
    return skip(problem);
  auto& server = at.start(listen_at_link());
  const stopwatch whole;
  far_crowd all(there, 1, {.to_send = stream_bytes});
  check_all_echoed(at, server, all);
  // No faster than the link: else it wasn't slow.
  CHECK(whole.passed() >= far_network::least_time(stream_bytes, slow_megabits_per_s));
}

// The kernel gives up after so many tries: the right cause then is that nobody answers any more.
DAEMON_TEST("a peer behind a link that stays down ends as peer_vanished, and its loss is counted") {
  const far_network there;
  if (!there.problem().empty()) return skip(there.problem());
  if (const auto problem = there.limit_rate(slow_megabits_per_s); !problem.empty())
    return skip(problem);
  const fewer_retries here(3);
  auto flags = listen_at_link();
  flags.insert(flags.end(),
               {"--protocol", "chargen", "--chargen-bytes", std::to_string(stream_bytes)});
  auto& server = at.start(flags);
  far_crowd all(there, 1, {.half_closes = false});
  run_until_in_the_middle(all);
  there.set_link(false);
  CHECK(outstanding(all) > 0);
  server.await_log("cause=peer_vanished", 1, at.scaled(seconds(20)));
  const account told = server.end();
  const std::uint64_t arrived = all->members.front().arrived();
  INFO(told.text());
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended("peer_vanished") == 1);
  CHECK(told.report.at("unproven").at("peer_vanished") == 0);
  CHECK(told.of("lost_out") == told.of("queued") - told.of("acknowledged"));
  CHECK(told.of("acknowledged") <= arrived);
}

}  // namespace
}  // namespace lastbyte::test
