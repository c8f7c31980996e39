// What a worker of the shared port takes from the kernel, no other one can see any more.
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "driver.hpp"
#include "port/buffer_pool.hpp"
#include "port/epoll/shared_port.hpp"
#include "support/catch.hpp"
#include "support/raw_socket.hpp"

using namespace lastbyte;

namespace {

struct counts {
  std::size_t connected = 0;
  std::size_t ended = 0;  // streams
};

std::size_t take_batch(port::epoll::shared_worker& from, counts& seen) {
  std::array<port::completion, port::max_batch> batch;
  const std::size_t count = from.dequeue(batch, 10);
  for (const auto& each : std::span(batch).first(count)) {
    seen.connected += each.what == port::operation::connect && !each.result.failed() ? 1 : 0;
    seen.ended += each.is_end_of_stream ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("epoll-shared: a worker takes no more from the kernel than it deals") {
  constexpr std::size_t senders = 2 * port::max_batch;
  constexpr std::size_t all = senders + port::max_batch + port::max_batch / 2;
  port::buffer_pool pool(port::receive_block_bytes, 64);
  port::epoll::shared_port shared(2);
  port::epoll::shared_worker busy(shared, 0, pool);
  port::epoll::shared_worker other(shared, 1, pool);
  auto listening = test::raw_socket::listen(test::loopback());
  std::vector<test::raw_socket> peers;
  std::array<port::epoll::shared_worker::socket, all> ours;
  counts seen;
  const auto deadline = std::chrono::steady_clock::now() + test::patience;
  const auto in_time = [&] { return std::chrono::steady_clock::now() < deadline; };

  for (auto& each : ours) {
    busy.submit_connect(each, listening.local(), &each);
    peers.push_back(listening.accept());
  }
  while (seen.connected < all && in_time()) (void)take_batch(busy, seen);
  REQUIRE(seen.connected == all);
  constexpr std::array<std::byte, 1> byte{};
  const std::array<port::slice, 1> bytes{byte};
  for (std::size_t i = 0; i < senders; ++i) busy.submit_send(ours[i], bytes);
  for (std::size_t i = senders; i < all; ++i) {
    peers[i].shutdown_send();
    other.submit_receive(ours[i]);
  }

  CHECK(take_batch(busy, seen) == port::max_batch);
  // Now its handlers run, for as long as they like.
  while (seen.ended < all - senders && in_time()) (void)take_batch(other, seen);
  CHECK(seen.ended == all - senders);

  for (int i = 0; i < 4; ++i) (void)take_batch(busy, seen);
  for (auto& each : ours) busy.close(each, port::close_mode::reset);
}
