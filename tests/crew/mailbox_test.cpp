#include "server/mailbox.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace lastbyte::engine;

TEST_CASE("who pushes into an idle mailbox owns it, until it has taken everything") {
  mailbox box;
  mail first;
  mail second;
  mail third;
  CHECK(box.push(first));
  CHECK_FALSE(box.push(second));
  mail* taken = box.take();
  REQUIRE(taken == &first);
  CHECK(taken->next == &second);
  CHECK(second.next == nullptr);
  CHECK_FALSE(box.push(third));  // still owned
  CHECK(box.take() == &third);
  CHECK(box.take() == nullptr);  // idle again
  CHECK(box.push(first));
}

TEST_CASE("one thread at a time owns a mailbox, and no mail is lost or read twice") {
  constexpr int threads = 4;
  constexpr int letters = 20'000;
  struct numbered : mail {
    int reads = 0;
  };
  mailbox box;
  std::vector<std::vector<numbered>> all(threads);
  for (auto& each : all) each = std::vector<numbered>(letters);
  int read = 0;  // unguarded on purpose: only the owner touches it, or a race detector tells

  std::vector<std::thread> pushers;
  pushers.reserve(threads);
  for (auto& mine : all) {
    pushers.emplace_back([&box, &mine, &read] {
      for (numbered& letter : mine) {
        if (!box.push(letter)) continue;
        while (mail* first = box.take()) {
          for (; first != nullptr; first = first->next) {
            ++static_cast<numbered*>(first)->reads;
            ++read;
          }
        }
      }
    });
  }
  for (auto& each : pushers) each.join();
  CHECK(read == threads * letters);
  for (const auto& each : all) {
    for (const numbered& letter : each) REQUIRE(letter.reads == 1);
  }
}

// One pushes in the moment in which the other has found nothing left: for a while, as often as this machine can.
TEST_CASE("no letter is lost that comes while its mailbox is given up") {
  using clock = std::chrono::steady_clock;
  const auto over_at = clock::now() + std::chrono::seconds(1);
  const auto patience_ends = over_at + std::chrono::seconds(20);
  struct awaited : mail {
    std::atomic<bool> is_read = false;
  };
  mailbox box;
  std::atomic<unsigned> lost = 0;
  const auto push_one_by_one = [&] {
    awaited letter;
    while (clock::now() < over_at && lost == 0) {
      letter.is_read = false;
      if (box.push(letter)) {
        while (mail* first = box.take()) {
          while (first != nullptr) {
            // Whoever waits for it may use it again at once.
            mail* const next = first->next;
            static_cast<awaited*>(first)->is_read = true;
            first = next;
          }
        }
      }
      while (!letter.is_read && lost == 0) {
        if (clock::now() > patience_ends) ++lost;
      }
    }
  };
  std::thread other(push_one_by_one);
  push_one_by_one();
  other.join();
  CHECK(lost == 0);
}
