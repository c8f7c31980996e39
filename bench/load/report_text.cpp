#include "load/report_text.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "load/clock.hpp"
#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::load {
namespace {

using text::align;
using text::fixed;
using text::grouped;
using text::readable;
using text::table;
using text::unit;

constexpr std::array<std::pair<std::string_view, double>, 5> shown_percentiles{{
    {"p50", 50},
    {"p90", 90},
    {"p99", 99},
    {"p99.9", 99.9},
    {"p99.99", 99.99},
}};

std::string plural(std::uint64_t count, const std::string& noun) {
  return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

// A block of the report: its name, then its lines beside it.
void add_block(std::string& report, std::string_view name, const std::string& lines) {
  constexpr std::size_t indent = 13;
  std::string head(name);
  head.resize(indent, ' ');
  std::string_view rest = lines;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    report.append(head).append(rest.substr(0, end)).append("\n");
    head.assign(indent, ' ');
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
}

std::string title(const result& of, const load_options& options) {
  std::string line = "lastbyte-load " LASTBYTE_VERSION ": " + to_string(options.targets) + ", " +
                     plural(options.connections, "connection") + ", messages of " +
                     grouped(options.message_bytes) + " bytes, ";
  line += options.churn ? "a connection each" : grouped(options.pipeline) + " outstanding";
  line += ", ending " + std::string(to_string(options.ending)) + ", " + of.io_name + ", " +
          plural(of.threads, "thread");
  return line + "\n";
}

std::string rate_lines(const result& of, const load_options& options) {
  const auto rate = of.rate();
  if (!rate) return plural(of.messages, "message") + ", none while measuring\n";
  const auto bytes = static_cast<std::uint64_t>(*rate * options.message_bytes);
  std::string lines = text::whole(*rate) + " messages/s, " + readable(bytes, unit::bytes) +
                      "/s each way: " + plural(of.window_messages, "message") + " in " +
                      fixed(static_cast<double>(of.window_ns) * ns_to_s, 3) + " s\n";
  if (options.warm_up_ms != 0) {
    lines += "behind " + readable(options.warm_up_ms, unit::milliseconds) + " of warm-up\n";
  }
  return lines;
}

std::string latency_lines(const result& of, const load_options& options) {
  if (of.latency.count() == 0) return "nothing measured\n";
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& [name, percent] : shown_percentiles) {
    names.emplace_back(name);
    values.push_back(latency_text(of.latency.percentile_ns(percent)));
  }
  names.emplace_back("max");
  values.push_back(latency_text(of.latency.max_ns()));
  table figures(std::vector<align>(names.size(), align::right), 0, 3);
  figures.add(std::move(names));
  figures.add(std::move(values));
  return figures.text() + (options.churn ? "from connecting to the last byte of the reply\n" : "");
}

std::string connection_lines(const result& of) {
  std::string lines = grouped(of.bytes.opened()) + " opened, the first ones within " +
                      fixed(static_cast<double>(of.connect_ns) / ms_to_ns, 1) + " ms\n";
  std::string ended;
  for (std::size_t i = 0; i < observed_count; ++i) {
    const auto how = static_cast<observed>(i);
    if (of.bytes.by_observed[i] == 0) continue;
    ended.append(ended.empty() ? "" : ", ").append(to_string(how));
    ended += " " + grouped(of.bytes.by_observed[i]);
  }
  std::string causes;
  for (std::size_t i = 0; i < ending_count; ++i) {
    if (of.bytes.by_cause[i] == 0) continue;
    causes.append(causes.empty() ? "" : ", ").append(to_string(static_cast<ending>(i)));
    causes += " " + grouped(of.bytes.by_cause[i]);
  }
  if (!ended.empty()) lines += "seen here: " + ended + "\nby cause: " + causes + "\n";
  if (of.bytes.unproven != 0) {
    lines +=
        grouped(of.bytes.unproven) + " of them unproven: this platform's kernel can't be asked\n";
  }
  return lines;
}

std::string acknowledged_text(const account& bytes) {
  if (bytes.unknown == 0) return grouped(bytes.acknowledged);
  if (bytes.unknown == bytes.opened()) return "unknown";
  return grouped(bytes.acknowledged) + " and unknown on " + plural(bytes.unknown, "connection");
}

std::string byte_lines(const account& bytes) {
  table columns({align::left, align::right}, 0, 2);
  columns.add({"sent", grouped(bytes.sent)});
  columns.add({"acknowledged", acknowledged_text(bytes)});
  columns.add({"echoed", grouped(bytes.echoed)});
  columns.add({"lost", grouped(bytes.lost)});
  columns.add({"unanswered", grouped(bytes.unanswered)});
  columns.add({"wrong", grouped(bytes.wrong)});
  if (bytes.cut != 0) columns.add({"cut by us", grouped(bytes.cut)});
  if (bytes.surplus != 0) columns.add({"never asked for", grouped(bytes.surplus)});
  if (bytes.unsent != 0) columns.add({"never left us", grouped(bytes.unsent)});
  return columns.text();
}

std::string client_lines(const result& of) {
  const auto share = of.cpu_share();
  if (!share) return "CPU not measured: the run was too short\n";
  std::string lines = "CPU " + fixed(static_cast<double>(of.cpu_ns) * ns_to_s, 3) +
                      " s: " + fixed(*share * 100, 0) + " % of " + plural(of.threads, "thread") +
                      " on " + plural(of.processors, "processor") + "\n";
  if (of.was_bottleneck()) {
    lines +=
        "the load generator itself was the bottleneck: these are its figures, not the server's";
    lines += of.threads < of.processors ? "; give it more threads (-t)\n" : "\n";
  }
  if (const auto each = of.server_cpu_ns_per_message()) {
    lines += "the server's: " + fixed(*each * ns_to_us, 3) + " us a message\n";
  }
  return lines;
}

std::string machine_lines(const machine_facts& machine, const result& of) {
  std::string line = machine.system + ", " + plural(of.processors, "processor");
  if (!machine.cpu.empty()) line += ", " + machine.cpu;
  if (!machine.governor.empty()) line += ", governor " + machine.governor;
  return line + "\n";
}

std::string missed_text(const missed_threshold& missed) {
  std::string text = "missed " + missed.wanted.text + ": ";
  if (!missed.actual) return text + "nothing was measured";
  const auto actual = static_cast<std::uint64_t>(*missed.actual);
  switch (missed.wanted.what) {
    case measure::percentile:
    case measure::mean:
    case measure::max: return text + latency_text(actual);
    case measure::cpu: return text + fixed(*missed.actual, 1) + " %";
    default: return text + grouped(actual);
  }
}

std::string verdict_lines(const verdict& judged, const result& of) {
  std::string lines;
  for (const auto& each : judged.failures) lines += "FAILED: " + each + "\n";
  for (const auto& each : judged.missed) lines += missed_text(each) + "\n";
  for (const auto& each : judged.notes) lines += each + "\n";
  if (of.why == stop_reason::interrupted) lines += "interrupted: the figures are those so far\n";
  if (judged.exit_code == 0) lines += "ok: every byte that was to come back did, and was right\n";
  return lines;
}

}  // namespace

