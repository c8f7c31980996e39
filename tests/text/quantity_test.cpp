#include "text/quantity.hpp"

#include <string>

#include "support/catch.hpp"

namespace lastbyte::text {
namespace {

std::uint64_t value_of(std::string_view typed, unit of) {
  const reading read = parse_quantity(typed, of);
  INFO(typed << ": " << read.problem);
  REQUIRE(read.value);
  CHECK(read.problem.empty());
  return *read.value;
}

std::string problem_of(std::string_view typed, unit of, range accepted = {}) {
  const reading read = parse_quantity(typed, of, accepted);
  CHECK_FALSE(read.value);
  return read.problem;
}

TEST_CASE("sizes count in powers of 1,024") {
  CHECK(value_of("64", unit::bytes) == 64);
  CHECK(value_of("64B", unit::bytes) == 64);
  CHECK(value_of("4k", unit::bytes) == 4'096);
  CHECK(value_of("4 KiB", unit::bytes) == 4'096);
  CHECK(value_of("1M", unit::bytes) == 1'048'576);
  CHECK(value_of("1mib", unit::bytes) == 1'048'576);
  CHECK(value_of("1.5G", unit::bytes) == 1'610'612'736);
  CHECK(value_of("2TiB", unit::bytes) == 2'199'023'255'552);
}

TEST_CASE("counts count in powers of 1,000") {
  CHECK(value_of("0", unit::count) == 0);
  CHECK(value_of("10k", unit::count) == 10'000);
  CHECK(value_of("1.25M", unit::count) == 1'250'000);
}

TEST_CASE("a bare number is seconds in a duration") {
  CHECK(value_of("2", unit::milliseconds) == 2'000);
  CHECK(value_of("500ms", unit::milliseconds) == 500);
  CHECK(value_of("1.5s", unit::milliseconds) == 1'500);
  CHECK(value_of("1m", unit::milliseconds) == 60'000);
  CHECK(value_of("2min", unit::milliseconds) == 120'000);
  CHECK(value_of("1h", unit::milliseconds) == 3'600'000);
  CHECK(value_of("0.25ms", unit::microseconds) == 250);
  CHECK(value_of("3", unit::microseconds) == 3'000'000);
}

TEST_CASE("a fraction counts only if it is whole in the unit") {
  CHECK(value_of("0.001s", unit::milliseconds) == 1);
  CHECK(value_of("1.50", unit::milliseconds) == 1'500);
  CHECK(value_of("0.0009765625k", unit::bytes) == 1);
  CHECK(problem_of("0.5", unit::count) == "'0.5' is too fine; give a number such as 64, 10k or 1M");
  CHECK(problem_of("0.1k", unit::bytes) ==
        "'0.1k' is too fine; give a size such as 64, 4k or 1MiB");
  CHECK_FALSE(problem_of("0.0005s", unit::milliseconds).empty());
  CHECK_FALSE(problem_of("0.0000000000000000000001G", unit::bytes).empty());
}

TEST_CASE("a refusal names the cause and what is accepted") {
  CHECK(problem_of("", unit::bytes) == "'' is not a number; give a size such as 64, 4k or 1MiB");
  CHECK(problem_of("much", unit::milliseconds) ==
        "'much' is not a number; give a duration such as 500ms, 2s, 1m or 1h");
  CHECK(problem_of("1MB", unit::bytes) ==
        "'1MB' has an unknown unit, 'MB'; give a size such as 64, 4k or 1MiB");
  CHECK(problem_of("9", unit::count, {10, 20}) == "'9' is too small; accepted: 10 to 20");
  CHECK(problem_of("2M", unit::bytes, {1'024, 1'048'576}) ==
        "'2M' is too large; accepted: 1KiB to 1MiB");
}

TEST_CASE("what is no quantity is refused") {
  const auto text = GENERATE(as<std::string>{}, "-1", "+1", ".5", "1.", "1 .5", "1  k", "1k2",
                             "0x10", "1,000", " 1", "1\n");
  CHECK_FALSE(problem_of(text, unit::bytes).empty());
}

TEST_CASE("numbers beyond 64 bits are too large, not wrapped") {
  CHECK(value_of("18446744073709551615", unit::bytes) == UINT64_MAX);
  CHECK_FALSE(problem_of("18446744073709551616", unit::bytes).empty());
  CHECK_FALSE(problem_of("99999999999999999999999999", unit::count).empty());
  CHECK_FALSE(problem_of("16777216T", unit::bytes).empty());
  CHECK_FALSE(problem_of("18446744073709551.999G", unit::count).empty());
}

TEST_CASE("exact text is read back as the same value") {
  const auto of = GENERATE(unit::count, unit::bytes, unit::milliseconds, unit::microseconds);
  const auto value = GENERATE(as<std::uint64_t>{}, 0, 1, 999, 1'000, 1'024, 1'500, 60'000, 65'536,
                              300'000, 1'048'576, 1'048'577, 3'600'000, UINT64_MAX);
  CHECK(value_of(exact(value, of), of) == value);
}

TEST_CASE("exact text takes the largest unit that fits, up to seconds") {
  CHECK(exact(65'536, unit::bytes) == "64KiB");
  CHECK(exact(64U << 20U, unit::bytes) == "64MiB");
  CHECK(exact(1'000, unit::bytes) == "1000B");
  CHECK(exact(300'000, unit::milliseconds) == "300s");
  CHECK(exact(1'500, unit::milliseconds) == "1500ms");
  CHECK(exact(10'000, unit::count) == "10000");
}

TEST_CASE("readable text has one decimal at most") {
  CHECK(readable(0, unit::bytes) == "0 B");
  CHECK(readable(1'023, unit::bytes) == "1023 B");
  CHECK(readable(65'536, unit::bytes) == "64 KiB");
  CHECK(readable(1'258'291, unit::bytes) == "1.2 MiB");
  CHECK(readable(1'048'575, unit::bytes) == "1 MiB");
  CHECK(readable(1'234'567'890, unit::bytes) == "1.1 GiB");
  CHECK(readable(100'000, unit::count) == "100,000");
  CHECK(readable(999, unit::count) == "999");
  CHECK(readable(0, unit::milliseconds) == "0 s");
  CHECK(readable(500, unit::milliseconds) == "500 ms");
  CHECK(readable(3'412, unit::milliseconds) == "3.4 s");
  CHECK(readable(300'000, unit::milliseconds) == "300 s");
  CHECK(readable(900'000, unit::milliseconds) == "15 min");
  CHECK(readable(3'600'000ULL * 5, unit::milliseconds) == "5 h");
  CHECK(readable(250, unit::microseconds) == "250 us");
  CHECK(readable(1'500, unit::microseconds) == "1.5 ms");
}

TEST_CASE("a number with a fraction is rounded to whole ones, or to so many digits") {
  CHECK(whole(1'234'567.5) == "1,234,568");
  CHECK(whole(0.4) == "0");
  CHECK(fixed(3.14159, 3) == "3.142");
  CHECK(fixed(12.6, 0) == "13");
}

TEST_CASE("digits are grouped by three") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(UINT64_MAX) == "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace lastbyte::text
