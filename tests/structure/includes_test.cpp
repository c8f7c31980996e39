// Who may include whom, and who may know the platform.

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "structure/sources.hpp"
#include "support/catch.hpp"

using namespace lastbyte::test;

namespace {

using violations = std::vector<std::string>;

// Collects what `judge` says about each include under `folder`; it says "" of a good one.
template <typename Judge>
violations judge_includes(const std::string& folder, const Judge& judge) {
  violations found;
  for (const auto& file : sources_under(folder)) {
    for (const auto& include : includes_of(file)) {
      const std::string verdict = judge(include);
      if (!verdict.empty()) found.push_back(include.where + " " + verdict);
    }
  }
  return found;
}

void append(violations& to, const violations& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The room that an include of ours names; empty for other projects' headers.
std::string room_of(const include_line& include) {
  const auto slash = include.header.find('/');
  std::string first = include.header.substr(0, slash);
  const bool is_ours = include.quoted || (first == "lastbyte" && slash != std::string::npos);
  return is_ours ? std::move(first) : std::string();
}

bool is_a_room(const std::string& name) {
  return std::any_of(rooms().begin(), rooms().end(), [&](const room& r) { return r.name == name; });
}

bool is_platform_header(const std::string& header) {
  static const std::regex pattern(
      R"(^(sys|netinet|netpacket|net|arpa|linux|asm|bits)/|)"
      R"(^(windows|winsock2?|ws2tcpip|ws2ipdef|mswsock|winternl|mstcpip|io|process|unistd|fcntl)\.h$|)"
      R"(^(poll|pthread|sched|dlfcn|netdb|ifaddrs|spawn|syslog|termios|liburing|signal)\.h$)",
      std::regex::icase);
  return std::regex_search(header, pattern);
}

}  // namespace

TEST_CASE("the rooms with sources are found") {
  CHECK(!sources_under("include/lastbyte").empty());
  CHECK(!sources_under("src/core").empty());
}

TEST_CASE("every folder of src is a room with its place in the order") {
  violations found;
  for (const auto& entry : std::filesystem::directory_iterator(checkout() / "src")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && !is_a_room(name)) found.push_back("src/" + name);
  }
  CHECK(listed(found) == "");
}

TEST_CASE("an include of ours names its room, and a room that exists") {
  violations found;
  for (const auto& [name, folder] : rooms()) {
    append(found, judge_includes(folder, [](const include_line& include) -> std::string {
             if (!include.quoted || is_a_room(room_of(include))) return "";
             return "includes \"" + include.header + "\", which names no room";
           }));
  }
  CHECK(listed(found) == "");
}

TEST_CASE("a room includes only itself and the rooms below it") {
  violations found;
  for (std::size_t place = 0; place < rooms().size(); ++place) {
    append(found, judge_includes(rooms()[place].folder, [&](const include_line& include) {
             const std::string other = room_of(include);
             if (!is_a_room(other) || place_of(other) >= place) return std::string();
             return rooms()[place].name + " includes " + other + ", which is above it";
           }));
  }
  CHECK(listed(found) == "");
}

TEST_CASE("port and core do not know each other") {
  const auto forbids = [](const std::string& name) {
    return [name](const include_line& include) {
      return room_of(include) == name ? "includes " + include.header : std::string();
    };
  };
  violations found = judge_includes("src/port", forbids("core"));
  append(found, judge_includes("src/core", forbids("port")));
  CHECK(listed(found) == "");
}

TEST_CASE("core includes only itself, the public headers and plain vocabulary of the language") {
  // None of these does input or output, reads a clock or makes a thread.
  static const std::set<std::string> vocabulary{
      "algorithm",   "array",        "bit",     "compare",     "concepts", "cstddef", "cstdint",
      "iterator",    "limits",       "numeric", "optional",    "ranges",   "span",    "string",
      "string_view", "system_error", "tuple",   "type_traits", "utility",  "variant", "version",
  };
  CHECK(listed(judge_includes("src/core", [](const include_line& include) -> std::string {
          const std::string from = room_of(include);
          if (from == "core" || from == "lastbyte") return "";
          if (!include.quoted && vocabulary.contains(include.header)) return "";
          return "includes " + include.header;
        })) == "");
}

TEST_CASE("no platform header is included outside port, service and load") {
  violations found;
  for (const std::string folder :
       {"include/lastbyte", "src/core", "src/text", "src/metrics", "src/server", "src/protocol"}) {
    append(found, judge_includes(folder, [](const include_line& include) {
             return is_platform_header(include.header) ? "includes " + include.header
                                                       : std::string();
           }));
  }
  CHECK(listed(found) == "");
}

TEST_CASE("spdlog is included only in service and load") {
  violations found;
  for (const auto& [name, folder] : rooms()) {
    if (name == "service" || name == "load") continue;
    append(found, judge_includes(folder, [](const include_line& include) {
             const bool logging =
                 include.header.starts_with("spdlog/") || include.header.starts_with("fmt/");
             return logging ? "includes " + include.header : std::string();
           }));
  }
  CHECK(listed(found) == "");
}

TEST_CASE("no source asks the preprocessor which platform it is on") {
  static const std::regex pattern(
      R"(^\s*#\s*(if|ifdef|ifndef|elif|elifdef)\b.*\b)"
      R"((_WIN32|_WIN64|WIN32|_MSC_VER|__MINGW\w*|__CYGWIN__|__linux__|__linux|linux|__unix__|)"
      R"(__unix|unix|__APPLE__|__FreeBSD__)\b)");
  violations found;
  for (const std::string top : {"include", "src", "bench"}) {
    for (const auto& file : sources_under(top)) {
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        if (!std::regex_search(file.lines[i], pattern)) continue;
        found.push_back(file.path + ":" + std::to_string(i + 1) + " " + file.lines[i]);
      }
    }
  }
  CHECK(listed(found) == "");
}
