#include "support/crash.hpp"

#include <malloc.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace lastbyte::test {

namespace {

constexpr UINT crashed_exit_code = 70;

LONG WINAPI terminate_on_crash(EXCEPTION_POINTERS* what) {
  std::printf("crashed: exception 0x%08lx\n", what->ExceptionRecord->ExceptionCode);
  std::fflush(stdout);
  TerminateProcess(GetCurrentProcess(), crashed_exit_code);
  return EXCEPTION_EXECUTE_HANDLER;
}

// What was written to freed blocks shows only when somebody looks: Wine then says so (tools/test, "heap").
void validate_heaps() {
  for (HANDLE heap : {GetProcessHeap(), reinterpret_cast<HANDLE>(_get_heap_handle())}) {
    if (HeapValidate(heap, 0, nullptr) == FALSE) std::printf("a heap is damaged\n");
  }
}

}  // namespace

// Under Wine a crashed process hands over to the debugger and then often exits with 0.
void install_crash_handler() {
  SetUnhandledExceptionFilter(terminate_on_crash);
  std::atexit(validate_heaps);
}

}  // namespace lastbyte::test
