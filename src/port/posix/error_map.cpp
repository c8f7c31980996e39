#include "port/posix/error_map.hpp"

#include <cerrno>

namespace lastbyte::port::posix {

outcome from_errno(int code) noexcept {
  switch (code) {
    case 0: return {};
    case ECANCELED: return {error::cancelled, code};
    case ECONNRESET: return {error::reset, code};
    // Writing behind a reset that another call has already reported, or that a pending send swallowed:
    // the kernel forgets the reset once it was told, and this is all that is left of it.
    case EPIPE: return {error::reset, code};
    // Likewise shutdown() on a connection that is over.
    case ENOTCONN: return {error::reset, code};
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN: return {error::vanished, code};
    case ECONNREFUSED: return {error::refused, code};
    // `ss -K` and its kind: the socket was destroyed on this machine, by an administrator.
    case ECONNABORTED: return {error::aborted, code};
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC: return {error::resources, code};  // ENOSPC: epoll's limit of watches
    case EADDRINUSE: return {error::in_use, code};
    case EACCES:
    case EPERM: return {error::denied, code};
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return {error::no_address, code};
    default: return {error::other, code};
  }
}

outcome last_error() noexcept { return from_errno(errno); }

}  // namespace lastbyte::port::posix
