// lastbyte::endpoint to and from the kernel's form.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <lastbyte/endpoint.hpp>

namespace lastbyte::port::posix {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

[[nodiscard]] socket_address to_address(const endpoint& from) noexcept;
// An IPv4 client of an IPv6 listener becomes what it is: IPv4.
[[nodiscard]] endpoint to_endpoint(const socket_address& from) noexcept;

}  // namespace lastbyte::port::posix
