#include "platform.hpp"

#include <windows.h>

namespace lastbyte::test {
namespace {

bool is_wine() {
  return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
}

platform_facts ask() {
  platform_facts found;
  found.can_stop_new_connections = false;
  found.keeps_bytes_behind_reset = false;
  found.many_connections = 500;
  found.why = "Windows has no filter for new connections and drops what waits behind a reset";
  if (!is_wine()) return found;
  found.proves_end_of_stream = false;
  found.has_witness = false;
  found.peer_sees_reset = false;
  found.shutdown_sees_reset = false;
  found.why = "Wine has no SIO_TCP_INFO and shows a reset as an end of stream";
  return found;
}

}  // namespace

const platform_facts& facts() {
  static const platform_facts all = ask();
  return all;
}

std::uint32_t allowed_sockets() { return 16'000; }

}  // namespace lastbyte::test
