#include "text/index_list.hpp"

#include "support/catch.hpp"

namespace lastbyte::text {
namespace {

using numbers = std::vector<std::uint32_t>;

numbers value_of(std::string_view typed) {
  const index_list_reading read = parse_index_list(typed);
  INFO(typed << ": " << read.problem);
  REQUIRE(read.value);
  CHECK(read.problem.empty());
  return *read.value;
}

std::string problem_of(std::string_view typed) {
  const index_list_reading read = parse_index_list(typed);
  CHECK_FALSE(read.value);
  return read.problem;
}

TEST_CASE("an index list has numbers and ranges of them") {
  CHECK(value_of("0") == numbers{0});
  CHECK(value_of("0,2,4-7") == numbers{0, 2, 4, 5, 6, 7});
  CHECK(value_of("3-3") == numbers{3});
  CHECK(value_of("65535") == numbers{65'535});
}

TEST_CASE("an index list keeps its order") {
  CHECK(value_of("2,0,1") == numbers{2, 0, 1});
  CHECK(value_of("8-9,0-1") == numbers{8, 9, 0, 1});
}

TEST_CASE("a number that stands in an index list twice is refused") {
  CHECK(problem_of("0,1,0") ==
        "'0' stands there twice; give a list such as 0,2,4-7, of numbers up to 65535");
  CHECK(problem_of("0-4,3").find("'3' stands there twice") == 0);
}

TEST_CASE("what is no index list is refused, and the part that is wrong is named") {
  CHECK(problem_of("0,x") ==
        "'x' is no number and no range of them; give a list such as 0,2,4-7, of numbers up to "
        "65535");
  const auto text =
      GENERATE(as<std::string>{}, "", ",", "0,", ",0", "0,,1", "-1", "+1", "1-", "2-1", "1-2-3",
               " 0", "0 ", "0, 1", "0x1", "1.5", "65536", "0-65536", "99999999999999999999");
  INFO(text);
  CHECK(problem_of(text).find("is no number and no range of them") != std::string::npos);
}

TEST_CASE("an index list is written as it is read") {
  const auto text = GENERATE(as<std::string>{}, "0", "0,1", "0-2", "0,2,4-7", "7,0-3,5", "3,2,1");
  CHECK(to_index_list(value_of(text)) == text);
  CHECK(to_index_list({}).empty());
}

}  // namespace
}  // namespace lastbyte::text
