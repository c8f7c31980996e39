#include "load/interrupts.hpp"

#include <windows.h>

namespace lastbyte::load {
namespace {

// The system calls back on a thread of its own, without a word of ours: so this one has to be found from
// everywhere. Made at the first use, by main; resets itself for each waiter.
HANDLE interrupted() noexcept {
  static const HANDLE event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  return event;
}

BOOL WINAPI on_console_event(DWORD /*kind*/) {
  SetEvent(interrupted());
  return TRUE;
}

}  // namespace

interrupts::interrupts() {
  interrupted();
  SetConsoleCtrlHandler(&on_console_event, TRUE);
}

interrupts::~interrupts() { SetConsoleCtrlHandler(&on_console_event, FALSE); }

bool interrupts::wait(std::uint32_t ms) noexcept {
  return WaitForSingleObject(interrupted(), ms) == WAIT_OBJECT_0;
}

}  // namespace lastbyte::load
