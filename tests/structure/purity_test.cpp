// The core does no input or output, reads no clock and allocates nothing: its objects call nobody
// who could.

#include <cctype>
#include <fstream>
#include <set>
#include <string>

#include "structure/sources.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

using namespace lastbyte::test;

namespace {

struct symbols {
  std::set<std::string> defined;
  std::set<std::string> undefined;
};

// Reads `nm -C -P`: each line is a name, which may hold spaces, its type, and numbers or nothing. A
// line that ends in ':' names the object that follows.
symbols read_symbols(std::istream& lines) {
  symbols read;
  for (std::string line; std::getline(lines, line);) {
    while (line.ends_with(' ')) line.pop_back();
    if (line.empty() || line.ends_with(':')) continue;
    // The type is the last single letter that stands alone.
    std::size_t type = line.size() - 1;
    while (type > 0 && !(line[type - 1] == ' ' && std::isalpha(line[type]) != 0 &&
                         (type + 1 == line.size() || line[type + 1] == ' '))) {
      --type;
    }
    REQUIRE(type > 0);
    const std::string name = line.substr(0, type - 1);
    (line[type] == 'U' ? read.undefined : read.defined).insert(name);
  }
  return read;
}

bool is_allowed(const std::string& name) {
  static const std::set<std::string> allowed{
      // Compilers emit these by themselves for copies and comparisons.
      "memcpy",
      "memmove",
      "memset",
      "memcmp",
      // string_view over literals.
      "strlen",
      "__stack_chk_fail",
      "_GLOBAL_OFFSET_TABLE_",
      // An object with a noexcept function refers to it; the core itself throws nothing.
      "__gxx_personality_v0",
      "_Unwind_Resume",
      "__cxa_begin_catch",
      "__cxa_end_catch",
      "std::terminate()",
      // What a broken law does is decided at the edge.
      "lastbyte::broken_law(char const*, char const*, int)",
      // Builds that count coverage marks count them there too.
      "lastbyte::coverage::passed(lastbyte::coverage::mark)",
      "lastbyte::coverage::passed(lastbyte::core::state, lastbyte::core::event)",
  };
  return allowed.contains(name);
}

}  // namespace

TEST_CASE("the objects of the core call nothing beyond themselves but an allow-list") {
  const std::string sanitizer = LASTBYTE_SANITIZER;
  if (!sanitizer.empty()) return skip("instrumented by the sanitizer (" + sanitizer + ")");
  std::ifstream file(LASTBYTE_CORE_SYMBOLS_FILE);
  REQUIRE(file.is_open());
  const symbols core = read_symbols(file);
  CHECK(core.defined.size() > 5);

  std::vector<std::string> strangers;
  for (const auto& name : core.undefined) {
    if (!core.defined.contains(name) && !is_allowed(name)) strangers.push_back(name);
  }
  CHECK(listed(strangers) == "");
}
