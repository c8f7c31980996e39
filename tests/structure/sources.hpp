// The checkout as the structure tests see it: rooms, files, lines, includes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lastbyte::test {

struct room {
  std::string name;    // as includes spell it: "core" in "core/machine.hpp"
  std::string folder;  // from the top of the checkout: "src/core"
};

/// Every room, top to bottom: each may include only itself and those after it.
const std::vector<room>& rooms();

/// The room of that name; its place in rooms() is its height. Fails the test if there is none.
std::size_t place_of(std::string_view name);

/// The top of the checkout.
std::filesystem::path checkout();

struct source_file {
  std::string path;  // from the top of the checkout
  std::vector<std::string> lines;
};

/// The .hpp and .cpp files under `folder`, which is named from the top of the checkout, in order.
std::vector<source_file> sources_under(const std::string& folder);

struct include_line {
  std::string header;  // what stands between the quotes or brackets
  bool quoted;         // "header", not <header>
  std::string where;   // path:line, for messages
};

std::vector<include_line> includes_of(const source_file& file);

/// One violation a line, so that Catch2 shows them all; empty if there is none.
std::string listed(const std::vector<std::string>& violations);

}  // namespace lastbyte::test
