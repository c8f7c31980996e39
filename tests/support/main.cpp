// main() of every suite: Catch2's own, and one line on stdout as each test starts and ends, which
// tools/test counts. They are lines and not a second reporter because Catch2 v2 runs only one, and
// the readable one is worth more in a log; a hung suite's last line names the test that hung.
//
//     started: <test>
//     passed: <test>
//     failed: <test>
//     skipped: <test>: <reason>
//
// A test with a tag [case-N] says what became of it once more, for the table of tests/cases/README.md:
//
//     row N: passed: <test>

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
    tags_ = test.tagsAsString();
    say("started", test_);
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const std::string reason = lastbyte::test::take_skip_reason();
    if (stats.totals.testCases.failed > 0) {
      tell("failed");
    } else if (!reason.empty()) {
      tell("skipped", ": " + reason);
    } else {
      tell("passed");
    }
  }

 private:
  void tell(const std::string& what, const std::string& detail = "") {
    say(what.c_str(), test_, detail);
    static const std::string mark = "[case-";
    for (auto at = tags_.find(mark); at != std::string::npos; at = tags_.find(mark, at + 1)) {
      const auto begin = at + mark.size();
      const auto row = "row " + tags_.substr(begin, tags_.find(']', at) - begin) + ": " + what;
      say(row.c_str(), test_, detail);
    }
  }

  std::string test_;
  std::string tags_;
};

}  // namespace

CATCH_REGISTER_LISTENER(result_lines)

int main(int argc, char** argv) {
  lastbyte::test::install_crash_handler();
  return Catch::Session().run(argc, argv);
}
