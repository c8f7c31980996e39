#include "server/common.hpp"

namespace lastbyte::engine {

core::limits limits_of(const options& chosen) noexcept {
  core::limits bounds;
  const auto set = [&bounds](core::deadline which, core::tick ms) {
    bounds.ms[static_cast<std::size_t>(which)] = ms;
  };
  set(core::deadline::first_byte, chosen.first_byte_ms);
  set(core::deadline::idle, chosen.idle_ms);
  set(core::deadline::send_stall, chosen.send_stall_ms);
  set(core::deadline::drain_total, chosen.drain_total_ms);
  set(core::deadline::drain_idle, chosen.drain_idle_ms);
  set(core::deadline::confirm, chosen.confirm_ms);
  set(core::deadline::join, chosen.join_ms);
  bounds.send_stall_bytes = chosen.send_stall_bytes;
  bounds.drain_bytes = chosen.drain_bytes;
  return bounds;
}

}  // namespace lastbyte::engine
