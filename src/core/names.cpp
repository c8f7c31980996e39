#include <array>

#include <lastbyte/ending.hpp>

#include "core/state.hpp"

namespace lastbyte {
namespace {

constexpr std::array<std::string_view, ending_count> ending_names{
    "none",           "clean_local_first", "clean_peer_first", "peer_reset",     "peer_vanished",
    "send_failed",    "receive_failed",    "slow_reader",      "idle",           "first_byte",
    "drain_total",    "drain_idle",        "drain_bytes",      "app_abort",      "server_deadline",
    "protocol_error", "resources",         "local_abort",      "connect_failed",
};
static_assert(!ending_names.back().empty(), "every ending has a name");

constexpr std::array<std::string_view, 5> intent_names{"none", "peer", "application", "quiesce",
                                                       "bound"};

}  // namespace

std::string_view to_string(ending cause) noexcept {
  return ending_names[static_cast<std::size_t>(cause)];
}
std::string_view to_string(intent who) noexcept {
  return intent_names[static_cast<std::size_t>(who)];
}
std::string_view to_string(proof mark) noexcept {
  return mark == proof::proven ? "proven" : "unproven";
}

namespace core {
namespace {

constexpr std::array<std::string_view, state_count> state_names{
    "connecting",    "open",       "finishing",  "half_closed", "flushing", "draining",
    "peer_finished", "last_flush", "confirming", "closing",     "closed",
};
static_assert(!state_names.back().empty(), "every state has a name");

constexpr std::array<std::string_view, event_count> event_names{
    "connected",
    "received",
    "end_of_stream",
    "send_done_queue_empty",
    "send_done_more_queued",
    "request_send",
    "request_finish_queue_empty",
    "request_finish_queued",
    "request_close_queue_empty",
    "request_close_queued",
    "request_abort",
    "operation_failed",
    "bound_struck",
    "confirmed",
    "joined",
};
static_assert(!event_names.back().empty(), "every event has a name");

}  // namespace

std::string_view to_string(state which) noexcept {
  return state_names[static_cast<std::size_t>(which)];
}
std::string_view to_string(event which) noexcept {
  return event_names[static_cast<std::size_t>(which)];
}

}  // namespace core
}  // namespace lastbyte
