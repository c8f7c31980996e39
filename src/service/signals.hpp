// Requests to end this process: signals, or the events of a Windows console.
//
// One implementation per platform, chosen by CMake: signals_posix.cpp, signals_windows.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace lastbyte::service {

// Takes SIGTERM, SIGINT and SIGQUIT (Windows: Ctrl-C, Ctrl-Break, close, log-off, shutdown) from the
// moment it is built. Build it before the first thread, and one at a time.
class end_requests {
 public:
  // @param number: 1 for the first request, 2 for the second. @param name: "SIGTERM", "Ctrl-C".
  // Thread: one of its own; calls don't overlap.
  using callback = std::function<void(unsigned number, std::string_view name)>;

  end_requests();
  end_requests(const end_requests&) = delete;
  end_requests& operator=(const end_requests&) = delete;
  // Windows ends the process as soon as some requests are answered: they are answered here.
  ~end_requests();

  // Begins to call back; requests that came before are told now.
  void start(callback on_request);
  // Calls back no more; no call is running when this returns. Later requests change nothing.
  void stop();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// Does what such a request does; for a service manager that has its own way of asking. Windows only.
// @param name: valid for ever. Thread: any.
void request_end(std::string_view name);

}  // namespace lastbyte::service
