#include "simulate/service.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "server/slot.hpp"

namespace lastbyte::simulation {
namespace {

// The connection may be gone meanwhile: then there is nothing to do.
void may_be_refused(const std::error_code& /*why*/) noexcept {}

// What a handler may throw as well.
struct no_exception {};

// A connection whose queue is above the high mark, or that is paused, gets one buffer more at most.
void count_unwanted(const connection& from, chronicle& about) {
  about.buffers_above_mark = from.above_high_mark() ? about.buffers_above_mark + 1 : 0;
  about.most_buffers_above_mark = std::max(about.most_buffers_above_mark, about.buffers_above_mark);
  if (about.is_paused) ++about.buffers_in_pause;
}

// A handler that is called still has not been told of any failure: what it does comes first.
void strike(chronicle& about, ending cause) {
  if (std::exchange(about.is_blow_our_own, true)) return;
  about.first_blow = cause;
}

}  // namespace

service::service(port::sim::network& over, std::deque<chronicle>& all, dice& chance,
                 std::function<void()> in_between)
    : network_(over), all_(all), chance_(chance), in_between_(std::move(in_between)) {
  handles_.resize(all.size());
}

// ---- Who is who.

chronicle* service::find(const connection* which) const {
  const auto found = current_.find(which);
  return found == current_.end() ? nullptr : found->second;
}

// A connection of our own carries its number; the others are known by their TCP port.
chronicle& service::introduce(connection& opened) {
  const auto is_meant = [&opened](const chronicle& each) {
    if (opened.user_word() != 0) return word_of(each) == opened.user_word();
    return !each.plan.is_outgoing && each.peers != nullptr && each.peers->local == opened.peer();
  };
  chronicle& found = *std::find_if(all_.begin(), all_.end(), is_meant);
  current_[&opened] = &found;
  found.current = &opened;
  handles_[found.number] = opened.handle();
  return found;
}

chronicle& service::of(connection& any) {
  chronicle& found = *find(&any);
  if (found.ended != 0) ++found.calls_after_end;
  in_between_();
  return found;
}

// ---- Calls.

void service::on_open(connection& opened) {
  chronicle& about = introduce(opened);
  ++about.opened;
  about.was_opened_too_late = !engine::slot_base::of(opened).machine.may_send();
  opened.user_word() = 0;  // the product's own handlers count in it
  about.opened_at = about.moved_at = network_.now();
  in_between_();
  if (about.plan.service.kind >= service_kind::storyteller) tell_on(opened, about);
  if (about.plan.service.kind == service_kind::whimsical) follow_a_whim(opened, about);
}

void service::on_receive(connection& from, buffer bytes) {
  chronicle& about = of(from);
  count_unwanted(from, about);
  about.heard.read(std::as_const(bytes).bytes());
  switch (about.plan.service.kind) {
    case service_kind::echo:
      note_offer(about, bytes.size());
      return echo_.on_receive(from, std::move(bytes));
    case service_kind::discard: return discard_.on_receive(from, std::move(bytes));
    case service_kind::storyteller: return tell_on(from, about);
    case service_kind::whimsical:
      if (chance_.chance(about.plan.service.keeps_buffers)) keep(std::move(bytes));
      tell_on(from, about);
      return follow_a_whim(from, about);
  }
}

void service::on_end_of_stream(connection& from) {
  chronicle& about = of(from);
  about.saw_end = true;
  if (about.holds_left != 0) about.was_told_end_when_held = true;
  if (about.plan.service.kind >= service_kind::storyteller) tell_on(from, about);
  if (about.plan.service.kind == service_kind::whimsical) {
    follow_a_whim(from, about);
    if (about.plan.service.ignores_end) return;
  }
  // Who has more to tell goes on, and ends when all is told.
  if (about.plan.service.kind < service_kind::storyteller || about.has_told_all) {
    say_close(from, about);
  }
}

void service::on_send_low(connection& to) {
  chronicle& about = of(to);
  about.buffers_above_mark = 0;
  if (about.has_said_end) about.was_told_of_room_in_vain = true;
  about.most_left_at_room = std::max(about.most_left_at_room, to.queued());
  if (about.plan.service.kind >= service_kind::storyteller) tell_on(to, about);
  if (about.plan.service.kind == service_kind::whimsical) follow_a_whim(to, about);
}

void service::on_ended(connection& ended, const ending_report& how) {
  chronicle* known = find(&ended);
  chronicle& about = known != nullptr ? *known : introduce(ended);
  in_between_();
  ++about.ended;
  about.how = how;
  about.ended_at = network_.now();
  about.was_held_at_end = about.holds_left != 0;
  about.was_paused_at_end = about.is_paused;
  current_.erase(&ended);
  about.current = nullptr;
  if (about.plan.service.kind == service_kind::whimsical) speak_to_the_ended(ended, about);
}

void service::note_asked(chronicle& about) const {
  about.has_asked_to_end = true;
  about.asked_at = network_.now();
  if (about.first_asked_at == 0) about.first_asked_at = about.asked_at;
}

void service::note_closed(chronicle& about) const {
  note_asked(about);
  if (about.close_asked_at == 0) about.close_asked_at = about.asked_at;
}

void service::note_offer(chronicle& about, std::size_t bytes) const {
  const auto& sent = about.ours->out();
  // Behind our end of stream it is refused, and nobody awaits it.
  if (!sent.is_fin_written && sent.acknowledged == about.offered + about.fillers_offered) {
    about.awaited_since = network_.now();
  }
  about.offered += bytes;
}

// ---- Doings.

void service::say_finish(connection& on, chronicle& about) const {
  note_asked(about);
  about.has_said_end = true;
  on.finish();
}

void service::say_close(connection& on, chronicle& about) const {
  note_closed(about);
  about.has_said_end = true;
  on.close();
}

void service::tell_on(connection& to, chronicle& about) {
  const service_plan& plan = about.plan.service;
  if (plan.awaits_end && !about.saw_end) return;
  while (about.offered < plan.story_bytes && !to.above_high_mark() && !about.has_asked_to_end) {
    const std::uint64_t left = plan.story_bytes - about.offered;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, plan.chapter_bytes));
    if (const auto why = to.send(pattern(2 * about.number + 1, about.offered, count))) {
      about.offered_in_vain += count;
      if (why == std::errc::not_enough_memory) about.was_cut_short = true;
      about.has_asked_to_end = true;  // by now, or somebody else has ended it
      return;
    }
    note_offer(about, count);
  }
  if (about.offered < plan.story_bytes || std::exchange(about.has_told_all, true)) return;
  if (plan.kind != service_kind::storyteller && !about.saw_end) return;
  if (about.number % 2 == 0 && !about.saw_end) {
    if (plan.holds_finish) hold_for_a_while(to, about);
    say_finish(to, about);
  } else {
    say_close(to, about);
  }
}

