#include "faults/kernel_sockets.hpp"

#include <poll.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace lastbyte::test {
namespace {

std::uint64_t hexadecimal(const std::string& digits) { return std::stoull(digits, nullptr, 16); }

struct address_pair {
  std::string local;
  std::string remote;
};

std::uint64_t port_of(const std::string& address) {
  return hexadecimal(address.substr(address.find(':') + 1));
}

// A line, behind the first: number, local ADDRESS:PORT, remote, state, SENDING:RECEIVING; all hexadecimal.
template <class Choice>
std::vector<kernel_socket> select(Choice is_wanted) {
  std::vector<kernel_socket> found;
  std::ifstream lines("/proc/thread-self/net/tcp");
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string number;
    address_pair of;
    std::string state;
    std::string queues;
    words >> number >> of.local >> of.remote >> state >> queues;
    const auto is = static_cast<tcp_state>(hexadecimal(state));
    if (!is_wanted(of) || is == tcp_state::listening) continue;
    const auto middle = queues.find(':');
    found.push_back(
        {is, hexadecimal(queues.substr(0, middle)), hexadecimal(queues.substr(middle + 1))});
  }
  return found;
}

}  // namespace

std::vector<kernel_socket> sockets_of(std::uint16_t tcp_port) {
  return select([&](const address_pair& of) { return port_of(of.local) == tcp_port; });
}

std::vector<kernel_socket> peers_of(std::uint16_t tcp_port) {
  return select([&](const address_pair& of) { return port_of(of.remote) == tcp_port; });
}

// The kernel tells nobody of a change.
void await_sockets(std::uint16_t tcp_port, std::size_t count, const std::string& what,
                   const std::function<bool(const kernel_socket&)>& is_so, milliseconds limit) {
  const time_limit until(limit);
  for (;;) {
    const auto now = sockets_of(tcp_port);
    if (static_cast<std::size_t>(std::count_if(now.begin(), now.end(), is_so)) >= count) return;
    if (until.is_over()) {
      std::string states;
      for (const auto& each : now) states += ' ' + std::to_string(static_cast<int>(each.state));
      throw std::runtime_error("the daemon's sockets never were '" + what +
                               "'; the kernel's numbers of their states:" + states);
    }
    (void)::poll(nullptr, 0, 5);
  }
}

}  // namespace lastbyte::test
