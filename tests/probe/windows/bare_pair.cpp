#include "probe/bare_pair.hpp"

// clang-format off: this order is Windows' own
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
// clang-format on

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace lastbyte::probe {
namespace {

// The codes that a teardown shows, by the names that the documentation gives them.
std::string error_text(int code) {
  struct known {
    int code;
    const char* name;
  };
  static constexpr std::array<known, 12> all{{
      {ERROR_NETNAME_DELETED, "ERROR_NETNAME_DELETED"},
      {ERROR_OPERATION_ABORTED, "ERROR_OPERATION_ABORTED"},
      {ERROR_CONNECTION_ABORTED, "ERROR_CONNECTION_ABORTED"},
      {676, "(Wine only)"},
      {WSAECONNRESET, "WSAECONNRESET"},
      {WSAECONNABORTED, "WSAECONNABORTED"},
      {WSAENOTCONN, "WSAENOTCONN"},
      {WSAESHUTDOWN, "WSAESHUTDOWN"},
      {WSAENOTSOCK, "WSAENOTSOCK"},
      {WSAEWOULDBLOCK, "WSAEWOULDBLOCK"},
      {WSAETIMEDOUT, "WSAETIMEDOUT"},
      {WSAEDISCON, "WSAEDISCON"},
  }};
  for (const auto& each : all) {
    if (each.code == code) return "error " + std::to_string(code) + " " + each.name;
  }
  return "error " + std::to_string(code);
}

std::string last_error_text() { return error_text(WSAGetLastError()); }

void check(bool is_well, const char* what) {
  if (!is_well) throw std::runtime_error(std::string(what) + ": " + last_error_text());
}

struct winsock {
  winsock() {
    WSADATA about{};
    WSAStartup(MAKEWORD(2, 2), &about);
  }
  winsock(const winsock&) = delete;
  winsock& operator=(const winsock&) = delete;
  ~winsock() { WSACleanup(); }
};

std::string set_linger_0(SOCKET of) {
  const linger at_once{1, 0};
  return setsockopt(of, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&at_once),
                    sizeof at_once) == 0
             ? "ok"
             : last_error_text();
}

}  // namespace

// Overlapped operations may never complete here: their memory is then left behind, on purpose.
struct bare_pair::state {
  struct operation {
    OVERLAPPED overlapped{};
    std::vector<char> bytes;
    bool was_started = false;
    std::string result;  // empty: in flight
  };

  SOCKET ours = INVALID_SOCKET;
  SOCKET peer = INVALID_SOCKET;
  HANDLE port = nullptr;
  std::array<operation*, 2> operations{new operation, new operation};

  operation& of(direction which) { return *operations[static_cast<std::size_t>(which)]; }

  void harvest(milliseconds limit) {
    for (DWORD wait = static_cast<DWORD>(limit.count());; wait = 0) {
      DWORD count = 0;
      ULONG_PTR key = 0;
      OVERLAPPED* done = nullptr;
      const BOOL is_well = GetQueuedCompletionStatus(port, &count, &key, &done, wait);
      if (done == nullptr) return;
      const std::string text =
          is_well == FALSE ? error_text(static_cast<int>(GetLastError()))
                           : (count == 0 ? std::string("0") : std::to_string(count) + " bytes");
      for (auto* each : operations) {
        if (done == &each->overlapped) each->result = text;
      }
    }
  }
};

bare_pair::bare_pair() : state_(std::make_unique<state>()) {
  static const winsock started;
  const SOCKET listener =
      WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED);
  check(listener != INVALID_SOCKET, "socket");
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int size = sizeof at;
  check(bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0, "bind");
  check(listen(listener, 1) == 0, "listen");
  check(getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0, "getsockname");
  state_->peer = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  check(connect(state_->peer, reinterpret_cast<sockaddr*>(&at), size) == 0, "connect");
  state_->ours = accept(listener, nullptr, nullptr);
  check(state_->ours != INVALID_SOCKET, "accept");
  closesocket(listener);
  state_->port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(state_->ours), nullptr, 0, 1);
  check(state_->port != nullptr, "CreateIoCompletionPort");
}

