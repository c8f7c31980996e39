#include "load/live_line.hpp"

#include "load/clock.hpp"
#include "text/quantity.hpp"

namespace lastbyte::load {
namespace {

using text::grouped;
using text::readable;
using text::unit;

constexpr std::uint64_t rewrite_every_ns = 200 * ms_to_ns;
constexpr std::uint64_t line_every_ns = 5'000 * ms_to_ns;
// A rewritten line that wraps can't be taken back.
constexpr std::size_t widest = 79;

std::string whole_of(const load_options& options) {
  if (options.duration_ms == 0) return {};
  return " of " + readable(options.warm_up_ms + options.duration_ms, unit::milliseconds);
}

std::string share_of(const load_options& options, std::uint64_t messages) {
  std::string text = grouped(messages);
  if (options.requests != 0) text += " of " + grouped(options.requests);
  return text + " messages";
}

}  // namespace

std::string live_text(const load_options& options, const moment& before, const moment& now,
                      std::string_view phase) {
  const double seconds = static_cast<double>(now.elapsed_ns - before.elapsed_ns) * ns_to_s;
  const auto messages = static_cast<double>(now.figures.messages - before.figures.messages);
  const double rate = seconds > 0 ? messages / seconds : 0;
  const auto bytes = static_cast<std::uint64_t>(rate * options.message_bytes);
  std::string line = readable(now.elapsed_ns / (100 * ms_to_ns) * 100, unit::milliseconds);
  line += whole_of(options) + "  " + grouped(now.figures.open()) + " open  ";
  line += grouped(static_cast<std::uint64_t>(rate)) + " messages/s  ";
  line += readable(bytes, unit::bytes) + "/s  " + share_of(options, now.figures.messages);
  if (!phase.empty()) line.append("  ").append(phase);
  return line;
}

void live_line::show(const load_options& options, const moment& now, std::string_view phase) {
  const std::uint64_t every = is_rewritten_ ? rewrite_every_ns : line_every_ns;
  if (now.elapsed_ns < shown_.elapsed_ns + every) return;
  std::string line = live_text(options, shown_, now, phase);
  shown_ = now;
  if (!is_rewritten_) return say(line);
  line.resize(std::min(line.size(), widest));
  const std::size_t blanks = width_ > line.size() ? width_ - line.size() : 0;
  std::fprintf(to_, "\r%s%*s", line.c_str(), static_cast<int>(blanks), "");
  std::fflush(to_);
  width_ = line.size();
}

void live_line::say(const std::string& line) {
  clear();
  std::fprintf(to_, "%s\n", line.c_str());
  std::fflush(to_);
}

void live_line::clear() {
  if (width_ == 0) return;
  std::fprintf(to_, "\r%*s\r", static_cast<int>(width_), "");
  std::fflush(to_);
  width_ = 0;
}

}  // namespace lastbyte::load
