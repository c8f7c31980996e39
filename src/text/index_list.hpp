// Lists of numbers as taskset and cpusets write them: "0,2,4-7".
//
// The rule: the order is kept, and no number stands there twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastbyte::text {

// The largest number in a list, so that a range that was mistyped can't fill the memory.
inline constexpr std::uint32_t largest_index = 65'535;

// What was read, or why nothing was.
struct index_list_reading {
  std::optional<std::vector<std::uint32_t>> value;  // at least one
  std::string problem;  // without a value: the cause, and what is accepted
};

[[nodiscard]] index_list_reading parse_index_list(std::string_view typed);

// In the form that parse_index_list() reads, three and more in a row as a range. Empty for none.
[[nodiscard]] std::string to_index_list(const std::vector<std::uint32_t>& numbers);

}  // namespace lastbyte::text
