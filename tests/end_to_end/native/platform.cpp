#include <csignal>

#include "end_to_end/daemon_kind.hpp"
#include "port/uring/port.hpp"

namespace lastbyte::test::platform {

std::string why_unavailable(const daemon_kind& kind) {
  if (kind.io != "uring") return {};
  const port::outcome why = port::uring::port::try_out();
  if (!why.failed()) return {};
  return "this machine refuses io_uring, errno " + std::to_string(why.native);
}

std::vector<std::string> daemon_command() { return {LASTBYTED}; }

std::vector<std::string> tutorial_client_command() { return {TUTORIAL_CLIENT}; }

std::string file_name(const std::string& path) { return path; }

int end_signal() { return SIGTERM; }

}  // namespace lastbyte::test::platform
