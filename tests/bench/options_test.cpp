// The command line of bench/versus.
#include "suite/options.hpp"

#include "fake_rounds.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;
using lastbyte::test::contains;

namespace {

suite_options options_of(std::vector<std::string> arguments) {
  const auto parsed = parse_options(std::move(arguments));
  INFO(parsed.problem);
  REQUIRE(parsed.run);
  return *parsed.run;
}

std::string problem_of(std::vector<std::string> arguments) {
  const auto parsed = parse_options(std::move(arguments));
  CHECK_FALSE(parsed.run);
  CHECK(parsed.exit_code == 2);
  CHECK(parsed.out.empty());
  CHECK(parsed.problem.ends_with("see bench/versus --help\n"));
  return parsed.problem;
}

template <class Thing>
std::string names_of(const std::vector<const Thing*>& all) {
  std::string text;
  for (const Thing* each : all) text.append(text.empty() ? "" : " ").append(each->name);
  return text;
}

}  // namespace

TEST_CASE("without arguments everything is measured, in less than 15 minutes") {
  const auto all = options_of({});
  CHECK(all.jobs.size() == all_jobs().size());
  CHECK(all.servers.size() == all_contestants().size());
  CHECK(all.most < std::chrono::minutes(15));
  CHECK_FALSE(all.is_quick);
  CHECK_FALSE(all.is_counting);
  CHECK_FALSE(all.is_comparing_clients);
  CHECK(all.where.build == "build/release");
}

TEST_CASE("--quick takes the quick jobs, in less than 2 minutes") {
  const auto quick = options_of({"--quick"});
  CHECK(names_of(quick.jobs) == "J1 J2 J3 J4-client-first J4-server-first J5");
  CHECK(quick.most < std::chrono::minutes(2));
}

TEST_CASE("jobs and servers are chosen by name, or by the beginning of it") {
  CHECK(names_of(options_of({"--jobs", "J1"}).jobs) == "J1");
  CHECK(names_of(options_of({"--jobs", "J4,J1-1k"}).jobs) ==
        "J4-client-first J4-server-first J1-1k");
  CHECK(names_of(options_of({"--servers", "asio,limit-uring"}).servers) ==
        "asio-epoll asio-uring limit-uring");
  CHECK(names_of(options_of({"--servers", "libuv,libuv"}).servers) == "libuv");
}

TEST_CASE("an unknown job or server is named, with those that there are") {
  CHECK(contains(problem_of({"--jobs", "J9"}), "--jobs: 'J9' is none of J1, J2, J3"));
  CHECK(contains(problem_of({"--servers", "nginx"}), "--servers: 'nginx' is none of limit-uring"));
}

TEST_CASE("time, processors, disturbance and file are taken as they are given") {
  const auto all = options_of({"--time", "5", "--processors", "3,2", "--disturbance", "40",
                               "--json", "out.json", "--build", "elsewhere"});
  CHECK(all.most == std::chrono::seconds(5));
  CHECK(all.where.server_processor == 3);
  CHECK(all.where.client_processor == 2);
  CHECK(all.where.most_disturbance == Approx(0.4));
  CHECK(all.json_file == "out.json");
  CHECK(all.where.build == "elsewhere");
  CHECK(all.where.scratch == "elsewhere/versus");
}

TEST_CASE("values that can't be meant are refused") {
  CHECK(contains(problem_of({"--time", "0"}), "--time"));
  CHECK(contains(problem_of({"--time", "soon"}), "soon"));
  CHECK(contains(problem_of({"--processors", "0"}), "--processors"));
  CHECK(contains(problem_of({"--no-such-flag"}), "--no-such-flag"));
  CHECK(contains(problem_of({"stray"}), "stray"));
}

TEST_CASE("--help names jobs, servers, exit codes and the page about it") {
  const auto help = parse_options({"--help"});
  CHECK_FALSE(help.run);
  CHECK(help.exit_code == 0);
  CHECK(help.problem.empty());
  for (const char* each :
       {"J1-10k", "asio-uring", "--counts", "--clients", "Exit codes", "bench/README.md"}) {
    INFO(each);
    CHECK(contains(help.out, each));
  }
}

TEST_CASE("--clients is for J1 and J2, on the bare server of io_uring") {
  const auto all = options_of({"--clients"});
  CHECK(all.is_comparing_clients);
  CHECK(names_of(all.jobs) == "J1 J2");
  CHECK(names_of(all.servers) == "limit-uring");
  CHECK(names_of(options_of({"--clients", "--servers", "limit-epoll"}).servers) == "limit-epoll");
  CHECK(names_of(options_of({"--clients", "--jobs", "J2"}).jobs) == "J2");
}

TEST_CASE("--clients refuses what it can't compare") {
  CHECK(contains(problem_of({"--clients", "--jobs", "J4"}),
                 "no bare client does J4-client-first; choose J1 or J2"));
  CHECK(contains(problem_of({"--clients", "--servers", "libuv"}),
                 "needs a bare server; choose --servers limit-uring or limit-epoll"));
  CHECK(contains(problem_of({"--clients", "--counts"}), "--counts"));
}
