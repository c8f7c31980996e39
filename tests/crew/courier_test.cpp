#include "server/courier.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "support/catch.hpp"

namespace {

std::unique_ptr<lastbyte::engine::command> any_command() {
  return std::make_unique<lastbyte::engine::command>();
}

}  // namespace

TEST_CASE("whoever is rung finds what he is rung for") {
  bool has_mail = false;
  lastbyte::courier inbox([&] { has_mail = inbox.has_mail(); },
                          [](std::uint32_t, std::uint32_t) { return true; });
  REQUIRE_FALSE(inbox.post(any_command()));
  CHECK(has_mail);
}

// Behind close() the one who would be rung may be gone.
TEST_CASE("nobody is rung behind the close") {
  std::thread closing;
  std::atomic<bool> is_closed = false;
  bool was_closed_while_ringing = false;
  lastbyte::courier inbox(
      [&] {
        closing = std::thread([&] {
          (void)inbox.close();
          is_closed = true;
        });
        // Time enough for whoever doesn't wait.
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
        while (!is_closed && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        was_closed_while_ringing = is_closed;
      },
      [](std::uint32_t, std::uint32_t) { return true; });
  REQUIRE_FALSE(inbox.post(any_command()));
  closing.join();
  CHECK_FALSE(was_closed_while_ringing);
}

// The second of two commands meets the moment in which the first is collected: for a while, as often as this machine can.
TEST_CASE("a command that is posted while others are collected is not overlooked") {
  using clock = std::chrono::steady_clock;
  const auto over_at = clock::now() + std::chrono::seconds(1);
  constexpr auto patience = std::chrono::seconds(20);
  lastbyte::courier inbox([] {}, [](std::uint32_t, std::uint32_t) { return true; });
  std::atomic<unsigned> collected = 0;
  std::atomic<bool> is_over = false;
  std::thread worker([&] {
    while (!is_over.load(std::memory_order_relaxed)) {
      if (inbox.has_mail()) collected += static_cast<unsigned>(inbox.collect().size());
    }
  });
  bool is_overlooked = false;
  unsigned posted = 0;
  while (clock::now() < over_at && !is_overlooked) {
    for (int i = 0; i < 2; ++i, ++posted) (void)inbox.post(any_command());
    const auto overdue_at = clock::now() + patience;
    while (collected.load() != posted && !is_overlooked) is_overlooked = clock::now() > overdue_at;
  }
  is_over = true;
  worker.join();
  CHECK_FALSE(is_overlooked);
}
