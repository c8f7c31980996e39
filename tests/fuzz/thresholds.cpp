// --fail-on: what is accepted says the same when it is said again, and refusals have a reason.
#include "load/thresholds.hpp"

#include <cmath>
#include <string>

#include "fuzz/input.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

using load::threshold;

bool is_same(const threshold& left, const threshold& right) {
  return left.what == right.what && left.how == right.how && left.value == right.value &&
         left.percent == right.percent && left.text == right.text;
}

void check_sense(const threshold& wanted) {
  demand(std::isfinite(wanted.value) && wanted.value >= 0, "a bound that nothing can be held to");
  const bool is_percent = wanted.percent >= 0 && wanted.percent <= 100;
  demand(is_percent, "a percentile outside 0 to 100");
  demand(!load::is_met(wanted, std::nullopt), "met by a figure that was never taken");
  const bool is_met_by_itself = load::is_met(wanted, wanted.value);
  const bool takes_equal = wanted.how == load::comparison::at_most ||
                           wanted.how == load::comparison::equal ||
                           wanted.how == load::comparison::at_least;
  demand(is_met_by_itself == takes_equal, "the comparison is another one");
}

}  // namespace

void thresholds(std::span<const std::uint8_t> bytes) {
  const auto parsed = load::parse_thresholds(input(bytes).text());
  if (!parsed.problem.empty()) return;
  demand(!parsed.all.empty(), "neither a threshold nor a problem");
  std::string list;
  for (const threshold& each : parsed.all) {
    check_sense(each);
    list.append(list.empty() ? "" : ",").append(each.text);
  }
  const auto again = load::parse_thresholds(list);
  demand(again.problem.empty() && again.all.size() == parsed.all.size(), "not read again");
  for (std::size_t i = 0; i < parsed.all.size(); ++i) {
    demand(is_same(parsed.all[i], again.all[i]), "read again as another threshold");
  }
}

}  // namespace lastbyte::fuzz
