#include "simulate/trial.hpp"

#include <algorithm>
#include <optional>

#include "core/laws.hpp"

namespace lastbyte::simulation {
namespace {

using port::sim::tcp_link;

// One connection before the court.
class trial {
 public:
  trial(const evidence& all, const chronicle& about, std::vector<std::string>& found)
      : all_(all), chosen_(all.drawn.chosen), about_(about), found_(found), slack_(slack_of(all)) {}

  void hold() {
    if (about_.ours == nullptr) return;  // it never got to the server
    holds(about_.opened <= 1, "was opened twice");
    holds(!about_.was_opened_too_late, "was opened though it was ending already");
    holds(about_.ended <= 1, "ended twice");
    holds(about_.calls_after_end == 0, "its handler was called after the end");
    if (about_.opened == 1) holds(about_.ended == 1, "was opened and never ended");
    holds(about_.heard.is_intact(), "the handler got wrong bytes");
    holds(about_.told.is_intact(), "the peer got wrong bytes");
    holds(about_.most_buffers_above_mark <= 1 || in().was_taken_back,
          "was received from though its queue was full");
    holds(about_.buffers_in_pause <= 1, "was received from though it was paused");
    holds(!about_.was_told_of_room_in_vain, "was told of room though it had said the end");
    holds(about_.most_left_at_room <= chosen_.low_mark_bytes,
          "was told of room above the low mark");
    holds(!about_.was_told_end_when_held, "was told its end while its answer was awaited");
    holds(!about_.was_closed_when_held, "was ended by quiesce while its answer was awaited");
    holds(!about_.was_end_left_untold,
          "was finished before its handler had heard of its peer's end");
    check_door();  // also for those who were turned away, of whom the server knows nothing
    if (!about_.how) return;
    check_end(*about_.how);
    if (about_.found_quiet) check_quiet(*about_.found_quiet);
    check_patience();
    check_bounds(*about_.how);
    check_ledger(*about_.how);
    check_kernel(*about_.how);
    check_intent(*about_.how);
    check_native_error(*about_.how);
    check_silence(*about_.how);
    check_drain(*about_.how);
    check_cause(*about_.how);
    check_first_blow(*about_.how);
    if (is_clean(about_.how->cause)) check_clean(*about_.how);
    if (is_well_behaved()) {
      holds(is_clean(about_.how->cause), "ended " + std::string(to_string(about_.how->cause)) +
                                             " though its peer was well-behaved");
    }
  }

 private:
  void holds(bool is_true, const std::string& otherwise) {
    if (is_true) return;
    found_.push_back("connection " + std::to_string(about_.number) + " " + otherwise);
  }
  void equals(std::uint64_t one, std::uint64_t other, const std::string& what) {
    holds(one == other, what + ": " + std::to_string(one) + " is not " + std::to_string(other));
  }
  [[nodiscard]] bool has_kernel_witness() const { return all_.drawn.sky.can_prove; }
  [[nodiscard]] const port::sim::tcp_half& out() const { return about_.ours->out(); }
  [[nodiscard]] const port::sim::tcp_half& in() const { return about_.ours->in(); }

  void check_ledger(const ending_report& how) {
    const ledger& bytes = how.bytes;
    holds(core::incoming_balances(bytes), "its incoming bytes don't balance");
    holds(core::outgoing_balances(bytes, bytes.unsent), "its outgoing bytes don't balance");
    equals(bytes.received, about_.dealt, "received, and what the port brought");
    equals(bytes.delivered, about_.heard.total(), "delivered, and what the handler got");
    equals(bytes.sent, out().written, "sent, and what the kernel took");
    holds(bytes.received <= in().read, "received more than the kernel gave");
    const std::uint64_t offered = about_.offered + about_.offered_in_vain + about_.fillers_offered;
    holds(all_.was_memory_refused || bytes.queued + bytes.refused <= offered,
          "queued more than its handler sent");
    if (bytes.acknowledged) {
      holds(*bytes.acknowledged <= out().arrived,
            "calls acknowledged what never arrived at its peer");
    }
    holds(bytes.sent != 0 || bytes.acknowledged == 0, "sent nothing, and doesn't know that");
    holds(about_.close_asked_at != 0 || is_quiesced() || bytes.unanswered == 0,
          "has left bytes unanswered though nobody said close()");
    holds(has_kernel_witness() || bytes.sent == 0 || !bytes.acknowledged,
          "knows what was acknowledged though nobody could tell");
    if (has_kernel_witness() && about_.opened == 1) {
      holds(how.mark == proof::proven, "is unproven though the kernel could be asked");
      holds(bytes.acknowledged.has_value(), "doesn't know what was acknowledged");
      holds(bytes.unread.has_value(), "doesn't know what was unread");
    }
  }

