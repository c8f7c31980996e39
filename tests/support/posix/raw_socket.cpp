#include "support/raw_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace lastbyte::test {
namespace {

constexpr timeval socket_patience{20, 0};

struct native_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

native_address to_native(const endpoint& where) {
  native_address made;
  if (where.family == address_family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(where.tcp_port);
    std::memcpy(&v4.sin_addr, where.address.data(), sizeof v4.sin_addr);
    std::memcpy(&made.storage, &v4, made.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(where.tcp_port);
    v6.sin6_scope_id = where.scope;
    std::memcpy(&v6.sin6_addr, where.address.data(), sizeof v6.sin6_addr);
    std::memcpy(&made.storage, &v6, made.size = sizeof v6);
  }
  return made;
}

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

// Calls again for as long as something interrupts: without any signal handler, a ring of the thread's own does so
// where its kernel is too old to defer its work (before Linux 6.1).
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// An interrupted connect goes on by itself (connect(2)).
int connect_fully(int fd, native_address to) {
  if (::connect(fd, to.generic(), to.size) == 0) return 0;
  if (errno != EINTR) return -1;
  pollfd wait{fd, POLLOUT, 0};
  if (uninterrupted(
          [&] { return ::poll(&wait, 1, static_cast<int>(socket_patience.tv_sec) * 1'000); }) < 0)
    return -1;
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
  errno = code;
  return code == 0 ? 0 : -1;
}

int open_socket(const endpoint& where) {
  const int family = where.family == address_family::ipv4 ? AF_INET : AF_INET6;
  const int made = check(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  ::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &socket_patience, sizeof socket_patience);
  ::setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &socket_patience, sizeof socket_patience);
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

raw_end end_of_errno() {
  switch (errno) {
    case ECONNRESET:
    case EPIPE: return raw_end::reset;
    case EAGAIN: return raw_end::timeout;
    default: return raw_end::other;
  }
}

}  // namespace

raw_socket raw_socket::connect(const endpoint& where) {
  raw_socket made(static_cast<std::uintptr_t>(open_socket(where)));
  check(connect_fully(static_cast<int>(made.native_), to_native(where)), "connect");
  return made;
}

std::optional<raw_socket> raw_socket::try_connect(const endpoint& where,
                                                  std::chrono::milliseconds limit) {
  raw_socket made(static_cast<std::uintptr_t>(open_socket(where)));
  const int fd = static_cast<int>(made.native_);
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  auto to = to_native(where);
  if (::connect(fd, to.generic(), to.size) != 0 && errno != EINPROGRESS) return std::nullopt;
  pollfd wait{fd, POLLOUT, 0};
  const auto ready =
      uninterrupted([&] { return ::poll(&wait, 1, static_cast<int>(limit.count())); });
  if (ready != 1) return std::nullopt;
  ::fcntl(fd, F_SETFL, flags);
  return made;
}

raw_socket raw_socket::listen(const endpoint& where) {
  raw_socket made(static_cast<std::uintptr_t>(open_socket(where)));
  auto at = to_native(where);
  check(::bind(static_cast<int>(made.native_), at.generic(), at.size), "bind");
  check(::listen(static_cast<int>(made.native_), 64), "listen");
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
  const auto accept_once = [&] {
    return ::accept4(static_cast<int>(native_), nullptr, nullptr, SOCK_CLOEXEC);
  };
  const int taken = check(uninterrupted(accept_once), "accept");
  ::setsockopt(taken, SOL_SOCKET, SO_RCVTIMEO, &socket_patience, sizeof socket_patience);
  ::setsockopt(taken, SOL_SOCKET, SO_SNDTIMEO, &socket_patience, sizeof socket_patience);
  return raw_socket(static_cast<std::uintptr_t>(taken));
}

endpoint raw_socket::local() const {
  native_address mine;
  mine.size = sizeof mine.storage;
  check(::getsockname(static_cast<int>(native_), mine.generic(), &mine.size), "getsockname");
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
    const auto now = uninterrupted(
        [&] { return ::send(static_cast<int>(native_), rest.data(), rest.size(), MSG_NOSIGNAL); });
    if (now < 0) break;
    taken += static_cast<std::size_t>(now);
  }
  return taken;
}

raw_socket::arrival raw_socket::receive(std::span<std::byte> into) {
  const auto now =
      uninterrupted([&] { return ::recv(static_cast<int>(native_), into.data(), into.size(), 0); });
  if (now < 0) return {0, end_of_errno()};
  if (now == 0) return {0, raw_end::end_of_stream};
  return {static_cast<std::size_t>(now), raw_end::none};
}

void raw_socket::shutdown_send() {
  check(::shutdown(static_cast<int>(native_), SHUT_WR), "shutdown");
}

void raw_socket::reset() {
  const linger at_once{1, 0};
  ::setsockopt(static_cast<int>(native_), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void raw_socket::close() noexcept {
  if (native_ != none) ::close(static_cast<int>(std::exchange(native_, none)));
}

}  // namespace lastbyte::test
