// The tables of bench/versus, for people.
#pragma once

#include <string>

#include "suite/contest.hpp"
#include "suite/residence.hpp"

namespace lastbyte::suite {

[[nodiscard]] std::string report_text(const standings& of);
[[nodiscard]] std::string report_text(const residences& of);

}  // namespace lastbyte::suite