  // What the server says that the kernel has said is what it did say, and it asked at the very end.
  void check_kernel(const ending_report& how) {
    if (!has_kernel_witness() || about_.opened == 0) return;
    const std::uint64_t acknowledged = std::min(about_.asked.acknowledged, how.bytes.sent);
    equals(how.bytes.acknowledged.value_or(0), acknowledged, "acknowledged, and the kernel's word");
    equals(how.bytes.unread.value_or(0), is_clean(how.cause) ? 0 : about_.asked.unread,
           "unread, and the kernel's word");
    // Where nothing comes between the question and the close.
    if (all_.drawn.preempts != 0) return;
    equals(how.bytes.acknowledged.value_or(0),
           std::min(about_.at_close.acknowledged, how.bytes.sent),
           "acknowledged, and what was when it closed");
    equals(how.bytes.unread.value_or(0), about_.at_close.unread,
           "unread, and what was when it closed");
    // The first error is the one that counts; that of a shutdown is not seen here.
    if (about_.first_error != 0 && !about_.was_shut_down) {
      // What the handler did to it in the same moment may have come first.
      holds(how.native_error == about_.first_error ||
                (about_.is_blow_our_own && how.native_error == 0),
            "tells another error than the first");
    }
  }

  // What is decided here has no error behind it; that of a shutdown, or of a question, is not seen here.
  void check_native_error(const ending_report& how) {
    if (how.cause == ending::connect_failed && how.first_asked == intent::peer) {
      holds(how.native_error != 0, "doesn't tell why its connect failed");
    }
    const bool is_decided =
        how.first_asked == intent::application || how.first_asked == intent::quiesce;
    if (about_.first_error != 0 || about_.was_shut_down || !is_decided) return;
    holds(how.native_error == 0, "tells an error that nobody met");
  }

  // Who asked first.
  void check_intent(const ending_report& how) {
    const bool has_asked = about_.has_asked_to_end || about_.has_aborted || about_.has_thrown;
    switch (how.first_asked) {
      case intent::none: return holds(false, "ended without anybody asking");
      case intent::application: return holds(has_asked, "names its handler, which never asked");
      case intent::quiesce: return holds(is_quiesced(), "names a quiesce that had not begun");
      case intent::peer:
        holds(
            about_.end_dealt_at != 0 || about_.ours->got_reset || how.cause != ending::local_abort,
            "names its peer, which had no part in it");
        [[fallthrough]];
      case intent::bound:
        // Want of memory may have been met in the same moment; so may a bound, by another worker.
        return holds(!about_.was_end_dealt_unasked || how.first_asked == intent::peer ||
                         how.cause == ending::resources ||
                         (all_.drawn.preempts != 0 && was_end_dealt_in_last_moment()),
                     "doesn't name its peer, who finished first");
    }
  }

  // While it quiesces a server lets new clients in as long as it said, and no longer.
  void check_door() {
    if (about_.plan.is_outgoing) return;
    micros closes_at =
        all_.quiesced_at + std::min(chosen_.quiesce_grace_ms, chosen_.quiesce_hard_ms) * ms;
    if (all_.stopped_at != 0) closes_at = std::min(closes_at, all_.stopped_at);
    const tcp_link& link = *about_.ours->link;
    holds(!link.turned_away_at || *link.turned_away_at + 2 * ms >= closes_at,
          "was turned away though the grace time was not over");
    holds(all_.drawn.is_server_late() || !link.queued_at || *link.queued_at <= closes_at + slack_,
          "was let in though the grace time was over");
  }

