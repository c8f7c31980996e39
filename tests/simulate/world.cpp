#include "simulate/world.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "simulate/chronicle.hpp"
#include "simulate/judge.hpp"
#include "simulate/leaving.hpp"
#include "simulate/peer.hpp"
#include "simulate/scarcity.hpp"
#include "simulate/service.hpp"

namespace lastbyte::simulation {
namespace {

using port::completion;
using port::operation;

constexpr unsigned deepest_preemption = 2;
// Nothing in a scenario lasts longer: whoever has not ended by then never will.
constexpr std::uint64_t most_steps = 1'000'000;
constexpr micros end_of_time = 120'000 * ms;

std::string_view name_of(operation what) noexcept {
  constexpr std::array<std::string_view, 5> names{"none", "accept", "connect", "receive", "send"};
  return names[static_cast<std::size_t>(what)];
}

template <class Port>
class world final : public port::sim::spectator, public port::sim::alarm, public observer {
 public:
  world(const scenario& drawn, bool trace)
      : drawn_(drawn),
        traces_(trace),
        network_(network::clock::simulated, drawn.seed, drawn.sky),
        chance_(~drawn.seed),
        chronicles_(make_chronicles(drawn)),
        service_(network_, chronicles_, chance_, [this] { pass_in_handler(); }) {}

  outcome run() {
    {
      engine::crew<Port> crew(drawn_.chosen, service_, this, network_, drawn_.first_tick_ms);
      crew_ = &crew;
      crew.port().watch_by(this);
      hire();
      make_peers();
      network_.call_at(drawn_.quiesce_at, *this, quiesce_errand);
      if (drawn_.stop_at != 0) network_.call_at(drawn_.stop_at, *this, stop_errand);
      {
        scarcity short_of(chance_, drawn_.short_of_memory);
        go_through();
        over_at_ = network_.now();
        await_the_lost();
        seen_.refused_allocations = short_of.refused();
      }
      if (!is_over()) return std::move(seen_);  // and says why; nothing can be told of what is left
      take_evidence(crew);
    }
    return std::move(seen_);
  }

  // ---- The spectator.

  void on_call(std::string_view what, void* owner, std::uint64_t bytes) override {
    if (traces_) trace_call(what, owner, bytes);
    mix(what.size() + bytes);
    if (what == "submit_accept") check_patience(owner);
    if (what == "close listener") listeners_closed_at_ = network_.now();
    if (what == "shutdown_send") note_shutdown(owner);
    if (what == "cancel_receive" || what == "cancel_send") note_silence(owner);
    if (what == "close" || what == "close by reset") {
      note_silence(owner);
      note_close(what, owner);
    }
    preempt_at(what);
    if (what == "witness" || what == "unread") note_question(what, owner);
  }

  void on_return(std::string_view what) override { preempt_at(what); }

  void on_completion(const completion& done) override {
    mix(static_cast<std::uint64_t>(done.what) + std::uint64_t{8} * done.bytes);
    if (done.what == operation::accept) {
      note_accept(done);
      check_limit(done);
      return;
    }
    if (traces_) trace_completion(done);
    chronicle* about = find(done.owner);
    if (about == nullptr) return;
    if (done.what == operation::receive) {
      about->dealt += done.bytes;
      about->largest_deal = std::max<std::uint64_t>(about->largest_deal, done.bytes);
    }
    // What comes while operations are joined has no say in how it ends.
    const auto* on = static_cast<slot_type*>(done.owner);
    const bool is_fixed = core::is_ending_fixed(on->machine.current());
    if (done.is_end_of_stream) {
      note_end(*about, is_fixed);
      // The answer to a question of the port's own.
      if (done.acknowledged != 0) about->asked.acknowledged = done.acknowledged;
    }
    const bool is_failure = done.result.failed() && done.result.what != port::error::cancelled;
    if (!is_fixed) {
      if (is_failure && about->first_error == 0) about->first_error = done.result.native;
      if (done.bytes > 0) note_movement(*about);
      if (is_failure && about->first_blow == ending::none) {
        about->first_blow = blow_of(done.result.what);
      }
    }
    if (done.result.what == port::error::resources) about->was_refused_resources = true;
  }