bare_pair::~bare_pair() {
  if (state_->ours != INVALID_SOCKET) closesocket(state_->ours);
  if (state_->peer != INVALID_SOCKET) closesocket(state_->peer);
  CloseHandle(state_->port);
}

void bare_pair::peer_says(std::size_t bytes) {
  const std::vector<char> all(bytes);
  check(send(state_->peer, all.data(), static_cast<int>(bytes), 0) > 0, "send");
  WSAPOLLFD arrived{state_->ours, POLLRDNORM, 0};
  WSAPoll(&arrived, 1, 1'000);
}

void bare_pair::peer_closes() {
  closesocket(std::exchange(state_->peer, INVALID_SOCKET));
  WSAPOLLFD arrived{state_->ours, POLLRDNORM, 0};
  WSAPoll(&arrived, 1, 1'000);
}

void bare_pair::peer_resets() {
  set_linger_0(state_->peer);
  peer_closes();
}

reading bare_pair::peer_reads(milliseconds patience) {
  if (state_->peer == INVALID_SOCKET) return {0, "gone"};
  reading seen;
  std::vector<char> into(65'536);
  for (;;) {
    WSAPOLLFD readable{state_->peer, POLLRDNORM, 0};
    if (WSAPoll(&readable, 1, static_cast<int>(patience.count())) == 0) {
      seen.end = "nothing more";
      return seen;
    }
    const int count = recv(state_->peer, into.data(), static_cast<int>(into.size()), 0);
    if (count <= 0) {
      seen.end = count == 0 ? "end of stream" : last_error_text();
      return seen;
    }
    seen.bytes += static_cast<std::uint64_t>(count);
  }
}

void bare_pair::start(direction which, std::size_t bytes) {
  auto& made = state_->of(which);
  made.bytes.resize(bytes);
  made.was_started = true;
  WSABUF part{static_cast<ULONG>(bytes), made.bytes.data()};
  DWORD flags = 0;
  const int result =
      which == direction::receive
          ? WSARecv(state_->ours, &part, 1, nullptr, &flags, &made.overlapped, nullptr)
          : WSASend(state_->ours, &part, 1, nullptr, 0, &made.overlapped, nullptr);
  if (result != 0 && WSAGetLastError() != WSA_IO_PENDING)
    made.result = "at once " + last_error_text();
}

void bare_pair::cancel(direction which) {
  CancelIoEx(reinterpret_cast<HANDLE>(state_->ours), &state_->of(which).overlapped);
}

std::string bare_pair::completion_of(direction which, milliseconds patience) {
  auto& asked = state_->of(which);
  if (!asked.was_started) return "-";
  if (asked.result.empty()) state_->harvest(patience);
  return asked.result.empty() ? "in flight" : asked.result;
}

std::string bare_pair::send_now(std::size_t bytes) {
  const std::vector<char> all(bytes);
  const int sent = send(state_->ours, all.data(), static_cast<int>(bytes), 0);
  return sent < 0 ? last_error_text() : std::to_string(sent) + " bytes";
}

std::string bare_pair::shutdown_send() {
  return shutdown(state_->ours, SD_SEND) == 0 ? "ok" : last_error_text();
}

std::string bare_pair::linger_0() { return set_linger_0(state_->ours); }

std::string bare_pair::close() {
  return closesocket(std::exchange(state_->ours, INVALID_SOCKET)) == 0 ? "ok" : last_error_text();
}

std::string platform_name() {
  using version_of_wine = const char*(CDECL*)();
  const FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version");
  if (found == nullptr) return "Windows, IOCP";
  version_of_wine ask = nullptr;
  static_assert(sizeof ask == sizeof found);
  std::memcpy(&ask, &found, sizeof ask);
  return std::string("Wine ") + ask() + ", IOCP";
}

std::optional<std::uint64_t> resets_sent() {
  MIB_TCPSTATS counted{};
  if (GetTcpStatisticsEx(&counted, AF_INET) != NO_ERROR) return std::nullopt;
  return counted.dwOutRsts;
}

}  // namespace lastbyte::probe
