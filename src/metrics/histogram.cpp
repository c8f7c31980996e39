#include "metrics/histogram.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace lastbyte::metrics {
namespace {

// The rank of the value that `percent` asks for: rounded up, so that it is really included, but not because
// of the last bit of the product (HdrHistogram does the same).
std::uint64_t rank_of(double percent, std::uint64_t count) noexcept {
  const double product = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count);
  const double exact = product * (1.0 - std::numeric_limits<double>::epsilon());
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact)));
}

}  // namespace

histogram::histogram() : counts_(std::make_unique<std::uint64_t[]>(bucket_count)) {}

void histogram::record(std::uint64_t ns, std::uint64_t times) noexcept {
  if (times == 0) return;
  counts_[index_of(std::min(ns, highest_ns))] += times;
  sum_ns_ += ns * times;
  max_ns_ = std::max(max_ns_, ns);
}

void histogram::merge(const histogram& other) noexcept {
  for (std::size_t at = 0; at < bucket_count; ++at) counts_[at] += other.counts_[at];
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

void histogram::reset() noexcept {
  std::fill_n(counts_.get(), bucket_count, 0);
  sum_ns_ = 0;
  max_ns_ = 0;
}

std::uint64_t histogram::count() const noexcept {
  return std::accumulate(counts_.get(), counts_.get() + bucket_count, std::uint64_t{0});
}

std::uint64_t histogram::percentile_ns(double percent) const noexcept {
  const std::uint64_t rank = rank_of(percent, count());
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < bucket_count; ++at) {
    seen += counts_[at];
    // The last bucket has no upper end of its own: larger values are in it too.
    if (seen >= rank) return at + 1 == bucket_count ? max_ns_ : std::min(upper_end_ns(at), max_ns_);
  }
  return 0;  // nothing was recorded
}

std::uint64_t histogram::min_ns() const noexcept {
  const auto* first =
      std::find_if(counts_.get(), counts_.get() + bucket_count, [](auto n) { return n != 0; });
  const auto at = static_cast<std::size_t>(first - counts_.get());
  return at == bucket_count ? 0 : lower_end_ns(at);
}

double histogram::mean_ns() const noexcept {
  const std::uint64_t all = count();
  return all == 0 ? 0.0 : static_cast<double>(sum_ns_) / static_cast<double>(all);
}

}  // namespace lastbyte::metrics
