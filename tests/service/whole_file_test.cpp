#include "service/whole_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

namespace fs = std::filesystem;

// A folder of this test's own, gone at its end.
struct own_folder {
  own_folder() : path(fs::temp_directory_path() / "lastbyte-whole-file-test") {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  own_folder(const own_folder&) = delete;
  own_folder& operator=(const own_folder&) = delete;
  ~own_folder() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const char* name) const { return (path / name).string(); }
  fs::path path;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a whole file replaces what stood there and leaves nothing beside it") {
  const own_folder folder;
  CHECK(write_whole(folder.file("a"), "first\n").empty());
  CHECK(write_whole(folder.file("a"), "second\n").empty());
  CHECK(content_of(folder.file("a")) == "second\n");
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a file that can't be written is told beforehand, with the cause") {
  const own_folder folder;
  const std::string missing = folder.file("missing/a");
  CHECK(check_writable(missing).starts_with("cannot write " + missing + ": "));
  CHECK_FALSE(write_whole(missing, "x").empty());
  CHECK_FALSE(check_writable(folder.path.string()).empty());
  CHECK(check_writable(folder.file("a")).empty());
  CHECK_FALSE(fs::exists(folder.file("a")));
}

}  // namespace
}  // namespace lastbyte::service