  void on_time(std::uint64_t word) override {
    if (quiesced_at_ == 0) quiesced_at_ = network_.now();
    if (word == quiesce_errand && !drawn_.stops_at_once) {
      crew_->quiesce();
    } else {
      if (stopped_at_ == 0) stopped_at_ = network_.now();  // the first of two counts
      crew_->stop();
    }
  }

  void on_notice(const notice& what) override {
    ++told_.of_kind[static_cast<std::size_t>(what.what)];
    if (what.ended != nullptr) ++told_.endings[static_cast<std::size_t>(what.ended->cause)];
    if (what.what == notice::kind::accept_paused) told_.paused_at.push_back(network_.now());
    // Whoever is put aside is told of at once.
    if (crew_->report().quarantined > told_.of(notice::kind::stuck)) {
      fail("a connection was put aside, and nobody was told");
    }
  }

 private:
  using network = port::sim::network;
  using slot_type = engine::slot<Port>;
  static constexpr std::uint64_t quiesce_errand = 0;
  static constexpr std::uint64_t stop_errand = 1;

  struct member {
    std::optional<engine::worker<Port>> self;
    bool is_busy = false;
    std::optional<micros> awake_since;  // and had no turn since
    // It has done something since it last said how long it would sleep; or it has just begun.
    bool is_on_the_way_to_sleep = true;
  };

  // The server connects, when the plan says so.
  struct caller final : port::sim::alarm {
    caller(world& here, const chronicle& about, const endpoint& where)
        : here_(here), about_(about), where_(where) {}
    void on_time(std::uint64_t /*word*/) override {
      const auto size = here_.crew_->size();
      here_.crew_->connect(where_, service::word_of(about_),
                           static_cast<std::uint32_t>(here_.chance_.below(size)));
    }

   private:
    world& here_;
    const chronicle& about_;
    endpoint where_;
  };

  static std::deque<chronicle> make_chronicles(const scenario& drawn) {
    std::deque<chronicle> made;
    for (const connection_plan& each : drawn.connections) made.emplace_back(made.size(), each);
    return made;
  }

  void hire() {
    for (std::uint32_t i = 0; i < crew_->size(); ++i) {
      const auto problem = crew_->open(i, members_.emplace_back().self);
      if (problem) fail("the server did not start: " + problem->text);
    }
  }

  void make_peers() {
    for (chronicle& each : chronicles_) {
      endpoint where = drawn_.chosen.listen[each.number % drawn_.chosen.listen.size()];
      if (each.plan.is_outgoing) {
        constexpr std::uint16_t first_outgoing = 10'000;
        where.tcp_port = static_cast<std::uint16_t>(first_outgoing + each.number);
        if (each.plan.called == connection_plan::target::nowhere) where.address = {192, 0, 2, 1};
      }
      peers_.emplace_back(network_, each, where);
      if (each.plan.is_outgoing) {
        callers_.emplace_back(*this, each, where);
        network_.call_at(each.plan.peer.begins_at, callers_.back(), 0);
      }
    }
  }

  // ---- What is seen on the way.

  // How often a listener has run out of handles since it last accepted somebody, and when it did last.
  struct exhaustion {
    unsigned times = 0;
    std::optional<micros> at;
  };

  void note_accept(const completion& done) {
    if (!done.result.failed()) exhausted_[done.owner].times = 0;
    if (done.result.what != port::error::resources) return;
    exhausted_[done.owner].times += 1;
    exhausted_[done.owner].at = network_.now();
  }

