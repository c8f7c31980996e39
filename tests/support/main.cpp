// main() of every suite: Catch2's own, and one line on stdout as each test starts and ends, which
// tools/test counts. They are lines and not a second reporter because Catch2 v2 runs only one, and
// the readable one is worth more in a log; a hung suite's last line names the test that hung.
//
//     started: <test>
//     passed: <test>
//     failed: <test>
//     skipped: <test>: <reason>

#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"
#include "support/crash.hpp"
#include "support/skip.hpp"

#include <cstdio>
#include <string>

namespace {

void say(const char* what, const std::string& test, const std::string& detail = "") {
  std::printf("%s: %s%s\n", what, test.c_str(), detail.c_str());
  std::fflush(stdout);
}

class result_lines : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& test) override {
    test_ = test.name;
    say("started", test_);
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const std::string reason = lastbyte::test::take_skip_reason();
    if (stats.totals.testCases.failed > 0) {
      say("failed", test_);
    } else if (!reason.empty()) {
      say("skipped", test_, ": " + reason);
    } else {
      say("passed", test_);
    }
  }

 private:
  std::string test_;
};

}  // namespace

CATCH_REGISTER_LISTENER(result_lines)

int main(int argc, char** argv) {
  lastbyte::test::install_crash_handler();
  return Catch::Session().run(argc, argv);
}
