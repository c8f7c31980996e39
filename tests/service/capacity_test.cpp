#include "service/capacity.hpp"

#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

TEST_CASE("enough files, or no limit, leave the wish as it is") {
  settings wanted;
  CHECK(capacity_for(wanted, std::nullopt, 2).max_connections == 10'000);
  const capacity room = capacity_for(wanted, 20'000, 2);
  CHECK(room.max_connections == 10'000);
  CHECK(room.warning.empty());
  CHECK(room.problem.empty());
}

TEST_CASE("fewer files lower the number of connections, and the remedy is said") {
  settings wanted;
  const capacity room = capacity_for(wanted, 1'024, 2);
  CHECK(room.max_connections == 1'024 - 32 - 2 * 5);
  CHECK(room.problem.empty());
  CHECK(room.warning.starts_with(
      "the file limit, 1,024, leaves room for 982 connections, not 10,000; "));
}

TEST_CASE("too few files to serve are a problem") {
  settings wanted;
  CHECK_FALSE(capacity_for(wanted, 40, 2).problem.empty());
  CHECK(capacity_for(wanted, 20, 64)
            .problem.starts_with("the file limit, 20, leaves room for 0 connections; "));
}

TEST_CASE("who wants few connections gets by with few files") {
  settings wanted;
  wanted.max_connections = 4;
  wanted.workers = 1;
  CHECK(capacity_for(wanted, 42, 8).max_connections == 4);
  CHECK(capacity_for(wanted, 42, 8).problem.empty());
}

}  // namespace
}  // namespace lastbyte::service
