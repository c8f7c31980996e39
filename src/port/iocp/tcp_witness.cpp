#include "port/iocp/tcp_witness.hpp"

#include <algorithm>

namespace lastbyte::port::iocp {
namespace {

// Windows' TCPSTATE, TCP_INFO_v0 and SIO_TCP_INFO: MinGW-w64 has them only when told of a newer Windows than
// we need.
enum tcp_state : ULONG {
  state_closed = 0,
  state_fin_wait_2 = 6,
  state_close_wait = 7,
  state_closing = 8,
  state_last_ack = 9,
  state_time_wait = 10,
};
struct tcp_info {
  ULONG state;
  ULONG mss;
  ULONG64 connection_time_ms;
  BOOLEAN has_timestamps;
  ULONG rtt_us;
  ULONG min_rtt_us;
  ULONG bytes_in_flight;
  ULONG cwnd;
  ULONG snd_wnd;
  ULONG rcv_wnd;
  ULONG rcv_buf;
  ULONG64 bytes_out;
  ULONG64 bytes_in;
  ULONG bytes_reordered;
  ULONG bytes_retrans;
  ULONG fast_retrans;
  ULONG dup_acks_in;
  ULONG timeout_episodes;
  UCHAR syn_retrans;
};
static_assert(sizeof(tcp_info) == 88);
constexpr DWORD ask_tcp_info = IOC_INOUT | IOC_VENDOR | 39;

std::optional<tcp_info> ask(SOCKET of) noexcept {
  DWORD version = 0;
  tcp_info told{};
  DWORD bytes = 0;
  const int done = WSAIoctl(of, ask_tcp_info, &version, sizeof version, &told, sizeof told, &bytes,
                            nullptr, nullptr);
  return done == 0 ? std::optional(told) : std::nullopt;
}

// CLOSED is reached by the acknowledgement of our FIN as by a reset. A receive can tell: behind an orderly
// end it is 0 again, behind a reset an error.
bool ended_without_reset(SOCKET of) noexcept {
  char unused = 0;
  return ::recv(of, &unused, 1, MSG_PEEK) == 0;
}

// Where TCP can't be asked: behind a reset that was swallowed, even a send of no bytes fails, which
// otherwise is allowed and does nothing (Microsoft's page of send()). Behind our own FIN every send fails.
bool refuses_send(const socket& of) noexcept {
  if (::send(of.handle, "", 0, 0) == 0) return false;
  const int code = WSAGetLastError();
  return code != WSAEWOULDBLOCK && !of.is_send_shut;
}

bool is_our_end_acknowledged(const socket& of, ULONG state) noexcept {
  if (!of.is_send_shut) return false;
  if (state == state_fin_wait_2 || state == state_time_wait) return true;
  return state == state_closed && of.first_error == 0 && ended_without_reset(of.handle);
}

}  // namespace

end_of_stream judge_end(const socket& of) noexcept {
  const auto told = ask(of.handle);
  if (!told) return refuses_send(of) ? end_of_stream::refuted : end_of_stream::unproven;
  if (told->state == state_close_wait) return end_of_stream::proven;
  // The other states that count a FIN can only be reached behind our own. The flag is set before the call
  // that sends it, and read after the state: so a state that our FIN made is never misjudged.
  const bool is_over = told->state == state_closing || told->state == state_last_ack ||
                       told->state == state_time_wait || told->state == state_closed;
  return of.is_send_shut && is_over ? end_of_stream::proven : end_of_stream::refuted;
}

kernel_witness ask_witness(const socket& of) noexcept {
  if (of.handle == no_socket) return {};
  const auto told = ask(of.handle);
  if (!told) return {};
  kernel_witness made;
  made.known = true;
  made.is_closed = told->state == state_closed || told->state == state_time_wait;
  made.round_trip_us = told->rtt_us;
  if (is_our_end_acknowledged(of, told->state)) {
    made.acknowledged = of.sent + 1;
    return made;
  }
  const ULONG64 in_flight = told->bytes_in_flight;
  made.acknowledged = told->bytes_out > in_flight ? told->bytes_out - in_flight : 0;
  // Whether Windows counts a FIN in these isn't documented; behind ours the state alone decides.
  if (of.is_send_shut) made.acknowledged = std::min<std::uint64_t>(made.acknowledged, of.sent);
  return made;
}

std::optional<std::uint64_t> ask_unread(SOCKET of) noexcept {
  u_long waiting = 0;
  if (of == no_socket || ::ioctlsocket(of, FIONREAD, &waiting) != 0) return std::nullopt;
  return waiting;
}

}  // namespace lastbyte::port::iocp
