// The transition table with a text in each cell, for people.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "core/state.hpp"

namespace lastbyte::test {

// A row for each event, a column for each state, as in the truth table of core/README.md.
// @param text_of: called with a state and an event.
template <class TextOf>
void print_cells(const TextOf& text_of) {
  std::printf("%-26s", "");
  for (std::size_t s = 0; s < core::state_count; ++s) {
    const std::string_view name = to_string(static_cast<core::state>(s));
    std::printf(" %13.*s", static_cast<int>(name.size()), name.data());
  }
  std::printf("\n");
  for (std::size_t e = 0; e < core::event_count; ++e) {
    const std::string_view name = to_string(static_cast<core::event>(e));
    std::printf("%-26.*s", static_cast<int>(name.size()), name.data());
    for (std::size_t s = 0; s < core::state_count; ++s) {
      const std::string text = text_of(static_cast<core::state>(s), static_cast<core::event>(e));
      std::printf(" %13s", text.c_str());
    }
    std::printf("\n");
  }
}

}  // namespace lastbyte::test
