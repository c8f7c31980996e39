#include "port/iocp/error_map.hpp"

namespace lastbyte::port::iocp {
namespace {

// MinGW-w64 doesn't name it. It is how Wine ends what is pending when its socket is closed, where Windows
// has 995 in its documentation and 64 in the field.
constexpr int error_handles_closed = 676;

}  // namespace

outcome from_code(int code) noexcept {
  switch (code) {
    case 0: return {};

    // An operation that nobody asked to cancel: whoever asked turns this into `cancelled` before it comes
    // here. A driver below us, or an administrator's tool, ended it.
    case WSA_OPERATION_ABORTED:
    case error_handles_closed: return {error::aborted, code};

    case WSAECONNRESET:
    case WSAENETRESET:
    // What a completion packet says instead of WSAECONNRESET. closesocket() gives it to pending operations
    // too (cppalliance/corosio issues 98 and 304); we never close with one pending.
    case ERROR_NETNAME_DELETED:
    // Documented as an abort by this machine. But it is what a peer's reset looks like to a send, and at
    // times to a receive: Kestrel's SocketConnection treats it as a reset on Windows, and so do we.
    case WSAECONNABORTED:
    case ERROR_CONNECTION_ABORTED:
    // Behind a reset that another call has told already; Wine makes it of EPIPE. It cannot be our own
    // shutdown_send(): nothing is submitted behind that.
    case WSAESHUTDOWN:
    // Likewise, told by shutdown().
    case WSAENOTCONN:
    case WSAEDISCON: return {error::reset, code};

    case WSAETIMEDOUT:
    // What a completion packet says instead of WSAETIMEDOUT: no answer, to a SYN or to retransmissions.
    case ERROR_SEM_TIMEOUT:
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
    case WSAENETDOWN:
    case WSAEHOSTDOWN:
    case ERROR_NETWORK_UNREACHABLE:
    case ERROR_HOST_UNREACHABLE: return {error::vanished, code};

    case WSAECONNREFUSED:
    case ERROR_CONNECTION_REFUSED:
      return {error::refused, code};  // the same in a completion packet

    case WSAENOBUFS:
    case WSAEMFILE:
    case WSAEPROCLIM:
    case WSA_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_COMMITMENT_LIMIT:
    // Too many pages are locked by operations in flight.
    case ERROR_WORKING_SET_QUOTA: return {error::resources, code};

    case WSAEADDRINUSE: return {error::in_use, code};
    // Also a TCP port in one of the ranges that Windows reserves (Hyper-V does).
    case WSAEACCES: return {error::denied, code};
    case WSAEADDRNOTAVAIL:
    case WSAEAFNOSUPPORT: return {error::no_address, code};
    default: return {error::other, code};
  }
}

outcome last_socket_error() noexcept { return from_code(WSAGetLastError()); }

bool is_cancellation(int code) noexcept {
  return code == WSA_OPERATION_ABORTED || code == error_handles_closed;
}

bool is_of_connection(int code) noexcept {
  return code != 0 && !is_cancellation(code) && from_code(code).what != error::resources;
}

bool is_client_gone(int code) noexcept {
  const error what = from_code(code).what;
  return what == error::reset || code == WSAETIMEDOUT || code == ERROR_SEM_TIMEOUT;
}

}  // namespace lastbyte::port::iocp
