// dequeue() and wake() themselves, without the driver's patience in between.
#include "port_test.hpp"

#include <array>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

using clock = std::chrono::steady_clock;

/// Ends the process if a call without timeout does not return: there is no other way out of it.
class guard {
 public:
  explicit guard(const char* what)
      : thread_([this, what] {
          std::unique_lock lock(mutex_);
          if (over_.wait_for(lock, patience, [&] { return is_over_; })) return;
          std::printf("crashed: this never returned: %s\n", what);
          std::fflush(stdout);
          std::_Exit(1);
        }) {}
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;
  ~guard() {
    {
      const std::scoped_lock lock(mutex_);
      is_over_ = true;
    }
    over_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;  // last: uses the others
};

std::chrono::milliseconds since(clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun);
}

/// Dequeues until a wait lasts its full time: no wake is left.
template <class Worker>
std::size_t use_up_wakes(Worker& io) {
  std::array<port::completion, port::max_batch> batch;
  for (std::size_t returns = 0;; ++returns) {
    const auto begun = clock::now();
    const std::size_t count = io.dequeue(batch, 60);
    REQUIRE(count == 0);
    if (since(begun) >= std::chrono::milliseconds(50)) return returns;
    REQUIRE(returns < 10'000);
  }
}

PORT_TEST("a dequeue with timeout 0 does not block") {
  std::array<port::completion, port::max_batch> batch;
  const guard watching("dequeue with timeout 0");
  const auto begun = clock::now();
  CHECK(drive.io().dequeue(batch, 0) == 0);
  CHECK(since(begun) < std::chrono::seconds(2));
}

PORT_TEST("a dequeue without news lasts as long as its timeout") {
  std::array<port::completion, port::max_batch> batch;
  const auto begun = clock::now();
  CHECK(drive.io().dequeue(batch, 100) == 0);
  CHECK(since(begun) >= std::chrono::milliseconds(80));
}

PORT_TEST("a wake from another thread ends a dequeue without timeout") {
  std::array<port::completion, port::max_batch> batch;
  const guard watching("a dequeue that was woken");
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // most likely it waits by now
    drive.port().wake(0);
  });
  CHECK(drive.io().dequeue(batch, std::nullopt) == 0);
  other.join();
}

PORT_TEST("a wake before dequeue is not lost") {
  std::array<port::completion, port::max_batch> batch;
  const guard watching("a dequeue that was woken before");
  drive.port().wake(0);
  CHECK(drive.io().dequeue(batch, std::nullopt) == 0);
}

PORT_TEST("each wake behind a dequeue ends the next one") {
  std::array<port::completion, port::max_batch> batch;
  const guard watching("a dequeue that was woken again");
  for (int round = 0; round < 100; ++round) {
    drive.port().wake(0);
    CHECK(drive.io().dequeue(batch, std::nullopt) == 0);
  }
}

