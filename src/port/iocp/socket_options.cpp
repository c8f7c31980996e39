#include "port/iocp/socket_options.hpp"

#include <mstcpip.h>

#include <algorithm>

#include "port/iocp/error_map.hpp"

namespace lastbyte::port::iocp {
namespace {

// Windows' own default between two keep-alive probes.
constexpr ULONG keepalive_probe_ms = 1'000;

outcome set_flag(SOCKET of, int level, int name, bool is_on) noexcept {
  const DWORD value = is_on ? 1 : 0;
  const int done =
      ::setsockopt(of, level, name, reinterpret_cast<const char*>(&value), sizeof value);
  return done == 0 ? outcome{} : last_socket_error();
}

}  // namespace

outcome set_connection_options(SOCKET of) noexcept {
  // These fail only on a connection that is over, and that is its receive's to tell.
  (void)set_flag(of, IPPROTO_TCP, TCP_NODELAY, true);
  (void)set_flag(of, SOL_SOCKET, SO_OOBINLINE, true);
  return set_no_blocking(of);
}

void set_keepalive(SOCKET of, std::uint32_t idle_ms) noexcept {
  if (idle_ms == 0) return;
  // Windows 10 knows TCP_KEEPIDLE only since version 1709; this is as old as Windows 2000.
  tcp_keepalive wanted{1, idle_ms, keepalive_probe_ms};
  DWORD bytes = 0;
  // As above.
  (void)WSAIoctl(of, SIO_KEEPALIVE_VALS, &wanted, sizeof wanted, nullptr, 0, &bytes, nullptr,
                 nullptr);
}

outcome set_listener_options(SOCKET of, const endpoint& where) noexcept {
  // Without it any other process may bind the same TCP port and take our clients (Microsoft's page "Using
  // SO_REUSEADDR and SO_EXCLUSIVEADDRUSE").
  const outcome done = set_flag(of, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, true);
  if (done.failed() || where.family == address_family::ipv4) return done;
  const bool is_any = std::all_of(where.address.begin(), where.address.end(),
                                  [](std::uint8_t byte) { return byte == 0; });
  return set_flag(of, IPPROTO_IPV6, IPV6_V6ONLY, !is_any);
}

outcome set_no_blocking(SOCKET of) noexcept {
  u_long on = 1;
  return ::ioctlsocket(of, static_cast<long>(FIONBIO), &on) == 0 ? outcome{} : last_socket_error();
}

}  // namespace lastbyte::port::iocp
