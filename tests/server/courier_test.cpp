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

// The second of two commands meets the moment in which the first is collected.
TEST_CASE("a command that is posted while others are collected is not overlooked") {
  constexpr unsigned rounds = 30'000;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  lastbyte::courier inbox([] {}, [](std::uint32_t, std::uint32_t) { return true; });
  std::atomic<unsigned> collected = 0;
  std::atomic<bool> is_over = false;
  std::thread worker([&] {
    while (!is_over.load(std::memory_order_relaxed)) {
      if (inbox.has_mail()) collected += static_cast<unsigned>(inbox.collect().size());
    }
  });
  bool is_overlooked = false;
  for (unsigned posted = 0; posted < 2 * rounds && !is_overlooked;) {
    for (int i = 0; i < 2; ++i, ++posted) (void)inbox.post(any_command());
    while (collected.load() != posted && !is_overlooked) {
      is_overlooked = std::chrono::steady_clock::now() > deadline;
    }
  }
  is_over = true;
  worker.join();
  CHECK_FALSE(is_overlooked);
}