PORT_TEST("a thousand wakes end, merged or not, and leave nothing behind") {
  for (int i = 0; i < 1'000; ++i) drive.port().wake(0);
  const std::size_t returns = use_up_wakes(drive.io());
  CHECK(returns >= 1);
  CHECK(returns <= 1'000);
}

PORT_TEST("a wake does not hide completions") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  for (int i = 0; i < 10; ++i) drive.port().wake(0);
  CHECK(send_pattern(raw, 0, 100) == 100);
  drive.until("the bytes are there", [&] { return drive.seen(ours).received == 100; });
}

PORT_TEST("news that nobody asked for keeps no worker busy") {
  auto with_bytes = drive.connect_raw();
  auto with_end = drive.connect_raw();
  auto with_reset = drive.connect_raw();
  auto with_full_path = drive.connect_raw();
  drive.push(with_full_path.ours, endless);
  drive.until_full(with_full_path.ours);
  for (auto* each : {&with_bytes, &with_end, &with_full_path}) {
    CHECK(send_pattern(each->raw, 0, 1'000) == 1'000);
  }
  with_end.raw.shutdown_send();
  with_full_path.raw.shutdown_send();
  with_reset.raw.reset();
  // A port that retries a send at any news of its socket finds the little room that polling doesn't tell of.
  drive.until_full(with_full_path.ours);
  auto& on = drive.listen();
  drive.accept(on);
  drive.cancel_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  const auto waits = drive.raw_connect(on.where);

  std::array<port::completion, port::max_batch> batch;
  const auto begun = clock::now();
  std::size_t returns = 0;
  for (; since(begun) < std::chrono::milliseconds(300); ++returns) {
    REQUIRE(drive.io().dequeue(batch, 50) == 0);
  }
  CHECK(returns < 30);
}

PORT_TEST("what ended at once is dequeued without waiting") {
  auto [raw, ours] = drive.connect_raw();
  std::array<port::completion, port::max_batch> batch;
  const std::array<port::slice, 1> slices{pattern_at(0, 100)};
  const guard watching("a dequeue with a send that is done");
  drive.io().submit_send(ours.socket, slices);
  // An internal packet may come first; it must not be the last.
  std::size_t count = 0;
  while (count == 0) count = drive.io().dequeue(batch, std::nullopt);
  CHECK(count == 1);
  CHECK(batch[0].what == port::operation::send);
  CHECK(batch[0].bytes == 100);
  CHECK(batch[0].owner == static_cast<actor*>(&ours));
}

PORT_TEST("a cancelled receive is dequeued without waiting") {
  auto [raw, ours] = drive.connect_raw();
  std::array<port::completion, port::max_batch> batch;
  const guard watching("a dequeue with a cancelled receive");
  drive.io().submit_receive(ours.socket);
  drive.io().cancel_receive(ours.socket);
  std::size_t count = 0;
  while (count == 0) count = drive.io().dequeue(batch, std::nullopt);
  CHECK(count == 1);
  CHECK(batch[0].what == port::operation::receive);
  CHECK(batch[0].result.what == port::error::cancelled);
}

PORT_TEST("one dequeue fills no more than it is given, nor more than a batch") {
  constexpr std::size_t count = 60;
  const std::array<port::slice, 1> slices{pattern_at(0, 100)};
  std::vector<typename driver<Port>::raw_pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pairs.push_back(drive.connect_raw());
  std::array<port::completion, 100> batch;
  for (const std::size_t room : {std::size_t{1}, std::size_t{5}, batch.size()}) {
    for (auto& each : pairs) drive.io().submit_send(each.ours.socket, slices);
    const auto begun = clock::now();
    std::size_t sends = 0;
    while (sends < count && since(begun) < patience) {
      const std::size_t now = drive.io().dequeue(std::span(batch).first(room), 100);
      REQUIRE(now <= std::min(room, port::max_batch));
      for (std::size_t i = 0; i < now; ++i) sends += batch[i].what == port::operation::send;
    }
    CHECK(sends == count);
  }
}

PORT_TEST("received buffers come in batches that fit, too") {
  constexpr std::size_t count = 40;
  std::vector<typename driver<Port>::raw_pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pairs.push_back(drive.connect_raw());
  for (auto& each : pairs) {
    drive.io().submit_receive(each.ours.socket);
    CHECK(send_pattern(each.raw, 0, 10) == 10);
  }
  std::array<port::completion, 100> batch;
  std::size_t bytes = 0;
  std::size_t in_flight = count;  // the driver did not see these receives submitted
  const auto begun = clock::now();
  while (in_flight > 0 && since(begun) < patience) {
    const std::size_t now = drive.io().dequeue(std::span(batch).first(3), 100);
    REQUIRE(now <= 3);
    for (port::completion& each : std::span(batch).first(now)) {
      auto* from = static_cast<actor*>(each.owner);
      auto& at = static_cast<typename driver<Port>::connection&>(*from).socket;
      if (each.received != nullptr) {
        bytes += each.received->size;
        each.received->owner->give_back(*each.received);
      }
      if (each.more) continue;
      const bool was_cut_short = !each.result.failed() && bytes < 10 * count;
      was_cut_short ? drive.io().submit_receive(at) : void(--in_flight);
    }
    if (bytes < 10 * count) continue;
    for (auto& each : pairs) drive.io().cancel_receive(each.ours.socket);
  }
  CHECK(bytes == 10 * count);
}

}  // namespace
}  // namespace lastbyte::test
