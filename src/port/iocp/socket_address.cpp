#include "port/iocp/socket_address.hpp"

#include <algorithm>
#include <cstring>

namespace lastbyte::port::iocp {

int native_family(address_family from) noexcept {
  return from == address_family::ipv4 ? AF_INET : AF_INET6;
}

socket_address to_address(const endpoint& from) noexcept {
  socket_address made;
  if (from.family == address_family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(from.tcp_port);
    std::memcpy(&v4.sin_addr, from.address.data(), sizeof v4.sin_addr);
    std::memcpy(&made.storage, &v4, sizeof v4);
    made.length = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(from.tcp_port);
    v6.sin6_scope_id = from.scope;
    std::memcpy(&v6.sin6_addr, from.address.data(), sizeof v6.sin6_addr);
    std::memcpy(&made.storage, &v6, sizeof v6);
    made.length = sizeof v6;
  }
  return made;
}

endpoint to_endpoint(const sockaddr& from) noexcept {
  endpoint made;
  if (from.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    made.tcp_port = ntohs(v4.sin_port);
    std::memcpy(made.address.data(), &v4.sin_addr, sizeof v4.sin_addr);
    return made;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof v6);
  made.tcp_port = ntohs(v6.sin6_port);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    std::copy_n(bytes + 12, 4, made.address.begin());
  } else {
    made.family = address_family::ipv6;
    made.scope = v6.sin6_scope_id;
    std::copy_n(bytes, 16, made.address.begin());
  }
  return made;
}

}  // namespace lastbyte::port::iocp
