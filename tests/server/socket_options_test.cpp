// What of the options is the kernel's to do: it was told.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>

#include "port/posix/sockets.hpp"
#include "server_test.hpp"
#include "sockets_at.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

int number(int fd, int level, int option) {
  int said = -1;
  socklen_t length = sizeof said;
  CHECK(getsockopt(fd, level, option, &said, &length) == 0);
  return said;
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
    const auto accepted = sockets_at(client.local().tcp_port, getpeername);
    REQUIRE(accepted.size() == 1);
    CHECK((number(accepted[0], SOL_SOCKET, SO_KEEPALIVE) != 0) == (after_ms != 0));
    if (after_ms != 0) CHECK(number(accepted[0], IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    (void)server.stop();
  }
}

SERVER_TEST("as many as backlog may wait to be accepted") {
  options how;
  how.backlog = 37;
  scripted_handler serving;
  live_server server(io, serving, how);
  std::size_t listeners = 0;
  for (const int fd : sockets_at(server.where().tcp_port, getsockname)) {
    if (number(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0) continue;
    ++listeners;
    // Of a listener the kernel tells its backlog here (tcp_get_info() in net/ipv4/tcp.c).
    tcp_info info{};
    socklen_t length = sizeof info;
    REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    CHECK(info.tcpi_sacked == 37);
  }
  CHECK(listeners > 0);
  (void)server.stop();
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
    CHECK(number(listener, IPPROTO_TCP, TCP_KEEPIDLE) == seconds);
    port::posix::close(listener, port::close_mode::orderly);
  }
}
