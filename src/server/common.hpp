// What all workers of a server share.
#pragma once

#include <functional>
#include <string_view>

#include <lastbyte/handler.hpp>
#include <lastbyte/options.hpp>
#include <lastbyte/server.hpp>

#include "core/deadlines.hpp"
#include "server/connection_limit.hpp"
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
        ending(chosen_options),
        limit(chosen_options.max_connections) {}

  void tell(notice::kind what, std::string_view text, const ending_report* ended = nullptr) const {
    if (watching == nullptr) return;
    try {
      watching->on_notice({what, ended, text});
      // NOLINTNEXTLINE(bugprone-empty-catch): nobody else can be told, and what it was told of must go on
    } catch (...) {
    }
  }

  void tell_connect_too_late() const {
    tell(notice::kind::connect_refused, "cannot connect: the server is at its end");
  }

  const options chosen;
  const core::limits bounds;
  handler& serving;
  observer* watching;
  tally counts;
  quiesce ending;
  connection_limit limit;
  std::function<void()> ring_all;  // wakes every worker
};

}  // namespace lastbyte::engine
