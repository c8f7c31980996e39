#include "text/quantity.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <span>

namespace lastbyte::text {
namespace {

// One suffix and what it multiplies by.
struct suffix {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kibi = 1'024;
constexpr std::uint64_t mebi = kibi * kibi;
constexpr std::uint64_t gibi = kibi * mebi;
constexpr std::uint64_t tebi = kibi * gibi;
constexpr std::uint64_t second_ms = 1'000;
constexpr std::uint64_t second_us = 1'000'000;

// Those before the empty one are also written, by exact(), in rising order.
constexpr std::array count_suffixes{suffix{"", 1}, suffix{"k", 1'000}, suffix{"m", 1'000'000},
                                    suffix{"g", 1'000'000'000}};
constexpr std::array bytes_suffixes{
    suffix{"B", 1},      suffix{"KiB", kibi}, suffix{"MiB", mebi}, suffix{"GiB", gibi},
    suffix{"TiB", tebi}, suffix{"", 1},       suffix{"k", kibi},   suffix{"m", mebi},
    suffix{"g", gibi},   suffix{"t", tebi},
};
constexpr std::array milliseconds_suffixes{
    suffix{"ms", 1},
    suffix{"s", second_ms},
    suffix{"", second_ms},
    suffix{"m", 60 * second_ms},
    suffix{"min", 60 * second_ms},
    suffix{"h", 3'600 * second_ms},
};
constexpr std::array microseconds_suffixes{
    suffix{"us", 1},
    suffix{"ms", 1'000},
    suffix{"s", second_us},
    suffix{"", second_us},
    suffix{"m", 60 * second_us},
    suffix{"min", 60 * second_us},
    suffix{"h", 3'600 * second_us},
};

std::span<const suffix> suffixes_of(unit of) noexcept {
  switch (of) {
    case unit::count: return count_suffixes;
    case unit::bytes: return bytes_suffixes;
    case unit::milliseconds: return milliseconds_suffixes;
    case unit::microseconds: return microseconds_suffixes;
  }
  return {};
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

// The text in three parts: "1.5 KiB" is "1", "5", "KiB".
struct parts {
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<parts> split(std::string_view typed) {
  parts found;
  found.whole = take_digits(typed);
  if (found.whole.empty()) return std::nullopt;
  if (typed.starts_with('.')) {
    typed.remove_prefix(1);
    found.fraction = take_digits(typed);
    if (found.fraction.empty()) return std::nullopt;
  }
  if (typed.starts_with(' ')) typed.remove_prefix(1);
  found.suffix = typed;
  return found;
}

// Shape: at most as many digits as 64 bits hold. @return nothing if the number is larger.
std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    const auto value = static_cast<std::uint64_t>(digit - '0');
    if (number > (UINT64_MAX - value) / 10) return std::nullopt;
    number = number * 10 + value;
  }
  return number;
}

// `fraction` ("25" of 0.25) of `factor`, if that is whole.
std::optional<std::uint64_t> share_of(std::string_view fraction, std::uint64_t factor) {
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.size() > 12) return std::nullopt;  // finer than any unit of ours
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;
  for (const char digit : fraction) {
    numerator = numerator * 10 + static_cast<std::uint64_t>(digit - '0');
    denominator *= 10;
  }
  const std::uint64_t common = std::gcd(numerator, denominator);
  denominator /= common;
  if (factor % denominator != 0) return std::nullopt;
  return numerator / common * (factor / denominator);  // less than the factor: it can't overflow
}

std::string quoted(std::string_view typed) { return "'" + std::string(typed) + "'"; }

std::string refusal_of(std::string_view typed, std::string_view cause, unit of) {
  std::string text = quoted(typed) + " " + std::string(cause) + "; give ";
  return text += accepted_form(of);
}

std::string range_problem(std::string_view typed, bool too_small, unit of, range accepted) {
  std::string text = quoted(typed) + (too_small ? " is too small" : " is too large");
  text += "; accepted: " + exact(accepted.least, of) + " to " + exact(accepted.most, of);
  return text;
}

std::string with_decimal(double number, std::string_view name) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  std::string result(text.data());
  if (result.ends_with(".0")) result.resize(result.size() - 2);
  return (result += ' ') += name;
}

// A unit for reading: `name` is used while the rounded number stays below `until`.
struct scale_step {
  std::string_view name;
  double factor;
  double until;
};

std::string scaled(std::uint64_t value, std::span<const scale_step> steps) {
  for (const scale_step& step : steps) {
    const double number = static_cast<double>(value) / step.factor;
    if (std::round(number * 10) / 10 < step.until) return with_decimal(number, step.name);
  }
  const scale_step& last = steps.back();
  return with_decimal(static_cast<double>(value) / last.factor, last.name);
}

constexpr std::array byte_steps{scale_step{"B", 1, 1'024}, scale_step{"KiB", 0x1p10, 1'024},
                                scale_step{"MiB", 0x1p20, 1'024}, scale_step{"GiB", 0x1p30, 1'024},
                                scale_step{"TiB", 0x1p40, 0}};
constexpr std::array time_steps_us{
    scale_step{"us", 1, 1'000},   scale_step{"ms", 1e3, 1'000}, scale_step{"s", 1e6, 601},
    scale_step{"min", 60e6, 121}, scale_step{"h", 3'600e6, 0},
};
constexpr auto time_steps_ms = [] {
  std::array<scale_step, time_steps_us.size() - 1> steps{};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i] = time_steps_us[i + 1];
    steps[i].factor /= 1e3;
  }
  return steps;
}();

}  // namespace

std::string_view accepted_form(unit of) noexcept {
  switch (of) {
    case unit::count: return "a number such as 64, 10k or 1M";
    case unit::bytes: return "a size such as 64, 4k or 1MiB";
    case unit::milliseconds: return "a duration such as 500ms, 2s, 1m or 1h";
    case unit::microseconds: return "a duration such as 250us, 500ms, 2s or 1m";
  }
  return "a number";
}

reading parse_quantity(std::string_view typed, unit of, range accepted) {
  const auto found = split(typed);
  if (!found) return {std::nullopt, refusal_of(typed, "is not a number", of)};
  const auto known = suffixes_of(of);
  const auto match = std::ranges::find_if(
      known, [&](const suffix& each) { return equal_ignoring_case(each.name, found->suffix); });
  if (match == known.end()) {
    return {std::nullopt, refusal_of(typed, "has an unknown unit, " + quoted(found->suffix), of)};
  }
  const auto whole = number_of(found->whole);
  if (!whole || *whole > UINT64_MAX / match->factor) {
    return {std::nullopt, range_problem(typed, false, of, accepted)};
  }
  const auto share = share_of(found->fraction, match->factor);
  const std::uint64_t value = *whole * match->factor;
  if (!share) return {std::nullopt, refusal_of(typed, "is too fine", of)};
  if (value > UINT64_MAX - *share || value + *share > accepted.most) {
    return {std::nullopt, range_problem(typed, false, of, accepted)};
  }
  if (value + *share < accepted.least) {
    return {std::nullopt, range_problem(typed, true, of, accepted)};
  }
  return {value + *share, {}};
}

std::string exact(std::uint64_t value, unit of) {
  if (value == 0) return "0";
  suffix best{"", 1};
  for (const suffix& each : suffixes_of(of)) {
    if (each.name.empty()) break;
    if (value % each.factor == 0) best = each;
  }
  return std::to_string(value / best.factor).append(best.name);
}

std::string readable(std::uint64_t value, unit of) {
  switch (of) {
    case unit::count: return grouped(value);
    case unit::bytes: return scaled(value, byte_steps);
    case unit::milliseconds: return value == 0 ? "0 s" : scaled(value, time_steps_ms);
    case unit::microseconds: return value == 0 ? "0 s" : scaled(value, time_steps_us);
  }
  return {};
}

std::string whole(double value) { return grouped(static_cast<std::uint64_t>(std::llround(value))); }

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

}  // namespace lastbyte::text
