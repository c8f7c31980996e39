// System calls that fail: the server must take each error for what it is, and lose nothing where TCP could
// still deliver.
#include <array>

#include "end_to_end/daemon_test.hpp"
#include "faults/injection.hpp"

namespace lastbyte::test {
namespace {

constexpr std::uint64_t stream_bytes = 192 << 10;
constexpr std::size_t clients = 8;

constexpr std::array errors{"EINTR", "ENOBUFS", "ENOMEM", "EMFILE", "ECONNABORTED"};

/// What a connection may end by whose call failed like this.
std::string cause_of(const std::string& error) {
  return error == "ECONNABORTED" ? "local_abort" : "resources";
}

struct struck_load {
  account told;
  std::size_t whole = 0;  // clients that got everything, and a clean end of stream
  std::size_t struck = 0;
  std::string text;
};

std::size_t count_whole(const crowd& all) {
  std::size_t count = 0;
  for (const auto& each : all.members) {
    count += each.received() == stream_bytes && each.end() == stream_end::end_of_stream ? 1 : 0;
  }
  return count;
}

// Serves some clients while the calls fail. @return nothing if they can't be made to, with the reason
// given.
std::optional<struck_load> load_with(stage& at, const std::string& calls, const std::string& error,
                                     const std::string& when) {
  auto& server = at.start();
  const injection striking(server, calls, error, when);
  if (!striking.problem().empty()) {
    skip(striking.problem());
    return std::nullopt;
  }
  crowd all(server.where(), clients, {.to_send = stream_bytes});
  all.run_until_over(at.scaled(seconds(20)));
  CHECK(all.wrong() == 0);
  struck_load result;
  result.whole = count_whole(all);
  result.text = all.text();
  server.ask_to_end();
  result.told = server.wait();
  result.struck = striking.struck();
  result.text += "\n" + result.told.text();
  return result;
}

void check_nothing_lost(const struck_load& seen) {
  CHECK(seen.whole == clients);
  check_all_clean(seen.told);
}

// Whoever was cut off has this cause, and nobody else was cut off.
void check_only_cut_by(const struck_load& seen, const std::string& cause) {
  check_books(seen.told);
  CHECK(seen.told.exit_code == 0);
  CHECK(seen.told.ended(cause) > 0);
  CHECK(seen.told.ended(cause) + seen.told.ended_cleanly() == clients);
  CHECK(seen.told.of("unknown_out") == 0);
  CHECK(seen.whole >= seen.told.ended_cleanly());
}

// Each error in turn. @param check: what must hold of it.
template <class Check>
void for_each_error(stage& at, const std::string& calls, const std::string& when, Check check) {
  for (const std::string error : errors) {
    const auto seen = load_with(at, calls, error, when);
    if (!seen) return;
    INFO(calls << " fails with " << error << ", so far " << seen->struck << " times");
    INFO(seen->text);
    REQUIRE(seen->struck > 0);
    check(error, *seen);
  }
}

DAEMON_TEST("a receive that fails ends its connection with that cause, EINTR ends none") {
  if (at.kind.io == "uring") return skip("a ring's receives are no system calls");
  for_each_error(at, "recvfrom", "7+23", [](const std::string& error, const struck_load& seen) {
    if (error == "EINTR") return check_nothing_lost(seen);
    check_only_cut_by(seen, cause_of(error));
  });
}

DAEMON_TEST("a send that fails ends its connection with that cause, EINTR ends none") {
  if (at.kind.io == "uring") return skip("a ring's sends are no system calls");
  for_each_error(at, "sendto", "7+23", [](const std::string& error, const struck_load& seen) {
    if (error == "EINTR") return check_nothing_lost(seen);
    check_only_cut_by(seen, cause_of(error));
  });
}

DAEMON_TEST("a shutdown that fails ends its connection with that cause, and the server lives",
            "[case-20]") {
  for_each_error(at, "shutdown", "2+2", [](const std::string& error, const struck_load& seen) {
    if (error == "EINTR") return check_nothing_lost(seen);
    check_only_cut_by(seen, cause_of(error));
  });
}

DAEMON_TEST("whatever accept4 fails with, everybody is served whole", "[case-18]") {
  for_each_error(at, "accept4", "1+3",
                 [](const std::string&, const struck_load& seen) { check_nothing_lost(seen); });
}

DAEMON_TEST("whatever the wait for events fails with, everybody is served whole") {
  const std::string call = at.kind.io == "uring" ? "io_uring_enter" : "epoll_wait";
  for_each_error(at, call, "2+3",
                 [](const std::string&, const struck_load& seen) { check_nothing_lost(seen); });
}

}  // namespace
}  // namespace lastbyte::test
