// Which daemon a test is held for. Each suite has its own list of them: kinds_under_test.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/sanitized.hpp"

namespace lastbyte::test {

struct daemon_kind {
  std::string_view name;
  std::string_view io;
  /// Whether its platform tells what the peer has acknowledged, and so proves how a connection ended.
  bool has_witness = true;
  /// How many times slower than a native, optimised one it may be: for the bounds of time.
  int slowness = 1;
  std::size_t half_close_clients = 20;
  std::size_t quiesce_clients = 50;
  std::size_t crowd_clients = 1'000;
};

/// What a suite's platform knows about running its programs.
namespace platform {

/// @return why daemons of this kind can't be run here, or an empty string. Called before each test.
std::string why_unavailable(const daemon_kind& kind);
std::vector<std::string> daemon_command();
/// Ours, not a test's: tutorial_client.cpp, built for the same platform.
std::vector<std::string> tutorial_client_command();
/// How the platform's programs call a file of ours.
std::string file_name(const std::string& path);
/// The signal that asks the daemon to end.
int end_signal();

}  // namespace platform

}  // namespace lastbyte::test
