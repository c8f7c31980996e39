// The jobs and the contestants: that each is asked for the same.
#include "suite/job.hpp"

#include <algorithm>
#include <set>

#include "fake_rounds.hpp"
#include "suite/contestant.hpp"
#include "suite/residence.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;

namespace {

using words = std::vector<std::string>;

bool has(const words& in, const std::string& word) {
  return std::ranges::find(in, word) != in.end();
}

}  // namespace

TEST_CASE("jobs and contestants have names of their own, and each contestant has a limit") {
  std::set<std::string_view> names;
  for (const job& each : all_jobs()) CHECK(names.insert(each.name).second);
  for (const contestant& each : all_contestants()) {
    CHECK(names.insert(each.name).second);
    CHECK(contestant_named(each.limit).is == role::limit);
  }
}

TEST_CASE("the load of a job is what its heading says") {
  CHECK(load_arguments(job_named("J2")) == words{"-t", "1", "-c", "50", "-s", "64", "-P", "16"});
  CHECK(load_arguments(job_named("J3")) == words{"-t", "1", "-c", "8", "-s", "65536", "-P", "1"});
  const words client_first = load_arguments(job_named("J4-client-first"));
  CHECK(has(client_first, "--churn"));
  CHECK_FALSE(has(client_first, "server_first"));
  CHECK(has(load_arguments(job_named("J4-server-first")), "server_first"));
}

TEST_CASE("every server of a job is told the same, and lastbyted nothing that turns anything off") {
  const job& churn = job_named("J4-server-first");
  for (const contestant& each : all_contestants()) {
    const words command = command_of(each, churn, "build", "file");
    INFO(each.name);
    CHECK(std::ranges::count(command, "--listen") == churn.addresses);
    CHECK(has(command, "--finish-after"));
    CHECK(has(command, "--address-file"));
  }
  CHECK(command_of(contestant_named("lastbyte-uring"), job_named("J1"), "build", "file") ==
        words{"build/lastbyted", "--address-file", "file", "--listen", "127.0.0.1:0", "--workers",
              "1", "--io", "uring"});
}

TEST_CASE("only programs with a size for each kind are told of bulk") {
  CHECK(has(command_of(contestant_named("limit-uring"), job_named("J3"), "b", "f"), "--bulk"));
  CHECK_FALSE(
      has(command_of(contestant_named("lastbyte-uring"), job_named("J3"), "b", "f"), "--bulk"));
}

TEST_CASE("a crowd is as large as a process may have files, or as its job says, or none") {
  CHECK(possible_connections(job_named("crowd-most"), 20'000) == 19'900);
  CHECK(possible_connections(job_named("crowd-100k"), 20'000) == 0);
  CHECK(possible_connections(job_named("crowd-100k"), 200'000) == 100'000);
  CHECK(possible_connections(job_named("J5"), 50) == 0);
}
