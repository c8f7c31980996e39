#include "suite/progress.hpp"

#include <algorithm>

namespace lastbyte::suite {
namespace {

constexpr std::chrono::seconds line_every{10};
constexpr std::size_t widest = 110;

}  // namespace

void progress::show(const std::string& text) {
  const auto now = clock::now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun_).count();
  std::string line = std::to_string(seconds) + " s  " + text;
  if (!is_rewritten_) {
    if (now < said_ + line_every) return;
    said_ = now;
    return say(line);
  }
  line.resize(std::min(line.size(), widest));
  std::fprintf(to_, "\r\033[K%s", line.c_str());
  std::fflush(to_);
  is_shown_ = true;
}

void progress::say(const std::string& line) {
  clear();
  std::fprintf(to_, "%s\n", line.c_str());
  std::fflush(to_);
}

void progress::clear() {
  if (!is_shown_) return;
  std::fputs("\r\033[K", to_);
  std::fflush(to_);
  is_shown_ = false;
}

}  // namespace lastbyte::suite
