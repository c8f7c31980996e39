#include "support/raw_socket.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>
#include <system_error>
#include <utility>

namespace lastbyte::test {
namespace {

constexpr DWORD patience_ms = 20'000;

class winsock {
 public:
  winsock() {
    WSADATA unused;
    WSAStartup(MAKEWORD(2, 2), &unused);
  }
  winsock(const winsock&) = delete;
  winsock& operator=(const winsock&) = delete;
  ~winsock() { WSACleanup(); }
};

void need_winsock() { static const winsock started; }

struct native_address {
  sockaddr_storage storage{};
  int size = 0;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

native_address to_native(const endpoint& where) {
  native_address made;
  if (where.family == address_family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(where.tcp_port);
    std::memcpy(&v4.sin_addr, where.address.data(), sizeof v4.sin_addr);
    std::memcpy(&made.storage, &v4, sizeof v4);
    made.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(where.tcp_port);
    v6.sin6_scope_id = where.scope;
    std::memcpy(&v6.sin6_addr, where.address.data(), sizeof v6.sin6_addr);
    std::memcpy(&made.storage, &v6, sizeof v6);
    made.size = sizeof v6;
  }
  return made;
}

void check(bool succeeded, const char* what) {
  if (!succeeded) throw std::system_error(WSAGetLastError(), std::system_category(), what);
}

void limit_patience(SOCKET socket) {
  const auto* value = reinterpret_cast<const char*>(&patience_ms);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, value, sizeof patience_ms);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, value, sizeof patience_ms);
}

SOCKET open_socket(const endpoint& where) {
  need_winsock();
  const int family = where.family == address_family::ipv4 ? AF_INET : AF_INET6;
  const SOCKET made = ::socket(family, SOCK_STREAM, IPPROTO_TCP);
  check(made != INVALID_SOCKET, "socket");
  limit_patience(made);
  const BOOL on = TRUE;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
  return made;
}

raw_end end_of_last_error() {
  switch (WSAGetLastError()) {
    case WSAECONNRESET:
    case WSAECONNABORTED: return raw_end::reset;
    case WSAETIMEDOUT: return raw_end::timeout;
    default: return raw_end::other;
  }
}

}  // namespace

raw_socket raw_socket::connect(const endpoint& where) {
  raw_socket made(open_socket(where));
  auto to = to_native(where);
  check(::connect(made.native_, to.generic(), to.size) == 0, "connect");
  return made;
}

std::optional<raw_socket> raw_socket::try_connect(const endpoint& where,
                                                  std::chrono::milliseconds limit) {
  raw_socket made(open_socket(where));
  u_long is_non_blocking = 1;
  ::ioctlsocket(made.native_, static_cast<long>(FIONBIO), &is_non_blocking);
  auto to = to_native(where);
  if (::connect(made.native_, to.generic(), to.size) != 0 && WSAGetLastError() != WSAEWOULDBLOCK) {
    return std::nullopt;
  }
  fd_set connected;
  FD_ZERO(&connected);
  FD_SET(static_cast<SOCKET>(made.native_), &connected);
  timeval longest{0, static_cast<long>(limit.count() * 1'000)};
  if (::select(0, nullptr, &connected, nullptr, &longest) != 1) return std::nullopt;
  is_non_blocking = 0;
  ::ioctlsocket(made.native_, static_cast<long>(FIONBIO), &is_non_blocking);
  return made;
}

raw_socket raw_socket::listen(const endpoint& where) {
  raw_socket made(open_socket(where));
  auto at = to_native(where);
  check(::bind(made.native_, at.generic(), at.size) == 0, "bind");
  check(::listen(made.native_, 64) == 0, "listen");
  return made;
}

raw_socket::raw_socket(raw_socket&& other) noexcept : native_(std::exchange(other.native_, none)) {}

raw_socket& raw_socket::operator=(raw_socket&& other) noexcept {
  if (this != &other) {
    close();
    native_ = std::exchange(other.native_, none);
  }
  return *this;
}

raw_socket::~raw_socket() { close(); }

raw_socket raw_socket::accept() {
  const SOCKET taken = ::accept(native_, nullptr, nullptr);
  check(taken != INVALID_SOCKET, "accept");
  limit_patience(taken);
  return raw_socket(taken);
}

endpoint raw_socket::local() const {
  native_address mine;
  mine.size = sizeof mine.storage;
  check(::getsockname(native_, mine.generic(), &mine.size) == 0, "getsockname");
  endpoint where;
  if (mine.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &mine.storage, sizeof v4);
    std::memcpy(where.address.data(), &v4.sin_addr, sizeof v4.sin_addr);
    where.tcp_port = ntohs(v4.sin_port);
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &mine.storage, sizeof v6);
    std::memcpy(where.address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    where.tcp_port = ntohs(v6.sin6_port);
    where.family = address_family::ipv6;
  }
  return where;
}

std::size_t raw_socket::send(std::span<const std::byte> all) {
  std::size_t taken = 0;
  while (taken < all.size()) {
    const auto rest = all.subspan(taken);
    const int now = ::send(native_, reinterpret_cast<const char*>(rest.data()),
                           static_cast<int>(rest.size()), 0);
    if (now < 0) break;
    taken += static_cast<std::size_t>(now);
  }
  return taken;
}

raw_socket::arrival raw_socket::receive(std::span<std::byte> into) {
  const int now =
      ::recv(native_, reinterpret_cast<char*>(into.data()), static_cast<int>(into.size()), 0);
  if (now < 0) return {0, end_of_last_error()};
  if (now == 0) return {0, raw_end::end_of_stream};
  return {static_cast<std::size_t>(now), raw_end::none};
}

void raw_socket::shutdown_send() { check(::shutdown(native_, SD_SEND) == 0, "shutdown"); }

void raw_socket::reset() {
  const linger at_once{1, 0};
  ::setsockopt(native_, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&at_once),
               sizeof at_once);
  close();
}

void raw_socket::close() noexcept {
  if (native_ != none) ::closesocket(std::exchange(native_, none));
}

}  // namespace lastbyte::test
