// What pairs of measurements say about a ratio.
//
// The rule: two servers are compared within a round, where the machine was the same, and the rounds among
// each other. Ranks and not means, since what disturbs a round disturbs it in one direction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lastbyte::suite {

// The middle one; of an even number, between the middle two. `values` must not be empty.
[[nodiscard]] double median(std::vector<double> values);

// How often one thing is the other, and between which bounds that lies with 95 % confidence.
struct ratio {
  double value = 1;
  double low = 1;
  double high = 1;

  // How far the bounds are from the value, as a part of it: 0.01 is one percent.
  [[nodiscard]] double half_width() const noexcept;
};

// Of a pair for each round. @return nothing for fewer rounds than a 95 % interval takes, which is 6.
//
// The Hodges-Lehmann estimate (the median of the means of all pairs of values) of the logarithms, with the
// interval of Wilcoxon's signed-rank test.
// @source Hollander, Wolfe: Nonparametric Statistical Methods, 3.2 and 3.3.
[[nodiscard]] std::optional<ratio> paired_ratio(const std::vector<double>& of,
                                                const std::vector<double>& to);

// The most that Wilcoxon's statistic may be so that an interval over `count` pairs has 95 % confidence;
// nothing for fewer than 6.
[[nodiscard]] std::optional<std::size_t> signed_rank_bound(std::size_t count);

enum class judgement : std::uint8_t {
  undecided,  // the interval is too wide to say so
  tie,        // the interval is narrow and holds 1
  less,
  more,
};
// @param widest_half: the half-width of the widest interval that is called a tie.
[[nodiscard]] judgement judge(const std::optional<ratio>& of, double widest_half);

}  // namespace lastbyte::suite
