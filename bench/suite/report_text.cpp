#include "suite/report_text.hpp"

#include <algorithm>

#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::suite {
namespace {

using text::align;
using text::fixed;

// Three digits that say something.
std::string three(double value) { return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

std::string cpu_text(double us) { return us < 1 ? fixed(us, 4) : fixed(us, us < 10 ? 3 : 2); }

std::string percent(double part) { return fixed(part * 100, 0) + " %"; }

// "1.012 [1.003, 1.021]", "0.999 [0.991, 1.006] tie", "1.02 [0.98, 1.05] undecided", "1.04 (2 rounds)".
std::string ratio_text(const record& of, const record* to) {
  if (to == nullptr || to == &of) return to == nullptr ? "" : "1";
  const auto rough = rough_cpu_ratio(of, *to);
  if (!rough) return "-";
  const auto exact = cpu_ratio(of, *to);
  if (!exact) return fixed(*rough, 2) + " (too few rounds)";
  std::string text =
      fixed(exact->value, 3) + " [" + fixed(exact->low, 3) + ", " + fixed(exact->high, 3) + "]";
  const judgement said = judge(exact, wanted_half_width);
  if (said == judgement::tie) text += " tie";
  if (said == judgement::undecided) text += " undecided";
  return text;
}

std::vector<std::string> row_of(const standings& in, const record& of) {
  std::vector<std::string> cells{std::string(of.who->name)};
  const auto figures = typical(of);
  if (!figures) return cells;
  std::size_t rounds = 0;
  for (const auto& each : of.rounds) rounds += each ? 1 : 0;
  const std::string client = percent(figures->client_share);
  cells.insert(
      cells.end(),
      {text::whole(figures->units_per_s), three(figures->p50_us), three(figures->p99_us),
       three(figures->p999_us), cpu_text(figures->cpu_us), ratio_text(of, find(in, of.who->limit)),
       ratio_text(of, best_peer(in, *of.who)), percent(figures->server_share),
       figures->was_client_bottleneck ? client + " *" : client, std::to_string(rounds)});
  return cells;
}

std::string notes(const standings& in) {
  std::string lines;
  bool is_throttled = false;
  for (const record& each : in.all) {
    if (!each.problem.empty())
      lines += "  " + std::string(each.who->name) + ": " + each.problem + "\n";
    if (each.is_far_behind) {
      lines += "  " + std::string(each.who->name) + " can't be the best peer: no further rounds\n";
    }
    const auto figures = typical(each);
    is_throttled |= figures && figures->was_client_bottleneck;
  }
  for (const record& each : in.all) {
    if (best_peer(in, *each.who) != &each) continue;
    lines += "  best peer on its interface: " + std::string(each.who->name) + "\n";
  }
  if (is_throttled) {
    lines +=
        "  * the client had nothing left: rate and latency are its own; the server's CPU is not\n";
  }
  if (in.disturbed != 0) {
    lines += "  " + std::to_string(in.disturbed) +
             " rounds thrown away because something else used the processors\n";
  }
  if (!in.is_decided) lines += "  undecided: not every interval came within 1 % in time\n";
  return lines;
}

}  // namespace

std::string report_text(const standings& of) {
  const std::string unit(of.what->unit);
  text::table rows(
      {align::left, align::right, align::right, align::right, align::right, align::right,
       align::left, align::left, align::right, align::right, align::right},
      2, 2);
  rows.add({"", unit + "s/s", "p50 us", "p99 us", "p99.9", "CPU us", "x its limit [95 %]",
            "x best peer [95 %]", "server", "client", "rounds"});
  for (const record& each : of.all) rows.add(row_of(of, each));
  return std::string(of.what->name) + "  " + std::string(of.what->question) + "; server CPU of a " +
         unit + "\n" + rows.text() + notes(of);
}

std::string report_text(const residences& of) {
  std::string heading =
      std::string(of.what->name) + "  " + std::string(of.what->question) + "; user memory\n";
  if (!of.skipped.empty()) return heading + "  skipped: " + of.skipped + "\n";
  text::table rows({align::left, align::right, align::right, align::right, align::right}, 2, 2);
  rows.add({"", "connections", "bytes each", "MiB in all",
            of.what->how == measure::crowd ? "CPU, 1 processor" : ""});
  std::string problems;
  for (const residence& each : of.all) {
    if (!each.problem.empty()) {
      problems += "  " + std::string(each.who->name) + ": " + each.problem + "\n";
      continue;
    }
    constexpr double mebibyte = 1U << 20U;
    rows.add({std::string(each.who->name), text::grouped(each.connections),
              text::whole(std::max(0.0, each.bytes_each)),
              fixed(static_cast<double>(each.bytes_in_all) / mebibyte, 1),
              each.cpu_share ? fixed(*each.cpu_share * 100, 2) + " %" : ""});
  }
  return heading + rows.text() + problems;
}

}  // namespace lastbyte::suite
