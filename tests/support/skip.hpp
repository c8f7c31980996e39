// How a test says that it can't be held here, since Catch2 v2 has no SKIP.
#pragma once

#include <string>
#include <string_view>

namespace lastbyte::test {

/// Marks the running test as skipped: its line in the table then names `reason`. The test returns
/// by itself afterwards:
///
///     if (!namespaces_allowed()) return skip("needs the right to make a network namespace");
///
/// A check that fails in the same test still fails it.
void skip(std::string_view reason);

/// The reason given since the last call, or an empty string. For the runner in main.cpp.
std::string take_skip_reason();

}  // namespace lastbyte::test
