// Winsock itself: started and ended by one object, with the calls that must be asked for at run time.
#pragma once

#include "port/completion_port.hpp"
#include "port/iocp/native.hpp"

namespace lastbyte::port::iocp {

class winsock {
 public:
  winsock() noexcept;
  winsock(const winsock&) = delete;
  winsock& operator=(const winsock&) = delete;
  ~winsock();

  // Why it can't be used, if so; then nothing below may be called.
  [[nodiscard]] outcome problem() const noexcept { return problem_; }

  // Whether an operation that succeeds at once may do without its completion packet.
  [[nodiscard]] bool may_skip_packets() const noexcept { return may_skip_packets_; }

  LPFN_ACCEPTEX accept_ex = nullptr;
  LPFN_GETACCEPTEXSOCKADDRS get_accept_ex_sockaddrs = nullptr;
  LPFN_CONNECTEX connect_ex = nullptr;

 private:
  [[nodiscard]] outcome load_extensions() noexcept;

  outcome problem_;
  bool is_started_ = false;
  bool may_skip_packets_ = false;
};

// A TCP socket for overlapped use that child processes don't inherit.
// @return no_socket on failure; WSAGetLastError() says why.
[[nodiscard]] SOCKET make_socket(int family) noexcept;

}  // namespace lastbyte::port::iocp
