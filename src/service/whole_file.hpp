// Files that others wait for: there is either the whole text or nothing new.
#pragma once

#include <string>
#include <string_view>

namespace lastbyte::service {

// Writes `text` beside `path`, then puts it in place of what stood there. Into what is no regular file (a
// terminal, a pipe) it writes directly.
// @return the problem, or nothing.
[[nodiscard]] std::string write_whole(const std::string& path, std::string_view text);

// Whether write_whole() would succeed now.
// @return the problem, or nothing.
[[nodiscard]] std::string check_writable(const std::string& path);

}  // namespace lastbyte::service
