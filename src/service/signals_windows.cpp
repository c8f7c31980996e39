#include <windows.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "service/signals.hpp"

namespace lastbyte::service {
namespace {

// Windows calls the handler on a thread of its own and hands it no context, and it may still be in there
// when end_requests is gone: so what it needs lives as long as the process.
struct console {
  std::mutex lock;
  std::condition_variable changed;
  end_requests::callback on_request;
  unsigned requests = 0;
  std::string_view last_name;
  bool may_end = false;  // whether Windows may end the process now
};

console& the_console() {
  static console one;
  return one;
}

std::string_view name_of(DWORD event) {
  switch (event) {
    case CTRL_C_EVENT: return "Ctrl-C";
    case CTRL_BREAK_EVENT: return "Ctrl-Break";
    case CTRL_CLOSE_EVENT: return "the closing of the console";
    case CTRL_LOGOFF_EVENT: return "the log-off";
    case CTRL_SHUTDOWN_EVENT: return "the system's shutdown";
    default: return "a console event";
  }
}

// After these Windows ends the process as soon as the handler returns, and some 5 s later anyway.
bool ends_the_process(DWORD event) { return event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT; }

// Under the console's lock.
void take_request(console& shared, std::string_view name) {
  ++shared.requests;
  shared.last_name = name;
  if (shared.on_request) shared.on_request(shared.requests, name);
}

BOOL WINAPI on_console_event(DWORD event) {
  console& shared = the_console();
  std::unique_lock held(shared.lock);
  take_request(shared, name_of(event));
  if (ends_the_process(event)) shared.changed.wait(held, [&] { return shared.may_end; });
  return TRUE;
}

}  // namespace

struct end_requests::state {};

end_requests::end_requests() { SetConsoleCtrlHandler(on_console_event, TRUE); }

void end_requests::start(callback on_request) {
  console& shared = the_console();
  const std::lock_guard held(shared.lock);
  shared.on_request = std::move(on_request);
  // What came before: once is enough to end, and a second time to end at once.
  for (unsigned number = 1; number <= shared.requests; ++number) {
    shared.on_request(number, shared.last_name);
  }
}

void end_requests::stop() {
  console& shared = the_console();
  const std::lock_guard held(shared.lock);
  shared.on_request = nullptr;
}

void request_end(std::string_view name) {
  console& shared = the_console();
  const std::lock_guard held(shared.lock);
  take_request(shared, name);
}

end_requests::~end_requests() {
  stop();
  console& shared = the_console();
  const std::lock_guard held(shared.lock);
  shared.may_end = true;
  shared.changed.notify_all();
}

}  // namespace lastbyte::service
