#include "load/thresholds.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "text/quantity.hpp"

namespace lastbyte::load {
namespace {

enum class kind : std::uint8_t { duration, bytes, count, percent };

struct named_measure {
  std::string_view name;
  measure what;
  kind of;
};

constexpr std::array named_measures{
    named_measure{"mean", measure::mean, kind::duration},
    named_measure{"max", measure::max, kind::duration},
    named_measure{"rate", measure::rate, kind::count},
    named_measure{"throughput", measure::throughput, kind::bytes},
    named_measure{"messages", measure::messages, kind::count},
    named_measure{"connections", measure::connections, kind::count},
    named_measure{"failed", measure::failed, kind::count},
    named_measure{"sent", measure::sent, kind::bytes},
    named_measure{"echoed", measure::echoed, kind::bytes},
    named_measure{"lost", measure::lost, kind::bytes},
    named_measure{"unanswered", measure::unanswered, kind::bytes},
    named_measure{"wrong", measure::wrong, kind::bytes},
    named_measure{"cut", measure::cut, kind::bytes},
    named_measure{"cpu", measure::cpu, kind::percent},
};

// Longer ones first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, comparison>, 7> comparisons{{
    {"<=", comparison::at_most},
    {">=", comparison::at_least},
    {"!=", comparison::not_equal},
    {"==", comparison::equal},
    {"<", comparison::less},
    {">", comparison::greater},
    {"=", comparison::equal},
}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// The whole text as a number from 0 to 100.
std::optional<double> percent_in(std::string_view text) {
  double number = -1;
  const auto [stop, problem] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (problem != std::errc{} || stop != text.data() + text.size() ||
      !(number >= 0 && number <= 100))
    return std::nullopt;
  return number;
}

// Fills in what is measured. @return what kind of number belongs to it, or nothing: no such measure.
std::optional<kind> read_name(std::string_view name, threshold& into) {
  const auto* known = std::ranges::find(named_measures, name, &named_measure::name);
  if (known != named_measures.end()) {
    into.what = known->what;
    return known->of;
  }
  if (!name.starts_with('p')) return std::nullopt;
  const auto percent = percent_in(name.substr(1));
  if (!percent) return std::nullopt;
  into.what = measure::percentile;
  into.percent = *percent;
  return kind::duration;
}

// @return the problem; empty: none.
std::string read_value(std::string_view typed, kind of, threshold& into) {
  if (of == kind::percent) {
    const auto percent =
        percent_in(typed.ends_with('%') ? typed.substr(0, typed.size() - 1) : typed);
    if (!percent) return "'" + std::string(typed) + "' is not a percentage such as 90 or 90%";
    into.value = *percent;
    return {};
  }
  const text::unit unit = of == kind::duration ? text::unit::microseconds
                          : of == kind::bytes  ? text::unit::bytes
                                               : text::unit::count;
  const auto read = text::parse_quantity(typed, unit);
  if (!read.value) return read.problem;
  into.value = static_cast<double>(*read.value) * (of == kind::duration ? 1e3 : 1.0);
  return {};
}

std::string read_threshold(std::string_view text, threshold& into) {
  const auto at = text.find_first_of("<>=!");
  const std::string_view name = trimmed(text.substr(0, at));
  const std::string_view rest = at == std::string_view::npos ? std::string_view{} : text.substr(at);
  const auto* how = std::ranges::find_if(
      comparisons, [&](const auto& each) { return rest.starts_with(each.first); });
  if (how == comparisons.end()) {
    return "'" + std::string(text) + "' is not a threshold such as p99<5ms or lost=0";
  }
  into.text = text;
  into.how = how->second;
  const auto of = read_name(name, into);
  if (!of) return "'" + std::string(name) + "' is not measured; known: " + known_measures();
  return read_value(trimmed(rest.substr(how->first.size())), *of, into);
}

}  // namespace

parsed_thresholds parse_thresholds(std::string_view list) {
  parsed_thresholds parsed;
  while (true) {
    const auto comma = list.find(',');
    parsed.problem = read_threshold(trimmed(list.substr(0, comma)), parsed.all.emplace_back());
    if (!parsed.problem.empty() || comma == std::string_view::npos) return parsed;
    list.remove_prefix(comma + 1);
  }
}

bool is_met(const threshold& wanted, std::optional<double> actual) noexcept {
  if (!actual) return false;
  switch (wanted.how) {
    case comparison::less: return *actual < wanted.value;
    case comparison::at_most: return *actual <= wanted.value;
    case comparison::equal: return *actual == wanted.value;
    case comparison::not_equal: return *actual != wanted.value;
    case comparison::at_least: return *actual >= wanted.value;
    case comparison::greater: return *actual > wanted.value;
  }
  return false;
}

std::string known_measures() {
  std::string names = "any percentile (p50, p99.9)";
  std::size_t in_line = 1;
  for (const auto& each : named_measures) {
    // In two lines, for it is long.
    names.append(++in_line == 8 ? ",\n" : ", ").append(each.name);
  }
  return names;
}

}  // namespace lastbyte::load