void service::follow_a_whim(connection& on, chronicle& about) {
  const service_plan& plan = about.plan.service;
  if (chance_.chance(plan.calls_others)) call_somebody(about);
  if (chance_.chance(plan.pauses)) pause_for_a_while(on, about);
  if (chance_.chance(plan.holds)) hold_for_a_while(on, about);
  if (chance_.chance(plan.finishes)) say_finish(on, about);
  if (chance_.chance(plan.closes)) say_close(on, about);
  if (chance_.chance(plan.aborts)) {
    about.has_aborted = true;
    note_asked(about);
    // The last one is not the application's to say.
    constexpr std::array causes{ending::app_abort, ending::protocol_error, ending::peer_vanished};
    const ending cause = causes[chance_.below(causes.size())];
    strike(about, cause == ending::protocol_error ? cause : ending::app_abort);
    on.abort(cause);
    // Too late.
    if (chance_.below(2) == 0) may_be_refused(on.handle().finish());
    if (chance_.below(2) == 0) on.close();
  }
  if (chance_.chance(plan.throws)) {
    about.has_thrown = true;
    strike(about, ending::app_abort);
    note_asked(about);
    ++thrown_;
    if (chance_.below(2) == 0) throw no_exception{};
    throw std::runtime_error("a whim");
  }
}

// All that is said here is refused; what is sent is counted.
void service::speak_to_the_ended(connection& ended, chronicle& about) {
  ended.release();  // once too often, perhaps
  if (ended.send(fillers(0, 1))) ++about.offered_in_vain;
  if (chance_.below(2) == 0) ended.finish();
  if (chance_.below(2) == 0) ended.close();
  if (chance_.below(2) == 0) ended.abort();
  if (!chance_.chance(about.plan.service.throws)) return;
  ++thrown_;
  throw no_exception{};
}

void service::pause_for_a_while(connection& on, chronicle& about) {
  on.pause();
  about.is_paused = !about.was_pause_undone;
  later({errand::kind::resume, on.handle(), 0, &about}, 300'000);
}

void service::hold_for_a_while(connection& on, chronicle& about) {
  on.hold();
  ++about.holds_left;
  later({errand::kind::release, on.handle(), 0, &about},
        micros{1'000} * about.plan.service.longest_hold_ms);
}

// Rather one that is about to end: then the call may come when another is in its place.
chronicle& service::somebody() {
  constexpr unsigned tries = 8;
  for (unsigned i = 0; i < tries; ++i) {
    chronicle& any = all_[chance_.below(all_.size())];
    if (any.opened != 0 && any.ended == 0 && any.has_asked_to_end) return any;
  }
  return all_[chance_.below(all_.size())];
}

// Reaches any connection by its handle: one that is open, one that has ended, or its own.
void service::call_somebody(chronicle& by) {
  chronicle& other = somebody();
  const connection_handle& whom = handles_[other.number];
  const auto count = static_cast<std::size_t>(chance_.between(1, longest_filler));
  switch (chance_.below(7)) {
    case 0:
      // An echo would say what it has not heard.
      if (!whom.close()) note_closed(other);
      return;
    case 1:
    case 2:
      if (!whom.finish()) note_asked(other);
      return;
    case 3:
      if (&other != &by || whom.abort()) return;
      other.has_aborted = other.is_blow_uncertain = true;
      note_asked(other);
      return;
    default:
      if (whom.send(fillers(other.messages_from_others, count))) return;
      ++other.messages_from_others;
      other.fillers_offered += count;
  }
}

void service::keep(buffer bytes) {
  kept_.push_back(std::move(bytes));
  errand drop{errand::kind::drop_buffer, {}, kept_.size() - 1, nullptr};
  later(std::move(drop), 500'000);
}

void service::later(errand what, micros most_us) {
  errands_.push_back(std::move(what));
  network_.call_at(network_.now() + chance_.below(most_us), *this, errands_.size() - 1);
}

void service::on_time(std::uint64_t word) {
  const errand& due = errands_[word];
  switch (due.what) {
    case errand::kind::resume:
      due.about->was_pause_undone = true;
      due.about->is_paused = false;
      due.about->resumed_at = network_.now();
      may_be_refused(due.whom.resume());
      return;
    case errand::kind::release:
      --due.about->holds_left;
      due.about->released_at = network_.now();
      may_be_refused(due.whom.release());
      return;
    case errand::kind::drop_buffer:
      if (due.kept < kept_.size()) kept_[due.kept].reset();
      return;
  }
}

}  // namespace lastbyte::simulation
