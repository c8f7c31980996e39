// The committed corpus, replayed in every build: what the fuzzer once reached is reached again, on every
// platform, by every compiler. What broke a law then breaks it here by name.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/target.hpp"
#include "support/catch.hpp"

using namespace lastbyte::fuzz;

namespace {

std::vector<std::filesystem::path> inputs_of(const std::string& target) {
  const std::filesystem::path folder = std::filesystem::path(LASTBYTE_CORPUS_DIR) / target;
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in.good());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {text.begin(), text.end()};
}

void replay(const std::string& target, fuzz_one& one) {
  const auto files = inputs_of(target);
  INFO("the corpus: " << LASTBYTE_CORPUS_DIR << '/' << target);
  REQUIRE_FALSE(files.empty());
  one({});  // nothing is an input too
  for (const auto& file : files) {
    INFO("the input: " << file.filename().string());
    CHECK_NOTHROW(one(bytes_of(file)));
  }
  std::printf("%s: replayed %zu inputs\n", target.c_str(), files.size());
}

}  // namespace

TEST_CASE("every input of the corpus leaves the laws of a connection whole") {
  replay("connection", connection);
}

TEST_CASE("every input of the corpus leaves the send queue in order") {
  replay("send_queue", send_queue);
}

TEST_CASE("every input of the corpus is a configuration of lastbyted, or a plain refusal") {
  replay("daemon_options", daemon_options);
}

TEST_CASE("every input of the corpus is a run of lastbyte-load, or a plain refusal") {
  replay("load_options", load_options);
}

TEST_CASE("every input of the corpus is a list of thresholds, or a plain refusal") {
  replay("thresholds", thresholds);
}

TEST_CASE("every input of the corpus is an address that is written as it is read, or none") {
  replay("endpoint_text", endpoint_text);
}

TEST_CASE("every input of the corpus is a quantity worth what was typed, or none") {
  replay("quantity_text", quantity_text);
}
