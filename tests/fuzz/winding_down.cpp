// The end of every input: from here on everybody keeps to the rules, and the connection must end.
#include "fuzz/surroundings.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

using core::tick;

// Units: milliseconds for each deadline; alarms until it must be over.
constexpr tick wind_down_bound = 100;
constexpr int most_alarms = 256;

}  // namespace

void surroundings::wind_down(std::uint8_t how) {
  choose_last_bounds(how >> 2U);
  behind_ = 0;
  answer_to_end_ = 0;
  for (; holds_ > 0; --holds_) machine_.release();
  if (is_paused_) happen(deed::resume, 0);
  if (how % 4 == 1) say_finish();
  if (how % 4 == 2) say_close(intent::application);
  if (how % 4 == 3) machine_.request_abort(intent::application, ending::app_abort, now());
  tick waited = 0;
  for (int alarms = 0; alarms < most_alarms; ++alarms) {
    settle();
    while (give_back()) settle();
    if (is_closed_) return check_silence_kept();
    const auto due = machine_.next_timer(now(), bounds_);
    demand(due.has_value(), "it waits for ever, without an alarm");
    waited += *due;
    now_ += *due;
    ring(0);
    if (is_last_reader_) happen(deed::peer_acknowledges, UINT8_MAX);
    demand(waited <= core::deadline_count * 2 * wind_down_bound,
           "it does not end, though every bound has passed");
  }
  demand(false, "it rings for ever");
}

// Each deadline that can be spared is off in turn, so that no other one hides that it never strikes.
void surroundings::choose_last_bounds(unsigned how) {
  const auto spare = [this](core::deadline which) {
    bounds_.ms[static_cast<std::size_t>(which)] = 0;
  };
  bounds_.ms.fill(wind_down_bound);
  if (how % 4 == 1) spare(core::deadline::drain_idle);
  if (how % 4 == 2) spare(core::deadline::drain_total);
  is_last_reader_ = how / 4 % 2 != 0;  // a peer that takes everything is bounded without send_stall
  if (is_last_reader_) spare(core::deadline::send_stall);
}

// What was cancelled comes back, and what a peer that reads has made room for.
// @return whether there was anything.
bool surroundings::give_back() {
  if (is_stopping_receive_) {
    happen(deed::receive_ends, 0);
  } else if (is_stopping_send_) {
    happen(is_connecting_ ? deed::connect_fails : deed::send_ends, 0);
  } else if (is_sending_ && !is_connecting_ && is_last_reader_) {
    happen(deed::send_ends, UINT8_MAX);
  } else {
    return false;
  }
  return true;
}

// Behind the end nothing moves any more, and every block comes back.
void surroundings::check_silence_kept() const {
  core::connection after = machine_;
  after.request_close(intent::application, now());
  after.request_abort(intent::application, ending::app_abort, now());
  demand(after.next(now()) == core::step::nothing, "something is to be done behind the end");
  demand(!after.next_timer(now(), bounds_), "an alarm behind the end");
  while (block* any = after.queue().pop_abandoned()) any->owner->give_back(*any);
  demand(supply_.outstanding() == 0, "not every block came back");
}

}  // namespace lastbyte::fuzz
