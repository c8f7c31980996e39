#include "suite/residence.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "suite/crowd.hpp"
#include "suite/machine.hpp"

namespace lastbyte::suite {
namespace {

// From here on a server has all that it needs once.
constexpr std::uint32_t first_connections = 100;
// Descriptors of a process that are no connections of the job.
constexpr std::uint64_t other_files = 100;
constexpr std::chrono::milliseconds settling{200};
// A crowd in which each echoes once a minute, watched for so long, in steps.
constexpr double echo_every_s = 60;
constexpr std::chrono::milliseconds watched{6'000};
constexpr std::chrono::milliseconds step{20};

using clock = std::chrono::steady_clock;

void take_all_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string watch(crowd& all, const served& server, residence& into) {
  const double per_step =
      static_cast<double>(all.size()) / echo_every_s * std::chrono::duration<double>(step).count();
  const std::uint64_t before = cpu_ns(server.id());
  const auto begun = clock::now();
  double due = 0;
  for (auto next = begun; next < begun + watched; next += step) {
    std::this_thread::sleep_until(next);
    due += per_step;
    const auto whole = static_cast<std::size_t>(due);
    due -= static_cast<double>(whole);
    if (auto problem = all.echo(whole); !problem.empty()) return problem;
  }
  const std::chrono::duration<double, std::nano> wall = clock::now() - begun;
  into.cpu_share = static_cast<double>(cpu_ns(server.id()) - before) / wall.count();
  return {};
}

std::string reside(const job& what, const served& server, residence& into) {
  crowd all(server.addresses());
  if (auto problem = all.grow_to(first_connections); !problem.empty()) return problem;
  std::this_thread::sleep_for(settling);
  const std::uint64_t before = memory_bytes(server.id());
  if (auto problem = all.grow_to(into.connections); !problem.empty()) return problem;
  std::this_thread::sleep_for(settling);
  into.bytes_in_all = memory_bytes(server.id());
  into.bytes_each = (static_cast<double>(into.bytes_in_all) - static_cast<double>(before)) /
                    (into.connections - first_connections);
  return what.how == measure::crowd ? watch(all, server, into) : std::string();
}

}  // namespace

std::uint32_t possible_connections(const job& what, std::uint64_t most_files) {
  const std::uint64_t room = most_files - std::min(most_files, other_files);
  const std::uint64_t wanted = what.connections == 0 ? room : what.connections;
  return wanted <= room ? static_cast<std::uint32_t>(wanted) : 0;
}

residences measure_residence(const job& what, const std::vector<const contestant*>& servers,
                             const surroundings& where, progress& shown) {
  residences made;
  made.what = &what;
  take_all_files();
  const std::uint32_t connections = possible_connections(what, most_files());
  if (connections <= first_connections) {
    made.skipped = "a process may have " + std::to_string(most_files()) +
                   " files open here; raise it: ulimit -Hn";
    return made;
  }
  job fitted = what;
  fitted.connections = connections;
  for (const contestant* each : servers) {
    shown.show(std::string(what.name) + "  " + std::string(each->name) + "  " +
               std::to_string(connections) + " connections");
    residence& one = made.all.emplace_back();
    one.who = each;
    one.connections = connections;
    served server(*each, fitted, where);
    one.problem = server.problem().empty() ? reside(fitted, server, one) : server.problem();
  }
  return made;
}

}  // namespace lastbyte::suite
