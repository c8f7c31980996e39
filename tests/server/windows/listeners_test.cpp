// What only accepts in flight show: each of them may bring a connection that nobody can turn away.
#include <array>
#include <atomic>
#include <vector>

#include "../server_test.hpp"

namespace lastbyte::test {

SERVER_TEST(
    "there is room for whoever comes by an accept in flight, at each of several listeners") {
  constexpr std::uint32_t depth = 64;
  constexpr std::size_t listeners = 3;
  options how;
  how.listen.assign(listeners, *parse_endpoint("127.0.0.1:0"));
  how.io = io;
  how.workers = 1;
  how.max_connections = 1;
  how.accept_depth = depth;
  happening<bool> all_are_open;
  std::atomic<std::size_t> opened = 0;
  scripted_handler serving;
  // Its worker is held up until all have come, so that each accept in flight has brought one.
  happening<bool> all_have_come;
  serving.open = [&](connection&) {
    if (opened == 0) all_have_come.wait();
    if (++opened == listeners * depth) all_are_open.set(true);
  };
  server crowded(how, serving);
  REQUIRE_FALSE(crowded.start());
  std::vector<raw_socket> clients;
  for (const endpoint& where : crowded.listening()) {
    for (std::uint32_t i = 0; i < depth; ++i) clients.push_back(raw_socket::connect(where));
  }
  all_have_come.set(true);
  CHECK(all_are_open.wait());
  crowded.stop();
  CHECK(crowded.wait().accept_failures == 0);
}

}  // namespace lastbyte::test
