#include "text/table.hpp"

#include "support/catch.hpp"

namespace lastbyte::text {
namespace {

TEST_CASE("columns are as wide as their widest cell") {
  table rows({align::left, align::right});
  rows.add({"received", "12"});
  rows.add({"sent", "1,234"});
  CHECK(rows.text() ==
        "  received     12\n"
        "  sent      1,234\n");
}

TEST_CASE("short rows and blank ends leave no trailing blanks") {
  table rows({align::left, align::left}, 0);
  rows.add({"a", "longer"});
  rows.add({"bc", ""});
  rows.add({"d"});
  rows.add({});
  CHECK(rows.text() == "a   longer\nbc\nd\n\n");
}

TEST_CASE("a character of several bytes takes one column") {
  table rows({align::left, align::left}, 0, 1);
  rows.add({"\xc2\xb5s", "x"});
  rows.add({"ms", "y"});
  CHECK(rows.text() == "\xc2\xb5s x\nms y\n");
}

}  // namespace
}  // namespace lastbyte::text
