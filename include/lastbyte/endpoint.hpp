// One end of a TCP connection: an address and a TCP port, IPv4 or IPv6.
//
// Not here: names. lastbyte listens on addresses and resolves nothing but "localhost".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastbyte {

enum class address_family : std::uint8_t { ipv4, ipv6 };

// Shape: the address in network byte order; IPv4 fills the first four bytes. Numbers in host order.
struct endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint32_t scope = 0;  // IPv6 zone, for link-local addresses
  std::uint16_t tcp_port = 0;
  address_family family = address_family::ipv4;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

// "127.0.0.1:27015", "[::1]:27015".
[[nodiscard]] std::string to_string(const endpoint& where);

// Reads "HOST:PORT": an IPv4 address, an IPv6 address in brackets, "localhost", or "*" for any.
// @return nothing if the text is none of these; describe the form to the user then.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

}  // namespace lastbyte
