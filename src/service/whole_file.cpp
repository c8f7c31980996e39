#include "service/whole_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace lastbyte::service {
namespace {

namespace fs = std::filesystem;

std::string problem_with(const std::string& path, const std::error_code& cause) {
  return "cannot write " + path + ": " + cause.message();
}

std::error_code last_error() { return {errno == 0 ? EIO : errno, std::generic_category()}; }

bool is_written_directly(const std::string& path) {
  std::error_code ignored;  // what can't be examined is tried, and its error told
  return fs::exists(path, ignored) && !fs::is_regular_file(path, ignored) &&
         !fs::is_directory(path, ignored);
}

std::string temporary_name(const std::string& path) { return path + ".partial"; }

std::error_code write_to(const std::string& path, std::string_view text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) return last_error();
  file << text;
  file.close();
  return file ? std::error_code{} : last_error();
}

}  // namespace

std::string write_whole(const std::string& path, std::string_view text) {
  const bool directly = is_written_directly(path);
  const std::string target = directly ? path : temporary_name(path);
  std::error_code cause = write_to(target, text);
  if (!cause && !directly) fs::rename(target, path, cause);
  if (!cause) return {};
  std::error_code ignored;  // the first error is the one that matters
  if (!directly) fs::remove(target, ignored);
  return problem_with(path, cause);
}

std::string check_writable(const std::string& path) {
  if (is_written_directly(path)) return {};
  std::error_code cause;
  if (fs::is_directory(path, cause)) {
    return problem_with(path, std::make_error_code(std::errc::is_a_directory));
  }
  cause = write_to(temporary_name(path), {});
  if (cause) return problem_with(path, cause);
  fs::remove(temporary_name(path), cause);
  return {};
}

}  // namespace lastbyte::service