  // Nobody is left alone for longer than the deadlines allow: something moves, or it ends.
  void check_patience() {
    const port::sim::weather& sky = all_.drawn.sky;
    // Who can't say when something happened, or waits for what never comes, is not judged here.
    if (about_.opened == 0 || !are_workers_prompt() || sky[fault::lost_operation] != 0) return;
    const auto shortest =
        std::min({chosen_.first_byte_ms, chosen_.idle_ms, chosen_.send_stall_ms,
                  chosen_.drain_total_ms, chosen_.drain_idle_ms, chosen_.confirm_ms});
    if (shortest == 0) return;  // there is no such deadline
    const micros late = slack_ + micros{4} * sky.lateness_us;
    // If quiesce asks it to end, that begins anew.
    const micros silence = std::max({chosen_.first_byte_ms, chosen_.idle_ms});
    const micros bound =
        (std::max(silence, longest_end()) + (is_quiesced() ? longest_end() : 0)) * ms;
    holds(about_.ended_at <= last_moved() + bound + late,
          "was left alone for " + std::to_string((about_.ended_at - last_moved()) / ms) + " ms");
    // Quiesce ends whoever is quiet, and doesn't wait for the idle deadline.
    if (!is_plain() || in().read != in().written) return;
    const micros since = std::max(quieting_at(), last_moved());
    const micros quiet =
        (quiet_ms() + chosen_.quiesce_quiet_ms + longest_end()) * ms + look_again_of(chosen_);
    holds(about_.ended_at <= since + quiet + late,
          "was quiet, and not ended by quiesce for " +
              std::to_string((about_.ended_at - since) / ms) + " ms");
  }
  // None of them is ever late, or interrupted by another.
  [[nodiscard]] bool are_workers_prompt() const {
    return !all_.drawn.is_server_late() && all_.drawn.preempts == 0;
  }
  // Nobody but its peer and its handler moves it, and nothing keeps it from being quiet.
  [[nodiscard]] bool is_plain() const {
    return about_.plan.service.kind != service_kind::whimsical && about_.messages_from_others == 0;
  }
  // Every run ends by that; when this connection came to its end it had begun.
  [[nodiscard]] bool is_quiesced() const { return about_.ended_at >= all_.quiesced_at; }
  [[nodiscard]] micros quieting_at() const {
    return simulation::quieting_at(chosen_, all_.quiesced_at);
  }
  // When last something happened that deadlines count from.
  [[nodiscard]] micros last_moved() const {
    return std::max({about_.opened_at, about_.moved_at, about_.end_dealt_at, about_.shut_down_at,
                     about_.released_at, about_.resumed_at, about_.asked_at,
                     out().acknowledged_at});
  }
  // From the last movement to the end, once it is asked to end: each deadline may be looked at twice, and an
  // unacknowledged end of stream is asked for every 64 ms. Units: milliseconds.
  [[nodiscard]] micros longest_end() const {
    return std::max(
        {2 * chosen_.send_stall_ms, 2 * chosen_.drain_idle_ms, chosen_.confirm_ms + 70});
  }
  // Units: milliseconds.
  [[nodiscard]] micros quiet_ms() const {
    const micros round_trips = has_kernel_witness() ? 6 * all_.drawn.sky.latency_us / ms : 0;
    return std::max(micros{chosen_.quiesce_quiet_ms}, round_trips);
  }

