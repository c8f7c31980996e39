#include "load/notices.hpp"

#include <utility>

#include "load/process.hpp"
#include "text/quantity.hpp"

namespace lastbyte::load {
namespace {

bool is_worth_a_line(const ending_report& how) noexcept {
  return !is_clean(how.cause) && how.cause != ending::app_abort &&
         how.cause != ending::connect_failed;
}

std::string line_about(const ending_report& how) {
  std::string line = "a connection ended by ";
  line.append(to_string(how.cause)).append(": sent ");
  line +=
      text::grouped(how.bytes.sent) + ", echoed " + text::grouped(how.bytes.delivered) + " bytes";
  if (how.native_error != 0) line += "; " + describe_error(how.native_error);
  return line;
}

}  // namespace

void notices::on_notice(const notice& what) {
  if (what.what != notice::kind::connection_ended) return add(std::string(what.text));
  if (tell_endings_ && what.ended != nullptr && is_worth_a_line(*what.ended)) {
    add(line_about(*what.ended));
  }
}

void notices::add(std::string line) {
  const std::lock_guard lock(guard_);
  if (said_ == most_lines) {
    ++suppressed_;
    return;
  }
  ++said_;
  lines_.push_back(std::move(line));
}

std::vector<std::string> notices::take() {
  const std::lock_guard lock(guard_);
  return std::exchange(lines_, {});
}

std::uint64_t notices::suppressed() const {
  const std::lock_guard lock(guard_);
  return suppressed_;
}

}  // namespace lastbyte::load
