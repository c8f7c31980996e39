#include "end_to_end/network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "end_to_end/descriptor.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {
namespace {

std::string error_text(const char* what) {
  return std::string("cannot ") + what + ": " + std::strerror(errno);
}

std::string set_loopback_up() {
  const descriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(any.number(), SIOCGIFFLAGS, &request) != 0) return error_text("examine lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  if (::ioctl(any.number(), SIOCSIFFLAGS, &request) != 0) return error_text("set lo up");
  return {};
}

bool write_file(const char* path, const std::string& text) {
  std::ofstream file(path);
  return static_cast<bool>(file << text << std::flush);
}

// Whoever may not make a namespace for the network alone may often make one for users too, and be root
// in that. Files that we make there must belong to somebody: hence the maps.
std::string enter() {
  if (::unshare(CLONE_NEWNET) == 0) return set_loopback_up();
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return error_text("make a network namespace (unshare)");
  }
  write_file("/proc/self/setgroups", "deny");  // not there on old kernels, nor needed there
  if (!write_file("/proc/self/uid_map", "0 " + user + " 1") ||
      !write_file("/proc/self/gid_map", "0 " + group + " 1")) {
    return error_text("map the user into the namespace");
  }
  return set_loopback_up();
}

// Such a file has two lines for each protocol: names, then values in the same order.
void read_counters(const char* path, const std::string& protocol,
                   std::map<std::string, std::uint64_t>& into) {
  std::ifstream file(path);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != protocol) continue;
    if (names.empty()) {
      while (words >> word) names.push_back(word);
      continue;
    }
    for (const auto& name : names) {
      // A limit, not a count, may be -1.
      if (words >> word && !word.starts_with('-')) into[name] = std::stoull(word);
    }
  }
}

std::map<std::string, std::uint64_t> tcp_counters() {
  std::map<std::string, std::uint64_t> counters;
  read_counters("/proc/thread-self/net/snmp", "Tcp:", counters);
  read_counters("/proc/thread-self/net/netstat", "TcpExt:", counters);
  if (!counters.contains("OutRsts")) throw std::runtime_error("/proc/net/snmp has no Tcp OutRsts");
  return counters;
}

// Whether something waits at an end of a connection with this server: to be sent to it, or to be received by it.
bool is_anything_on_its_way(std::uint16_t server_port) {
  constexpr unsigned listening = 10;  // include/net/tcp_states.h; its queue is one of connections
  std::ifstream file("/proc/thread-self/net/tcp");
  for (std::string line; std::getline(file, line);) {
    unsigned local = 0;
    unsigned remote = 0;
    unsigned state = 0;
    unsigned long to_send = 0;
    unsigned long to_receive = 0;
    if (std::sscanf(line.c_str(), " %*u: %*x:%x %*x:%x %x %lx:%lx", &local, &remote, &state,
                    &to_send, &to_receive) != 5) {
      continue;  // the heading
    }
    if (state == listening) continue;
    if (local == server_port && to_receive > 0) return true;
    if (remote == server_port && to_send > 0) return true;
  }
  return false;
}

// Counted where a connection is given up: by the side that resets it (TCPAbort...), or by the side that
// is reset while it is open (EstabResets).
bool ends_a_connection(const std::string& name) {
  return name.starts_with("TCPAbort") || name == "EstabResets";
}

bool is_worth_telling(const std::string& name) {
  return ends_a_connection(name) || name == "OutRsts" || name == "AttemptFails" ||
         name.find("Listen") != std::string::npos || name.find("Timeout") != std::string::npos ||
         name.find("Drop") != std::string::npos || name.find("Overflow") != std::string::npos;
}

constexpr const char* receiving_file = "/proc/sys/net/ipv4/tcp_rmem";
constexpr const char* sending_file = "/proc/sys/net/ipv4/tcp_wmem";

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

const std::string& enter_own_network() {
  static const std::string problem = enter();
  return problem;
}

// Each file holds three sizes: least, first, most.
narrow_paths::narrow_paths(std::uint64_t most_bytes)
    : receiving_before_(first_line(receiving_file)), sending_before_(first_line(sending_file)) {
  if (!enter_own_network().empty()) return;
  const std::string most = std::to_string(most_bytes);
  are_narrow_ = write_file(receiving_file, "4096 65536 " + most) &&
                write_file(sending_file, "4096 16384 " + most);
}

narrow_paths::~narrow_paths() {
  if (!are_narrow_) return;
  write_file(receiving_file, receiving_before_);
  write_file(sending_file, sending_before_);
}

reset_counter::reset_counter() {
  if (enter_own_network().empty()) before_ = tcp_counters();
}

std::optional<std::uint64_t> reset_counter::of_connections() const {
  if (!enter_own_network().empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const auto& [name, value] : tcp_counters()) {
    if (ends_a_connection(name)) sum += value - before_.at(name);
  }
  return sum;
}

std::optional<std::uint64_t> reset_counter::segments() const {
  if (!enter_own_network().empty()) return std::nullopt;
  return tcp_counters()["OutRsts"] - before_.at("OutRsts");
}

std::uint64_t reset_counter::of(const std::string& counter) const {
  return tcp_counters().at(counter) - before_.at(counter);
}

std::string reset_counter::text() const {
  std::string text;
  for (const auto& [name, value] : tcp_counters()) {
    const auto before = before_.find(name);
    if (before == before_.end() || before->second == value || !is_worth_telling(name)) continue;
    text += ' ' + name + '=' + std::to_string(value - before->second);
  }
  return text.empty() ? " none" : text;
}

one_processor::one_processor() {
  ::sched_getaffinity(0, sizeof before_, &before_);
  int first = 0;
  while (!CPU_ISSET(first, &before_)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

one_processor::~one_processor() { ::sched_setaffinity(0, sizeof before_, &before_); }

void wait_until_received(const endpoint& server, milliseconds limit) {
  const time_limit until(limit);
  while (is_anything_on_its_way(server.tcp_port)) {
    if (until.is_over())
      throw std::runtime_error("the server has not received all that was sent to it");
    std::this_thread::yield();
  }
}

void check_no_resets(const reset_counter& counted) {
  const auto resets = counted.of_connections();
  if (!resets) {
    return skip("held, but for counting resets on the wire: " + enter_own_network());
  }
  INFO("the kernel's counters of this network:" << counted.text());
  CHECK(*resets == 0);
}

void check_no_reset_segments(const reset_counter& counted) {
  const auto segments = counted.segments();
  if (!segments) return;  // check_no_resets() says why
  INFO("the kernel's counters of this network:" << counted.text());
  CHECK(*segments == 0);
}

}  // namespace lastbyte::test
