#include "faults/far_network.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "end_to_end/network.hpp"
#include "faults/program.hpp"

namespace lastbyte::test {
namespace {

constexpr std::uint64_t burst_bytes = 64 << 10;

descriptor this_network() {
  return descriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

// The path of a descriptor of ours, for another process.
std::string path_of(const descriptor& of) {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(of.number());
}

// @param command: words between blanks. @return what went wrong, or an empty string.
std::string try_out(const std::string& command) {
  std::istringstream text(command);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  const auto done = run_program(words);
  if (done.exit_code == 0) return {};
  return "'" + command + "' fails: " + (done.is_missing() ? "not installed" : done.err);
}

// In the network that this thread is in; the rule's line has "counter packets N bytes M".
std::uint64_t count_dropped() {
  const std::string rules = run_program({"nft", "list", "table", "inet", "losing"}).out;
  const std::string mark = "counter packets ";
  const auto at = rules.find(mark);
  if (at == std::string::npos) throw std::runtime_error("no rule that drops: " + rules);
  return std::stoull(rules.substr(at + mark.size()));
}

std::string try_all(const std::vector<std::string>& commands) {
  for (const auto& each : commands) {
    if (std::string problem = try_out(each); !problem.empty()) return problem;
  }
  return {};
}

// In the network that this thread is in. @param which: of the segments that reach it, in nft's words.
std::string drop(const std::string& which) {
  return try_all({"nft add table inet losing",
                  "nft add chain inet losing in { type filter hook input priority 0 ; }",
                  "nft add rule inet losing in iifname != lo " + which + " counter drop"});
}

}  // namespace

far_network::visit::visit(const far_network& to) : from_(to) {
  if (::setns(to.far_.number(), CLONE_NEWNET) != 0) throw std::runtime_error("setns");
}

far_network::visit::~visit() { ::setns(from_.home_.number(), CLONE_NEWNET); }

far_network::far_network() : problem_(enter_own_network()) {
  if (!problem_.empty()) return;
  home_ = this_network();
  if (::unshare(CLONE_NEWNET) != 0) {
    problem_ = std::string("cannot make a second network: ") + std::strerror(errno);
    return;
  }
  far_ = this_network();
  ::setns(home_.number(), CLONE_NEWNET);
  problem_ =
      try_all({"ip link add near type veth peer name far", "ip link set far netns " + path_of(far_),
               "ip addr add 10.77.0.1/24 dev near", "ip link set near up"});
  if (!problem_.empty()) return;
  const visit there(*this);
  problem_ = try_all({"ip addr add 10.77.0.2/24 dev far", "ip link set far up"});
}

// With one end goes the other, and the far network with the last of its sockets. Our own stays for the next test.
far_network::~far_network() {
  if (!home_.is_open()) return;
  (void)try_out("ip link del near");
  (void)try_out("nft delete table inet losing");
}

endpoint far_network::our_end() { return *parse_endpoint("10.77.0.1:27015"); }

void far_network::set_link(bool is_up) const {
  const auto problem = try_out(std::string("ip link set near ") + (is_up ? "up" : "down"));
  if (!problem.empty()) throw std::runtime_error(problem);
}

std::string far_network::lose_percent(unsigned percent) const {
  const std::string some = "numgen random mod 100 < " + std::to_string(percent);
  // Segments as a real link has them: the kernel would hand over 64 KiB at once, and there is little to lose.
  if (std::string problem = try_out("ip link set near gso_max_segs 1"); !problem.empty())
    return problem;
  if (std::string problem = drop(some); !problem.empty()) return problem;
  const visit there(*this);
  if (std::string problem = try_out("ip link set far gso_max_segs 1"); !problem.empty())
    return problem;
  return drop(some);
}

std::string far_network::lose_second_message() const {
  // Longer than any segment without payload. None of a test's is the second once more.
  return drop("ip length > 100 numgen inc mod 1000000 == 1");
}

std::string far_network::lose_beginning() const {
  return drop("tcp flags & (syn|ack) == ack numgen inc mod 1000000 < 2");
}

std::uint64_t far_network::dropped_here() const { return count_dropped(); }
std::uint64_t far_network::dropped_there() const {
  const visit there(*this);
  return count_dropped();
}

std::string far_network::limit_rate(unsigned megabits_per_s) const {
  const std::string shape = " root tbf rate " + std::to_string(megabits_per_s) + "mbit burst " +
                            std::to_string(burst_bytes) + " latency 50ms";
  if (std::string problem = try_out("tc qdisc add dev near" + shape); !problem.empty())
    return problem;
  const visit there(*this);
  return try_out("tc qdisc add dev far" + shape);
}

// What goes at once, at the beginning, costs none.
milliseconds far_network::least_time(std::uint64_t bytes, unsigned megabits_per_s) {
  const std::uint64_t bytes_per_ms = std::uint64_t{megabits_per_s} * 1'000'000 / 8 / 1'000;
  return milliseconds((bytes - burst_bytes) / bytes_per_ms);
}

}  // namespace lastbyte::test
