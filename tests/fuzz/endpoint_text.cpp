// Addresses: what is read is written so that it is read as the same, and what can be is read as written.
#include <algorithm>
#include <string>

#include <lastbyte/endpoint.hpp>

#include "fuzz/input.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

void check_round_trip(const endpoint& where) {
  const std::string text = to_string(where);
  const auto again = parse_endpoint(text);
  demand(again.has_value(), "a written endpoint is not read");
  demand(*again == where, "a written endpoint is read as another");
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  demand(is_plain, "a written endpoint holds more than printable ASCII");
}

void check_read(std::string_view typed) {
  const auto read = parse_endpoint(typed);
  if (!read) return;
  const bool is_ipv4 = read->family == address_family::ipv4;
  demand(is_ipv4 == !typed.starts_with('['), "brackets make an IPv6 address, and nothing else");
  const bool is_rest_zero = std::all_of(read->address.begin() + 4, read->address.end(),
                                        [](auto byte) { return byte == 0; });
  demand(!is_ipv4 || (is_rest_zero && read->scope == 0), "an IPv4 address is more than four bytes");
  check_round_trip(*read);
}

// Any bytes are an address.
void check_written(input from) {
  endpoint where;
  const bool is_ipv6 = (from.byte() & 1U) != 0;
  where.family = is_ipv6 ? address_family::ipv6 : address_family::ipv4;
  where.tcp_port = static_cast<std::uint16_t>(from.byte() << 8 | from.byte());
  const std::size_t size = is_ipv6 ? where.address.size() : 4;
  for (std::size_t i = 0; i < size; ++i) where.address[i] = from.byte();
  if (is_ipv6) where.scope = static_cast<std::uint32_t>(from.number());
  check_round_trip(where);
}

}  // namespace

void endpoint_text(std::span<const std::uint8_t> bytes) {
  check_read(input(bytes).text());
  check_written(input(bytes));
}

}  // namespace lastbyte::fuzz
