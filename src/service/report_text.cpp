#include "service/report_text.hpp"

#include <algorithm>

#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::service {
namespace {

using text::align;
using text::grouped;

std::string bytes(std::uint64_t count) { return grouped(count) + " B"; }

std::string connections(std::uint64_t count) {
  return grouped(count) + (count == 1 ? " connection" : " connections");
}

std::string duration(std::uint64_t ms) { return text::readable(ms, text::unit::milliseconds); }

std::uint64_t ended_in_all(const server_report& report) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : report.endings) sum += count;
  return sum;
}

// A sum over the connections of which it is known: what is unknown is not 0.
std::string known_bytes(std::uint64_t sum, std::uint64_t unknown, std::uint64_t all) {
  if (unknown == 0) return bytes(sum);
  return unknown >= all ? "unknown" : "at least " + bytes(sum);
}

// What is lost, then what isn't known, then what was cut: the worst first.
std::string verdict(const server_report& report) {
  const std::uint64_t lost = report.lost_in + report.lost_out;
  const std::uint64_t unknown = std::max(report.unknown_in, report.unknown_out);
  std::string line = connections(ended_in_all(report)) + " ended; ";
  if (lost != 0) {
    line += "LOST " + bytes(lost);
  } else {
    line += "lost 0 B";
  }
  if (unknown != 0) line += "; unknown of " + connections(unknown);
  if (report.cut_something()) line += "; CUT";
  return line + '\n';
}

std::string endings(const server_report& report) {
  text::table rows({align::left, align::right, align::left}, 2, 3);
  rows.add({"ended by", "connections"});
  for (std::size_t i = 0; i < ending_count; ++i) {
    if (report.endings.at(i) == 0) continue;
    const std::uint64_t unproven = report.unproven.at(i);
    rows.add({std::string(to_string(static_cast<ending>(i))), grouped(report.endings.at(i)),
              unproven == 0 ? "" : grouped(unproven) + " of them unproven"});
  }
  return rows.text();
}

std::string byte_columns(const server_report& report) {
  const std::uint64_t all = ended_in_all(report);
  text::table rows({align::left, align::right, align::left, align::right}, 2, 3);
  rows.add({"in", "", "out"});
  rows.add({"received", bytes(report.received), "queued", bytes(report.queued)});
  rows.add({"delivered", bytes(report.delivered), "sent", bytes(report.sent)});
  rows.add({"unanswered", bytes(report.unanswered), "acknowledged",
            known_bytes(report.acknowledged, report.unknown_out, all)});
  rows.add({"lost", known_bytes(report.lost_in, report.unknown_in, all), "lost",
            known_bytes(report.lost_out, report.unknown_out, all)});
  if (report.unknown_in + report.unknown_out != 0) {
    rows.add({"unknown of", connections(report.unknown_in), "unknown of",
              connections(report.unknown_out)});
  }
  return rows.text();
}

// Where lost bytes were lost, and what else must not be overlooked.
std::string details(const server_report& report) {
  text::table rows({align::left, align::right, align::left}, 2, 3);
  const auto add = [&](const char* name, std::uint64_t count, const std::string& value,
                       const char* meaning) {
    if (count != 0) rows.add({name, value, meaning});
  };
  add("discarded", report.discarded, bytes(report.discarded),
      "received, but dropped before close()");
  add("unread", report.unread, bytes(report.unread), "left in the kernel when a socket was closed");
  add("unsent", report.unsent, bytes(report.unsent), "queued, and never taken by the kernel");
  add("refused", report.refused, bytes(report.refused), "offered after the end, and never queued");
  add("accept failures", report.accept_failures, grouped(report.accept_failures),
      "there were no resources for a connection");
  add("quarantined", report.quarantined, connections(report.quarantined),
      "whose operations did not come back");
  add("still open", report.open, connections(report.open), "not ended yet");
  const std::string text = rows.text();
  return text.empty() ? text : '\n' + text;
}

std::string quiesce(const server_report& report) {
  if (report.quiesced == 0) return "  no connection was open when the quiesce began\n";
  std::string line =
      "  quiesced " + connections(report.quiesced) + " in " + duration(report.quiesce_ms);
  if (report.slowest_peer) {
    line +=
        "; the last, " + to_string(*report.slowest_peer) + ", after " + duration(report.slowest_ms);
  }
  if (const std::uint64_t cut = report.ended(ending::server_deadline); cut != 0) {
    line += "; CUT " + grouped(cut) + " that had not finished";
  }
  return line + '\n';
}

}  // namespace

std::string to_text(const server_report& report) {
  std::string text = verdict(report);
  if (ended_in_all(report) != 0) text += '\n' + endings(report) + '\n' + byte_columns(report);
  return text += details(report) + '\n' + quiesce(report);
}

}  // namespace lastbyte::service
