#include "server/timer_wheel.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "simulated_crew.hpp"
#include "support/catch.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::engine;
using namespace lastbyte::test;

namespace {

// Moves the clock in steps, and checks that `which` expires at its time, give or take a bucket.
void check_expires(timer_wheel& wheel, timer& which, tick now, tick due) {
  wheel.set(which, due);
  for (tick at = now; at != due; ++at) {
    if (wheel.expire(at) != nullptr) FAIL("early by " << due - at << " ms");
  }
  for (tick at = due; at != due + 9; ++at) {
    if (wheel.expire(at) == &which) return;
  }
  FAIL("late");
}

}  // namespace

TEST_CASE("a timer expires at its time: near, far, and beyond one turn of the wheel") {
  for (const tick wait : {1U, 3U, 4U, 5U, 100U, 4'000U, 4'096U, 4'100U, 20'000U}) {
    timer_wheel wheel(1'000);
    timer one;
    INFO(wait);
    check_expires(wheel, one, 1'000, 1'000 + wait);
  }
}

TEST_CASE("timers survive the wrap of the clock") {
  const tick late = 0xffff'ff00U;
  timer_wheel wheel(late);
  timer one;
  check_expires(wheel, one, late, late + 600);
}

TEST_CASE("a timer that is set again expires once, and one that is cleared never") {
  timer_wheel wheel(0);
  timer one;
  timer two;
  wheel.set(one, 50);
  wheel.set(one, 100);
  wheel.set(two, 60);
  wheel.clear(two);
  CHECK(wheel.expire(90) == nullptr);
  CHECK(wheel.expire(120) == &one);
  CHECK(wheel.expire(5'000) == nullptr);
  CHECK_FALSE(wheel.next_wait(5'000).has_value());
}

TEST_CASE("a timer is brought forward, and never put off") {
  timer_wheel wheel(0);
  timer one;
  CHECK(wheel.bring_forward(one, 100));
  CHECK_FALSE(wheel.bring_forward(one, 200));
  CHECK(wheel.bring_forward(one, 50));
  CHECK(wheel.expire(40) == nullptr);
  CHECK(wheel.expire(60) == &one);
  CHECK(wheel.expire(5'000) == nullptr);
  CHECK(wheel.bring_forward(one, 5'100));  // it has expired: nothing is left to be kept
}

TEST_CASE("the next wait never sleeps past a timer, after a long sleep either") {
  std::mt19937 generator(7);
  const auto random = [&generator](tick below) { return static_cast<tick>(generator()) % below; };
  timer_wheel wheel(0);
  std::vector<timer> all(500);
  tick now = 0;
  for (int round = 0; round < 2'000; ++round) {
    timer& any = all[random(500)];
    wheel.set(any, now + random(30'000));
    while (const timer* expired = wheel.expire(now)) {
      REQUIRE(static_cast<std::int32_t>(now - expired->due) >= 0);
    }
    tick nearest = ~tick{0};
    for (const timer& each : all) {
      if (each.is_set) nearest = std::min(nearest, each.due - now);
    }
    const auto wait = wheel.next_wait(now);
    REQUIRE(wait.has_value());
    REQUIRE(*wait <= nearest + 4);
    now += random(50);
  }
}

TEST_CASE(
    "a deadline that is so far off that the clock comes around sooner lets the worker sleep") {
  for (const std::uint32_t far : {2'592'000'000U, ~std::uint32_t{0}}) {
    scripted_handler serving;
    options how;
    how.first_byte_ms = how.send_stall_ms = 0;
    how.idle_ms = far;
    simulated_crew crew(serving, how);
    (void)crew.connect();
    crew.go_on_for(10 * simulated_crew::ms);
    REQUIRE(crew.report().open == 1);
    CHECK(crew.sleep() > 1'000 * simulated_crew::ms);
    crew.go_on_for(5'000 * simulated_crew::ms);
    CHECK(crew.report().open == 1);
    (void)crew.end();
  }
}
