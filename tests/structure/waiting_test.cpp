// Nobody waits for an atomic.
//
// Where there is no futex, as on Windows, std::atomic::wait may sleep for ever in libstdc++ 12: it looks at the
// value before it takes the lock that it sleeps with, and whoever notifies takes none (bits/atomic_wait.h,
// _M_do_wait and _M_notify). Latches, barriers, semaphores and the end of a stop callback are made of it. A
// condition variable and its mutex do instead.

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "structure/sources.hpp"
#include "support/catch.hpp"

using namespace lastbyte::test;

namespace {

std::vector<source_file> all_sources() {
  std::vector<source_file> all;
  for (const std::string folder : {"include", "src", "bench", "tests"}) {
    for (auto& file : sources_under(folder)) all.push_back(std::move(file));
  }
  return all;
}

// The first group of `pattern`, in each line that holds it; what stands before the group is looked for first,
// since regular expressions are slow.
struct finding {
  std::string name;
  std::string folder;
  std::string where;
};
std::vector<finding> find_all(const std::vector<source_file>& files, const std::string& hint,
                              const std::regex& pattern) {
  std::vector<finding> all;
  for (const auto& file : files) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch found;
      if (file.lines[i].find(hint) == std::string::npos) continue;
      if (!std::regex_search(file.lines[i], found, pattern)) continue;
      all.push_back({found[1], file.path.substr(0, file.path.rfind('/')),
                     file.path + ":" + std::to_string(i + 1)});
    }
  }
  return all;
}

}  // namespace

TEST_CASE("nobody waits for an atomic") {
  static const std::regex declaration(R"(std::atomic(?:_\w+|<[^;(]*>)[>&]*\s+(\w+)\s*[;={,)])");
  static const std::regex call(R"((\w+)(?:\[[^\]]*\])?\.(?:wait|notify_one|notify_all)\()");
  REQUIRE(std::regex_search("each[1].notify_all();", call));
  const auto files = all_sources();
  std::set<std::string>
      atomics;  // with their folder: a header declares what a source of the same folder waits for
  for (const auto& each : find_all(files, "std::atomic", declaration))
    atomics.insert(each.folder + "/" + each.name);
  CHECK(atomics.contains("src/server/has_started_"));
  std::vector<std::string> violations;
  for (const std::string hint : {".wait(", ".notify_"}) {
    for (const auto& [name, folder, where] : find_all(files, hint, call)) {
      if (atomics.contains(folder + "/" + name))
        violations.push_back(where + " waits for the atomic " + name);
    }
  }
  CHECK(listed(violations) == "");
}

TEST_CASE("nothing that waits for an atomic is included, and nobody waits with a stop token") {
  static const std::set<std::string> made_of_it{"barrier", "latch", "semaphore", "stop_token"};
  static const std::regex either_lock(R"(std::(condition_variable_any) )");
  const auto files = all_sources();
  std::vector<std::string> violations;
  for (const auto& file : files) {
    for (const auto& include : includes_of(file)) {
      if (made_of_it.contains(include.header))
        violations.push_back(include.where + " includes " + include.header);
    }
  }
  for (const auto& each : find_all(files, "_variable_any ", either_lock))
    violations.push_back(each.where + " may wait with a stop token");
  CHECK(listed(violations) == "");
}
