// The tables of bench/versus, for people.
#pragma once

#include <string>

#include "suite/contest.hpp"

namespace lastbyte::suite {

[[nodiscard]] std::string report_text(const standings& of);

}  // namespace lastbyte::suite
