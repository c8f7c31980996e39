#include "port/posix/sockets.hpp"

#include <linux/filter.h>
#include <linux/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "port/posix/error_map.hpp"
#include "port/posix/socket_address.hpp"

namespace lastbyte::port::posix {
namespace {

bool set(int fd, int level, int name, int value) noexcept {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

int open_stream(address_family family) noexcept {
  const int domain = family == address_family::ipv4 ? AF_INET : AF_INET6;
  return ::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

bool set_stream_options(int fd) noexcept {
  return set(fd, IPPROTO_TCP, TCP_NODELAY, 1) && set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

bool set_keepalive(int fd, std::uint32_t after_ms) noexcept {
  if (after_ms == 0) return true;
  constexpr std::uint32_t longest_s = 32'767;  // MAX_TCP_KEEPIDLE in include/net/tcp.h
  const int seconds = static_cast<int>(std::min((after_ms - 1) / 1000 + 1, longest_s));
  return set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
}

// What one connection after the other meets is not about them: a security module that forbids accept4() altogether, say.
constexpr unsigned most_accept_tries = 64;

constexpr int sending_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

// What a message is nearly always; the kernel then has no header to copy. Not by send(), as below not by recv(): where
// there are threads, glibc lets each be cancelled in there (nptl/cancellation.c), by two atomic operations around
// every call.
ssize_t send_one(int fd, slice whole) noexcept {
  return ::syscall(SYS_sendto, fd, whole.data(), whole.size(), sending_flags, nullptr, 0);
}

ssize_t send_gathered(int fd, std::span<const slice> slices) noexcept {
  std::array<iovec, max_slices> parts;  // NOLINT(*-member-init): filled as far as it is used
  for (std::size_t i = 0; i < slices.size(); ++i) {
    parts[i] = {const_cast<std::byte*>(slices[i].data()), slices[i].size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = slices.size();
  return ::sendmsg(fd, &message, sending_flags);
}

// A process that was killed leaves what its rings hold to a kernel worker, which closes it a moment later
// (io_ring_exit_work() in io_uring/io_uring.c): its listener may still be there when its successor comes, on a busy
// machine for more than a second. So an address is in use only if it still is after three.
bool bind_soon(int fd, const socket_address& address) noexcept {
  constexpr int attempts = 300;
  constexpr timespec between{0, 10'000'000};
  for (int left = attempts; ::bind(fd, address.get(), address.length) != 0; --left) {
    if (errno != EADDRINUSE || left == 0) return false;
    ::nanosleep(&between, nullptr);
  }
  return true;
}

bool bind_and_listen(int fd, const endpoint& where, const listen_options& how,
                     sharing with) noexcept {
  const socket_address address = to_address(where);
  if (with == sharing::joins && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  if (!bind_soon(fd, address)) return false;
  // Set only after bind(): so a second server on this TCP port is told that it is in use, as it would be
  // without SO_REUSEPORT, and still the other workers' sockets get in.
  if (with == sharing::first && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  return ::listen(fd, static_cast<int>(how.backlog)) == 0;
}

}  // namespace

outcome open_listener(int& fd, const endpoint& where, const listen_options& how,
                      sharing with) noexcept {
  const int made = open_stream(where.family);
  if (made < 0) return last_error();
  // SO_REUSEADDR: a restarted server must not wait for TIME_WAIT of the old one's connections.
  if (set(made, SOL_SOCKET, SO_REUSEADDR, 1) && set_stream_options(made) &&
      set_keepalive(made, how.keepalive_ms) && bind_and_listen(made, where, how, with)) {
    fd = made;
    return {};
  }
  const outcome why = last_error();
  ::close(made);
  return why;
}

endpoint local_endpoint(int fd) noexcept {
  socket_address address;
  if (getsockname(fd, address.get(), &address.length) != 0) return {};
  return to_endpoint(address);
}

outcome refuse_new(int listener_fd) noexcept {
  // Drop what has SYN and no ACK; `[13]` are the flags of the TCP header.
  std::array<sock_filter, 5> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0x7fffffff),
  }};
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (setsockopt(listener_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
    return last_error();
  }
  return {};
}

accept_result accept_one(int listener_fd, accepted_socket& accepted, outcome& why) noexcept {
  outcome met;
  for (unsigned tries = 0; tries < most_accept_tries; ++tries) {
    socket_address peer;
    const int fd = ::accept4(listener_fd, peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted = {static_cast<std::uintptr_t>(fd), to_endpoint(peer)};
      return accept_result::accepted;
    }
    if (errno == EAGAIN) return accept_result::none_waiting;
    met = last_error();
    // Everything else is about the one connection that was to be accepted, not about the listener
    // (accept(2), "Error handling"): on to the next. A bad descriptor would be our own mistake.
    if (met.what == error::resources || errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
      break;
  }
  why = met;
  return accept_result::failed;
}

outcome open_to_connect(int& fd, address_family family) noexcept {
  const int made = open_stream(family);
  if (made < 0) return last_error();
  if (set_stream_options(made)) {
    fd = made;
    return {};
  }
  const outcome why = last_error();
  ::close(made);
  return why;
}

outcome begin_connect(int& fd, const endpoint& where) noexcept {
  int made = -1;
  if (const outcome why = open_to_connect(made, where.family); why.failed()) return why;
  const socket_address address = to_address(where);
  if (::connect(made, address.get(), address.length) == 0 || errno == EINPROGRESS) {
    fd = made;
    return {};
  }
  const outcome why = last_error();
  ::close(made);
  return why;
}

outcome take_error(int fd) noexcept {
  int code = 0;
  socklen_t length = sizeof code;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) != 0) return last_error();
  return from_errno(code);
}

ssize_t receive_now(int fd, block& into) noexcept {
  ssize_t count = 0;
  do {
    count =
        ::syscall(SYS_recvfrom, fd, into.storage, into.capacity, MSG_DONTWAIT, nullptr, nullptr);
  } while (count < 0 && errno == EINTR);
  return count;
}

ssize_t send_now(int fd, std::span<const slice> slices) noexcept {
  ssize_t taken = 0;
  do {
    taken = slices.size() == 1 ? send_one(fd, slices.front()) : send_gathered(fd, slices);
  } while (taken < 0 && errno == EINTR);
  return taken;
}

outcome shutdown_send(int fd) noexcept {
  int done = 0;
  do {
    done = ::shutdown(fd, SHUT_WR);
  } while (done < 0 && errno == EINTR);
  if (done == 0) return {};
  const outcome said = last_error();
  if (said.native != ENOTCONN) return said;
  // It is over, and this is all that shutdown() says; why waits to be asked for, unless it was told before.
  const outcome why = take_error(fd);
  return why.failed() ? why : said;
}

void close(int fd, close_mode mode) noexcept {
  if (mode == close_mode::reset) {
    const linger at_once{1, 0};
    // If this fails the connection is over already, and close() alone is right.
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  // EINTR still closes on Linux; no other error leaves anything to do.
  (void)::close(fd);
}

}  // namespace lastbyte::port::posix
