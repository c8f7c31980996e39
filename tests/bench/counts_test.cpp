// What is read from strace and from callgrind, and the table of it.
#include "suite/counts.hpp"

#include "fake_rounds.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;

TEST_CASE("strace's summary is read, most frequent first, without heading, rules and sum") {
  const auto found = parse_strace(
      "syscall               calls\n"
      "---------------- ----------\n"
      "epoll_wait               17\n"
      "recvfrom              20000\n"
      "sendto                19999\n"
      "---------------- ----------\n"
      "total                 40016\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "recvfrom");
  CHECK(found[0].calls == 20'000);
  CHECK(found[1].name == "sendto");
  CHECK(found[2].name == "epoll_wait");
  CHECK(found[2].calls == 17);
}

TEST_CASE("a summary of nothing has no calls") {
  CHECK(parse_strace("").empty());
  CHECK(parse_strace("strace: Process 12 detached\n").empty());
}

TEST_CASE("callgrind's count of instructions is read, and the last one if there are several") {
  CHECK(parse_callgrind("==7== Events    : Ir\n==7== Collected : 123456789\n==7==\n") ==
        123'456'789);
  CHECK(parse_callgrind("==7== Collected : 1\n==8== Collected : 2\n") == 2);
}

TEST_CASE("a log without a count tells none") {
  CHECK_FALSE(parse_callgrind(""));
  CHECK_FALSE(parse_callgrind("valgrind: fatal error\n"));
  CHECK_FALSE(parse_callgrind("==7== Collected : many\n"));
}

TEST_CASE("the table of counts has calls and instructions of each unit") {
  counts one;
  one.who = &contestant_named("limit-epoll");
  one.what = &job_named("J1");
  one.units = 1'000;
  one.calls = {{"recvfrom", 1'500}, {"sendto", 1'000}, {"close", 0}};
  one.instructions = 101.6;
  const std::string table = report_text(std::vector{one});
  CHECK(table.find("2.500") != std::string::npos);
  CHECK(table.find("102") != std::string::npos);
  CHECK(table.find("recvfrom 1.500, sendto 1.000\n") != std::string::npos);
}

TEST_CASE("the table of counts says why a program with a ring has no instructions") {
  counts one;
  one.what = &job_named("J1");
  for (const auto& [name, says_why] : {std::pair{"limit-epoll", false}, {"lastbyte-uring", true}}) {
    one.who = &contestant_named(name);
    CHECK((report_text(std::vector{one}).find("can't run io_uring") != std::string::npos) ==
          says_why);
  }
}

TEST_CASE("what could not be counted stands in the table as its reason") {
  counts one;
  one.who = &contestant_named("limit-epoll");
  one.what = &job_named("J1");
  one.problem = "strace could not attach";
  const std::string table = report_text(std::vector{one});
  CHECK(table.find("-") != std::string::npos);
  CHECK(table.find("strace could not attach\n") != std::string::npos);
}
