#include "suite/clients.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::suite {
namespace {

using clock = std::chrono::steady_clock;

class comparison {
 public:
  comparison(client_standings& in, const surroundings& where, progress& shown,
             const client_players& by)
      : in_(in), where_(where), shown_(shown), by_(by) {}

  void run(std::chrono::milliseconds most) {
    const auto until = clock::now() + most;
    for (std::size_t round = 0; in_.problem.empty(); ++round) {
      const auto begun = clock::now();
      play_pair(round);
      if (is_close_enough(rate_ratio(in_))) return;
      // The next one takes as long as this one.
      if (clock::now() + (clock::now() - begun) > until) return;
    }
  }

 private:
  void play_pair(std::size_t round) {
    const bool is_ours_first = round % 2 == 0;
    const auto first = play(round, is_ours_first);
    if (!in_.problem.empty()) return;
    const auto second = play(round, !is_ours_first);
    if (!first || !second) return;
    in_.ours.push_back(is_ours_first ? *first : *second);
    in_.bare.push_back(is_ours_first ? *second : *first);
  }

  // @return nothing if no round was good.
  std::optional<double> play(std::size_t round, bool is_ours) {
    const std::string name = is_ours ? "lastbyte-load" : "bare client";
    for (std::uint32_t tries = 0; tries < most_tries; ++tries) {
      shown_.show(std::string(in_.what->name) + "  round " + std::to_string(round + 1) + "  " +
                  name);
      const round_result got =
          (is_ours ? by_.ours : by_.bare)(*in_.server, *in_.what, in_.time, where_);
      if (got.what == fault::none) return got.measured.units_per_s;
      if (got.what == fault::disturbed) {
        ++in_.disturbed;
      } else if (tries != 0) {
        // Once may be the machine's fault; twice is not.
        in_.problem = name + ": " + got.why;
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  client_standings& in_;
  const surroundings& where_;
  progress& shown_;
  const client_players& by_;
};

std::string ratio_text(const std::optional<ratio>& of) {
  if (!of) return "too few rounds";
  std::array<char, 96> written{};
  std::snprintf(written.data(), written.size(), "%.3f [%.3f, %.3f]", of->value, of->low, of->high);
  return written.data();
}

std::string verdict(const client_standings& of) {
  const auto said = reaches(of);
  if (!said) return "undecided: the interval did not come within 1 % in time";
  if (!*said) return "lastbyte-load does NOT reach the bare client's rate";
  return judge(rate_ratio(of), wanted_half_width) == judgement::tie
             ? "lastbyte-load reaches the bare client's rate: a tie"
             : "lastbyte-load reaches the bare client's rate";
}

void add_row(text::table& rows, const client_standings& of) {
  if (of.ours.empty()) return rows.add({std::string(of.what->name), "-", "-", "-", "0"});
  rows.add({std::string(of.what->name), text::whole(median(of.ours)), text::whole(median(of.bare)),
            ratio_text(rate_ratio(of)), std::to_string(of.ours.size())});
}

std::string notes(const client_standings& of) {
  std::string lines = "  " + std::string(of.what->name) + ": " +
                      (of.problem.empty() ? verdict(of) : of.problem) + "\n";
  if (of.disturbed != 0) {
    lines += "  " + std::to_string(of.disturbed) +
             " rounds thrown away because something else used the processors\n";
  }
  return lines;
}

}  // namespace

client_standings compare_clients(const job& what, const contestant& server, const timing& time,
                                 std::chrono::milliseconds most, const surroundings& where,
                                 progress& shown, const client_players& by) {
  client_standings made{&what, &server, time, {}, {}, 0, {}};
  comparison(made, where, shown, by).run(most);
  return made;
}

bool has_bare_client(const job& what) {
  return what.how == measure::rounds && what.ending == ends_first::neither && !what.is_bulk;
}

std::optional<ratio> rate_ratio(const client_standings& of) {
  return paired_ratio(of.ours, of.bare);
}

std::optional<bool> reaches(const client_standings& of) {
  switch (judge(rate_ratio(of), wanted_half_width)) {
    case judgement::undecided: return std::nullopt;
    case judgement::less: return false;
    case judgement::tie:
    case judgement::more: return true;
  }
  return std::nullopt;
}

std::string report_text(const std::vector<client_standings>& all) {
  text::table rows({text::align::left, text::align::right, text::align::right, text::align::left,
                    text::align::right},
                   2, 2);
  rows.add({"", "lastbyte-load", "bare client", "ratio [95 %]", "rounds"});
  std::string closing;
  for (const client_standings& each : all) {
    add_row(rows, each);
    closing += notes(each);
  }
  const std::string server = all.empty() ? "" : " against " + std::string(all.front().server->name);
  return "clients" + server + "; messages a second\n" + rows.text() + closing;
}

}  // namespace lastbyte::suite
