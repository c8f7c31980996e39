#include "text/index_list.hpp"

#include <algorithm>
#include <charconv>

namespace lastbyte::text {
namespace {

struct span_of_indices {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

std::optional<std::uint32_t> parse_index(std::string_view typed) {
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  if (failed != std::errc{} || end != typed.data() + typed.size()) return std::nullopt;
  if (number > largest_index) return std::nullopt;
  return number;
}

// "4" is from 4 to 4.
std::optional<span_of_indices> parse_part(std::string_view typed) {
  const std::size_t dash = typed.find('-');
  const auto first = parse_index(typed.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_index(typed.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return span_of_indices{*first, *last};
}

index_list_reading refusal(std::string_view part, std::string_view cause) {
  std::string problem("'");
  problem.append(part).append("' ").append(cause);
  problem += "; give a list such as 0,2,4-7, of numbers up to " + std::to_string(largest_index);
  return {std::nullopt, std::move(problem)};
}

std::string to_part(const span_of_indices& of) {
  if (of.first == of.last) return std::to_string(of.first);
  const char between = of.last == of.first + 1 ? ',' : '-';
  return std::to_string(of.first) + between + std::to_string(of.last);
}

}  // namespace

index_list_reading parse_index_list(std::string_view typed) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t begin = 0; begin <= typed.size();) {
    const std::size_t end = std::min(typed.find(',', begin), typed.size());
    const std::string_view part = typed.substr(begin, end - begin);
    const auto read = parse_part(part);
    if (!read) return refusal(part, "is no number and no range of them");
    for (std::uint32_t number = read->first; number <= read->last; ++number) {
      if (std::ranges::find(numbers, number) != numbers.end()) {
        return refusal(std::to_string(number), "stands there twice");
      }
      numbers.push_back(number);
    }
    begin = end + 1;
  }
  return {std::move(numbers), {}};
}

std::string to_index_list(const std::vector<std::uint32_t>& numbers) {
  std::vector<span_of_indices> parts;
  for (const std::uint32_t number : numbers) {
    if (!parts.empty() && number == parts.back().last + 1) {
      parts.back().last = number;
    } else {
      parts.push_back({number, number});
    }
  }
  std::string list;
  for (const span_of_indices& part : parts) {
    list.append(list.empty() ? "" : ",").append(to_part(part));
  }
  return list;
}

}  // namespace lastbyte::text
