#include "server/connection_limit.hpp"

#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

#include "support/catch.hpp"

using lastbyte::engine::connection_limit;

TEST_CASE("the limit is met by as many as there may be, and by those who are coming") {
  connection_limit limit(2);
  CHECK_FALSE(limit.is_met());
  limit.enter();
  CHECK_FALSE(limit.is_met());
  CHECK(limit.is_met(1));
  limit.enter();
  CHECK(limit.is_met());
}

TEST_CASE("who leaves learns that the limit was met, once, and that there is room again") {
  connection_limit limit(2);
  limit.enter();
  limit.enter();
  CHECK_FALSE(limit.leave());  // nobody had looked
  limit.enter();
  REQUIRE(limit.is_met());
  CHECK(limit.leave());
  CHECK_FALSE(limit.is_met());
  CHECK_FALSE(limit.leave());
}

// One meets the limit in the moment in which another leaves: for a while, as often as this machine can.
TEST_CASE("whoever waits at the limit is woken, however close the one who leaves is") {
  using clock = std::chrono::steady_clock;
  const auto over_at = clock::now() + std::chrono::seconds(1);
  constexpr auto patience = std::chrono::seconds(20);
  connection_limit limit(1);
  std::counting_semaphore<> bell(0);
  std::atomic<unsigned> entered = 0;
  std::atomic<bool> is_over = false;
  std::thread leaver([&] {
    for (unsigned left = 0; !is_over.load();) {
      if (entered.load() == left) continue;
      ++left;
      if (limit.leave()) bell.release();
    }
  });
  bool is_forgotten = false;
  while (clock::now() < over_at && !is_forgotten) {
    limit.enter();
    ++entered;
    while (limit.is_met() && !is_forgotten) is_forgotten = !bell.try_acquire_for(patience);
  }
  is_over = true;
  leaver.join();
  CHECK_FALSE(is_forgotten);
}
