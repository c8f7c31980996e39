#include "service/repeat_limit.hpp"

#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

TEST_CASE("so many lines a second pass, the others are counted") {
  repeat_limit limit(2);
  CHECK(limit.admit(5'000));
  CHECK(limit.admit(5'100));
  CHECK_FALSE(limit.admit(5'200));
  CHECK_FALSE(limit.admit(5'999));
  CHECK(limit.has_suppressed());
  CHECK(limit.admit(6'000));
  CHECK(limit.take_suppressed(6'000) == 2);
  CHECK_FALSE(limit.has_suppressed());
  CHECK(limit.take_suppressed(9'000) == 0);
}

TEST_CASE("what was held back is told once its second is over") {
  repeat_limit limit(1);
  CHECK(limit.admit(5'000));
  CHECK_FALSE(limit.admit(5'001));
  CHECK(limit.take_suppressed(5'500) == 0);
  CHECK(limit.take_suppressed(6'000) == 1);
}

TEST_CASE("in a flood without end each second's count is told") {
  repeat_limit limit(1);
  std::uint64_t told = 0;
  std::uint64_t passed = 0;
  for (std::uint64_t now = 1'000; now < 11'000; ++now) {
    if (limit.admit(now)) ++passed;
    if (now % 1'000 == 500) told += limit.take_suppressed(now);
  }
  CHECK(passed == 10);
  CHECK(told == std::uint64_t{9} * 999);
  CHECK(limit.take_suppressed(11'000, true) == 999);
}

TEST_CASE("at the end everything is told at once") {
  repeat_limit limit(1);
  CHECK(limit.admit(5'000));
  CHECK_FALSE(limit.admit(5'001));
  CHECK(limit.take_suppressed(5'002, true) == 1);
}

}  // namespace
}  // namespace lastbyte::service
