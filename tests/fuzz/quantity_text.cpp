// Numbers with units: what is accepted is worth exactly what was typed, by a reckoning that divides where
// the parser multiplies; what is written without loss is read as the same number.
#include "text/quantity.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "fuzz/input.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

using text::unit;

// Written down a second time, from the header's words, so that a wrong factor is seen.
struct suffix {
  unit of;
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array suffixes{
    suffix{unit::count, "", 1},
    suffix{unit::count, "k", 1'000},
    suffix{unit::count, "m", 1'000'000},
    suffix{unit::count, "g", 1'000'000'000},
    suffix{unit::bytes, "", 1},
    suffix{unit::bytes, "b", 1},
    suffix{unit::bytes, "k", 1ULL << 10U},
    suffix{unit::bytes, "kib", 1ULL << 10U},
    suffix{unit::bytes, "m", 1ULL << 20U},
    suffix{unit::bytes, "mib", 1ULL << 20U},
    suffix{unit::bytes, "g", 1ULL << 30U},
    suffix{unit::bytes, "gib", 1ULL << 30U},
    suffix{unit::bytes, "t", 1ULL << 40U},
    suffix{unit::bytes, "tib", 1ULL << 40U},
    suffix{unit::milliseconds, "", 1'000},
    suffix{unit::milliseconds, "ms", 1},
    suffix{unit::milliseconds, "s", 1'000},
    suffix{unit::milliseconds, "m", 60'000},
    suffix{unit::milliseconds, "min", 60'000},
    suffix{unit::milliseconds, "h", 3'600'000},
    suffix{unit::microseconds, "", 1'000'000},
    suffix{unit::microseconds, "us", 1},
    suffix{unit::microseconds, "ms", 1'000},
    suffix{unit::microseconds, "s", 1'000'000},
    suffix{unit::microseconds, "m", 60'000'000},
    suffix{unit::microseconds, "min", 60'000'000},
    suffix{unit::microseconds, "h", 3'600'000'000},
};

std::uint64_t factor_behind(std::string_view typed, unit of) {
  const std::size_t end = typed.find_last_of("0123456789 ");
  std::string name(typed.substr(end + 1));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* known = std::ranges::find_if(
      suffixes, [&](const suffix& each) { return each.of == of && each.name == name; });
  demand(known != suffixes.end(), "a suffix was accepted that is not documented");
  return known->factor;
}

// Long division: the digits of value / factor are those that were typed, and nothing remains.
void check_worth(std::string_view typed, std::uint64_t value, std::uint64_t factor) {
  const std::size_t end = std::min(typed.find_first_not_of("0123456789"), typed.size());
  const std::string_view whole = typed.substr(0, end);
  const std::size_t zeros = std::min(whole.find_first_not_of('0'), whole.size() - 1);
  demand(std::to_string(value / factor) == whole.substr(zeros), "the whole part is another");
  std::uint64_t left = value % factor;
  if (end < typed.size() && typed[end] == '.') {
    for (const char digit : typed.substr(end + 1)) {
      if (std::isdigit(static_cast<unsigned char>(digit)) == 0) break;
      left *= 10;
      demand(left / factor == static_cast<std::uint64_t>(digit - '0'), "the fraction is another");
      left %= factor;
    }
  }
  demand(left == 0, "something was added to what was typed");
}

void check_round_trip(std::uint64_t value, unit of) {
  const auto again = text::parse_quantity(text::exact(value, of), of);
  demand(again.value == value, "exact text is read as another value");
  demand(!text::readable(value, of).empty(), "nothing to read");
  std::string digits = text::grouped(value);
  std::erase(digits, ',');
  demand(digits == std::to_string(value), "grouping changed the digits");
}

void check_read(std::string_view typed, unit of, text::range accepted) {
  const text::reading read = text::parse_quantity(typed, of, accepted);
  if (!read.value) {
    demand(!read.problem.empty(), "refused without a reason");
    return;
  }
  demand(read.problem.empty(), "a value and a problem");
  demand(*read.value >= accepted.least && *read.value <= accepted.most, "outside the range");
  check_worth(typed, *read.value, factor_behind(typed, of));
  check_round_trip(*read.value, of);
}

// A range changes nothing but which values are accepted.
void check_range(std::string_view typed, unit of, text::range accepted) {
  const auto any = text::parse_quantity(typed, of).value;
  const auto some = text::parse_quantity(typed, of, accepted).value;
  const bool is_inside = any && *any >= accepted.least && *any <= accepted.most;
  demand(some == (is_inside ? any : std::nullopt), "the range decides about something else");
}

// No mutation finds the last number that 64 bits hold: this one begins there, with any fraction behind it.
void check_edge(std::string_view fraction, unit of, std::uint8_t how) {
  const suffix& last = suffixes[how % suffixes.size()];
  if (last.of != of) return;
  std::string typed = std::to_string(UINT64_MAX / last.factor - how / suffixes.size() % 2);
  fraction =
      fraction.substr(0, std::min(fraction.find_first_not_of("0123456789"), fraction.size()));
  if (!fraction.empty()) typed.append(".").append(fraction);
  check_read(typed.append(last.name), of, {});
}

}  // namespace

void quantity_text(std::span<const std::uint8_t> bytes) {
  input from(bytes);
  const std::uint8_t how = from.byte();
  const auto of = static_cast<unit>(how % 4);
  // Of rising size, so that both ends of a range are met.
  const std::uint64_t least = how >> 5U;
  const text::range accepted{least, UINT64_MAX >> (how >> 2U & 7U) * 8U};
  check_read(from.text(), of, {});
  check_read(from.text(), of, accepted);
  check_range(from.text(), of, accepted);
  check_edge(from.text(), of, how);
  const std::uint64_t any = from.number();
  check_round_trip(any >> (how >> 2U & 63U), of);
}

}  // namespace lastbyte::fuzz
