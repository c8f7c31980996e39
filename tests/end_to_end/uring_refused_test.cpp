// What becomes of the daemon where io_uring is forbidden, as containers do by default.
#include <cerrno>

#include "end_to_end/daemon_test.hpp"
#include "support/posix/forbidden.hpp"

namespace lastbyte::test {
namespace {

template <class Body>
void where_io_uring_is_forbidden(Body body) {
  enter_own_network();
  where_it_fails(SYS_io_uring_setup, EPERM, body);
}

TEST_CASE("uring: where it is forbidden, auto serves by epoll and says once why") {
  where_io_uring_is_forbidden([] {
    daemon server({.name = "auto", .io = "auto"}, {});
    crowd all(server.where(), 5, {.to_send = 1'000});
    all.run_until_over();
    check_whole_echo(all);
    const account told = server.end();
    check_all_clean(told);
    CHECK(server.lines_with("io_uring is refused (errno 1") == 1);
    CHECK(server.lines_with("going on with epoll") == 1);
    CHECK(server.lines_with("io_uring_setup") == 1);  // what to allow
    CHECK(server.lines_with("epoll, 2 workers") == 1);
  });
}

TEST_CASE(
    "uring: where it is forbidden and asked for by name, nothing is served, with the reason") {
  where_io_uring_is_forbidden([] {
    const temporary_folder folder;
    auto words = platform::daemon_command();
    words.insert(words.end(), {"--listen", "127.0.0.1:0", "--io", "uring"});
    child_process refused(words, folder.file("out"), folder.file("log"));
    CHECK(refused.wait(time_limit(seconds(20))) == 1);
    const std::string log = read_file(folder.file("log"));
    INFO(log);
    CHECK(log.find("io_uring is refused (errno 1") != std::string::npos);
    CHECK(log.find("seccomp") != std::string::npos);
    CHECK(log.find("epoll") == std::string::npos);
  });
}

}  // namespace
}  // namespace lastbyte::test
