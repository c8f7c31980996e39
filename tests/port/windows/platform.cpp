#include "platform.hpp"

#include <windows.h>

namespace lastbyte::test {
namespace {

bool is_wine() {
  return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
}

platform_facts ask() {
  platform_facts found;
  found.can_stop_new_connections = {"Windows has no filter for new connections"};
  found.keeps_bytes_behind_reset = {"Windows drops what waits behind a reset"};
  found.forgets_taken_errors = {"Windows keeps a socket's error"};
  found.many_connections = 500;
  if (!is_wine()) return found;
  constexpr ability no_tcp_info{"Wine has no SIO_TCP_INFO"};
  constexpr ability no_reset{"Wine shows a reset as an end of stream"};
  found.proves_end_of_stream = no_tcp_info;
  found.has_witness = no_tcp_info;
  found.shows_reset_to_peer = no_reset;
  found.shutdown_sees_reset = no_reset;
  return found;
}

}  // namespace

const platform_facts& facts() {
  static const platform_facts all = ask();
  return all;
}

std::uint32_t allowed_sockets() { return 16'000; }

bool take_error(std::uintptr_t /*native*/) { return false; }

}  // namespace lastbyte::test
