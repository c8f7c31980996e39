// Several workers on one port. Watched by ThreadSanitizer in the preset `tsan`.
#include "port_test.hpp"

#include <atomic>
#include <future>

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST_AT(4, "a connection's completions come up where they may") {
  constexpr std::size_t count = 64;
  auto& on = drive.listen();
  on.on_adopted = [&](auto& server) { drive.begin_echo(server); };
  drive.accept(on);
  std::vector<typename driver<Port>::connection*> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(&drive.connect(on.where, static_cast<std::uint32_t>(i % drive.workers())));
  }
  for (auto* each : clients) {
    drive.until("it is connected", [&] { return drive.seen(*each).connect_completions == 1; });
    drive.keep_receiving(*each);
    drive.push(*each, 300'000);
    drive.finish_when_sent(*each);
  }
  for (auto* each : clients) {
    drive.until("the echo has ended", [&] { return drive.seen(*each).has_ended; });
    CHECK(drive.seen(*each).received == 300'000);
    const std::uint64_t seen_at = drive.seen(*each).seen_at;
    if (Port::connections_stay) CHECK(seen_at == std::uint64_t{1} << each->home);
  }
  // That they do come up at more than one worker, the next case shows: here one may have been the quickest
  // each time.
}

PORT_TEST_AT(4, "while a handler blocks, the others' completions come up elsewhere") {
  const auto at_worker_0 =
      drive.connect_raw();  // the test's own thread, which is busy with the test
  auto first = drive.connect_raw();
  auto second = drive.connect_raw();
  struct meeting {
    std::promise<std::uint32_t> first_at;
    std::promise<std::uint32_t> second_at;
    std::shared_future<std::uint32_t> second_seen = second_at.get_future().share();
    std::atomic<bool> is_in_time = false;
  };
  const auto meet = std::make_shared<meeting>();
  first.ours.on_receive = [meet, is_told = false](auto&) mutable {
    if (std::exchange(is_told, true)) return;
    meet->first_at.set_value(this_worker);
    meet->is_in_time = meet->second_seen.wait_for(patience) == std::future_status::ready;
  };
  second.ours.on_receive = [meet, is_told = false](auto&) mutable {
    if (!std::exchange(is_told, true)) meet->second_at.set_value(this_worker);
  };
  drive.keep_receiving(first.ours);
  drive.keep_receiving(second.ours);

  CHECK(send_pattern(first.raw, 0, 10) == 10);
  auto first_seen = meet->first_at.get_future();
  REQUIRE(first_seen.wait_for(patience) == std::future_status::ready);
  CHECK(send_pattern(second.raw, 0, 10) == 10);
  REQUIRE(meet->second_seen.wait_for(patience) == std::future_status::ready);
  CHECK(first_seen.get() != meet->second_seen.get());
  drive.until("the blocked handler goes on", [&] { return drive.seen(first.ours).received == 10; });
  CHECK(meet->is_in_time);
}

PORT_TEST_AT(4, "an accept's end does not overtake connections that another worker has dequeued") {
  if (Port::connections_stay) return skip("a listener's completions come up at one worker here");
  struct meeting {
    std::promise<void> accepted;
    std::promise<void> may_go_on;
  };
  const auto meet = std::make_shared<meeting>();
  const auto going_on = meet->may_go_on.get_future().share();
  auto& on = drive.listen();
  on.on_adopted = [meet, going_on, is_told = false](auto&) mutable {
    if (std::exchange(is_told, true)) return;
    meet->accepted.set_value();
    going_on.wait_for(patience);
  };
  std::vector<typename driver<Port>::raw_socket> peers;
  peers.reserve(6);
  for (int i = 0; i < 6; ++i) peers.push_back(drive.raw_connect(on.where));
  drive.accept(on);
  REQUIRE(meet->accepted.get_future().wait_for(patience) == std::future_status::ready);
  drive.cancel_accept(on);
  drive.pump_for(std::chrono::milliseconds(50));
  meet->may_go_on.set_value();
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
}

PORT_TEST_AT(4, "streams in both directions at once cross workers whole") {
  constexpr std::uint64_t bytes = 2U << 20;
  constexpr std::size_t pairs = 8;
  std::vector<typename driver<Port>::connection*> all;
  all.reserve(2 * pairs);
  for (std::size_t i = 0; i < pairs; ++i) {
    auto [client, server] = drive.connect_pair();
    all.push_back(&client);
    all.push_back(&server);
  }
  for (auto* each : all) {
    drive.keep_receiving(*each);
    drive.push(*each, bytes);
    drive.finish_when_sent(*each);
  }
  for (auto* each : all) {
    drive.until("a stream has ended", [&] { return drive.seen(*each).has_ended; });
    CHECK(drive.seen(*each).received == bytes);
  }
}

PORT_TEST_AT(4, "cancelling from one worker races with completions at the others") {
  constexpr std::uint64_t bytes = 4U << 20;
  auto [client, server] = drive.connect_pair();
  drive.push(client, bytes);
  drive.finish_when_sent(client);
  drive.receive(server);
  drive.until("the stream has ended", [&] {
    const account now = drive.seen(server);
    if (now.has_ended) return true;
    drive.cancel_receive(server);
    if (!now.is_receiving) drive.keep_receiving(server);
    return false;
  });
  CHECK(drive.seen(server).received == bytes);
}

PORT_TEST_AT(4, "resets meet sends and receives at all workers") {
  for (int round = 0; round < 50; ++round) {
    auto [raw, ours] = drive.connect_raw();
    drive.keep_receiving(ours);
    drive.push(ours, 8U << 20);
    CHECK(send_pattern(raw, 0, 1'000) == 1'000);
    raw.reset();
    drive.until("both are over", [&] {
      const account now = drive.seen(ours);
      return now.is_receive_over() && now.send_result.failed();
    });
    // The send may take the error away, and then only the kernel's word tells a reset from an end.
    const account over = drive.seen(ours);
    const bool may_look_like_an_end = !facts().proves_end_of_stream && over.has_ended;
    CHECK((over.receive_result.what == port::error::reset || may_look_like_an_end));
    drive.close(ours, port::close_mode::orderly);
  }
}

PORT_TEST_AT(4, "wakes reach a pool of workers that all wait") {
  // What the driver posts to other workers it announces by wake(); none may be lost.
  std::atomic<int> done = 0;
  for (int round = 0; round < 200; ++round) {
    drive.post(static_cast<std::uint32_t>(round) % drive.workers(), [&] { ++done; });
  }
  drive.until("every errand is done", [&] { return done == 200; });
}

}  // namespace
}  // namespace lastbyte::test
