// Progress while a run lasts: one line that is rewritten where somebody watches, a line every 5 s otherwise.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "load/options.hpp"
#include "load/tally.hpp"

namespace lastbyte::load {

// A moment of the run.
struct moment {
  std::uint64_t elapsed_ns = 0;  // since its beginning, the warm-up included
  live_figures figures;
};

// "  3.0 s of 10 s  64 open  352,120 messages/s  21.5 MiB/s  1,056,360 messages".
// @param before: the moment since which the rate is meant.
[[nodiscard]] std::string live_text(const load_options& options, const moment& before,
                                    const moment& now, std::string_view phase);

class live_line {
 public:
  // @param to: outlives the object. @param is_rewritten: whether a carriage return goes back to its start.
  live_line(std::FILE* to, bool is_rewritten) noexcept : to_(to), is_rewritten_(is_rewritten) {}

  // Shows the moment, if it is time to. @param phase: what is going on ("warming up"); may be empty.
  void show(const load_options& options, const moment& now, std::string_view phase);
  // A line of its own that stays.
  void say(const std::string& line);
  // Takes the rewritten line away: what follows begins on a clean line.
  void clear();

 private:
  std::FILE* to_;
  bool is_rewritten_;
  moment shown_;
  std::size_t width_ = 0;  // characters of the rewritten line
};

}  // namespace lastbyte::load
