// The transition table with a number in each cell, for people.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "core/transition_table.hpp"

namespace lastbyte::test {

using cell_counts = std::array<std::array<std::uint64_t, core::event_count>, core::state_count>;

// A row for each event, a column for each state, as in the truth table of core/README.md.
// @param are_legal: which cells to print the counts of; the others are `-`.
inline void print_cells(const cell_counts& counts, bool are_legal) {
  std::printf("%-26s", "");
  for (std::size_t s = 0; s < core::state_count; ++s) {
    const std::string_view name = to_string(static_cast<core::state>(s));
    std::printf(" %13.*s", static_cast<int>(name.size()), name.data());
  }
  std::printf("\n");
  for (std::size_t e = 0; e < core::event_count; ++e) {
    const auto what = static_cast<core::event>(e);
    const std::string_view name = to_string(what);
    std::printf("%-26.*s", static_cast<int>(name.size()), name.data());
    for (std::size_t s = 0; s < core::state_count; ++s) {
      if (look_up(static_cast<core::state>(s), what).legal != are_legal) {
        std::printf(" %13s", "-");
      } else {
        std::printf(" %13llu", static_cast<unsigned long long>(counts[s][e]));
      }
    }
    std::printf("\n");
  }
}

}  // namespace lastbyte::test
