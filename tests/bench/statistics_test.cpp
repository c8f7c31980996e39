// Medians and intervals against values that stand in textbooks.
#include "suite/statistics.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace lastbyte::suite;

namespace {

Approx close_to(double value) { return Approx(value).epsilon(1e-9); }

// e to the power of each: so that the logarithm of a ratio is the difference that a book speaks of.
std::vector<double> exponentials(std::vector<double> of) {
  for (double& each : of) each = std::exp(each);
  return of;
}

}  // namespace

TEST_CASE("the median is the middle value, or between the middle two") {
  CHECK(median({3}) == 3);
  CHECK(median({9, 1, 5}) == 5);
  CHECK(median({4, 1, 3, 2}) == close_to(2.5));
}

TEST_CASE("the bound of Wilcoxon's test is that of the tables") {
  // Two-sided, 5 percent.
  const std::vector<std::pair<std::size_t, std::size_t>> table{
      {6, 0}, {7, 2}, {8, 3}, {9, 5}, {10, 8}, {11, 10}, {12, 13}, {15, 25}, {20, 52}, {25, 89}};
  for (const auto& [count, bound] : table) {
    INFO(count << " pairs");
    CHECK(signed_rank_bound(count) == bound);
  }
}

TEST_CASE("fewer than six pairs have no 95 % interval") {
  for (std::size_t count = 0; count < 6; ++count) CHECK_FALSE(signed_rank_bound(count));
  CHECK_FALSE(paired_ratio({1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}));
  CHECK(paired_ratio({1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}));
}

TEST_CASE("estimate and interval are those of the textbook's example") {
  // Hollander and Wolfe, example 3.1: a depression scale before and after; estimate -0.46, from -0.786 to -0.010.
  const auto before = exponentials({1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30});
  const auto after = exponentials({0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29});
  const auto found = paired_ratio(after, before);
  REQUIRE(found);
  CHECK(std::log(found->value) == close_to(-0.46));
  CHECK(std::log(found->low) == close_to(-0.786));
  CHECK(std::log(found->high) == close_to(-0.010));
}

TEST_CASE("the other way round the ratio is the reciprocal") {
  const std::vector<double> left{2.9, 3.1, 3.0, 3.3, 2.8, 3.2, 3.05};
  const std::vector<double> right{2.7, 3.0, 2.6, 3.1, 2.9, 2.8, 2.85};
  const auto one = paired_ratio(left, right);
  const auto other = paired_ratio(right, left);
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->value == close_to(1 / other->value));
  CHECK(one->low == close_to(1 / other->high));
  CHECK(one->high == close_to(1 / other->low));
}

TEST_CASE("a machine that drifts changes no ratio, because pairs are compared") {
  const std::vector<double> right{1, 2, 4, 8, 16, 32};
  std::vector<double> left = right;
  for (double& each : left) each *= 1.05;
  const auto found = paired_ratio(left, right);
  REQUIRE(found);
  CHECK(found->value == close_to(1.05));
  CHECK(found->half_width() == Approx(0).margin(1e-9));
}

TEST_CASE("one round that went astray does not move the estimate") {
  const auto found =
      paired_ratio({1.01, 1.01, 1.01, 1.01, 1.01, 1.01, 1.01, 7}, {1, 1, 1, 1, 1, 1, 1, 1});
  REQUIRE(found);
  CHECK(found->value == close_to(1.01));
  CHECK(found->low == close_to(1.01));
}

TEST_CASE("equal servers have the ratio 1, without a width") {
  const auto found = paired_ratio({3, 3, 3, 3, 3, 3}, {3, 3, 3, 3, 3, 3});
  REQUIRE(found);
  CHECK(found->value == 1);
  CHECK(found->half_width() == 0);
  CHECK(judge(found, 0.01) == judgement::tie);
}

TEST_CASE("the half width is a part of the value") {
  CHECK(ratio{2, 1.9, 2.1}.half_width() == close_to(0.05));
}

TEST_CASE("an interval that leaves out 1 says less or more, however wide") {
  CHECK(judge(ratio{0.8, 0.6, 0.99}, 0.01) == judgement::less);
  CHECK(judge(ratio{1.5, 1.001, 2}, 0.01) == judgement::more);
}

TEST_CASE("an interval that holds 1 is a tie only if it is narrow") {
  CHECK(judge(ratio{1, 0.995, 1.005}, 0.01) == judgement::tie);
  CHECK(judge(ratio{1, 0.95, 1.05}, 0.01) == judgement::undecided);
  CHECK(judge(ratio{1, 1, 1}, 0.01) == judgement::tie);
}

TEST_CASE("without an interval nothing is said") {
  CHECK(judge(std::nullopt, 0.01) == judgement::undecided);
}
