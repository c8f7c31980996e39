// Numbers with their units, as people type and read them.
//
// The rule: what was typed is taken exactly or not at all, and the refusal says what is accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastbyte::text {

// What a number counts, and so which suffixes it takes.
enum class unit : std::uint8_t {
  count,         // "64", "10k", "1M": powers of 1,000
  bytes,         // "64", "4k", "1M", "1MiB": powers of 1,024
  milliseconds,  // "500ms", "2s", "1m", "1h"; a bare number is seconds
  microseconds,  // the same, and "250us"; a bare number is seconds
};

// Units: those of the value beside it. Both ends are accepted.
struct range {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
};

// What was read, or why nothing was.
struct reading {
  std::optional<std::uint64_t> value;
  std::string problem;  // without a value: the cause, and what is accepted
};

// Reads digits, perhaps a decimal fraction, perhaps a suffix: "1.5s" is 1,500 ms.
// A value between two whole ones ("0.5" of a count) is refused, as is one outside `accepted`.
[[nodiscard]] reading parse_quantity(std::string_view typed, unit of, range accepted = {});

// What parse_quantity() takes for `of`, in words: "a size such as 64, 4k or 1MiB".
[[nodiscard]] std::string_view accepted_form(unit of) noexcept;

// Without loss, in the form that parse_quantity() reads: "300s", "64KiB", "10000".
[[nodiscard]] std::string exact(std::uint64_t value, unit of);

// For reading, rounded to one decimal: "1.2 MiB", "3.4 s", "100,000".
[[nodiscard]] std::string readable(std::uint64_t value, unit of);

// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t value);

// "1,234,568": the nearest whole number.
[[nodiscard]] std::string whole(double value);

// "3.142": with so many digits behind the point.
[[nodiscard]] std::string fixed(double value, int digits);

}  // namespace lastbyte::text
