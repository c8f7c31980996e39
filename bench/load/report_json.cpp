#include "load/report_json.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "load/clock.hpp"
#include "text/index_list.hpp"

namespace lastbyte::load {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array listed_percentiles{0.0,  1.0,  5.0,  10.0, 25.0,  50.0,  75.0,   90.0,
                                        95.0, 99.0, 99.5, 99.9, 99.95, 99.99, 99.999, 100.0};

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json settings_json(const load_options& options, const result& of) {
  return {{"target",
           options.targets.empty() ? json(nullptr) : json(to_string(options.targets.front()))},
          {"targets", options.targets.size()},
          {"connections", options.connections},
          {"threads", options.threads},
          {"cpus", text_or_null(text::to_index_list(options.cpus))},
          {"duration_ms", options.duration_ms == 0 ? json(nullptr) : json(options.duration_ms)},
          {"requests", options.requests == 0 ? json(nullptr) : json(options.requests)},
          {"message_bytes", options.message_bytes},
          {"pipeline", options.pipeline},
          {"warm_up_ms", options.warm_up_ms},
          {"drain_ms", options.drain_ms},
          {"timeout_ms", options.timeout_ms == 0 ? json(nullptr) : json(options.timeout_ms)},
          {"ending", to_string(options.ending)},
          {"churn", options.churn},
          {"io", of.io_name}};
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::array<char, 32> text{};
  const std::tm* parts = std::gmtime(&now);
  if (parts == nullptr) return {};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", parts);
  return text.data();
}

json environment_json(const machine_facts& machine, const result& of,
                      const std::vector<std::string>& command) {
  return {{"version", LASTBYTE_VERSION},
          {"compiler", LASTBYTE_COMPILER},
          {"command", command},
          {"finished_at", utc_now()},
          {"system", text_or_null(machine.system)},
          {"cpu", text_or_null(machine.cpu)},
          {"governor", text_or_null(machine.governor)},
          {"processors", of.processors}};
}

json latency_json(const metrics::histogram& latency) {
  json percentiles = json::object();
  json buckets = json::array();
  for (const double percent : listed_percentiles) {
    // "p99.9": as a threshold names it.
    percentiles["p" + json(percent).dump().substr(0, json(percent).dump().find(".0"))] =
        latency.percentile_ns(percent);
  }
  latency.for_each_bucket(
      [&](std::uint64_t upper_ns, std::uint64_t count) { buckets.push_back({upper_ns, count}); });
  const bool is_empty = latency.count() == 0;
  return {{"count", latency.count()},
          {"min_ns", is_empty ? json(nullptr) : json(latency.min_ns())},
          {"mean_ns", is_empty ? json(nullptr) : json(latency.mean_ns())},
          {"max_ns", is_empty ? json(nullptr) : json(latency.max_ns())},
          {"percentiles_ns", is_empty ? json(nullptr) : std::move(percentiles)},
          {"buckets_ns", std::move(buckets)}};
}

json connections_json(const result& of) {
  json seen = json::object();
  json causes = json::object();
  for (std::size_t i = 0; i < observed_count; ++i) {
    seen[std::string(to_string(static_cast<observed>(i)))] = of.bytes.by_observed[i];
  }
  for (std::size_t i = 1; i < ending_count; ++i) {  // 0 is none: not ended
    causes[std::string(to_string(static_cast<ending>(i)))] = of.bytes.by_cause[i];
  }
  return {{"opened", of.bytes.opened()},   {"connect_ns", of.connect_ns},
          {"observed", std::move(seen)},   {"causes", std::move(causes)},
          {"unproven", of.bytes.unproven}, {"cut_off", of.cut_off},
          {"gave_up", of.gave_up}};
}

json bytes_json(const account& bytes) {
  return {{"sent", bytes.sent},
          {"acknowledged", bytes.unknown == 0 ? json(bytes.acknowledged) : json(nullptr)},
          {"acknowledged_unknown_connections", bytes.unknown},
          {"echoed", bytes.echoed},
          {"lost", bytes.lost},
          {"unanswered", bytes.unanswered},
          {"wrong", bytes.wrong},
          {"cut_by_us", bytes.cut},
          {"surplus", bytes.surplus},
          {"unsent", bytes.unsent}};
}

json first_wrong_json(const std::optional<wrong_byte>& first) {
  if (!first) return nullptr;
  return {{"connection", first->session},
          {"position", first->position},
          {"actual", std::to_integer<unsigned>(first->actual)},
          {"expected",
           first->is_surplus ? json(nullptr) : json(std::to_integer<unsigned>(first->expected))}};
}

json rate_json(const result& of, const load_options& options) {
  const auto rate = of.rate();
  return {{"messages", of.messages},
          {"window_messages", of.window_messages},
          {"window_ns", of.window_ns},
          {"messages_per_s", or_null(rate)},
          {"bytes_per_s_each_way", rate ? json(*rate * options.message_bytes) : json(nullptr)}};
}

json client_json(const result& of) {
  return {{"cpu_ns", of.cpu_ns},
          {"wall_ns", of.cpu_wall_ns},
          {"cpu_share", or_null(of.cpu_share())},
          {"threads", of.threads},
          {"was_bottleneck", of.was_bottleneck()}};
}

json server_json(const result& of, const load_options& options) {
  if (!of.server_cpu_ns) return nullptr;
  return {{"pid", options.server_pid},
          {"cpu_ns", *of.server_cpu_ns},
          {"wall_ns", of.cpu_wall_ns},
          {"cpu_ns_per_message", or_null(of.server_cpu_ns_per_message())}};
}

json verdict_json(const verdict& judged, const result& of, const load_options& options) {
  json thresholds = json::array();
  for (const threshold& wanted : options.fail_on) {
    const auto actual = of.figure(wanted, options);
    thresholds.push_back(
        {{"wanted", wanted.text}, {"actual", or_null(actual)}, {"met", is_met(wanted, actual)}});
  }
  return {{"exit_code", judged.exit_code},
          {"stopped_because", to_string(of.why)},
          {"failures", judged.failures},
          {"notes", judged.notes},
          {"thresholds", std::move(thresholds)}};
}

}  // namespace

std::string report_json(const result& of, const verdict& judged, const load_options& options,
                        const machine_facts& machine, const std::vector<std::string>& command) {
  const json report{{"result", verdict_json(judged, of, options)},
                    {"rate", rate_json(of, options)},
                    {"latency", latency_json(of.latency)},
                    {"connections", connections_json(of)},
                    {"bytes", bytes_json(of.bytes)},
                    {"first_wrong", first_wrong_json(of.first_wrong)},
                    {"client", client_json(of)},
                    {"server", server_json(of, options)},
                    {"settings", settings_json(options, of)},
                    {"environment", environment_json(machine, of, command)}};
  return report.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace lastbyte::load
