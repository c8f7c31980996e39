// Endpoints as text, without a call to the platform: the same text everywhere, RFC 4291 read, RFC 5952
// written.
#include <algorithm>
#include <charconv>
#include <cstddef>

#include <lastbyte/endpoint.hpp>

namespace lastbyte {
namespace {

using address_bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t group_count = 8;  // of 16 bits, in an IPv6 address

// ---- Writing.

void append_number(std::string& to, std::uint32_t number, int base = 10) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  to.append(digits.data(), end);
}

void append_ipv4(std::string& to, const std::uint8_t* address) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) to += '.';
    append_number(to, address[i]);
  }
}

std::uint32_t group_at(const address_bytes& address, std::size_t index) {
  return static_cast<std::uint32_t>(address[2 * index] << 8 | address[2 * index + 1]);
}

struct zero_run {
  std::size_t begin = group_count;
  std::size_t length = 0;
};

// The first of the longest runs of zero groups; a single group is no run (RFC 5952, 4.2).
zero_run longest_zero_run(const address_bytes& address) {
  zero_run best;
  zero_run current;
  for (std::size_t i = 0; i < group_count; ++i) {
    if (group_at(address, i) != 0) {
      current = {};
      continue;
    }
    if (current.length == 0) current.begin = i;
    ++current.length;
    if (current.length > best.length) best = current;
  }
  return best.length > 1 ? best : zero_run{};
}

bool is_ipv4_mapped(const address_bytes& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; }) &&
         group_at(address, 5) == 0xffff;
}

void append_ipv6(std::string& to, const address_bytes& address) {
  if (is_ipv4_mapped(address)) {
    to += "::ffff:";
    append_ipv4(to, address.data() + 12);
    return;
  }
  const zero_run gap = longest_zero_run(address);
  for (std::size_t i = 0; i < group_count; ++i) {
    if (i == gap.begin) {
      to += "::";
      i += gap.length - 1;
      continue;
    }
    if (i != 0 && to.back() != ':') to += ':';
    append_number(to, group_at(address, i), 16);
  }
}

// ---- Reading.

// The whole text as a number, or nothing.
std::optional<std::uint32_t> number_in(std::string_view text, std::uint32_t most, int base = 10) {
  std::uint32_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, problem] = std::from_chars(begin, end, number, base);
  if (text.empty() || problem != std::errc{} || stop != end || number > most) return std::nullopt;
  return number;
}

// Cuts off what stands before `mark`, and the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

bool read_ipv4(std::string_view text, std::uint8_t* into) {
  if (std::ranges::count(text, '.') != 3) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string_view digits = take_until(text, '.');
    const auto number = number_in(digits, 255);
    // "010" is 8 to some readers and 10 to others.
    if (!number || (digits.size() > 1 && digits.front() == '0')) return false;
    into[i] = static_cast<std::uint8_t>(*number);
  }
  return true;
}

// Groups separated by single colons, the last two perhaps as an IPv4 address.
// @return how many bytes were written, or nothing.
std::optional<std::size_t> read_groups(std::string_view text, address_bytes& into) {
  std::size_t written = 0;
  while (!text.empty()) {
    const bool is_last = text.find(':') == std::string_view::npos;
    if (is_last && text.find('.') != std::string_view::npos) {
      if (written > 12 || !read_ipv4(text, into.data() + written)) return std::nullopt;
      return written + 4;
    }
    const std::string_view digits = take_until(text, ':');
    const auto group = number_in(digits, 0xffff, 16);
    if (!group || digits.size() > 4 || written == into.size()) return std::nullopt;
    into[written++] = static_cast<std::uint8_t>(*group >> 8);
    into[written++] = static_cast<std::uint8_t>(*group & 0xff);
    if (!is_last && text.empty()) return std::nullopt;  // ends with a colon
  }
  return written;
}

bool read_ipv6(std::string_view text, address_bytes& into) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return read_groups(text, into) == into.size();
  address_bytes tail{};
  const std::string_view before = text.substr(0, gap);
  if (before.find('.') != std::string_view::npos) return false;  // IPv4 stands only at the end
  const auto head_size = read_groups(before, into);
  const auto tail_size = read_groups(text.substr(gap + 2), tail);
  // The gap stands for at least one group.
  if (!head_size || !tail_size || *head_size + *tail_size > into.size() - 2) return false;
  std::copy_n(tail.begin(), *tail_size, into.end() - static_cast<std::ptrdiff_t>(*tail_size));
  return true;
}

bool read_bracketed(std::string_view host, endpoint& into) {
  into.family = address_family::ipv6;
  host = host.substr(1, host.size() - 2);
  if (const std::size_t at = host.find('%'); at != std::string_view::npos) {
    const auto scope = number_in(host.substr(at + 1), UINT32_MAX);
    if (!scope) return false;
    into.scope = *scope;
    host = host.substr(0, at);
  }
  return read_ipv6(host, into.address);
}

bool read_host(std::string_view host, endpoint& into) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return read_bracketed(host, into);
  }
  if (host == "*") return true;
  if (host == "localhost") host = "127.0.0.1";
  return read_ipv4(host, into.address.data());
}

}  // namespace

std::string to_string(const endpoint& where) {
  std::string text;
  if (where.family == address_family::ipv4) {
    append_ipv4(text, where.address.data());
  } else {
    text += '[';
    append_ipv6(text, where.address);
    if (where.scope != 0) {
      text += '%';
      append_number(text, where.scope);
    }
    text += ']';
  }
  text += ':';
  append_number(text, where.tcp_port);
  return text;
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  endpoint read;
  const auto tcp_port = number_in(text.substr(colon + 1), UINT16_MAX);
  if (!tcp_port || !read_host(text.substr(0, colon), read)) return std::nullopt;
  read.tcp_port = static_cast<std::uint16_t>(*tcp_port);
  return read;
}

}  // namespace lastbyte
