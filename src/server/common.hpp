// What all workers of a server share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include <lastbyte/handler.hpp>
#include <lastbyte/options.hpp>
#include <lastbyte/server.hpp>

#include "core/deadlines.hpp"
#include "server/quiesce.hpp"
#include "server/tally.hpp"

namespace lastbyte::engine {

[[nodiscard]] core::limits limits_of(const options& chosen) noexcept;

struct common {
  common(const options& chosen_options, handler& serves, observer* watches)
      : chosen(chosen_options),
        bounds(limits_of(chosen_options)),
        serving(serves),
        watching(watches),
        ending(chosen_options) {}

  void tell(notice::kind what, std::string_view text, const ending_report* ended = nullptr) const {
    if (watching != nullptr) watching->on_notice({what, ended, text});
  }

  const options chosen;
  const core::limits bounds;
  handler& serving;
  observer* watching;
  tally counts;
  quiesce ending;
  std::atomic<std::uint32_t> open_connections = 0;
  std::atomic<bool> is_limit_struck = false;  // a lane stopped accepting at max_connections
  std::function<void()> ring_all;             // wakes every worker
};

}  // namespace lastbyte::engine
