// The command line: defaults, units, contradictions, and what help and errors say.
#include "load/options.hpp"

#include "support/catch.hpp"
#include "support/contains.hpp"

using namespace lastbyte;
using namespace lastbyte::load;
using lastbyte::test::contains;

namespace {

load_options options_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_options(arguments);
  INFO(parsed.problem);
  REQUIRE(parsed.run);
  return *parsed.run;
}

std::string problem_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_options(arguments);
  CHECK_FALSE(parsed.run);
  CHECK(parsed.exit_code == 2);
  CHECK(parsed.out.empty());
  return parsed.problem;
}

}  // namespace

TEST_CASE("the target alone gives a run of 10 seconds with the defaults") {
  const auto options = options_of({"127.0.0.1:27015"});
  CHECK(to_string(options.targets) == "127.0.0.1:27015");
  CHECK(options.connections == 64);
  CHECK(options.threads == 1);
  CHECK(options.duration_ms == 10'000);
  CHECK(options.requests == 0);
  CHECK(options.message_bytes == 64);
  CHECK(options.pipeline == 1);
  CHECK(options.ending == ending_wish::client_first);
  CHECK(options.io == io_choice::automatic);
  CHECK(options.timeout_ms == 0);
  CHECK_FALSE(options.churn);
}

TEST_CASE("every flag is read, with its units") {
  const auto options = options_of({"-c",     "1k",           "[::1]:80",     "-t", "2",
                                   "-d",     "500ms",        "-s",           "4k", "-P",
                                   "16",     "-w",           "1s",           "-v", "--ending=reset",
                                   "--io",   "epoll-shared", "--drain",      "2s", "--json",
                                   "x.json", "--fail-on",    "lost=0,p50<1s"});
  CHECK(to_string(options.targets) == "[::1]:80");
  CHECK(options.connections == 1'000);
  CHECK(options.threads == 2);
  CHECK(options.duration_ms == 500);
  CHECK(options.message_bytes == 4'096);
  CHECK(options.pipeline == 16);
  CHECK(options.warm_up_ms == 1'000);
  CHECK(options.drain_ms == 2'000);
  CHECK(options.ending == ending_wish::reset);
  CHECK(options.io == io_choice::epoll_shared);
  CHECK(options.json_file == "x.json");
  CHECK(options.fail_on.size() == 2);
  CHECK(options.verbose);
}

TEST_CASE("a number of requests alone runs until they are done, with a bound on silence") {
  const auto options = options_of({"127.0.0.1:1", "-n", "100k"});
  CHECK(options.requests == 100'000);
  CHECK(options.duration_ms == 0);
  CHECK(options.timeout_ms == 30'000);
  const auto both = options_of({"127.0.0.1:1", "-n", "100k", "-d", "1s"});
  CHECK(both.duration_ms == 1'000);
  CHECK(both.timeout_ms == 0);
}

TEST_CASE("with CPUs there is a thread for each, unless fewer are wanted") {
  const auto options = options_of({"127.0.0.1:1", "--cpus", "0,2-3"});
  CHECK(options.cpus == std::vector<std::uint32_t>{0, 2, 3});
  CHECK(options.threads == 3);
  CHECK(options_of({"127.0.0.1:1", "--cpus", "0,2-3", "-t", "2"}).threads == 2);
  CHECK(contains(problem_of({"127.0.0.1:1", "--cpus", "0,2-3", "-t", "4"}), "the CPUs of --cpus"));
  CHECK(contains(problem_of({"127.0.0.1:1", "--cpus", "2-1"}), "'2-1' is no number"));
}

TEST_CASE("help and version go to stdout and end well") {
  const auto help = parse_options({"--help"});
  CHECK_FALSE(help.run);
  CHECK(help.exit_code == 0);
  CHECK(contains(help.out, "--fail-on"));
  CHECK(contains(help.out, "Exit codes"));
  const auto version = parse_options({"-V"});
  CHECK(version.exit_code == 0);
  CHECK(contains(version.out, "lastbyte-load " LASTBYTE_VERSION));
}

TEST_CASE("wrong usage says what is wrong, and ends with 2") {
  CHECK(contains(problem_of({}), "HOST:PORT"));
  CHECK(contains(problem_of({"localhost"}), "'localhost'"));
  CHECK(contains(problem_of({"127.0.0.1:0"}), "'127.0.0.1:0'"));
  CHECK(contains(problem_of({"127.0.0.1:1", "-c", "0"}), "too small"));
  CHECK(contains(problem_of({"127.0.0.1:1", "-c", "many"}), "'many'"));
  CHECK(contains(problem_of({"127.0.0.1:1", "-d", "5 parsecs"}), "parsecs"));
  CHECK(
      contains(problem_of({"127.0.0.1:1", "--ending", "both"}), "client_first|server_first|reset"));
  CHECK(contains(problem_of({"127.0.0.1:1", "--io", "kqueue"}), "epoll"));
  CHECK(contains(problem_of({"127.0.0.1:1", "--fail-on", "lots=0"}), "known: "));
  CHECK(contains(problem_of({"127.0.0.1:1", "--no-such-flag"}), "--no-such-flag"));
}

TEST_CASE("flags that contradict each other are refused") {
  CHECK(contains(problem_of({"127.0.0.1:1", "-c", "1", "-t", "2"}), "-t 2"));
  CHECK(contains(problem_of({"127.0.0.1:1", "-c", "10", "-n", "9"}), "-n 9"));
  CHECK(contains(problem_of({"127.0.0.1:1", "--churn", "-P", "2"}), "--churn"));
  CHECK(contains(problem_of({"127.0.0.1:1", "-s", "1M", "-P", "65"}), "-P times -s"));
}