  // No bound is passed by more than it takes to see that, and to join.
  void check_bounds(const ending_report& how) {
    // The one that broke the bound, and one that a cancelled receive still brings.
    holds(how.bytes.unanswered <= chosen_.drain_bytes + 2 * about_.largest_deal,
          "was drained of more bytes than the bound allows");
    if (about_.opened == 0 || all_.drawn.sky[fault::lost_operation] != 0) return;
    // A worker that is late deals with all that waits before it looks at its clock.
    if (!are_workers_prompt()) return;
    // Who isn't listened to (for long, if he is told much), or was promised an answer, may be silent.
    const service_plan& service = about_.plan.service;
    const bool may_be_silent = service.kind >= service_kind::storyteller;
    if (chosen_.first_byte_ms != 0 && !about_.plan.is_outgoing && !may_be_silent) {
      holds(first_byte_over_at() <= about_.opened_at + chosen_.first_byte_ms * ms + slack_,
            "was waited for longer than for a first byte");
    }
    const auto drained_by = drain_over_by();
    holds(!drained_by || drain_over_at() <= *drained_by,
          "was drained for longer than the bound allows");
    // Nobody tells that our end of stream was acknowledged: the kernel is asked, every 64 ms at least.
    const bool is_confirmed = is_clean(how.cause) && has_kernel_witness();
    holds(!is_confirmed || ended_by() <= last_moved() + 64 * ms + slack_,
          "was confirmed only " + std::to_string((ended_by() - last_moved()) / ms) + " ms later");
    const auto struck_by = bound_struck_by(how.cause);
    holds(!struck_by || ended_by() <= *struck_by,
          "ended " + std::string(to_string(how.cause)) + " too late");
  }
  // When a bound on silence must have struck, counted from the last movement; nothing if another one did.
  [[nodiscard]] std::optional<micros> bound_struck_by(ending cause) const {
    // What others have sent it moves it, too, and isn't seen here.
    if (about_.messages_from_others != 0) return std::nullopt;
    switch (cause) {
      case ending::idle: return last_moved() + chosen_.idle_ms * ms + slack_;
      case ending::slow_reader: {
        // Samples are taken four times in that time, once if the kernel holds all that is left.
        const bool is_sending = about_.how->bytes.unsent != 0 || about_.was_shut_down;
        const micros stall = chosen_.send_stall_ms * ms;
        return last_moved() + stall + (is_sending ? stall / 4 + 1 * ms : stall) + 2 * slack_;
      }
      default: return std::nullopt;
    }
  }
  // When its ending was fixed, at least.
  [[nodiscard]] micros ended_by() const {
    const micros joining = slack_ + micros{2} * all_.drawn.sky.lateness_us;
    return about_.ended_at - std::min(about_.ended_at, joining);
  }
  // Until when the server waited for a first byte: of its peer, or of its own.
  [[nodiscard]] micros first_byte_over_at() const {
    micros over_at = ended_by();
    for (const micros at :
         {about_.first_moved_at, about_.first_asked_at, about_.shut_down_at, about_.end_dealt_at}) {
      if (at != 0) over_at = std::min(over_at, at);
    }
    // Then it is asked to end, and what is queued may keep it.
    return std::min(over_at, cap_at(chosen_, all_.quiesced_at));
  }
  [[nodiscard]] micros drain_over_at() const {
    return about_.end_dealt_at != 0 ? std::min(about_.end_dealt_at, ended_by()) : ended_by();
  }
  // When the drain must be over; nothing if it never began, or nobody knows when.
  [[nodiscard]] std::optional<micros> drain_over_by() const {
    const bool is_quiesced_first = about_.how->first_asked == intent::quiesce;
    const bool is_drained =
        about_.was_shut_down && (is_quiesced_first || about_.close_asked_at != 0);
    if (!is_drained || chosen_.drain_total_ms == 0) return std::nullopt;
    micros began = about_.shut_down_at;
    if (!is_quiesced_first) began = std::max(began, about_.close_asked_at);
    const micros bound = chosen_.drain_total_ms * ms + slack_;
    if (!has_kernel_witness() || out().written == 0) return began + bound;
    // The clock waits until the peer has taken all, and nobody tells: an alarm looks again, four times in that time.
    if (out().acknowledged < out().written || !out().has_fin_departed) return std::nullopt;
    const micros shortest = chosen_.drain_idle_ms != 0
                                ? std::min(chosen_.drain_idle_ms, chosen_.drain_total_ms)
                                : chosen_.drain_total_ms;
    const micros look_again = (shortest / 4 + 1) * ms;
    return std::max(began, out().acknowledged_at) + look_again + slack_ + bound;
  }

