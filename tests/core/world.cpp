#include "world.hpp"

#include <array>
#include <sstream>
#include <string_view>

namespace lastbyte::test {
namespace {

using core::state;
using core::step;

constexpr std::uint64_t cap = 2;

constexpr std::array<std::string_view, input_count> input_names{
    "connected",    "connect_failed", "byte_arrives", "fin_arrives", "fin_arrives_unverified",
    "receive_ends", "receive_fails",  "all_sent",     "one_sent",    "nothing_sent",
    "send_fails",   "send",           "finish",       "close",       "quiesce_close",
    "abort",        "pause",          "resume",       "hold",        "release",
    "time_passes"};
constexpr std::array<std::string_view, mood_count> mood_names{
    "all acknowledged", "not yet", "end held back", "closed short", "mute", "shutdown fails"};

}  // namespace

std::string to_string(happening what) {
  std::ostringstream out;
  out << input_names[static_cast<std::size_t>(what.what)] << " ("
      << mood_names[static_cast<std::size_t>(what.mood)] << ")";
  return out.str();
}

world::world(core::connection::origin from)
    : machine_(from, now_),
      is_connecting_(from == core::connection::origin::connecting),
      is_sending_(is_connecting_) {
  bounds_.ms.fill(100);
  bounds_.send_stall_bytes = 1;
  bounds_.drain_bytes = 1;
  if (!is_connecting_) (void)settle(kernel_mood::all_acknowledged);
}

bool world::is_possible(input what) const {
  if (is_closed()) return false;
  switch (what) {
    case input::connected:
    case input::connect_failed: return is_connecting_;
    case input::byte_arrives: return is_receiving_ && received_ < cap;
    case input::fin_arrives:
    case input::fin_arrives_unverified:
    case input::receive_ends:
    case input::receive_fails: return is_receiving_;
    case input::all_sent:
    case input::one_sent:
    case input::nothing_sent:
    case input::send_fails: return is_sending_ && !is_connecting_;
    case input::send: return sends_ < cap;
    case input::hold: return holds_ < 1;
    case input::release: return holds_ > 0;
    default: return true;
  }
}

void world::happen(happening next) {
  const std::uint64_t queued = machine_.queue().size();
  switch (next.what) {
    case input::connected:
      is_connecting_ = false;
      end_send();
      machine_.on_connected(now_);
      break;
    case input::connect_failed:
      is_connecting_ = false;
      end_send();
      machine_.on_failed(core::operation::connect, ending::connect_failed, now_);
      break;
    case input::byte_arrives:
      ++received_;
      if (machine_.on_received(1, now_) == core::disposition::discard) {
        machine_.check_drain_bytes(now_, bounds_);
      }
      break;
    case input::fin_arrives:
    case input::fin_arrives_unverified:
      end_receive();
      is_fin_seen_ = true;
      is_fin_seen_first_ = !is_shutdown_good_;
      if (next.what == input::fin_arrives) {
        was_kernel_asked_ = true;
        is_shutdown_told_ = is_shutdown_good_ && next.mood == kernel_mood::all_acknowledged;
        is_shutdown_acknowledged_ = is_shutdown_acknowledged_ || is_shutdown_told_;
        machine_.on_end_of_stream(proof::proven, now_, told_with_end(next.mood));
      } else {
        machine_.on_end_of_stream(proof::unproven, now_);
      }
      break;
    case input::receive_ends:
      end_receive();
      machine_.on_receive_ended();
      break;
    case input::receive_fails:
      end_receive();
      machine_.on_failed(core::operation::receive, ending::peer_reset, now_);
      break;
    case input::all_sent:
      end_send();
      taken_ += queued;
      machine_.on_sent(queued, now_);
      break;
    case input::one_sent:
      end_send();
      taken_ += 1;
      machine_.on_sent(1, now_);
      break;
    case input::nothing_sent:
      end_send();
      machine_.on_sent(0, now_);
      break;
    case input::send_fails:
      end_send();
      taken_ += 1;
      machine_.on_failed(core::operation::send, ending::send_failed, now_, 1);
      break;
    case input::send: {
      block& one = supply_.make("x");
      if (machine_.request_send(one)) ++sends_;
      break;
    }
    case input::finish: machine_.request_finish(intent::application, now_); break;
    case input::close:
    case input::quiesce_close:
      is_close_said_ = is_close_said_ || !is_connecting_;
      machine_.request_close(next.what == input::close ? intent::application : intent::quiesce,
                             now_);
      break;
    case input::abort: machine_.request_abort(intent::application, ending::app_abort, now_); break;
    case input::pause:
      is_paused_ = true;
      machine_.pause();
      break;
    case input::resume:
      is_paused_ = false;
      machine_.resume();
      break;
    case input::hold:
      ++holds_;
      machine_.hold();
      break;
    case input::release:
      --holds_;
      machine_.release();
      break;
    case input::time_passes:
      now_ += 1'000;
      machine_.on_timer(answer(next.mood), now_, now_, bounds_);
      break;
  }
  while (machine_.queue().pop_sent() != nullptr) {
  }
}

// What a port tells that had to ask the kernel about the end; others don't. The peer may have acknowledged bytes of a
// send whose completion is still to come.
std::uint64_t world::told_with_end(kernel_mood mood) const {
  if (mood != kernel_mood::all_acknowledged) return 0;
  return taken_ + (is_sending_ ? machine_.queue().size() : 0) + (is_shutdown_good_ ? 1 : 0);
}

core::witness world::answer(kernel_mood mood) {
  was_kernel_asked_ = true;
  core::witness said;
  said.known = mood != kernel_mood::mute;
  said.is_closed = mood == kernel_mood::closed_short;
  const bool is_all = mood == kernel_mood::all_acknowledged || mood == kernel_mood::shutdown_fails;
  if (is_all) said.acknowledged = taken_ + (is_shutdown_good_ ? 1 : 0);
  if (mood == kernel_mood::end_held_back) {
    said.acknowledged = taken_;
    said.has_unsent = is_shutdown_good_;
  }
  is_shutdown_acknowledged_ = is_shutdown_acknowledged_ || (is_all && is_shutdown_good_);
  said.unread = 0;
  return said;
}

std::string world::apply(happening next) {
  was_kernel_asked_ = false;
  happen(next);
  std::string wrong = settle(next.mood);
  // Once set, both stand: judge() holds what comes next against them.
  cause_seen_ = machine_.cause();
  intent_seen_ = machine_.first_asked();
  return wrong;
}

std::string world::settle(kernel_mood mood) {
  for (int steps = 0; steps < 32; ++steps) {
    const step next = machine_.next(now_);
    if (next == step::nothing) return judge();
    if (auto wrong = do_step(next, mood); !wrong.empty()) return wrong;
  }
  return "it never settles";
}

std::string world::do_step(step next, kernel_mood mood) {
  const bool is_ending = machine_.cause() != ending::none;
  if (closes_ > 0) return "a step after the socket was closed";
  switch (next) {
    case step::nothing: break;
    case step::submit_receive:
      if (is_ending) return "a receive submitted while closing";
      if (is_receiving_) return "two receives armed";
      if (is_fin_seen_) return "a receive behind the end of stream";
      is_receiving_ = true;
      break;
    case step::pause_receive:
    case step::cancel_receive:
      if (!is_receiving_) return "a cancel of no receive";
      is_stopping_receive_ = true;
      break;
    case step::submit_send:
      if (is_ending) return "a send submitted while closing";
      if (is_sending_) return "two sends in flight";
      if (machine_.queue().empty()) return "a send of nothing";
      is_sending_ = true;
      break;
    case step::cancel_send:
      if (!is_sending_) return "a cancel of no send";
      is_stopping_send_ = true;
      break;
    case step::shutdown_send:
      if (++shutdowns_ > 1) return "SD_SEND twice";
      if (is_ending) return "SD_SEND while closing";
      if (is_sending_ || !machine_.queue().empty()) return "SD_SEND before everything was sent";
      was_kernel_asked_ = true;
      if (mood == kernel_mood::shutdown_fails) {
        machine_.on_failed(core::operation::shutdown, ending::peer_reset, now_);
      } else {
        is_shutdown_good_ = true;
      }
      break;
    case step::ask_kernel: {
      const core::witness said = answer(mood);
      machine_.on_witness(said, now_);
      break;
    }
    case step::tell_end:
      if (!is_fin_seen_ || is_end_told_) return "an end of stream told that was not, or twice";
      if (holds_ > 0) return "an end of stream told to a handler that holds";
      is_end_told_ = true;
      break;
    case step::close_socket:
      if (is_receiving_ || is_sending_) return "closed with something in flight";
      ++closes_;
      break;
  }
  return {};
}

std::string world::judge() const {
  const auto& bytes = machine_.bytes();
  const state now = machine_.current();
  if (bytes.received != received_) return "received is not what arrived";
  if (bytes.received != bytes.delivered + bytes.discarded + bytes.unanswered) {
    return "the incoming ledger does not balance";
  }
  if (bytes.queued != sends_) return "queued is not what was accepted";
  if (bytes.queued != taken_ + machine_.queue().size()) {
    return "the outgoing ledger does not balance";
  }
  if (bytes.sent != taken_) return "sent is not what the kernel took";
  if (core::is_dropping(now) && !is_receiving_) return "no read is posted after close()";
  if (core::is_delivering(now) && !is_paused_ && !is_receiving_) return "no read is posted";
  if (cause_seen_ != ending::none && machine_.cause() != cause_seen_) return "the cause changed";
  if (intent_seen_ != intent::none && machine_.first_asked() != intent_seen_) {
    return "the intent changed";
  }
  if ((machine_.cause() != ending::none) != core::is_ending_fixed(now)) {
    return "a cause without an end, or an end without a cause";
  }
  if (is_clean(machine_.cause())) {
    if (!is_fin_seen_ || !is_shutdown_good_) return "clean without both ends of stream";
    if (taken_ != sends_) return "clean with unsent bytes";
    if (machine_.mark() == proof::proven && bytes.lost_out() != 0U) return "clean with lost bytes";
    if (bytes.discarded != 0) return "clean with discarded bytes";
    if (machine_.mark() == proof::proven && !is_shutdown_acknowledged_) {
      return "clean, and nobody has acknowledged our end of stream";
    }
    const bool peer_first = machine_.cause() == ending::clean_peer_first;
    if (peer_first != is_fin_seen_first_) return "who was first is told wrongly";
  }
  if (now == state::closing && !is_receiving_ && !is_sending_) return "joined, but not closed";
  return {};
}

std::string world::key() const {
  std::ostringstream out;
  out << to_string(machine_.current()) << ' ' << to_string(machine_.cause()) << ' '
      << to_string(machine_.first_asked()) << ' ' << to_string(machine_.mark()) << ' '
      << is_connecting_ << is_receiving_ << is_stopping_receive_ << is_sending_ << is_stopping_send_
      << is_close_said_ << is_fin_seen_ << is_fin_seen_first_ << is_end_told_ << shutdowns_
      << is_shutdown_good_ << is_shutdown_acknowledged_ << is_shutdown_told_ << closes_
      << is_paused_ << holds_ << ' ' << received_ << sends_ << taken_ << ' '
      << machine_.bytes().discarded << machine_.bytes().unanswered << ' '
      << machine_.bytes().acknowledged.value_or(9) << machine_.may_be_unread();
  return out.str();
}

}  // namespace lastbyte::test
