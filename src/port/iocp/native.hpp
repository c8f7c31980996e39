// The one place where Windows' headers come in, tamed: no min and max, no ERROR, no winsock 1.
#pragma once

#define WIN32_LEAN_AND_MEAN
#define NOGDI
#define NOMINMAX 1

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>
#include <windows.h>

namespace lastbyte::port::iocp {

inline constexpr SOCKET no_socket = ~SOCKET{0};

[[nodiscard]] inline HANDLE as_handle(SOCKET of) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): Windows has a socket as an integer and a handle as a pointer
  return reinterpret_cast<HANDLE>(of);
}

}  // namespace lastbyte::port::iocp
