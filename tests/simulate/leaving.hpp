// Who should have been ended by quiesce, and was not: looked for whenever all workers sleep.
#pragma once

#include <optional>

#include "core/connection.hpp"
#include "simulate/chronicle.hpp"
#include "simulate/scenario.hpp"

namespace lastbyte::simulation {

class leaving {
 public:
  explicit leaving(const scenario& drawn) noexcept : drawn_(drawn) {}

  // @param slack: what the simulation adds to the time that a server may take.
  // @return for how long it has had to be ended, if that is too long; once.
  [[nodiscard]] std::optional<micros> overdue(const core::connection& machine, chronicle& about,
                                              micros quiesced_at, micros now, micros slack) const;

 private:
  [[nodiscard]] bool has_reason_to_stay(const core::connection& machine, const chronicle& about,
                                        micros quiesced_at, micros now) const;
  // When it has been quiet for long enough.
  [[nodiscard]] micros quiet_at(const chronicle& about, micros quiesced_at) const;

  const scenario& drawn_;
};

}  // namespace lastbyte::simulation
