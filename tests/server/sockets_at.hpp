// Finds a server's sockets in its own process, to do with them what only the kernel or an operator does.
#pragma once

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lastbyte::test {

// @param name_of: getsockname or getpeername.
// @return this process's sockets that have this TCP port.
template <class NameOf>
std::vector<int> sockets_at(std::uint16_t tcp_port, NameOf name_of) {
  std::vector<int> found;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return found;
  for (int fd = 0; fd < static_cast<int>(std::min<rlim_t>(files.rlim_cur, 4'096)); ++fd) {
    sockaddr_in name{};
    socklen_t length = sizeof name;
    if (name_of(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) continue;
    if (name.sin_family == AF_INET && ntohs(name.sin_port) == tcp_port) found.push_back(fd);
  }
  return found;
}

}  // namespace lastbyte::test
