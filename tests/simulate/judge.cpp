#include "simulate/judge.hpp"

#include <algorithm>
#include <tuple>

#include "simulate/trial.hpp"

namespace lastbyte::simulation {
namespace {

constexpr micros longest_pause = 1'000 * ms;  // of accepting, after a failure

void add(server_report& sums, const ending_report& how) {
  const ledger& bytes = how.bytes;
  const auto cause = static_cast<std::size_t>(how.cause);
  ++sums.accepted;
  ++sums.endings[cause];
  if (how.mark == proof::unproven) ++sums.unproven[cause];
  sums.received += bytes.received;
  sums.delivered += bytes.delivered;
  sums.discarded += bytes.discarded;
  sums.unanswered += bytes.unanswered;
  sums.unread += bytes.unread.value_or(0);
  sums.queued += bytes.queued;
  sums.sent += bytes.sent;
  sums.unsent += bytes.unsent;
  sums.acknowledged += bytes.acknowledged.value_or(0);
  if (bytes.acknowledged) {
    sums.lost_out += bytes.queued - *bytes.acknowledged;
  } else {
    ++sums.unknown_out;
  }
  if (bytes.unread) {
    sums.lost_in += bytes.discarded + (bytes.close_asked ? 0 : *bytes.unread);
  } else {
    ++sums.unknown_in;
  }
}

// All but what was refused, which is counted also where there is no connection any more.
auto columns_of(const server_report& report) {
  return std::tie(report.received, report.delivered, report.discarded, report.unanswered,
                  report.unread, report.queued, report.sent, report.unsent, report.acknowledged,
                  report.lost_out, report.lost_in, report.unknown_out, report.unknown_in);
}

// What the report says of the quiesce: who was there, and who was the last to go.
void check_quiesced(const evidence& all, std::vector<std::string>& found) {
  const server_report& report = all.report;
  const auto holds = [&found](bool is_true, const char* otherwise) {
    if (!is_true) found.emplace_back(otherwise);
  };
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  const chronicle* last = nullptr;
  for (const chronicle& each : all.connections) {
    if (!each.how) continue;
    // Those of the same millisecond may be on either side.
    if (each.ended_at >= all.quiesced_at) ++most;
    if (each.ended_at > all.quiesced_at + 2 * all.longest_turn) ++least;
    if (last == nullptr || each.ended_at > last->ended_at) last = &each;
  }
  holds(report.quiesced >= least && report.quiesced <= most,
        "the report's quiesced are not those who ended after it began");
  const micros slack = slack_of(all);
  const micros over_at = std::max(last == nullptr ? 0 : last->ended_at, all.listeners_closed_at);
  const micros passed = over_at - std::min(over_at, all.quiesced_at);
  holds(report.quiesce_ms * ms <= passed + slack && report.quiesce_ms * ms + slack >= passed,
        "quiesce took another time than its last connection and listener");
  if (report.quiesced == 0) return;
  const micros took = last->ended_at - all.quiesced_at;
  holds(report.slowest_ms * ms <= took + slack && report.slowest_ms * ms + slack >= took,
        "the report's slowest took another time than the last one");
  const bool is_known =
      std::any_of(all.connections.begin(), all.connections.end(), [&](const chronicle& each) {
        return each.how && report.slowest_peer && each.how->peer == *report.slowest_peer &&
               each.ended_at + slack >= last->ended_at;
      });
  holds(is_known, "the report's slowest peer was not the last one");
}

// Everybody who was accepted is served to an end, or turned away and counted.
void check_accepts(const evidence& all, std::vector<std::string>& found) {
  const auto& accepts = all.accepts;
  const auto equals = [&found](std::uint64_t one, std::uint64_t other, const char* what) {
    if (one == other) return;
    found.push_back(std::string(what) + ": " + std::to_string(one) + " is not " +
                    std::to_string(other));
  };
  const auto ended = std::count_if(
      all.connections.begin(), all.connections.end(),
      [](const chronicle& each) { return each.how.has_value() && !each.plan.is_outgoing; });
  equals(accepts.taken, accepts.adopted + accepts.discarded,
         "accepted connections, and those that were adopted or discarded");
  equals(accepts.adopted, static_cast<std::uint64_t>(ended),
         "adopted connections, and those whose end was told");
  equals(all.report.accept_failures, all.refused_accepts + accepts.turned_away_at.size(),
         "the report's accept failures, and those that struck");
  // There is a slot for each, unless memory is refused, or connections of our own and stuck ones have them.
  const bool are_slots_clients =
      !all.was_memory_refused && all.drawn.sky[port::sim::fault::lost_operation] == 0 &&
      std::none_of(all.connections.begin(), all.connections.end(),
                   [](const chronicle& each) { return each.plan.is_outgoing; });
  if (are_slots_clients) equals(accepts.discarded, 0, "connections discarded for want of a slot");
}

// An operator hears of everything that he should, once.
void check_notices(const evidence& all, std::vector<std::string>& found) {
  using kind = notice::kind;
  const notices& told = all.told;
  const auto holds = [&found](bool is_true, const char* otherwise) {
    if (!is_true) found.emplace_back(otherwise);
  };
  holds(
      told.of(kind::connection_ended) == all.report.accepted && told.endings == all.report.endings,
      "the endings that were told are not those of the report");
  // Of several that are turned away together the first one is told.
  const auto& away = all.accepts.turned_away_at;
  holds(told.paused_at.size() >= all.refused_accepts &&
            told.paused_at.size() <= all.refused_accepts + away.size(),
        "the pauses of accepting that were told are not those that were");
  holds(std::all_of(away.begin(), away.end(),
                    [&](micros when) {
                      return std::any_of(told.paused_at.begin(), told.paused_at.end(),
                                         [&](micros paused) {
                                           return paused <= when + all.longest_turn &&
                                                  when <= paused + longest_pause + all.longest_turn;
                                         });
                    }),
        "somebody was turned away, and no pause of accepting was told");
  holds(told.of(kind::accept_resumed) <= told.paused_at.size(),
        "accepting was resumed more often than it was paused");
  holds(all.drawn.is_server_late() || told.of(kind::stuck) <= all.lost_operations,
        "more operations were told stuck than were lost");
  holds(all.report.quarantined == all.report.open,
        "those who are put aside are not those who have not ended");
  holds(told.of(kind::handler_threw) == all.thrown,
        "the exceptions that were told are not those that were thrown");
}

// Once the last one has gone and nobody new is let in, there is nothing to wait for.
void check_end(const evidence& all, std::vector<std::string>& found) {
  const port::sim::weather& sky = all.drawn.sky;
  // Who is out of handles waits, and may find somebody in the queue still; what was lost is waited for; who lags is late.
  if (sky[fault::refused_accept] != 0 || sky[fault::refused_adoption] != 0 ||
      sky[fault::lost_operation] != 0 || all.drawn.is_server_late())
    return;
  // Who is on the way into the queue is awaited, and looked for four times.
  const options& chosen = all.drawn.chosen;
  micros last = all.quiesced_at + (chosen.quiesce_grace_ms + chosen.quiesce_quiet_ms) * ms;
  last += look_again_of(chosen);
  for (const chronicle& each : all.connections) last = std::max(last, each.ended_at);
  if (all.ended_at <= last + slack_of(all) + micros{2} * sky.lateness_us) return;
  found.push_back("it went on for " + std::to_string((all.ended_at - last) / ms) +
                  " ms though nobody was there any more");
}

void check_report(const evidence& all, std::vector<std::string>& found) {
  const server_report& report = all.report;
  const micros slack = slack_of(all);
  const auto holds = [&found](bool is_true, const char* otherwise) {
    if (!is_true) found.emplace_back(otherwise);
  };
  std::uint64_t offered = 0;
  server_report sums;
  for (const chronicle& each : all.connections) {
    offered += each.offered + each.offered_in_vain + each.fillers_offered;
    if (each.how) add(sums, *each.how);
  }
  holds(report.open == 0, "the report says that connections are open");
  holds(report.accepted == sums.accepted, "the report's connections are not those that ended");
  check_accepts(all, found);
  check_notices(all, found);
  holds(report.endings == sums.endings,
        "the report's endings are not those that handlers were told");
  holds(report.unproven == sums.unproven, "the report's unproven endings are not the connections'");
  holds(columns_of(report) == columns_of(sums),
        "the report's bytes are not those of its connections");
  holds(report.queued + report.refused == offered,
        "what handlers offered was neither queued nor refused");
  check_quiesced(all, found);
  check_end(all, found);
  const bool was_cut = report.ended(ending::server_deadline) != 0 || report.quarantined != 0;
  holds(report.cut_something() == was_cut, "the report doesn't say that somebody was cut off");
  // From when everything is to be aborted to when everybody has come back; what is lost is waited for.
  const bool loses = all.drawn.sky[port::sim::fault::lost_operation] != 0;
  const micros joining = (loses ? all.drawn.chosen.join_ms * ms : 0) + 2 * slack +
                         micros{2} * all.drawn.sky.lateness_us;
  holds(all.ended_at <= all.quiesced_at + all.drawn.chosen.quiesce_hard_ms * ms + joining,
        "quiesce took longer than its hard deadline");
  holds(all.stopped_at == 0 || all.ended_at <= all.stopped_at + joining,
        "a stop took longer than joining takes");
  const bool was_cut_short =
      all.stopped_at != 0 ||
      all.ended_at + slack >= all.quiesced_at + all.drawn.chosen.quiesce_hard_ms * ms;
  holds(was_cut_short || all.reset_in_backlog == 0,
        "clients that waited in the queue were reset by quiesce");
}

}  // namespace

std::vector<std::string> judge(const evidence& all) {
  std::vector<std::string> found;
  for (const chronicle& each : all.connections) try_connection(all, each, found);
  check_report(all, found);
  return found;
}

}  // namespace lastbyte::simulation
