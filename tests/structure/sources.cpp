#include "structure/sources.hpp"

#include <algorithm>
#include <fstream>
#include <regex>

#include "support/catch.hpp"

namespace lastbyte::test {

namespace {

source_file read_source(const std::filesystem::path& path) {
  source_file file{path.lexically_relative(checkout()).generic_string(), {}};
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

}  // namespace

const std::vector<room>& rooms() {
  static const std::vector<room> top_to_bottom{
      {"service", "src/service"}, {"load", "bench/load"},
      {"admin", "src/admin"},     {"protocol", "src/protocol"},
      {"server", "src/server"},   {"metrics", "src/metrics"},
      {"port", "src/port"},       {"text", "src/text"},
      {"core", "src/core"},       {"lastbyte", "include/lastbyte"},
  };
  return top_to_bottom;
}

std::size_t place_of(std::string_view name) {
  const auto found =
      std::find_if(rooms().begin(), rooms().end(), [&](const room& r) { return r.name == name; });
  REQUIRE(found != rooms().end());
  return static_cast<std::size_t>(found - rooms().begin());
}

std::filesystem::path checkout() { return LASTBYTE_SOURCE_DIR; }

std::vector<source_file> sources_under(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(checkout() / folder)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(checkout() / folder)) {
      const auto extension = entry.path().extension();
      if (extension == ".hpp" || extension == ".cpp") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<source_file> files;
  files.reserve(paths.size());
  for (const auto& path : paths) files.push_back(read_source(path));
  return files;
}

std::vector<include_line> includes_of(const source_file& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::vector<include_line> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch parts;
    if (!std::regex_search(file.lines[i], parts, pattern)) continue;
    includes.push_back({parts[2], parts[1] == "\"", file.path + ":" + std::to_string(i + 1)});
  }
  return includes;
}

std::string listed(const std::vector<std::string>& violations) {
  std::string lines;
  for (const auto& violation : violations) lines += violation + "\n";
  return lines;
}

}  // namespace lastbyte::test
