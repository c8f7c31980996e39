// What a user is told where the system refuses what the server wants of it.
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "live_server.hpp"
#include "port/posix/sockets.hpp"
#include "support/posix/forbidden.hpp"
#include "support/posix/limited.hpp"

namespace lastbyte::test {
namespace {

options listening_somewhere(io_choice io) {
  options chosen;
  chosen.listen = {*parse_endpoint("127.0.0.1:0")};
  chosen.workers = 1;
  chosen.io = io;
  return chosen;
}

struct note_taker : observer {
  void on_notice(const notice& what) override { notes.emplace_back(what.text); }
  std::vector<std::string> notes;
};

// UBSan looks through a pipe at objects whose type it has not met yet: where no file is left, it calls them none.
void meet_types(const options& chosen) {
  scripted_handler serving;
  server whole(chosen, serving);
  REQUIRE_FALSE(whole.start());
  whole.stop();
  (void)whole.wait();
}

}  // namespace

TEST_CASE("whatever io_uring is refused with, the reason and the remedy are named") {
  struct refused {
    int code;
    std::string_view remedy;
  };
  constexpr std::array all{refused{EPERM, "seccomp"},          refused{EACCES, "seccomp"},
                           refused{ENOSYS, "CONFIG_IO_URING"}, refused{EINVAL, "Linux 6.0"},
                           refused{EOPNOTSUPP, "Linux 6.0"},   refused{ENOMEM, "ulimit -l"},
                           refused{EMFILE, "ulimit -n"},       refused{ENFILE, "ulimit -n"},
                           refused{EBUSY, "--io epoll"}};
  for (const refused& each : all) {
    where_it_fails(SYS_io_uring_setup, each.code, [&each] {
      scripted_handler serving;
      server asked_for(listening_somewhere(io_choice::uring), serving);
      const auto problem = asked_for.start();
      REQUIRE(problem);
      INFO(problem->text << "; " << problem->remedy);
      CHECK(problem->code.value() == each.code);
      CHECK(problem->text.find("errno " + std::to_string(each.code)) != std::string::npos);
      CHECK(problem->remedy.find(each.remedy) != std::string::npos);
    });
  }
}

TEST_CASE(
    "where io_uring is refused, the second best port serves, and that is told once, or nobody") {
  where_it_fails(SYS_io_uring_setup, EPERM, [] {
    scripted_handler serving;
    note_taker taking;
    server told(listening_somewhere(io_choice::automatic), serving, &taking);
    REQUIRE_FALSE(told.start());
    CHECK(told.io_name() == "epoll");
    REQUIRE(taking.notes.size() == 1);
    CHECK(taking.notes.front().find("going on with epoll") != std::string::npos);
    server untold(listening_somewhere(io_choice::automatic), serving);
    REQUIRE_FALSE(untold.start());
  });
}

TEST_CASE("a port that the system has nothing left for ends the start, with the reason") {
  for (const io_choice io : {io_choice::epoll, io_choice::epoll_shared}) {
    where_it_fails(SYS_epoll_create1, EMFILE, [io] {
      scripted_handler serving;
      server refused(listening_somewhere(io), serving);
      const auto problem = refused.start();
      REQUIRE(problem);
      INFO(problem->text << "; " << problem->remedy);
      CHECK(problem->code.value() == EMFILE);
      CHECK_FALSE(problem->remedy.empty());
    });
  }
}

TEST_CASE("too few files for all workers end the start, whichever port they are to have") {
  const int next_file = ::dup(0);
  REQUIRE(next_file >= 0);
  ::close(next_file);
  for (const io_choice io : {io_choice::automatic, io_choice::uring, io_choice::epoll}) {
    options chosen = listening_somewhere(io);
    chosen.workers = 16;
    scripted_handler serving;
    std::optional<start_problem> problem;
    meet_types(chosen);
    {
      const limited files(RLIMIT_NOFILE, static_cast<std::uint64_t>(next_file) + 12);
      {
        const server never_started(chosen, serving);
      }
      server refused(chosen, serving);
      problem = refused.start();
    }
    REQUIRE(problem);
    INFO(problem->text << "; " << problem->remedy);
    CHECK(problem->remedy.find("ulimit -n") != std::string::npos);
  }
}

TEST_CASE("a server that can have no thread is refused, not thrown") {
  for (const io_choice io : {io_choice::automatic, io_choice::uring}) {
    where_it_fails(SYS_clone3, EAGAIN, [io] {
      scripted_handler serving;
      server refused(listening_somewhere(io), serving);
      const auto problem = refused.start();
      REQUIRE(problem);
      CHECK(problem->code.value() == EAGAIN);
      CHECK(problem->remedy.find("ulimit -u") != std::string::npos);
    });
  }
}

TEST_CASE("an accept that is forbidden altogether fails, instead of being tried for ever") {
  where_it_fails(SYS_accept4, EPERM, [] {
    int listener = -1;
    REQUIRE_FALSE(port::posix::open_listener(listener, *parse_endpoint("127.0.0.1:0"), {},
                                             port::posix::sharing::alone)
                      .failed());
    port::accepted_socket nobody;
    port::outcome why;
    std::promise<port::posix::accept_result> told;
    std::thread trying([&] { told.set_value(port::posix::accept_one(listener, nobody, why)); });
    auto result = told.get_future();
    // Who tries for ever can't be stopped.
    if (result.wait_for(std::chrono::seconds(20)) != std::future_status::ready) std::abort();
    trying.join();
    CHECK(result.get() == port::posix::accept_result::failed);
    CHECK(why.native == EPERM);
    port::posix::close(listener, port::close_mode::orderly);
  });
}

TEST_CASE("a worker that gets no thread ends the start, with the reason and the remedy") {
  where_it_fails(SYS_clone3, EAGAIN, [] {
    scripted_handler serving;
    server refused(listening_somewhere(io_choice::epoll), serving);
    const auto problem = refused.start();
    REQUIRE(problem);
    INFO(problem->text << "; " << problem->remedy);
    CHECK(problem->code.value() == EAGAIN);
    CHECK(problem->text.find("worker 0") != std::string::npos);
    CHECK(problem->remedy.find("ulimit -u") != std::string::npos);
    CHECK(refused.listening().empty());
    CHECK(refused.wait().accepted == 0);
  });
}

TEST_CASE("where a server listens is told once it does") {
  scripted_handler serving;
  server later(listening_somewhere(io_choice::epoll), serving);
  CHECK(later.listening().empty());
  REQUIRE_FALSE(later.start());
  REQUIRE(later.listening().size() == 1);
  CHECK(later.listening().front().tcp_port != 0);
}

TEST_CASE("a server whose port is missing here says so, and everything else of it does nothing") {
  scripted_handler serving;
  server missing(listening_somewhere(io_choice::iocp), serving);
  const auto problem = missing.start();
  REQUIRE(problem);
  CHECK(problem->text.find("IOCP") != std::string::npos);
  CHECK(problem->remedy.find("epoll-shared") != std::string::npos);
  CHECK(missing.listening().empty());
  CHECK(missing.io_name() == "none");
  CHECK(missing.workers() == 0);
  CHECK(missing.max_connections() == 0);
  missing.quiesce();
  missing.stop();
  CHECK(missing.wait().accepted == 0);
  CHECK(missing.report().accepted == 0);
}

TEST_CASE(
    "a worker that may not be kept on its CPU ends the start, with the reason and the remedy") {
  where_it_fails(SYS_sched_setaffinity, EPERM, [] {
    scripted_handler serving;
    options pinned = listening_somewhere(io_choice::epoll);
    pinned.cpus = {0};
    server refused(pinned, serving);
    const auto problem = refused.start();
    REQUIRE(problem);
    CHECK(problem->code.value() == EPERM);
    CHECK(problem->text.find("CPU 0") != std::string::npos);
    CHECK(problem->remedy.find("taskset") != std::string::npos);
  });
}

// Then the system itself has the last word.
TEST_CASE("where nobody tells which CPUs may be used, those that are named are tried") {
  where_it_fails(SYS_sched_getaffinity, ENOSYS, [] {
    scripted_handler serving;
    options pinned = listening_somewhere(io_choice::epoll);
    pinned.cpus = {0};
    server tried(pinned, serving);
    CHECK_FALSE(tried.start());
  });
}

}  // namespace lastbyte::test
