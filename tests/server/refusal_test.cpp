// What a user is told where the system refuses what the server wants of it.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "port/posix/sockets.hpp"
#include "server_test.hpp"
#include "support/posix/forbidden.hpp"

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
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next_file = ::dup(0);
  REQUIRE(next_file >= 0);
  ::close(next_file);
  for (const io_choice io : {io_choice::automatic, io_choice::uring, io_choice::epoll}) {
    rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(next_file) + 12;
    options chosen = listening_somewhere(io);
    chosen.workers = 16;
    scripted_handler serving;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    {
      const server never_started(chosen, serving);
    }
    server refused(chosen, serving);
    const auto problem = refused.start();
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
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

TEST_CASE("however long it shall take until a silent connection is probed, the kernel is asked") {
  struct wish {
    std::uint32_t after_ms;
    int seconds;
  };
  for (const auto& [after_ms, seconds] :
       {wish{1, 1}, wish{1'001, 2}, wish{60'000, 60}, wish{~std::uint32_t{0}, 32'767}}) {
    port::listen_options how;
    how.keepalive_ms = after_ms;
    int listener = -1;
    REQUIRE_FALSE(port::posix::open_listener(listener, *parse_endpoint("127.0.0.1:0"), how,
                                             port::posix::sharing::alone)
                      .failed());
    int said = 0;
    socklen_t length = sizeof said;
    CHECK(getsockopt(listener, IPPROTO_TCP, TCP_KEEPIDLE, &said, &length) == 0);
    CHECK(said == seconds);
    port::posix::close(listener, port::close_mode::orderly);
  }
}

namespace {

// This process's other end of a connection of its own; -1: it isn't there.
int other_end_of(const raw_socket& client) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return -1;
  for (int fd = 0; fd < static_cast<int>(std::min<rlim_t>(files.rlim_cur, 4'096)); ++fd) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == client.local().tcp_port) return fd;
  }
  return -1;
}

}  // namespace

SERVER_TEST("who is silent for longer than keepalive_ms is probed, if that is asked for") {
  for (const std::uint32_t after_ms : {0U, 60'000U}) {
    options how;
    how.keepalive_ms = after_ms;
    scripted_handler serving;
    live_server server(io, serving, how);
    raw_socket client = server.connect();
    say(client, "hello");
    CHECK(hear(client, 5) == "hello");
    const int accepted = other_end_of(client);
    REQUIRE(accepted >= 0);
    int is_on = -1;
    int seconds = -1;
    socklen_t length = sizeof is_on;
    CHECK(getsockopt(accepted, SOL_SOCKET, SO_KEEPALIVE, &is_on, &length) == 0);
    CHECK(getsockopt(accepted, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &length) == 0);
    CHECK((is_on != 0) == (after_ms != 0));
    if (is_on != 0) CHECK(seconds == 60);
    (void)server.stop();
  }
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
