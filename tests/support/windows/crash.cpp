#include "support/crash.hpp"

#include <windows.h>

#include <cstdio>

namespace lastbyte::test {

namespace {

constexpr UINT crashed_exit_code = 70;

LONG WINAPI terminate_on_crash(EXCEPTION_POINTERS* what) {
  std::printf("crashed: exception 0x%08lx\n", what->ExceptionRecord->ExceptionCode);
  std::fflush(stdout);
  TerminateProcess(GetCurrentProcess(), crashed_exit_code);
  return EXCEPTION_EXECUTE_HANDLER;
}

}  // namespace

// Under Wine a crashed process hands over to the debugger and then often exits with 0.
void install_crash_handler() { SetUnhandledExceptionFilter(terminate_on_crash); }

}  // namespace lastbyte::test
