// clang-format off: this order is Windows' own
#include <windows.h>
#include <shlobj.h>
// clang-format on

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "service/daemon.hpp"
#include "service/exit_code.hpp"
#include "service/manager.hpp"
#include "service/signals.hpp"

namespace lastbyte::service {
namespace {

// The manager ignores it: a process that holds one service has one name.
constexpr const wchar_t* service_name = L"lastbyted";

// How long the manager should wait for our next word before it calls us hung: quiesce may take its time, and
// says nothing meanwhile.
constexpr DWORD patience_ms = 120'000;

// The service manager calls back without a context, on threads of its own.
struct service_process {
  std::vector<std::string> arguments;
  SERVICE_STATUS_HANDLE handle = nullptr;
  SERVICE_STATUS status{};
  HANDLE event_log = nullptr;
  int exit_code = exit_failed;
};

service_process& this_service() {
  static service_process one;
  return one;
}

void report_state(DWORD state) {
  service_process& self = this_service();
  const bool is_pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
  self.status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  self.status.dwCurrentState = state;
  self.status.dwControlsAccepted =
      state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
  self.status.dwCheckPoint = is_pending ? self.status.dwCheckPoint + 1 : 0;
  self.status.dwWaitHint = is_pending ? patience_ms : 0;
  SetServiceStatus(self.handle, &self.status);
}

// A line where an administrator looks first: the Application log, source "lastbyted".
void write_event(WORD kind, const std::string& text) {
  const char* const lines = text.c_str();
  ReportEventA(this_service().event_log, kind, 0, 1, nullptr, 1, 0, const_cast<LPCSTR*>(&lines),
               nullptr);
}

std::filesystem::path program_data() {
  wchar_t* found = nullptr;
  std::filesystem::path folder = ".";
  if (SHGetKnownFolderPath(FOLDERID_ProgramData, 0, nullptr, &found) == S_OK) folder = found;
  CoTaskMemFree(found);
  return folder;
}

// A service has neither stdout nor stderr: both are %ProgramData%\lastbyte\lastbyted.log. Each stream has the file
// for itself, since each has threads of its own.
std::string redirect_output() {
  const std::filesystem::path folder = program_data() / "lastbyte";
  std::error_code ignored;  // if there is no folder, opening the file fails
  std::filesystem::create_directories(folder, ignored);
  static std::array<std::ofstream, 3> files;
  const std::array<std::ostream*, 3> streams{&std::cout, &std::cerr, &std::clog};
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].open(folder / "lastbyted.log", std::ios::app);
    if (!files[i]) return "cannot write " + (folder / "lastbyted.log").string();
    streams[i]->rdbuf(files[i].rdbuf());
    *streams[i] << std::unitbuf;
  }
  return {};
}

DWORD WINAPI on_control(DWORD control, DWORD /*event*/, void* /*data*/, void* /*context*/) {
  switch (control) {
    case SERVICE_CONTROL_STOP: request_end("the service manager"); return NO_ERROR;
    case SERVICE_CONTROL_SHUTDOWN: request_end("the system's shutdown"); return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE: return NO_ERROR;
    default: return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

// Its own arguments, those of `sc start`, are not ours.
void WINAPI service_main(DWORD /*count*/, LPWSTR* /*words*/) {
  service_process& self = this_service();
  self.handle = RegisterServiceCtrlHandlerExW(service_name, on_control, nullptr);
  if (self.handle == nullptr) return;
  report_state(SERVICE_START_PENDING);
  self.event_log = RegisterEventSourceW(nullptr, service_name);
  if (const std::string problem = redirect_output(); !problem.empty()) {
    write_event(EVENTLOG_WARNING_TYPE, problem);
  }
  life_cycle told;
  told.on_ready = [] {
    report_state(SERVICE_RUNNING);
    write_event(EVENTLOG_INFORMATION_TYPE, "serving");
  };
  told.on_ending = [] { report_state(SERVICE_STOP_PENDING); };
  told.on_over = [](const std::string& account) {
    write_event(EVENTLOG_INFORMATION_TYPE, account);
  };
  try {
    self.exit_code = run_daemon(std::move(self.arguments), told);
  } catch (const std::exception& problem) {
    write_event(EVENTLOG_ERROR_TYPE, problem.what());
  }
  if (self.exit_code != exit_ok) {
    write_event(EVENTLOG_ERROR_TYPE, "ended with exit code " + std::to_string(self.exit_code) +
                                         "; lastbyted.log says why");
    self.status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
    self.status.dwServiceSpecificExitCode = static_cast<DWORD>(self.exit_code);
  }
  DeregisterEventSource(self.event_log);
  report_state(SERVICE_STOPPED);
}

}  // namespace

// Returns when the service has stopped; at once, with an error, where no service manager has started us.
int run_as_service(std::vector<std::string> arguments) {
  this_service().arguments = std::move(arguments);
  std::wstring name = service_name;
  const SERVICE_TABLE_ENTRYW table[] = {{name.data(), service_main}, {nullptr, nullptr}};
  if (StartServiceCtrlDispatcherW(table) == FALSE) {
    std::fprintf(stderr,
                 "lastbyted: --service is for the service manager (error %lu); from a console, "
                 "leave it out\n",
                 GetLastError());
    return exit_usage;
  }
  return this_service().exit_code;
}

}  // namespace lastbyte::service
