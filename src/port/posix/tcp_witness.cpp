#include "port/posix/tcp_witness.hpp"

// <linux/tcp.h> in all of this room, not <netinet/tcp.h>, which it excludes: glibc's copy of tcp_info ends before the
// byte counts.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace lastbyte::port::posix {
namespace {

// The kernel's states (include/net/tcp_states.h); TIME_WAIT lives in another object, so the socket
// says CLOSE then.
constexpr std::uint8_t tcp_close = 7;

// Kernels before 4.1 answer with a shorter structure, without the byte counts.
bool ask(int fd, tcp_info& info) noexcept {
  socklen_t length = sizeof info;
  constexpr std::size_t needed = offsetof(tcp_info, tcpi_bytes_received) + sizeof(std::uint64_t);
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && length >= needed;
}

// Without the SYN, which only the connecting side's count has.
std::uint64_t acknowledged_of(const tcp_info& info, bool connecting_side) noexcept {
  return info.tcpi_bytes_acked - (connecting_side && info.tcpi_bytes_acked > 0 ? 1 : 0);
}

}  // namespace

kernel_witness ask_witness(int fd, bool connecting_side) noexcept {
  tcp_info info{};
  if (!ask(fd, info)) return {};
  kernel_witness said;
  said.known = true;
  said.is_closed = info.tcpi_state == tcp_close;
  // Each goes back to 0 with an acknowledgement (tcp_ack() in net/ipv4/tcp_input.c). One probe is on its way; who waits with
  // nothing in flight backs off, too; and to a window that is shut, repetitions aren't counted (tcp_retransmit_timer()).
  said.is_unanswered = info.tcpi_retransmits > 0 || info.tcpi_probes > 1 ||
                       (info.tcpi_unacked > 0 && info.tcpi_backoff > 0);
  said.has_unsent = info.tcpi_notsent_bytes > 0;  // a FIN counts as one; Linux before 4.6 says 0
  said.round_trip_us = info.tcpi_rtt;
  said.acknowledged = acknowledged_of(info, connecting_side);
  return said;
}

std::optional<std::uint64_t> verify_end(int fd, std::uint64_t received,
                                        bool connecting_side) noexcept {
  tcp_info info{};
  // bytes_received counts the FIN as one, and no reset ever does (tcp_fin() in net/ipv4/tcp_input.c): so
  // it is one more than the payload exactly if the peer finished, in every state. SO_OOBINLINE, set on
  // each socket, makes sure that urgent bytes are payload too.
  if (!ask(fd, info) || info.tcpi_bytes_received != received + 1) return std::nullopt;
  return acknowledged_of(info, connecting_side);
}

std::uint32_t ask_waiting(int listener_fd) noexcept {
  tcp_info info{};
  // Of a listener this field is the length of its queue (tcp_get_info() in net/ipv4/tcp.c).
  socklen_t length = offsetof(tcp_info, tcpi_sacked);
  if (getsockopt(listener_fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  return info.tcpi_unacked;
}

std::optional<std::uint64_t> ask_unread(int fd) noexcept {
  int count = 0;
  if (ioctl(fd, SIOCINQ, &count) != 0 || count < 0) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

}  // namespace lastbyte::port::posix
