// A histogram of durations for the hot path: a few nanoseconds a value, a few thousandths of error.
//
// The rule: log-linear buckets, as HdrHistogram has them with 3 significant digits. Values below 2,048 have
// a bucket each; above, every power of two is cut into 1,024 equal ones. So a value is known to within
// 1/1,024 of itself, and recording one is a shift and three additions, with no search and no branch.
// Not here: who records on which thread (one histogram a thread, merged when they are done), and printing.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace lastbyte::metrics {

// Units: nanoseconds. Thread: one at a time.
class histogram {
 public:
  // Larger values share the last bucket (18 minutes); count, mean and max still know them.
  static constexpr std::uint64_t highest_ns = (std::uint64_t{1} << 40) - 1;
  static constexpr std::size_t bucket_count = std::size_t{31} << 10;

  // Cost: allocates 254 KB, once; only the pages that values fall into are ever touched.
  histogram();

  void record(std::uint64_t ns) noexcept {
    ++counts_[index_of(std::min(ns, highest_ns))];
    sum_ns_ += ns;
    max_ns_ = std::max(max_ns_, ns);
  }
  // The same value, `times` over.
  void record(std::uint64_t ns, std::uint64_t times) noexcept;
  void merge(const histogram& other) noexcept;
  void reset() noexcept;

  // How many were recorded. Cost: as the next three, a pass over all buckets.
  [[nodiscard]] std::uint64_t count() const noexcept;
  // The least value v such that `percent` of all recorded values are at most v: the upper end of its
  // bucket, as in HdrHistogram, but never above max_ns(). 0 if nothing was recorded.
  // @param percent: 0 (the smallest value) to 100 (the largest).
  [[nodiscard]] std::uint64_t percentile_ns(double percent) const noexcept;
  // The lower end of the smallest value's bucket; 0 if nothing was recorded.
  [[nodiscard]] std::uint64_t min_ns() const noexcept;
  // Exact, where HdrHistogram takes the middle of each bucket. 0 if nothing was recorded.
  [[nodiscard]] double mean_ns() const noexcept;
  // Exact.
  [[nodiscard]] std::uint64_t max_ns() const noexcept { return max_ns_; }

  // Calls visit(upper_ns, count) for each bucket that holds something, in ascending order.
  template <class Visit>
  void for_each_bucket(Visit visit) const {
    for (std::size_t at = 0; at < bucket_count; ++at) {
      if (counts_[at] != 0) visit(upper_end_ns(at), counts_[at]);
    }
  }

  // The bucket of `ns`, which must be at most highest_ns.
  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t ns) noexcept {
    // How often the value must be halved to fit into 11 bits.
    const auto halvings = static_cast<unsigned>(std::bit_width(ns | 2'047)) - 11;
    return (std::size_t{halvings} << 10) + static_cast<std::size_t>(ns >> halvings);
  }
  [[nodiscard]] static constexpr std::uint64_t lower_end_ns(std::size_t index) noexcept {
    const auto halvings = halvings_of(index);
    return (std::uint64_t{index} - (std::uint64_t{halvings} << 10)) << halvings;
  }
  [[nodiscard]] static constexpr std::uint64_t upper_end_ns(std::size_t index) noexcept {
    return lower_end_ns(index) + (std::uint64_t{1} << halvings_of(index)) - 1;
  }

 private:
  [[nodiscard]] static constexpr unsigned halvings_of(std::size_t index) noexcept {
    return index < 2'048 ? 0 : static_cast<unsigned>(index >> 10) - 1;
  }

  std::unique_ptr<std::uint64_t[]> counts_;
  std::uint64_t sum_ns_ = 0;
  std::uint64_t max_ns_ = 0;
};

static_assert(histogram::index_of(histogram::highest_ns) == histogram::bucket_count - 1);

}  // namespace lastbyte::metrics
