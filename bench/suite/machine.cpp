#include "suite/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

#include "load/process.hpp"

namespace lastbyte::suite {

// The lines "cpuN user nice system idle iowait ...", of which the kernel knows the last two exactly.
std::uint64_t idle_ns(const std::vector<unsigned>& processors) {
  std::ifstream file("/proc/stat");
  const auto tick_ns = 1'000'000'000U / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  std::uint64_t ticks = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t skipped = 0;
    std::uint64_t idle = 0;
    std::uint64_t waiting = 0;
    words >> name >> skipped >> skipped >> skipped >> idle >> waiting;
    if (!name.starts_with("cpu") || name == "cpu") continue;
    const auto number = static_cast<unsigned>(std::stoul(name.substr(3)));
    if (std::ranges::find(processors, number) != processors.end()) ticks += idle + waiting;
  }
  return ticks * tick_ns;
}

unsigned processors() { return static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN)); }

std::uint64_t cpu_ns(pid_t of) {
  return load::process_cpu_ns(static_cast<std::uint64_t>(of)).value_or(0);
}

std::uint64_t memory_bytes(pid_t of) {
  std::ifstream file("/proc/" + std::to_string(of) + "/smaps_rollup");
  std::string name;
  std::uint64_t kibibytes = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    words >> name;
    if (name == "Pss:" && words >> kibibytes) return kibibytes * 1'024;
  }
  return 0;
}

std::uint64_t most_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace lastbyte::suite