  // Who is out of handles waits: 100 ms, then twice as long each time, up to a second; and no longer.
  void check_patience(void* listener) {
    exhaustion& last = exhausted_[listener];
    // Where several wait together, each of them makes all wait longer.
    if (!last.at || drawn_.chosen.listen.size() > 1) return;
    const micros waited = network_.now() - *std::exchange(last.at, {});
    const micros wanted = std::min(micros{100} << (last.times - 1), micros{1'000}) * ms;
    if (waited + 2 * ms < wanted) {
      fail("it accepted again " + std::to_string(waited / ms) + " ms after it ran out of handles");
    }
    // At the limit, and once it quiesces, it waits for something else; who is turned away makes it wait longer; and where
    // completions surface anywhere, another worker may have been told of a failure later than of a success.
    const bool is_free = Port::connections_stay && quiesced_at_ == 0 && !drawn_.is_server_late() &&
                         crew_->port().accepts().turned_away_at.empty() &&
                         drawn_.chosen.max_connections > drawn_.connections.size();
    if (is_free && waited > wanted + 12 * ms + slack_of_waiting()) {
      fail("it accepted again only " + std::to_string(waited / ms) +
           " ms after it ran out of handles");
    }
  }

  // A worker that has met the limit takes nobody out of any queue until somebody has gone, but for those that were
  // under way.
  void check_limit(const completion& accepted) {
    // Whom the server has put aside it counts no longer, though the report does.
    const bool can_tell = !drawn_.is_server_late() && drawn_.sky[fault::lost_operation] == 0;
    const server_report now = crew_->report();
    if (!can_tell || accepted.result.failed() || now.open < drawn_.chosen.max_connections) return;
    const std::uint64_t gone = now.accepted - now.open;
    const std::uint32_t lane = Port::connections_stay ? whose_turn_ : 0;
    const auto [met, is_first] = limit_met_.try_emplace(lane, network_.now(), gone);
    if (is_first || met->second.second != gone) {
      met->second = {network_.now(), gone};
    } else if (network_.now() > met->second.first + slack_of_waiting() + 12 * ms) {
      fail("it went on accepting beyond the limit");
    }
  }

  void note_movement(chronicle& about) const {
    if (network_.now() != about.moved_at) about.moved_before = about.moved_at;
    about.moved_at = network_.now();
    if (about.first_moved_at == 0) about.first_moved_at = network_.now();
  }

  // What a failure means; nothing if only its native code could tell.
  [[nodiscard]] static ending blow_of(port::error why) noexcept {
    switch (why) {
      case port::error::reset: return ending::peer_reset;
      case port::error::vanished: return ending::peer_vanished;
      case port::error::aborted: return ending::local_abort;
      case port::error::resources: return ending::resources;
      default: return ending::none;
    }
  }

  void note_end(chronicle& about, bool is_too_late) const {
    about.end_dealt_at = network_.now();
    about.was_end_dealt_in_time = !is_too_late;
    about.was_end_dealt_behind_ours = about.was_shut_down;
    about.was_end_dealt_unasked = !is_too_late && !about.has_asked_to_end && !about.has_aborted &&
                                  !about.has_thrown && quiesced_at_ == 0;
  }

  void note_question(std::string_view what, void* owner) const {
    chronicle* about = find(owner);
    if (about == nullptr) return;
    if (what == "witness") about->asked.acknowledged = about->ours->out().acknowledged;
    if (what == "unread") about->asked.unread = about->ours->unread();
  }
  // The first call after it was called silent.
  void note_silence(void* owner) const {
    chronicle* about = find(owner);
    if (about == nullptr || about->unheard_since) return;
    const ending cause = static_cast<slot_type*>(owner)->machine.cause();
    if (cause != ending::idle && cause != ending::first_byte && cause != ending::drain_idle) return;
    about->unheard_since = crew_->port().news_since(owner);
  }
  void note_close(std::string_view what, void* owner) const {
    chronicle* about = find(owner);
    if (about == nullptr) return;
    about->was_closed_by_reset = what == "close by reset";
    about->at_close = {about->ours->out().acknowledged, about->ours->unread()};
  }

  // Until the cap quiesce ends only who is quiet.
  void note_shutdown(void* owner) {
    chronicle* about = find(owner);
    if (about == nullptr) return;
    about->was_shut_down = true;
    about->was_end_told_before_ours = about->saw_end;
    about->shut_down_at = network_.now();
    const port::sim::tcp_half& out = about->ours->out();
    about->unacknowledged_then = out.written - out.acknowledged;
    const auto* on = static_cast<slot_type*>(owner);
    const bool is_capped =
        quiesced_at_ != 0 && network_.now() + 2 * ms >= cap_at(drawn_.chosen, quiesced_at_);
    if (on->machine.first_asked() == intent::peer && !is_capped) {
      about->was_end_left_untold = !about->saw_end && !about->has_asked_to_end;
    }
    if (on->machine.first_asked() != intent::quiesce) return;
    if (about->holds_left != 0) about->was_closed_when_held = true;
    if (is_capped) return;
    about->found_quiet = {network_.now(),
                          about->moved_at,
                          about->moved_before,
                          about->unacknowledged_then,
                          about->ours->unread(),
                          out.acknowledged_at,
                          crew_->port().has_bytes_for(owner),
                          about->ours->is_over};
  }

  // Nobody waits in the queue while there is room; though it may take a moment to see that.
  void watch_queue() {
    constexpr micros moment = 1'000 * ms;
    const bool is_watched = drawn_.chosen.max_connections < drawn_.connections.size() &&
                            drawn_.sky[fault::refused_accept] == 0 && quiesced_at_ == 0;
    const auto waits = [](const chronicle& each) {
      return !each.plan.is_outgoing && each.ours != nullptr &&
             each.ours->held_by == tcp_end::holder::backlog && !each.ours->is_over;
    };
    if (!is_watched || crew_->report().open >= drawn_.chosen.max_connections ||
        std::none_of(chronicles_.begin(), chronicles_.end(), waits)) {
      waits_since_.reset();
    } else if (!waits_since_) {
      waits_since_ = network_.now();
    } else if (network_.now() - *waits_since_ > moment + slack_of_waiting()) {
      fail("clients wait in the queue though there is room");
      waits_since_.reset();
    }
  }
  // Nobody stays for longer than quiesce lets him.
  void watch_quiesce() {
    // Who lags, or waits for what never comes, can't be expected to see it.
    if (quiesced_at_ == 0 || drawn_.is_server_late() || drawn_.sky[fault::lost_operation] != 0)
      return;
    const micros slack = 12 * ms + slack_of_waiting();
    service_.for_each_current([&](const connection& open, chronicle& about) {
      const auto& machine = engine::slot_base::of(open).machine;
      if (const auto overdue =
              leaving_.overdue(machine, about, quiesced_at_, network_.now(), slack)) {
        fail("connection " + std::to_string(about.number) + " should have been ended by quiesce " +
             std::to_string(*overdue / ms) + " ms ago");
      }
    });
  }
  // With the turn that is under way, where another worker's comes in between.
  [[nodiscard]] micros slack_of_waiting() const {
    const micros under_way = depth_ == 0 ? 0 : network_.now() - outermost_began_;
    return micros{2} * (std::max(longest_turn_, under_way) + drawn_.sky.lateness_us);
  }

  // ---- The schedule.

  void go_through() {
    for (std::uint64_t steps = 0; !is_over(); ++steps) {
      if (network_.now() > drawn_.nobody_before + end_of_time || steps > most_steps)
        return fail("it never ended");
      const bool lags = chance_.chance(drawn_.lags) && is_something_near();
      if (lags) ++seen_.lagged;
      note_who_waits();
      if (is_spinning()) return;
      if (!lags && give_a_turn()) continue;
      const auto next = next_time();
      if (!next) return fail("everybody waits for ever");
      watch_queue();
      watch_quiesce();
      network_.run_until(std::max(*next, network_.now()));
    }
  }

  // Nobody lags for long: what must happen in time could not be judged.
  [[nodiscard]] bool is_something_near() const {
    constexpr micros longest_step = 20 * ms;
    const auto next = network_.next_event();
    return next && *next <= network_.now() + longest_step;
  }

  void note_who_waits() {
    for (std::uint32_t i = 0; i < members_.size(); ++i) {
      member& who = members_[i];
      if (!crew_->port().is_awake(i)) {
        who.awake_since.reset();
      } else if (!who.awake_since) {
        who.awake_since = network_.now();
      }
    }
  }

  // A server doesn't wait for operations that were lost; but they do come back, and then all must be well.
  void await_the_lost() {
    is_aftermath_ = true;
    const micros give_up = over_at_ + 2 * micros{drawn_.sky.lost_us};
    while (crew_->report().open != 0 && network_.now() < give_up) {
      if (is_spinning()) return;
      if (give_a_turn()) continue;
      network_.run_until(next_time().value_or(give_up));
    }
  }

  [[nodiscard]] bool is_over() {
    return std::all_of(members_.begin(), members_.end(),
                       [](member& each) { return each.self->is_over(); });
  }

  // @return whether somebody had something to do.
  bool give_a_turn() {
    const auto count = static_cast<std::uint32_t>(members_.size());
    const auto first = static_cast<std::uint32_t>(chance_.below(count));
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t index = (first + i) % count;
      member& who = members_[index];
      const bool is_awake = crew_->port().is_awake(index);
      if (who.is_busy || !(is_awake || who.is_on_the_way_to_sleep) ||
          (!is_aftermath_ && who.self->is_over()))
        continue;
      who.is_busy = true;
      const micros begun = who.awake_since.value_or(network_.now());
      if (depth_ == 0) outermost_began_ = begun;
      who.awake_since.reset();
      who.is_on_the_way_to_sleep = is_awake;
      const std::uint32_t before = std::exchange(whose_turn_, index);
      const std::uint64_t dealt = crew_->port().dealt();
      who.self->turn_once();
      // What comes while it falls asleep wakes it: it decides anew for how long it sleeps.
      if (crew_->port().dealt() != dealt) who.is_on_the_way_to_sleep = true;
      whose_turn_ = before;
      who.is_busy = false;
      longest_turn_ = std::max(longest_turn_, network_.now() - begun);
      return true;
    }
    return false;
  }

  // Whether workers have turn after turn without any time passing, though nothing completes.
  [[nodiscard]] bool is_spinning() {
    constexpr unsigned enough = 1'000;
    const bool is_idle = network_.now() == looked_at_ && crew_->port().dealt() == dealt_then_;
    looked_at_ = network_.now();
    dealt_then_ = crew_->port().dealt();
    idle_turns_ = is_idle ? idle_turns_ + 1 : 0;
    if (idle_turns_ == enough) fail("workers spin");
    return idle_turns_ >= enough;
  }

  [[nodiscard]] std::optional<micros> next_time() {
    auto next = network_.next_event();
    for (std::uint32_t i = 0; i < members_.size(); ++i) {
      const auto until = crew_->port().sleeps_until(i);
      if (until && !members_[i].is_busy && (is_aftermath_ || !members_[i].self->is_over()))
        next = std::min(next.value_or(*until), *until);
    }
    return next;
  }

  void preempt_at(std::string_view call) {
    const auto is_busy = [](const member& each) { return each.is_busy; };
    if (std::none_of(members_.begin(), members_.end(), is_busy)) return;  // asked from outside
    // A listener's calls come under a lock that other workers may want.
    if (call.find("accept") != std::string_view::npos || call == "close listener") return;
    // There are too many guards in a turn for time to pass at each: nobody could say how long a turn may take.
    preempt(call != "lock");
  }
  void preempt(bool lets_time_pass = true) {
    if (depth_ >= deepest_preemption || !chance_.chance(drawn_.preempts)) return;
    ++depth_;
    if (lets_time_pass && chance_.below(2) == 0 && is_something_near())
      network_.run_until(*network_.next_event());
    if (give_a_turn()) ++seen_.preempted;
    --depth_;
  }

  // What a handler doesn't see while it is at work.
  void pass_in_handler() {
    preempt();
    if (depth_ >= deepest_preemption || !chance_.chance(drawn_.dawdles)) return;
    constexpr micros longest = 2'000 * ms;
    const micros until = network_.now() + 1 + chance_.below(longest);
    ++seen_.dawdled;
    ++depth_;
    while (network_.now() < until && !is_spinning()) {
      if (!give_a_turn()) network_.run_until(std::min(next_time().value_or(until), until));
    }
    --depth_;
  }

  // ---- The end.

  void take_evidence(engine::crew<Port>& crew) {
    for (member& each : members_) each.self.reset();
    crew.dismiss();
    service_.clear();
    const server_report report = crew.report();
    if (const auto missing = crew.outstanding_blocks(); missing != 0) {
      fail(std::to_string(missing) + " blocks never came back");
    }
    if (crew.port().in_use() != 0) fail("sockets are left open");
    for (const std::string& each : crew.port().rules_broken())
      fail("the server broke a rule: " + each);
    // What is on its way still arrives: the peers' records are whole then.
    network_.run_until(network_.now() + 30'000 * ms);
    const evidence all{drawn_,
                       chronicles_,
                       report,
                       network_.reset_in_backlog(),
                       quiesced_at_,
                       listeners_closed_at_,
                       stopped_at_,
                       over_at_,
                       seen_.refused_allocations != 0,
                       longest_turn_,
                       crew.port().accepts(),
                       network_.struck(fault::refused_accept),
                       network_.struck(fault::lost_operation),
                       told_,
                       service_.thrown()};
    for (std::string& each : judge(all)) fail(std::move(each));
    sum_up(crew.port(), report);
  }

  void sum_up(const Port& io, const server_report& report) {
    seen_.connections = report.accepted;
    seen_.completions = io.dealt();
    seen_.bytes = report.received + report.sent;
    seen_.ended_at = over_at_;
    seen_.endings = report.endings;
    for (std::size_t i = 0; i < port::sim::fault_count; ++i) {
      seen_.struck[i] = network_.struck(static_cast<fault>(i));
    }
    for (const chronicle& each : chronicles_) {
      if (each.opened != 0) ++seen_.misfortunes[static_cast<std::size_t>(each.plan.peer.suffers)];
      if (each.has_peer_reset) ++seen_.peers_reset;
    }
  }

  // FNV-1a.
  void mix(std::uint64_t word) noexcept {
    constexpr std::uint64_t prime = 0x100'0000'01b3;
    seen_.fingerprint = (seen_.fingerprint ^ word ^ (network_.now() << 16U)) * prime;
  }

  void fail(std::string what) {
    if (traces_) std::printf("** %s\n", what.c_str());
    seen_.faults_found.push_back(std::move(what));
  }

  // ---- The trace.

  [[nodiscard]] chronicle* find(void* owner) const {
    return service_.find(static_cast<slot_type*>(owner));
  }

  void trace_call(std::string_view what, void* owner, std::uint64_t bytes) {
    if (what == "witness" || what == "lock" || what.find("accept") != std::string_view::npos ||
        what == "close listener") {
      return;
    }
    trace(owner, "  ", what, bytes, "");
  }
  void trace_completion(const completion& done) {
    std::string more = done.result.failed() ? std::string(to_string(done.result.what)) : "";
    if (done.is_end_of_stream) more += done.is_proven ? "end of stream" : "end of stream, unproven";
    if (done.what == operation::receive && !done.more) more += more.empty() ? "last" : ", last";
    trace(done.owner, "> ", name_of(done.what), done.bytes, more);
  }
  void trace(void* owner, std::string_view sign, std::string_view what, std::uint64_t bytes,
             std::string_view more) {
    const auto* on = static_cast<slot_type*>(owner);
    const chronicle* about = find(owner);
    const auto state = core::to_string(on->machine.current());
    std::printf("%10.3f ms  ", static_cast<double>(network_.now()) / ms);
    if (about != nullptr) {
      std::printf("#%-3llu", static_cast<unsigned long long>(about->number));
    } else {
      std::printf("#?  ");
    }
    std::printf(" %-13.*s %.*s%.*s", static_cast<int>(state.size()), state.data(),
                static_cast<int>(sign.size()), sign.data(), static_cast<int>(what.size()),
                what.data());
    if (bytes != 0) std::printf(" %llu", static_cast<unsigned long long>(bytes));
    if (!more.empty()) std::printf(" (%.*s)", static_cast<int>(more.size()), more.data());
    std::printf("\n");
  }

  const scenario& drawn_;
  bool traces_;
  network network_;
  dice chance_;  // of the schedule and the handlers; the network has its own
  std::deque<chronicle> chronicles_;
  service service_;
  std::deque<peer> peers_;
  std::deque<caller> callers_;
  engine::crew<Port>* crew_ = nullptr;
  std::deque<member> members_;
  unsigned depth_ = 0;
  micros outermost_began_ = 0;  // the turn in which all others run
  bool is_aftermath_ = false;
  micros over_at_ = 0;
  micros longest_turn_ = 0;                          // with the time that its worker waited for it
  std::unordered_map<void*, exhaustion> exhausted_;  // by listener
  std::optional<micros> waits_since_;
  leaving leaving_{drawn_};
  std::uint32_t whose_turn_ = 0;  // the worker's index
  // By lane; with how many had gone.
  std::unordered_map<std::uint32_t, std::pair<micros, std::uint64_t>> limit_met_;
  micros looked_at_ = 0;
  std::uint64_t dealt_then_ = 0;
  unsigned idle_turns_ = 0;
  micros quiesced_at_ = 0;
  micros listeners_closed_at_ = 0;
  micros stopped_at_ = 0;
  notices told_;
  outcome seen_;
};

}  // namespace

outcome run(const scenario& drawn, bool trace) {
  if (drawn.connections_stay) return world<port::sim::port>(drawn, trace).run();
  return world<port::sim::shared_port>(drawn, trace).run();
}

}  // namespace lastbyte::simulation
