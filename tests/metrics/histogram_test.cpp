// The histogram against figures of an independent implementation, and against exact arithmetic.
#include "metrics/histogram.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "support/catch.hpp"

using lastbyte::metrics::histogram;

namespace {

struct reference {
  double percent;
  std::uint64_t value;
};

// 100,000 values: x = 48271 x mod (2^31 - 1), from x = 1; each is x shifted right by x mod 23, so that
// they spread over 31 powers of two.
std::vector<std::uint64_t> spread_values() {
  std::vector<std::uint64_t> values;
  std::uint64_t x = 1;
  for (int i = 0; i < 100'000; ++i) {
    x = x * 48'271 % 2'147'483'647;
    values.push_back(x >> (x % 23));
  }
  return values;
}

// What HdrHistogram says about them. Source: the npm package hdr-histogram-js 3.0.1, in node:
//   h = build({bitBucketSize: 64, lowestDiscernibleValue: 1, highestTrackableValue: 2 ** 40,
//              numberOfSignificantValueDigits: 3}); h.recordValue(each); h.getValueAtPercentile(percent)
constexpr std::array reference_of_spread_values{
    reference{0, 0},
    reference{1, 56},
    reference{10, 654},
    reference{25, 7'307},
    reference{50, 392'703},
    reference{75, 21'037'055},
    reference{90, 241'434'623},
    reference{99, 1'647'312'895},
    reference{99.9, 2'094'006'271},
    reference{99.99, 2'140'143'615},
    reference{99.999, 2'147'483'647},
    reference{100, 2'147'483'647},
};
constexpr std::uint64_t reference_sum = 9'343'474'777'771;
constexpr std::uint64_t reference_max = 2'147'417'609;

// From the same package: value, and the upper end of its bucket.
constexpr std::array reference_upper_ends{
    reference{1, 1},
    reference{2'047, 2'047},
    reference{2'048, 2'049},
    reference{2'049, 2'049},
    reference{4'095, 4'095},
    reference{4'096, 4'099},
    reference{1'000'000, 1'000'447},
    reference{123'456'789, 123'469'823},
    reference{900'000'000'000, 900'332'519'423},
};

}  // namespace

TEST_CASE("percentiles are HdrHistogram's, but never above the exact maximum") {
  histogram all;
  for (const auto value : spread_values()) all.record(value);
  for (const auto& expected : reference_of_spread_values) {
    CAPTURE(expected.percent);
    CHECK(all.percentile_ns(expected.percent) == std::min(expected.value, reference_max));
  }
  CHECK(all.count() == 100'000);
  CHECK(all.max_ns() == reference_max);
  CHECK(all.mean_ns() == Approx(static_cast<double>(reference_sum) / 100'000));
}

TEST_CASE("buckets end where HdrHistogram's do") {
  for (const auto& expected : reference_upper_ends) {
    const auto value = static_cast<std::uint64_t>(expected.percent);
    CAPTURE(value);
    CHECK(histogram::upper_end_ns(histogram::index_of(value)) == expected.value);
  }
}

TEST_CASE("buckets follow each other without a gap, each no wider than 1/1024 of its values") {
  for (std::size_t at = 0; at + 1 < histogram::bucket_count; ++at) {
    const auto lower = histogram::lower_end_ns(at);
    const auto upper = histogram::upper_end_ns(at);
    if (upper + 1 != histogram::lower_end_ns(at + 1) || histogram::index_of(lower) != at ||
        histogram::index_of(upper) != at || (upper - lower) * 1'024 > lower) {
      FAIL("bucket " << at << ": " << lower << " to " << upper);
    }
  }
  CHECK(histogram::upper_end_ns(histogram::bucket_count - 1) == histogram::highest_ns);
}

TEST_CASE("an empty histogram says 0 everywhere") {
  const histogram empty;
  CHECK(empty.count() == 0);
  CHECK(empty.percentile_ns(50) == 0);
  CHECK(empty.min_ns() == 0);
  CHECK(empty.max_ns() == 0);
  CHECK(empty.mean_ns() == 0.0);
}

TEST_CASE("merged histograms say what one histogram of all values says") {
  histogram all;
  histogram even;
  histogram odd;
  for (const auto value : spread_values()) {
    all.record(value);
    (value % 2 == 0 ? even : odd).record(value);
  }
  even.merge(odd);
  CHECK(even.count() == all.count());
  CHECK(even.max_ns() == all.max_ns());
  CHECK(even.mean_ns() == all.mean_ns());
  for (const auto& at : reference_of_spread_values)
    CHECK(even.percentile_ns(at.percent) == all.percentile_ns(at.percent));
}

TEST_CASE("a value recorded n times counts n times") {
  histogram batch;
  batch.record(1'000, 99);
  batch.record(5'000, 1);
  batch.record(9'000, 0);
  CHECK(batch.count() == 100);
  CHECK(batch.percentile_ns(99) == 1'000);
  CHECK(batch.percentile_ns(99.5) == 5'000);
  CHECK(batch.max_ns() == 5'000);
  CHECK(batch.mean_ns() == Approx(1'040));
}

TEST_CASE("a rank is rounded up, yet not because of rounding errors of the arithmetic") {
  histogram thousand;
  for (std::uint64_t value = 1; value <= 1'000; ++value) thousand.record(value);
  CHECK(thousand.percentile_ns(0) == 1);
  CHECK(thousand.percentile_ns(50) == 500);
  CHECK(thousand.percentile_ns(50.01) == 501);
  CHECK(thousand.percentile_ns(99.9) == 999);  // 99.9 / 100 * 1000 is a little more than 999
  CHECK(thousand.percentile_ns(100) == 1'000);
}

TEST_CASE("values beyond the range share the last bucket and keep the exact maximum") {
  histogram wide;
  wide.record(histogram::highest_ns * 4);
  wide.record(10);
  CHECK(wide.count() == 2);
  CHECK(wide.max_ns() == histogram::highest_ns * 4);
  CHECK(wide.percentile_ns(100) == histogram::highest_ns * 4);
  CHECK(wide.min_ns() == 10);
}

TEST_CASE("reset forgets everything") {
  histogram used;
  used.record(1'234'567);
  used.reset();
  CHECK(used.count() == 0);
  CHECK(used.max_ns() == 0);
  CHECK(used.mean_ns() == 0.0);
}

TEST_CASE("buckets are visited in ascending order, empty ones not at all") {
  histogram three;
  three.record(5);
  three.record(5'000, 2);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
  three.for_each_bucket([&](auto upper, auto count) { seen.emplace_back(upper, count); });
  CHECK(seen == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, 1}, {5'003, 2}});
}
