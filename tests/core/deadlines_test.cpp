#include "core/deadlines.hpp"

#include "support/catch.hpp"

using namespace lastbyte::core;

namespace {

limits equal_bounds(tick each) {
  limits bounds;
  bounds.ms.fill(each);
  return bounds;
}

}  // namespace

TEST_CASE("a deadline strikes at its bound and not a millisecond before") {
  deadlines all;
  all.start(deadline::idle, 1'000);
  const limits bounds = equal_bounds(50);
  CHECK_FALSE(all.is_struck(deadline::idle, 1'049, bounds));
  CHECK(all.is_struck(deadline::idle, 1'050, bounds));
  CHECK(all.next_due(1'020, bounds) == 30U);
  CHECK(all.next_due(2'000, bounds) == 0U);
}

TEST_CASE("a deadline that was started again counts anew, and a stopped one never strikes") {
  deadlines all;
  const limits bounds = equal_bounds(50);
  all.start(deadline::idle, 0);
  all.start(deadline::idle, 40);
  CHECK_FALSE(all.is_struck(deadline::idle, 60, bounds));
  all.stop(deadline::idle);
  CHECK_FALSE(all.is_struck(deadline::idle, 10'000, bounds));
  CHECK_FALSE(all.next_due(60, bounds).has_value());
}

TEST_CASE("a bound of 0 means that there is no such deadline") {
  deadlines all;
  all.start(deadline::drain_total, 0);
  CHECK_FALSE(all.is_struck(deadline::drain_total, 1'000'000, equal_bounds(0)));
  CHECK_FALSE(all.next_due(0, equal_bounds(0)).has_value());
}

TEST_CASE("the nearest deadline is the next one due") {
  deadlines all;
  limits bounds = equal_bounds(100);
  bounds.ms[static_cast<std::size_t>(deadline::drain_idle)] = 30;
  all.start(deadline::drain_total, 0);
  all.start(deadline::drain_idle, 0);
  CHECK(all.next_due(10, bounds) == 20U);
}

TEST_CASE("what lies behind by more than half a turn of the clock counts as that long ago") {
  constexpr tick day = 24 * 60 * 60 * 1'000;
  for (const tick days : {1U, 24U, 25U, 48U}) {
    CHECK(time_since(7, 7 + days * day) == days * day);
    deadlines all;
    all.start(deadline::idle, 7);
    CHECK(all.is_struck(deadline::idle, 7 + days * day, equal_bounds(days * day)));
  }
}

TEST_CASE("deadlines survive the wrap of the clock") {
  deadlines all;
  all.start(deadline::idle, 0xffff'fff0U);
  CHECK_FALSE(all.is_struck(deadline::idle, 0x10U, equal_bounds(50)));
  CHECK(all.is_struck(deadline::idle, 0x30U, equal_bounds(50)));
}

TEST_CASE("a stamp that is later than now, by a moment or by hours, counts as no time at all") {
  const tick later = GENERATE(tick{1}, tick{12 * 60 * 60 * 1'000});
  deadlines all;
  all.start(deadline::idle, 100);
  CHECK(all.elapsed(deadline::idle, 100 - later) == 0);
  CHECK_FALSE(all.is_struck(deadline::idle, 100 - later, equal_bounds(50)));
  CHECK(all.next_due(100 - later, equal_bounds(50)) == 50U);
}

TEST_CASE("a worker whose clock is behind does not shorten a deadline that it starts again") {
  deadlines all;
  const limits bounds = equal_bounds(50);
  all.start(deadline::idle, 100);
  all.start(deadline::idle, 97);
  CHECK_FALSE(all.is_struck(deadline::idle, 149, bounds));
  CHECK(all.is_struck(deadline::idle, 150, bounds));
  all.stop(deadline::idle);
  all.start(deadline::idle, 97);
  CHECK(all.is_struck(deadline::idle, 147, bounds));
}
