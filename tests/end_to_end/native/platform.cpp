#include <csignal>

#include "end_to_end/daemon_kind.hpp"

namespace lastbyte::test::platform {

std::string why_unavailable() { return {}; }

std::vector<std::string> daemon_command() { return {LASTBYTED}; }

std::vector<std::string> tutorial_client_command() { return {TUTORIAL_CLIENT}; }

std::string file_name(const std::string& path) { return path; }

int end_signal() { return SIGTERM; }

}  // namespace lastbyte::test::platform
