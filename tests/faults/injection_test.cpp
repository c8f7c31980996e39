// System calls that fail: the server must take each error for what it is, and lose nothing where TCP could
// still deliver. strace only pretends: the socket itself is well, so that whatever the server could have sent or
// received, it still could.
//
// Each call with each of the errors, also where no kernel gives them (EMFILE to a send), since the server's answer
// must not depend on that. Not close(): its injected failure leaves the descriptor open, which no kernel does.
#include <array>
#include <cerrno>
#include <sstream>

#include "end_to_end/daemon_test.hpp"
#include "faults/injection.hpp"

namespace lastbyte::test {
namespace {

constexpr std::size_t clients = 8;

struct failure {
  std::string_view name;
  int code;
};

constexpr std::array errors{failure{"EINTR", EINTR}, failure{"ENOBUFS", ENOBUFS},
                            failure{"ENOMEM", ENOMEM}, failure{"EMFILE", EMFILE},
                            failure{"ECONNABORTED", ECONNABORTED}};
constexpr failure input_output{"EIO", EIO};
constexpr failure too_many_files{"ENFILE", ENFILE};

struct load {
  std::string calls;  // as strace names them
  std::string when;   // see injection
  std::uint64_t stream_bytes = 192 << 10;
  bool reads_late = false;  // so that much is queued for sending
};

struct struck_load {
  failure by;
  account told;
  std::size_t whole = 0;  // clients that got everything, and a clean end of stream
  std::size_t struck = 0;
  std::string text;
};

std::size_t count_whole(const crowd& all) {
  std::size_t count = 0;
  for (const auto& each : all.members) {
    count +=
        each.received() == each.wants.to_send && each.end() == stream_end::end_of_stream ? 1 : 0;
  }
  return count;
}

// Serves some clients while the calls fail. @return nothing if they can't be made to, with the reason
// given.
std::optional<struck_load> run_load(stage& at, const load& how, const failure& by) {
  auto& server = at.start();
  const injection striking(server, how.calls, std::string(by.name), how.when);
  if (!striking.problem().empty()) {
    skip(striking.problem());
    return std::nullopt;
  }
  crowd all(server.where(), clients, {.to_send = how.stream_bytes, .reads = !how.reads_late});
  if (how.reads_late) {
    all.run_until_stalled(milliseconds(100));
    all.each_wants([](client::plan& wants) { wants.reads = true; });
  }
  all.run_until_over(at.scaled(seconds(20)));
  CHECK(all.wrong() == 0);
  struck_load result{by, {}, count_whole(all), 0, all.text()};
  server.ask_to_end();
  result.told = server.wait();
  result.struck = striking.struck();
  result.text += "\n" + result.told.text();
  return result;
}

// Lines of the daemon's log with this cause, and the error's own code beside it.
std::size_t count_explained(const account& told, const std::string& cause, int code) {
  std::istringstream lines(told.log);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_it = line.find(" cause=" + cause + ' ') != std::string::npos &&
                       line.ends_with(" native_error=" + std::to_string(code));
    count += is_it ? 1 : 0;
  }
  return count;
}

void check_nothing_lost(const struck_load& seen) {
  CHECK(seen.whole == clients);
  check_all_clean(seen.told);
}

// Whoever was cut off has this cause and the error's code, and nobody else was cut off.
void check_only_cut_by(const struck_load& seen, const std::string& cause) {
  check_books(seen.told);
  CHECK(seen.told.exit_code == 0);
  CHECK(seen.told.ended(cause) > 0);
  CHECK(count_explained(seen.told, cause, seen.by.code) == seen.told.ended(cause));
  CHECK(seen.told.ended(cause) + seen.told.ended_cleanly() == clients);
  CHECK(seen.told.of("unknown_out") == 0);
  CHECK(seen.whole >= seen.told.ended_cleanly());
}

template <class Check>
void with_error(stage& at, const load& how, const failure& by, Check check) {
  const auto seen = run_load(at, how, by);
  if (!seen) return;
  INFO(how.calls << " fails with " << by.name << ", so far " << seen->struck << " times");
  INFO(seen->text);
  REQUIRE(seen->struck > 0);
  check(*seen);
}

// Each error that TCP itself may meet, then one that no other word fits: the cause then names the operation.
void check_operation(stage& at, const load& how, const std::string& cause_of_others) {
  for (const failure& by : errors) {
    with_error(at, how, by, [](const struck_load& seen) {
      if (seen.by.code == EINTR) return check_nothing_lost(seen);
      check_only_cut_by(seen, seen.by.code == ECONNABORTED ? "local_abort" : "resources");
    });
  }
  with_error(at, how, input_output,
             [&](const struck_load& seen) { check_only_cut_by(seen, cause_of_others); });
}

DAEMON_TEST("a receive that fails ends its connection with that cause, EINTR ends none") {
  if (at.kind.io == "uring") return skip("a ring's receives are no system calls");
  check_operation(at, {"recvfrom", "7+23"}, "receive_failed");
}

DAEMON_TEST("a send that fails ends its connection with that cause, EINTR ends none") {
  if (at.kind.io == "uring") return skip("a ring's sends are no system calls");
  check_operation(at, {"sendto", "7+23"}, "send_failed");
}

DAEMON_TEST("a gathered send that fails ends its connection with that cause, EINTR ends none") {
  if (at.kind.io == "uring") return skip("a ring's sends are no system calls");
  const narrow_paths narrow(64 << 10);
  if (!narrow.are_narrow()) return skip("narrow paths need a network of our own");
  check_operation(at, {"sendmsg", "2+5", 1 << 20, true}, "send_failed");
}

DAEMON_TEST("a shutdown that fails ends its connection with that cause, and the server lives",
            "[case-20]") {
  check_operation(at, {"shutdown", "2+2"}, "send_failed");
}

DAEMON_TEST("whatever accept4 fails with, everybody is served whole", "[case-18]") {
  const auto check = [](const struck_load& seen) {
    check_nothing_lost(seen);
    // It backs off where resources have run out; the others are about one client, who may come again.
    const bool is_out = seen.by.code != EINTR && seen.by.code != ECONNABORTED;
    CHECK((seen.told.of("accept_failures") > 0) == is_out);
    CHECK((seen.told.log.find("cannot accept") != std::string::npos) == is_out);
  };
  for (const failure& by : errors) with_error(at, {"accept4", "1+3"}, by, check);
  with_error(at, {"accept4", "1+3"}, too_many_files, check);
}

DAEMON_TEST("whatever the wait for events fails with, everybody is served whole") {
  const std::string call = at.kind.io == "uring" ? "io_uring_enter" : "epoll_wait";
  for (const failure& by : errors) with_error(at, {call, "2+3"}, by, check_nothing_lost);
}

}  // namespace
}  // namespace lastbyte::test
