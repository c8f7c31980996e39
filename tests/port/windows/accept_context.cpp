// AcceptEx gives half a socket: SO_UPDATE_ACCEPT_CONTEXT makes it a whole one, and overwrites its options.
#include <winsock2.h>
#include <ws2tcpip.h>

#include "port_test.hpp"
#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

// Without the context Windows knows no name and no shutdown of it; Wine's sockets are whole from the beginning.
// Options that were set before it are the listener's again.
PORT_TEST("an accepted socket has its context, and then its own options", "[case-23]") {
  auto [raw, ours] = drive.connect_raw();
  const auto& socket = static_cast<typename Port::worker::socket&>(ours.socket);
  sockaddr_storage name{};
  int size = sizeof name;
  CHECK(::getpeername(socket.handle, reinterpret_cast<sockaddr*>(&name), &size) == 0);
  DWORD has_no_delay = 0;
  size = sizeof has_no_delay;
  REQUIRE(::getsockopt(socket.handle, IPPROTO_TCP, TCP_NODELAY,
                       reinterpret_cast<char*>(&has_no_delay), &size) == 0);
  CHECK(has_no_delay != 0);
  drive.finish_when_sent(ours);
  CHECK(!ours.finish_result.failed());
  CHECK(read_pattern(raw).end == raw_end::end_of_stream);
}

}  // namespace
}  // namespace lastbyte::test
