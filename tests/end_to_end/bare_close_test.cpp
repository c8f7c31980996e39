// Why all this: what becomes of a response when its server does what the tutorials do.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <future>
#include <system_error>
#include <utility>

#include "end_to_end/crowd.hpp"
#include "end_to_end/descriptor.hpp"
#include "end_to_end/network.hpp"
#include "protocol/pattern.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::pair<descriptor, endpoint> listen_on_loopback() {
  descriptor made(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::bind(made.number(), reinterpret_cast<const sockaddr*>(&at), sizeof at), "bind");
  check(::listen(made.number(), 1), "listen");
  socklen_t size = sizeof at;
  check(::getsockname(made.number(), reinterpret_cast<sockaddr*>(&at), &size), "getsockname");
  endpoint where;
  where.address = {127, 0, 0, 1};
  where.tcp_port = ntohs(at.sin_port);
  return {std::move(made), where};
}

// send() until the kernel has taken all, shutdown(), close(): each call succeeds.
// @return the bytes that the kernel has taken.
std::uint64_t serve_as_the_tutorial_does(const descriptor& listener) {
  const descriptor client(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
  // Takes the whole response at once, where that may be set.
  const int room = stream_bytes;
  ::setsockopt(client.number(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  pollfd client_has_talked{client.number(), POLLIN, 0};
  ::poll(&client_has_talked, 1, 20'000);
  const protocol::pattern bytes;
  std::uint64_t taken = 0;
  while (taken < stream_bytes) {
    const auto run = bytes.run(taken, stream_bytes - taken);
    const auto count = ::send(client.number(), run.data(), run.size(), MSG_NOSIGNAL);
    if (count < 0) break;
    taken += static_cast<std::uint64_t>(count);
  }
  ::shutdown(client.number(), SHUT_WR);
  return taken;
}

TEST_CASE("a bare socket that shuts down and closes at once loses most of its response") {
  enter_own_network();
  const reset_counter resets;
  const auto [listener, where] = listen_on_loopback();
  crowd one(where, 1, {.to_send = 10, .reads = false, .half_closes = false});
  auto serving = std::async(
      std::launch::async, [&to_serve = listener] { return serve_as_the_tutorial_does(to_serve); });
  one.run_until("10 bytes said", [](const client& each) { return each.sent() == 10; });
  // It reads only then. If the kernel doesn't take the whole response at once, the server waits for it.
  serving.wait_for(seconds(1));
  one.each_wants([](client::plan& wants) { wants.reads = true; });
  one.run_until_over();
  const std::uint64_t taken = serving.get();
  INFO(one.text());
  CHECK(one.wrong() == 0);
  CHECK(one.ended_by(stream_end::reset) == 1);
  CHECK(resets.of_connections().value_or(1) > 0);
  REQUIRE(taken > 0);
  const std::uint64_t lost = taken - one.received();
  CHECK(lost > 0);
  std::printf("measured: shutdown() and close() at once, 10 bytes of the client unread: of %" PRIu64
              " bytes that send() took, %" PRIu64 " arrived; lost %" PRIu64 " %%\n",
              taken, one.received(), 100 * lost / taken);
}

}  // namespace
}  // namespace lastbyte::test
