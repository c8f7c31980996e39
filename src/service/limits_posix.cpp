#include <sys/resource.h>

#include <fstream>

#include <lastbyte/options.hpp>

#include "service/limits.hpp"
#include "text/quantity.hpp"

namespace lastbyte::service {

bool is_available_io(std::size_t index) { return static_cast<io_choice>(index) != io_choice::iocp; }

std::optional<std::uint64_t> raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // Refused where the hard limit is beyond what the kernel takes now: then the old one stays.
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  if (limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

std::string file_limit_remedy(std::uint64_t files) {
  const std::string number = std::to_string(files);
  return "raise it, as root: ulimit -n " + number + " (in a systemd unit: LimitNOFILE=" + number +
         ")";
}

std::optional<std::string> backlog_warning(std::uint32_t backlog) {
  std::ifstream file("/proc/sys/net/core/somaxconn");
  std::uint32_t most = 0;
  if (!(file >> most) || most >= backlog) return std::nullopt;
  return "the kernel queues " + text::grouped(most) + " connections at most, not " +
         text::grouped(backlog) +
         "; raise it: sysctl -w net.core.somaxconn=" + std::to_string(backlog);
}

}  // namespace lastbyte::service