std::string latency_text(std::uint64_t ns) {
  constexpr std::array<std::pair<double, std::string_view>, 4> steps{{
      {1e3, "ns"},
      {1e6, "us"},
      {1e9, "ms"},
      {1e300, "s"},
  }};
  double value = static_cast<double>(ns);
  for (const auto& [end, name] : steps) {
    // What rounds up to a full thousand belongs to the next unit.
    if (static_cast<double>(ns) < end * 0.9995) {
      const bool is_whole = name == "ns" || value >= 99.95;
      return fixed(value, is_whole ? 0 : value < 9.995 ? 2 : 1) + " " + std::string(name);
    }
    value /= 1e3;
  }
  return {};
}

std::string report_text(const result& of, const verdict& judged, const load_options& options,
                        const machine_facts& machine) {
  std::string report = title(of, options);
  if (of.bytes.opened() != 0) {
    add_block(report, "rate", rate_lines(of, options));
    add_block(report, "latency", latency_lines(of, options));
    add_block(report, "connections", connection_lines(of));
    add_block(report, "bytes", byte_lines(of.bytes));
    add_block(report, "client", client_lines(of));
    add_block(report, "machine", machine_lines(machine, of));
  }
  add_block(report, "result", verdict_lines(judged, of));
  return report;
}

}  // namespace lastbyte::load
