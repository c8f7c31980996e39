#include "soak/visitor.hpp"

#include <poll.h>

namespace lastbyte::test {
namespace {

// How long the rough ones push before they go.
constexpr milliseconds in_mid_flight{60};

client::plan plan_of(habit which, std::uint64_t draw) {
  const std::uint64_t some = 1 + draw % (192 << 10);
  switch (which) {
    case habit::echo: return {.to_send = some};
    case habit::slow_echo: return {.to_send = 64 << 10, .reads = false, .read_chunk = 4 << 10};
    case habit::server_first:
      return {.to_send = finish_after + (64 << 10) + some, .half_closes = false};
    case habit::reset_when_answered: return {.to_send = some, .half_closes = false};
    // These two never take what the server has to say, and so it pauses before they have said all.
    case habit::reset_in_flight:
    case habit::never_reads: return {.to_send = finish_after, .reads = false, .half_closes = false};
    case habit::close_in_flight: return {.to_send = 64 << 10, .reads = false, .half_closes = false};
    case habit::silent: return {.half_closes = false};
    case habit::falls_silent: return {.to_send = 100, .half_closes = false};
    case habit::never_closes:
      return {.to_send = finish_after, .half_closes = false, .closes = false};
  }
  return {};
}

client::socket_buffers buffers_of(habit which) {
  const bool takes_little =
      which == habit::slow_echo || which == habit::reset_in_flight || which == habit::never_reads;
  return takes_little ? client::socket_buffers{.receive = 8 << 10} : client::socket_buffers{};
}

}  // namespace

ending ending_of(habit which) noexcept {
  switch (which) {
    case habit::echo:
    case habit::slow_echo: return ending::clean_peer_first;
    case habit::server_first: return ending::clean_local_first;
    case habit::reset_when_answered:
    case habit::reset_in_flight:
    case habit::close_in_flight: return ending::peer_reset;
    case habit::silent: return ending::first_byte;
    case habit::falls_silent: return ending::idle;
    case habit::never_reads: return ending::slow_reader;
    case habit::never_closes: return ending::drain_idle;
  }
  return ending::none;
}

visitor::visitor(const endpoint& where, habit which, std::uint64_t draw)
    : habit_(which), at_(where, plan_of(which, draw), buffers_of(which)) {}

short visitor::events() const { return is_gone_ ? short{0} : at_.events(); }

void visitor::on_ready(short events) {
  at_.on_ready(events);
  if (habit_ == habit::reset_when_answered && at_.received() == at_.wants.to_send) {
    leave_by_reset();
  } else if (at_.is_over() && at_.wants.closes) {
    leave_by_close();
  }
}

void visitor::on_tick() {
  if (is_gone_) return;
  const bool is_in_mid_flight = since_connected_.passed() >= in_mid_flight;
  switch (habit_) {
    case habit::slow_echo: at_.pull(at_.wants.read_chunk); break;
    case habit::reset_in_flight:
      if (is_in_mid_flight) return leave_by_reset();
      break;
    case habit::close_in_flight:
      if (is_in_mid_flight && at_.sent() == at_.wants.to_send) return leave_by_close();
      break;
    // It has our end of stream, and stays, until the server has given it up: one byte then tells.
    case habit::never_closes:
      if (at_.is_over() && since_connected_.passed() > seconds(4)) return leave_by_close();
      break;
    // Its window is full: it can tell that it was reset only by asking.
    case habit::never_reads:
      if (pollfd asked{at_.socket(), 0, 0}; ::poll(&asked, 1, 0) == 1) return leave_by_close();
      break;
    default: break;
  }
  if (at_.is_over() && at_.wants.closes) leave_by_close();
}

void visitor::leave_by_reset() {
  is_gone_ = true;
  at_.reset();
}

void visitor::leave_by_close() {
  is_gone_ = true;
  at_.close();
}

std::string_view visitor::complaint() const {
  if (at_.wrong() != 0) return "a wrong byte";
  switch (habit_) {
    case habit::echo:
    case habit::slow_echo:
      return at_.received() == at_.sent() && at_.end() == stream_end::end_of_stream
                 ? ""
                 : "its echo is not whole";
    case habit::server_first:
      return at_.received() >= finish_after && at_.end() == stream_end::end_of_stream
                 ? ""
                 : "the server's end was not clean";
    default: return "";
  }
}

}  // namespace lastbyte::test
