// What the ports of Linux make of single system calls, where no peer can bring it about.
#include "port/posix/sockets.hpp"

#include <poll.h>

#include "driver.hpp"
#include "support/catch.hpp"
#include "support/raw_socket.hpp"

using namespace lastbyte;

TEST_CASE("shutdown_send on a connection that is over says why: a reset is not the only end") {
  // Nobody listens there any more: a connect leaves its error in the socket, as a peer that vanishes does.
  const endpoint nobody = test::raw_socket::listen(test::loopback()).local();
  int fd = -1;
  REQUIRE_FALSE(port::posix::begin_connect(fd, nobody).failed());
  pollfd over{fd, POLLOUT, 0};
  REQUIRE(::poll(&over, 1, 20'000) == 1);

  CHECK(port::posix::shutdown_send(fd).what == port::error::refused);
  // Once it was told, nothing is left but that it is over.
  CHECK(port::posix::shutdown_send(fd).what == port::error::reset);
  port::posix::close(fd, port::close_mode::reset);
}
