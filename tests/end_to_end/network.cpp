#include "end_to_end/network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
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

// /proc/net/snmp has two lines for each protocol: names, then values in the same order.
std::uint64_t sent_resets() {
  std::ifstream file("/proc/thread-self/net/snmp");
  std::string line;
  std::vector<std::string> names;
  while (std::getline(file, line)) {
    if (!line.starts_with("Tcp: ")) continue;
    std::istringstream words(line);
    std::vector<std::string> values;
    for (std::string word; words >> word;) values.push_back(word);
    if (names.empty()) {
      names = values;
      continue;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "OutRsts") return std::stoull(values.at(i));
    }
  }
  throw std::runtime_error("/proc/net/snmp has no Tcp OutRsts");
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
  if (enter_own_network().empty()) before_ = sent_resets();
}

std::optional<std::uint64_t> reset_counter::seen() const {
  if (!enter_own_network().empty()) return std::nullopt;
  return sent_resets() - before_;
}

void check_no_resets(const reset_counter& counted) {
  const auto resets = counted.seen();
  if (!resets) {
    return skip("held, but for counting resets on the wire: " + enter_own_network());
  }
  INFO("resets sent by anybody in this network, as the kernel counts them");
  CHECK(*resets == 0);
}

}  // namespace lastbyte::test