  // What was cut short must not look whole; and nobody else is met by a reset: it destroys what the peer has not read yet.
  void check_end(const ending_report& how) {
    holds(how.bytes.unsent == 0 || !out().is_fin_written,
          "was cut short, and ended like a whole stream");
    const bool is_cut = how.cause == ending::app_abort || how.cause == ending::protocol_error ||
                        how.cause == ending::server_deadline || how.cause == ending::slow_reader ||
                        about_.was_cut_short;
    const bool was_over = about_.ours->failure.failed() || about_.ours->got_reset ||
                          (in().has_fin_arrived && out().is_fin_acknowledged);
    holds(!is_cut || was_over || about_.ours->sent_reset, "was cut off without a reset");
    const bool is_failure = how.cause == ending::resources || how.cause == ending::receive_failed;
    holds(is_cut || is_failure || how.bytes.unsent != 0 || !about_.was_closed_by_reset,
          "was reset though nothing was cut off");
  }

  // Quiesce may end who is quiet: nothing came or went for so long, and all had arrived.
  void check_quiet(const chronicle::quiet_moment& then) {
    const bool is_last_moment = then.at - then.moved_at <= slack_;
    const micros moved_at = is_last_moment ? then.moved_before : then.moved_at;
    holds(then.at - moved_at + slack_ >= quiet_ms() * ms,
          "was ended by quiesce while it still talked");
    holds(then.at + slack_ >= quieting_at() + quiet_ms() * ms,
          "was ended by quiesce before it had been quiet since");
    holds(!has_kernel_witness() || then.is_over || then.unacknowledged == 0,
          "was ended by quiesce before its peer had read the answer");
    // Reading counts, too, where looks must have met it: who always has news of others looks late.
    const bool was_seen_reading =
        are_workers_prompt() &&
        then.acknowledged_at >= moved_at + 2 * look_again_of(chosen_) + slack_;
    holds(!has_kernel_witness() || !was_seen_reading ||
              then.at + slack_ >= then.acknowledged_at + quiet_ms() * ms,
          "was ended by quiesce before it had been quiet since it read the answer");
    // Where nothing comes between the question and the end.
    holds(!has_kernel_witness() || all_.drawn.preempts != 0 || then.unread == 0,
          "was ended by quiesce though bytes waited to be received");
    // Also those that a worker has not looked at yet.
    holds(!has_kernel_witness() || !then.has_undealt || may_overlook(),
          "was ended by quiesce though its worker had bytes of it to look at");
    // A worker that is behind calls nobody quiet, and looks again; how long it is, nobody could say.
    if (!is_plain() || !are_workers_prompt()) return;
    const micros since = std::max({quieting_at(), about_.opened_at, then.moved_at,
                                   then.acknowledged_at, about_.end_dealt_at});
    // One after the other, within the quiet time.
    const micros spread = chosen_.quiesce_quiet_ms * ms;
    holds(then.at <= since + spread + quiet_ms() * ms + 2 * look_again_of(chosen_) + slack_,
          "was found quiet only after " + std::to_string((then.at - since) / ms) + " ms");
  }

  // The drain is the peer's time to finish, once it has taken all that we sent, and our end of stream behind that.
  void check_drain(const ending_report& how) {
    const bool is_idle = how.cause == ending::drain_idle;
    if (!is_idle && how.cause != ending::drain_total) return;
    if (!has_kernel_witness() || about_.unacknowledged_then == 0 || is_past_hard_deadline()) return;
    // Where the link stalls, our end of stream may be acknowledged long behind the bytes, and the drain waits for these only.
    if (about_.plan.peer.suffers != misfortune::none) return;
    const auto& sent = out();
    const micros bound = (is_idle ? chosen_.drain_idle_ms : chosen_.drain_total_ms) * ms;
    // The last one may be that of our end of stream, right behind that of the bytes.
    const micros behind =
        micros{2} * (all_.drawn.sky.latency_us + all_.drawn.sky.jitter_us) + 2 * ms;
    holds(sent.acknowledged == sent.written &&
              about_.ended_at + behind >= sent.acknowledged_at + bound,
          "was drained for less than the bound behind its peer's last acknowledgement");
  }

