// The events of a console, as far as a program can make them happen: Ctrl-C and Ctrl-Break.
#include <windows.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "service/signals.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

using namespace lastbyte;

namespace {

// What was asked of the process.
class journal {
 public:
  void add(unsigned number, std::string_view name) {
    const std::lock_guard lock(guard_);
    seen_.push_back(std::to_string(number) + " " + std::string(name));
    changed_.notify_all();
  }
  bool await(std::size_t count) {
    std::unique_lock lock(guard_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.size() >= count; });
  }
  std::vector<std::string> seen() {
    const std::lock_guard lock(guard_);
    return seen_;
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
};

}  // namespace

// No program can make the others happen: they come with the console's end, a log-off or a shutdown.
TEST_CASE("iocp: console events and the service manager ask for the end, one after the other") {
  // A console of our own, so that nobody else hears the events.
  FreeConsole();
  REQUIRE(AllocConsole() != FALSE);
  service::end_requests requests;
  REQUIRE(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) != FALSE);
  journal seen;
  requests.start([&seen](unsigned number, std::string_view name) { seen.add(number, name); });
  REQUIRE(seen.await(1));
  service::request_end("the service manager");
  REQUIRE(seen.await(2));
  std::vector<std::string> expected{"1 Ctrl-C", "2 the service manager"};
  if (GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0) != FALSE) {
    REQUIRE(seen.await(3));
    expected.emplace_back("3 Ctrl-Break");
  } else {
    test::skip("held, but for Ctrl-Break: GenerateConsoleCtrlEvent fails with error " +
               std::to_string(GetLastError()) + " (Wine 8 makes only Ctrl-C)");
  }
  requests.stop();
  CHECK(seen.seen() == expected);
}
