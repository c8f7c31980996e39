#include "suite/round.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "suite/child_process.hpp"
#include "suite/machine.hpp"
#include "text/quantity.hpp"

namespace lastbyte::suite {
namespace {

// The client is given up so long behind its time. Units: ms.
constexpr std::uint32_t grace_ms = 20'000;

constexpr double ns_to_us = 1e-3;

std::uint64_t wall_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// A double as the bare client takes it.
std::string seconds_text(std::uint32_t ms) {
  return std::to_string(static_cast<double>(ms) / 1'000);
}

round_result failed(std::string why) { return {{}, fault::wrong, std::move(why)}; }

std::vector<std::string> client_command(const served& server, const job& what, const timing& time,
                                        const surroundings& where, const std::string& report) {
  std::vector<std::string> words{where.build + "/lastbyte-load"};
  for (const std::string& each : server.addresses()) words.push_back(each);
  for (std::string& each : load_arguments(what)) words.push_back(std::move(each));
  const std::array pairs{
      std::pair{"-w", std::to_string(time.warm_up_ms) + "ms"},
      std::pair{"-d", std::to_string(time.measured_ms) + "ms"},
      std::pair{"--server-pid", std::to_string(server.id())},
      std::pair{"--json", report},
  };
  for (const auto& [name, value] : pairs) {
    words.emplace_back(name);
    words.push_back(value);
  }
  return words;
}

std::vector<std::string> bare_client_command(const served& server, const job& what,
                                             const timing& time, const surroundings& where) {
  return {where.build + "/bench/limit-load", server.addresses().front(),
          std::to_string(what.connections),  std::to_string(what.message_bytes),
          std::to_string(what.outstanding),  seconds_text(time.measured_ms)};
}

// What the two processors did, besides what is known of.
class witness {
 public:
  witness(const surroundings& where, pid_t server)
      : processors_{where.server_processor, where.client_processor},
        server_(server),
        wall_ns_(wall_ns()),
        idle_ns_(idle_ns(processors_)),
        server_ns_(cpu_ns(server)) {}

  // The part of one processor that went to others since.
  [[nodiscard]] double disturbance(std::uint64_t client_ns) const {
    const auto since = [](std::uint64_t now, std::uint64_t then) {
      return static_cast<double>(now) - static_cast<double>(then);
    };
    const double wall = since(wall_ns(), wall_ns_);
    const double all = wall * static_cast<double>(processors_.size());
    const double known = since(cpu_ns(server_), server_ns_) + static_cast<double>(client_ns);
    return (all - since(idle_ns(processors_), idle_ns_) - known) / wall;
  }

 private:
  std::vector<unsigned> processors_;
  pid_t server_;
  std::uint64_t wall_ns_;
  std::uint64_t idle_ns_;
  std::uint64_t server_ns_;
};

// @param command: of the client, once the server is there. @param read: what it measured, once it has ended.
template <class Command, class Read>
round_result run_client(const contestant& who, const job& what, const timing& time,
                        const surroundings& where, const Command& command, const Read& read) {
  served server(who, what, where);
  if (!server.problem().empty()) return failed(server.problem());
  const std::string log = where.scratch + "/load.log";
  const witness watching(where, server.id());
  child_process client(command(server), log, where.client_processor);
  const auto done = client.wait(time.warm_up_ms + time.measured_ms + grace_ms);
  if (!done) return failed("the client did not end; see " + log);
  const double disturbance = watching.disturbance(done->cpu_ns);
  server.end();
  round_result made = read(read_file(log).value_or(""));
  if (made.what == fault::none && disturbance > where.most_disturbance) {
    made.what = fault::disturbed;
    made.why = "something else used " + text::fixed(disturbance * 100, 0) + " % of a processor";
  }
  return made;
}

}  // namespace

round_result read_report(const std::string& report, const job& what) {
  const nlohmann::json all = nlohmann::json::parse(report, nullptr, false);
  if (all.is_discarded()) return failed("lastbyte-load left no report");
  for (const auto& each : all["result"]["failures"]) return failed(each.get<std::string>());
  if (all["result"]["stopped_because"] != "time_over") return failed("the server went away");
  const nlohmann::json& cpu = all["server"];
  if (!cpu.is_object() || !cpu["cpu_ns_per_message"].is_number()) {
    return failed("nothing was measured: " + std::to_string(what.connections) +
                  " connections took too long");
  }
  const nlohmann::json& percentiles = all["latency"]["percentiles_ns"];
  sample made;
  made.units_per_s = all["rate"]["messages_per_s"];
  made.cpu_us = cpu["cpu_ns_per_message"].get<double>() * ns_to_us;
  made.p50_us = percentiles["p50"].get<double>() * ns_to_us;
  made.p99_us = percentiles["p99"].get<double>() * ns_to_us;
  made.p999_us = percentiles["p99.9"].get<double>() * ns_to_us;
  made.server_share = cpu["cpu_ns"].get<double>() / cpu["wall_ns"].get<double>();
  made.client_share = all["client"]["cpu_share"];
  made.was_client_bottleneck = all["client"]["was_bottleneck"];
  return {made, fault::none, {}};
}

round_result read_bare_rate(std::string_view printed) {
  double rate = 0;
  const auto [end, failure] =
      std::from_chars(printed.data(), printed.data() + printed.size(), rate);
  const bool is_all = end + 1 == printed.data() + printed.size() && *end == '\n';
  if (failure == std::errc() && is_all && rate > 0) {
    sample made;
    made.units_per_s = rate;
    return {made, fault::none, {}};
  }
  if (printed.empty()) return failed("the bare client said nothing");
  return failed("the bare client: " + std::string(printed.substr(0, printed.find('\n'))));
}

round_result run_round(const contestant& who, const job& what, const timing& time,
                       const surroundings& where) {
  const std::string report = where.scratch + "/load.json";
  std::filesystem::remove(report);  // the last round's
  return run_client(
      who, what, time, where,
      [&](const served& server) { return client_command(server, what, time, where, report); },
      [&](const std::string& /*log*/) {
        return read_report(read_file(report).value_or(""), what);
      });
}

round_result run_bare_round(const contestant& who, const job& what, const timing& time,
                            const surroundings& where) {
  return run_client(
      who, what, time, where,
      [&](const served& server) { return bare_client_command(server, what, time, where); },
      [](const std::string& log) { return read_bare_rate(log); });
}

}  // namespace lastbyte::suite
