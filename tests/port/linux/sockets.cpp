// What the ports of Linux make of single system calls, where no peer can bring it about.
#include "port/posix/sockets.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/catch.hpp"

using namespace lastbyte;

TEST_CASE("shutdown_send on a connection that is over says why: a reset is not the only end") {
  // Nobody listens there: a connect leaves its error in the socket, as a peer that vanishes does.
  const int unused = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof where;
  REQUIRE(::bind(unused, reinterpret_cast<const sockaddr*>(&where), length) == 0);
  REQUIRE(::getsockname(unused, reinterpret_cast<sockaddr*>(&where), &length) == 0);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  (void)::connect(fd, reinterpret_cast<const sockaddr*>(&where), length);
  pollfd over{fd, POLLOUT, 0};
  REQUIRE(::poll(&over, 1, 20'000) == 1);

  CHECK(port::posix::shutdown_send(fd).what == port::error::refused);
  // Once it was told, nothing is left but that it is over.
  CHECK(port::posix::shutdown_send(fd).what == port::error::reset);
  port::posix::close(fd, port::close_mode::reset);
  port::posix::close(unused, port::close_mode::orderly);
}
