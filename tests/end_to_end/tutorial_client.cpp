// The client of the Winsock tutorial: sends "this is a test", ends its side, reads until the other side
// has ended too. A program of its own, so that it can be built and run for each platform.
//
//   tutorial_client HOST:PORT
//
// Exit codes: 0 all came back and the end was clean, 1 anything else.

#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/raw_socket.hpp"

namespace {

using lastbyte::test::raw_end;
using lastbyte::test::raw_socket;

constexpr std::string_view message = "this is a test";

int run(const lastbyte::endpoint& where) {
  auto socket = raw_socket::connect(where);
  const std::size_t sent = socket.send(std::as_bytes(std::span(message)));
  std::printf("Bytes Sent: %zu\n", sent);
  socket.shutdown_send();
  std::string all;
  for (;;) {
    std::string part(512, '\0');
    const auto got = socket.receive(std::as_writable_bytes(std::span(part)));
    if (got.end == raw_end::end_of_stream) break;
    if (got.end != raw_end::none) {
      std::printf("recv failed\n");
      return 1;
    }
    std::printf("Bytes received: %zu\n", got.bytes);
    all.append(part, 0, got.bytes);
  }
  std::printf("Connection closed\n");
  socket.close();
  return sent == message.size() && all == message ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto where = lastbyte::parse_endpoint(argc == 2 ? argv[1] : "");
    if (where) return run(*where);
    std::fprintf(stderr, "usage: tutorial_client HOST:PORT\n");
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "tutorial_client: %s\n", problem.what());
  }
  return 1;
}