  // Nobody is called silent who had said something before his time was up, and waited to be heard; but at the very end
  // nobody is waited for.
  void check_silence(const ending_report& how) {
    if (!about_.unheard_since || may_overlook() || is_past_hard_deadline()) return;
    micros over_at = about_.moved_at;
    if (how.cause == ending::first_byte) {
      over_at = about_.opened_at + chosen_.first_byte_ms * ms;
    } else {
      over_at += (how.cause == ending::idle ? chosen_.idle_ms : chosen_.drain_idle_ms) * ms;
    }
    // Movements are known to the moment, and so are deadlines, but for their rounding.
    holds(*about_.unheard_since + 2 * ms >= over_at,
          "was called silent though its worker had news of it to look at");
  }
  // Its end: everybody is cut off.
  [[nodiscard]] bool is_past_hard_deadline() const {
    const micros at = about_.ended_at + slack_;
    return (all_.stopped_at != 0 && at >= all_.stopped_at) ||
           at >= all_.quiesced_at + chosen_.quiesce_hard_ms * ms;
  }
  // What waits for a worker that is interrupted, that wakes up and looks at nothing, or that has no memory.
  [[nodiscard]] bool may_overlook() const {
    return all_.drawn.preempts != 0 || all_.drawn.sky[fault::idle_dequeue] != 0 ||
           all_.drawn.short_of_memory != 0;
  }

  // Clean: both ends of stream were exchanged, ours was acknowledged, nothing was lost.
  void check_clean(const ending_report& how) {
    // So much is known without asking.
    holds(out().is_fin_written, "is called clean and never sent its end of stream");
    holds(how.native_error == 0, "is called clean, with an error behind it");
    equals(how.bytes.sent, how.bytes.queued, "clean, but sent, and what was queued");
    // Whoever says close() wants to hear no more.
    holds(about_.saw_end || about_.close_asked_at != 0 || is_quiesced(),
          "is called clean though its handler never heard of its peer's end");
    if (how.mark == proof::unproven) return;
    holds(in().has_fin_arrived, "is called clean without its peer's end of stream");
    holds(out().has_fin_arrived, "is called clean though its own end of stream never arrived");
    equals(how.bytes.received, in().written, "clean, but received, and what the peer sent");
    equals(out().arrived, how.bytes.queued, "clean, but what arrived, and what was queued");
    equals(how.bytes.lost_out().value_or(1), 0, "clean, but lost_out");
    equals(how.bytes.lost_in().value_or(1), 0, "clean, but lost_in");
    holds(!about_.ours->sent_reset, "is called clean and was reset by the server");
    holds(!about_.ours->got_reset, "is called clean and was reset by its peer");
    const bool is_local_first = how.cause == ending::clean_local_first;
    holds(is_local_first || !about_.was_end_dealt_behind_ours,
          "is called the peer's end though ours was first");
    holds(!is_local_first || (about_.end_dealt_at + slack_ >= about_.shut_down_at &&
                              !about_.was_end_told_before_ours),
          "is called our end though the peer's was first");
    const bool reads_all = about_.plan.peer.reads != reading::never && !about_.has_peer_met_error &&
                           about_.has_peer_read_end;
    if (reads_all) equals(about_.told.total(), how.bytes.queued, "clean, but what the peer read");
  }

  // What comes in the moment of the end may be dealt with behind it.
  [[nodiscard]] micros since_moved() const {
    const bool is_last_moment = about_.ended_at - about_.moved_at <= slack_;
    const micros moved_at = is_last_moment ? about_.moved_before : about_.moved_at;
    return about_.ended_at - moved_at + slack_;
  }
  [[nodiscard]] micros since_opened() const { return about_.ended_at - about_.opened_at + slack_; }

  // Whether its peer took something that it never learnt of, since it received nothing, though it could know better.
  [[nodiscard]] bool was_left_deaf() const {
    const micros look_again = chosen_.send_stall_ms * ms / 4 + 2 * ms;
    // A receive that is lost in the kernel leaves nothing else to be done.
    if (all_.drawn.sky[fault::lost_operation] != 0) return false;
    return has_kernel_witness() && !about_.was_paused_at_end && in().taken_back_at &&
           out().acknowledged < out().arrived &&
           about_.ended_at - *in().taken_back_at > look_again + slack_;
  }

