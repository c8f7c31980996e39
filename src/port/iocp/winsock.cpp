#include "port/iocp/winsock.hpp"

#include <memory>
#include <new>

#include "port/iocp/error_map.hpp"

namespace lastbyte::port::iocp {
namespace {

template <class Function>
bool load(SOCKET by, GUID id, Function& into) noexcept {
  DWORD bytes = 0;
  return WSAIoctl(by, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, static_cast<void*>(&into),
                  sizeof into, &bytes, nullptr, nullptr) == 0;
}

// A layered provider without IFS handles loses completions if packets are skipped, so one of them spoils
// it for all (Microsoft's page of SetFileCompletionNotificationModes).
bool every_provider_has_ifs_handles() noexcept {
  int protocols[] = {IPPROTO_TCP, 0};
  DWORD bytes = 0;
  if (WSAEnumProtocolsW(protocols, nullptr, &bytes) != SOCKET_ERROR) return false;
  if (WSAGetLastError() != WSAENOBUFS) return false;
  const std::size_t room = bytes / sizeof(WSAPROTOCOL_INFOW) + 1;
  const std::unique_ptr<WSAPROTOCOL_INFOW[]> all(new (std::nothrow) WSAPROTOCOL_INFOW[room]);
  if (all == nullptr) return false;
  bytes = static_cast<DWORD>(room * sizeof(WSAPROTOCOL_INFOW));
  const int count = WSAEnumProtocolsW(protocols, all.get(), &bytes);
  for (int i = 0; i < count; ++i) {
    if ((all[static_cast<std::size_t>(i)].dwServiceFlags1 & XP1_IFS_HANDLES) == 0) return false;
  }
  return count > 0;
}

}  // namespace

winsock::winsock() noexcept {
  WSADATA about{};
  const int code = WSAStartup(MAKEWORD(2, 2), &about);
  if (code != 0) {
    problem_ = from_code(code);
    return;
  }
  is_started_ = true;
  problem_ = load_extensions();
  if (!problem_.failed()) may_skip_packets_ = every_provider_has_ifs_handles();
}

winsock::~winsock() {
  // It fails only if it wasn't started, or if a blocking call is under way; neither can be.
  if (is_started_) (void)WSACleanup();
}

outcome winsock::load_extensions() noexcept {
  const SOCKET any = make_socket(AF_INET);
  if (any == no_socket) return last_socket_error();
  const bool is_loaded = load(any, WSAID_ACCEPTEX, accept_ex) &&
                         load(any, WSAID_GETACCEPTEXSOCKADDRS, get_accept_ex_sockaddrs) &&
                         load(any, WSAID_CONNECTEX, connect_ex);
  const outcome why = is_loaded ? outcome{} : last_socket_error();
  (void)::closesocket(any);
  return why;
}

SOCKET make_socket(int family) noexcept {
  return WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                    WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

}  // namespace lastbyte::port::iocp
