// lastbyte::endpoint to and from Windows' form.
#pragma once

#include <lastbyte/endpoint.hpp>

#include "port/iocp/native.hpp"

namespace lastbyte::port::iocp {

struct socket_address {
  sockaddr_storage storage{};
  int length = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

[[nodiscard]] int native_family(address_family from) noexcept;
[[nodiscard]] socket_address to_address(const endpoint& from) noexcept;
// An IPv4 client of an IPv6 listener becomes what it is: IPv4.
// @param from: as long as its family says.
[[nodiscard]] endpoint to_endpoint(const sockaddr& from) noexcept;

}  // namespace lastbyte::port::iocp