  // Each cause must follow from what was done to the connection.
  void check_cause(const ending_report& how) {
    const tcp_end& ours = *about_.ours;
    const auto implies = [&](bool is_so) {
      holds(is_so, "ended " + std::string(to_string(how.cause)) + ", which nothing explains");
    };
    const micros lost_contact = about_.plan.peer.suffers == misfortune::cut ||
                                        about_.plan.peer.suffers == misfortune::stalled
                                    ? 1
                                    : 0;
    switch (how.cause) {
      case ending::none: return holds(false, "ended without a cause");
      case ending::clean_local_first:
      case ending::clean_peer_first: return;
      case ending::peer_reset:
        return implies(ours.got_reset || all_.drawn.sky[fault::untold_failure] != 0);
      case ending::peer_vanished:
        return implies(ours.failure.what == port::error::vanished || lost_contact != 0 ||
                       is_slow_network());
      case ending::send_failed:
      case ending::receive_failed: return implies(false);
      case ending::slow_reader:
        // Where the kernel says what the peer takes, all of the time is due to what is offered last.
        return implies(
            chosen_.send_stall_ms != 0 && since_opened() >= chosen_.send_stall_ms * ms &&
            out().acknowledged < how.bytes.queued + 1 && !was_left_deaf() &&
            (!has_kernel_witness() ||
             about_.ended_at + 2 * ms >= about_.awaited_since + chosen_.send_stall_ms * ms));
      case ending::idle:
        return implies(chosen_.idle_ms != 0 && since_moved() >= chosen_.idle_ms * ms &&
                       !about_.was_held_at_end && !about_.was_paused_at_end);
      case ending::first_byte:
        // Nothing had been received or sent; a byte of the same moment, or of a cancelled operation, is too late.
        return implies(
            chosen_.first_byte_ms != 0 && how.bytes.delivered == 0 &&
            (about_.first_moved_at == 0 || about_.first_moved_at + slack_ >= ended_by()) &&
            (about_.end_dealt_at == 0 || about_.end_dealt_at + slack_ >= ended_by()) &&
            !about_.was_held_at_end && since_opened() >= chosen_.first_byte_ms * ms);
      case ending::drain_total:
        return implies(chosen_.drain_total_ms != 0 &&
                       since_opened() >= chosen_.drain_total_ms * ms && !in_was_read_to_end());
      case ending::drain_idle:
        return implies(chosen_.drain_idle_ms != 0 && since_moved() >= chosen_.drain_idle_ms * ms &&
                       !in_was_read_to_end());
      case ending::drain_bytes: return implies(how.bytes.unanswered > chosen_.drain_bytes);
      case ending::app_abort: return implies(about_.has_aborted || about_.has_thrown);
      case ending::protocol_error: return implies(about_.has_aborted);
      case ending::server_deadline: return implies(is_past_hard_deadline());
      case ending::resources:
        return implies(about_.was_refused_resources || about_.opened == 0 ||
                       all_.was_memory_refused);
      case ending::local_abort: return implies(ours.was_killed);
      case ending::connect_failed: return implies(about_.plan.is_outgoing && about_.opened == 0);
    }
  }

  // The cause is what came first, whatever has followed.
  void check_first_blow(const ending_report& how) {
    if (about_.first_blow == ending::none || about_.is_blow_uncertain || all_.was_memory_refused)
      return;
    // Another worker may have fixed the ending while the completion waited in the mailbox.
    if (!about_.is_blow_our_own && all_.drawn.preempts != 0) return;
    // Bytes that were dealt beside the failure are dropped before it is read.
    if (!about_.is_blow_our_own && how.cause == ending::drain_bytes) return;
    holds(how.cause == about_.first_blow,
          "ended " + std::string(to_string(how.cause)) + " though " +
              std::string(to_string(about_.first_blow)) + " came first");
  }

