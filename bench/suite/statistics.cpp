#include "suite/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace lastbyte::suite {
namespace {

constexpr double tail = 0.025;  // on either side of a 95 % interval

// How many of the 2^count assignments of signs give each sum of the ranks 1 ... count.
std::vector<double> signed_rank_counts(std::size_t count) {
  std::vector<double> ways(count * (count + 1) / 2 + 1, 0.0);
  ways[0] = 1;
  for (std::size_t rank = 1; rank <= count; ++rank) {
    for (std::size_t sum = ways.size() - 1; sum >= rank; --sum) ways[sum] += ways[sum - rank];
  }
  return ways;
}

// The means of all pairs, each value with itself too, in ascending order.
std::vector<double> walsh_averages(const std::vector<double>& values) {
  std::vector<double> means;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) means.push_back((values[i] + values[j]) / 2);
  }
  std::sort(means.begin(), means.end());
  return means;
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double ratio::half_width() const noexcept { return (high - low) / (2 * value); }

std::optional<std::size_t> signed_rank_bound(std::size_t count) {
  const std::vector<double> ways = signed_rank_counts(count);
  const double all = std::pow(2.0, static_cast<double>(count));
  double below = 0;
  std::size_t bound = 0;
  while (bound < ways.size() && (below + ways[bound]) / all <= tail) below += ways[bound++];
  if (bound == 0) return std::nullopt;
  return bound - 1;
}

std::optional<ratio> paired_ratio(const std::vector<double>& of, const std::vector<double>& to) {
  const std::size_t count = std::min(of.size(), to.size());
  const auto bound = signed_rank_bound(count);
  if (!bound) return std::nullopt;
  std::vector<double> logarithms;
  logarithms.reserve(count);
  for (std::size_t i = 0; i < count; ++i) logarithms.push_back(std::log(of[i] / to[i]));
  const std::vector<double> means = walsh_averages(logarithms);
  return ratio{std::exp(median(means)), std::exp(means[*bound]),
               std::exp(means[means.size() - 1 - *bound])};
}

judgement judge(const std::optional<ratio>& of, double widest_half) {
  if (!of) return judgement::undecided;
  if (of->high < 1) return judgement::less;
  if (of->low > 1) return judgement::more;
  return of->half_width() <= widest_half ? judgement::tie : judgement::undecided;
}

}  // namespace lastbyte::suite
