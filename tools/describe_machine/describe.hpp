// The connection machine in words and pictures, from the table itself.
#pragma once

#include <optional>
#include <string>

namespace describe_machine {

// A Mermaid diagram of every change of state, without the ways into `closing` that all states share.
[[nodiscard]] std::string diagram();

// A Markdown table: each event in each state.
[[nodiscard]] std::string truth_table();

// `readme` with what stands between its markers made anew.
// @return nothing if a marker is missing.
[[nodiscard]] std::optional<std::string> refresh(const std::string& readme);

}  // namespace describe_machine