  [[nodiscard]] bool in_was_read_to_end() const {
    return in().has_fin_arrived && in().read == in().written && about_.was_end_dealt_in_time &&
           !was_end_dealt_in_last_moment();
  }
  // Who deals with it in the same moment may find that another worker has ended it.
  [[nodiscard]] bool was_end_dealt_in_last_moment() const {
    return about_.end_dealt_at + slack_ >= ended_by();
  }
  // So slow that an acknowledgement may take longer than the server waits for it.
  [[nodiscard]] bool is_slow_network() const {
    const port::sim::weather& sky = all_.drawn.sky;
    const micros round_trip = micros{2} * (sky.latency_us + sky.jitter_us);
    return round_trip + slack_ >= chosen_.confirm_ms * ms;
  }

  // A peer that does everything right, meets no misfortune, and a handler that wants a clean end. Such a
  // connection has no excuse, whatever the port does to it.
  [[nodiscard]] bool is_well_behaved() const {
    const peer_plan& peer = about_.plan.peer;
    const service_plan& service = about_.plan.service;
    const bool ends_well =
        peer.ends == peer_ending::half_close || peer.ends == peer_ending::await_end;
    const bool is_quick = is_peer_quick(peer);
    const bool asks_nothing_special = service.kind <= service_kind::storyteller;
    const port::sim::weather& sky = all_.drawn.sky;
    const bool is_network_quick = sky.latency_us + sky.jitter_us + sky.lateness_us < 20 * ms;
    return about_.opened == 1 && !about_.plan.is_outgoing && ends_well && is_quick &&
           asks_nothing_special && !is_past_hard_deadline() && is_network_quick &&
           peer.reads == reading::promptly && peer.suffers == misfortune::none && peer.bytes > 0 &&
           !all_.drawn.is_server_late() && all_.drawn.sky[fault::lost_operation] == 0 &&
           !about_.was_refused_resources && !all_.was_memory_refused && !about_.has_aborted &&
           !was_idle_by_plan();
  }
  // Whether the peer has said all and finished before any bound of the server's may strike.
  [[nodiscard]] bool is_peer_quick(const peer_plan& peer) const {
    constexpr micros answer_patience = 200 * ms;
    const port::sim::weather& sky = all_.drawn.sky;
    const micros round_trip = micros{2} * (sky.latency_us + sky.jitter_us + sky.lateness_us);
    const micros pause = peer.think_us + (peer.awaits_answer ? answer_patience : 0) + round_trip;
    const micros windows = (peer.bytes + about_.plan.service.story_bytes) / sky.receive_room + 4;
    const micros in_all =
        (peer.bytes / peer.message_bytes + 1) * pause + windows * round_trip + peer.ends_after_us;
    // Where the kernel can't be asked, the drain's clock can't wait until the peer has read all.
    const micros unseen = has_kernel_witness() ? 0 : windows * round_trip;
    // Nor does a send that is under way tell how much of it has gone.
    const micros untold =
        ((peer.bytes + about_.plan.service.story_bytes) / sky.send_room + 4) * round_trip + slack_;
    if (!has_kernel_witness() && chosen_.send_stall_ms != 0 && untold >= chosen_.send_stall_ms * ms)
      return false;
    const micros longest = std::max(pause, peer.ends_after_us + round_trip) + unseen + slack_;
    return longest <
               std::min({chosen_.drain_idle_ms, chosen_.idle_ms, chosen_.first_byte_ms}) * ms &&
           in_all + slack_ < chosen_.drain_total_ms * ms && peer.bytes <= chosen_.drain_bytes;
  }
  // It waits for an end that the server doesn't begin: its idle deadline strikes, and rightly so.
  [[nodiscard]] bool was_idle_by_plan() const {
    return about_.plan.peer.ends == peer_ending::await_end && !ends_by_itself() &&
           about_.how->cause == ending::idle;
  }
  // Without waiting for its peer's end.
  [[nodiscard]] bool ends_by_itself() const {
    return about_.plan.service.kind == service_kind::storyteller && !about_.plan.service.awaits_end;
  }

  const evidence& all_;
  const options& chosen_;
  const chronicle& about_;
  std::vector<std::string>& found_;
  micros slack_;
};

}  // namespace

micros slack_of(const evidence& all) { return 12 * ms + 2 * all.longest_turn; }

void try_connection(const evidence& all, const chronicle& about, std::vector<std::string>& found) {
  trial(all, about, found).hold();
}

}  // namespace lastbyte::simulation
