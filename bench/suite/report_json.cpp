#include "suite/report_json.hpp"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "load/process.hpp"
#include "suite/machine.hpp"

namespace lastbyte::suite {
namespace {

using json = nlohmann::ordered_json;

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json sample_json(const std::optional<sample>& of) {
  if (!of) return nullptr;
  return {{"units_per_s", of->units_per_s},
          {"server_cpu_us", of->cpu_us},
          {"p50_us", of->p50_us},
          {"p99_us", of->p99_us},
          {"p999_us", of->p999_us},
          {"server_share", of->server_share},
          {"client_share", of->client_share},
          {"was_client_bottleneck", of->was_client_bottleneck}};
}

std::string_view to_string(judgement said) {
  switch (said) {
    case judgement::undecided: return "undecided";
    case judgement::tie: return "tie";
    case judgement::less: return "less";
    case judgement::more: return "more";
  }
  return "unknown";
}

json ratio_json(const record& of, const record* to) {
  if (to == nullptr || to == &of) return nullptr;
  const auto rough = rough_cpu_ratio(of, *to);
  const auto exact = cpu_ratio(of, *to);
  json made{{"to", to->who->name},
            {"ratio", exact   ? json(exact->value)
                      : rough ? json(*rough)
                              : json(nullptr)},
            {"low", exact ? json(exact->low) : json(nullptr)},
            {"high", exact ? json(exact->high) : json(nullptr)},
            {"judgement", to_string(judge(exact, wanted_half_width))}};
  return made;
}

json record_json(const standings& in, const record& of) {
  json rounds = json::array();
  for (const auto& each : of.rounds) rounds.push_back(sample_json(each));
  return {{"server", of.who->name},
          {"problem", text_or_null(of.problem)},
          {"is_far_behind", of.is_far_behind},
          {"median", sample_json(typical(of))},
          {"to_limit", ratio_json(of, find(in, of.who->limit))},
          {"to_best_peer", ratio_json(of, best_peer(in, *of.who))},
          {"rounds", std::move(rounds)}};
}

json standings_json(const standings& of) {
  json servers = json::array();
  for (const record& each : of.all) servers.push_back(record_json(of, each));
  return {{"job", of.what->name},
          {"question", of.what->question},
          {"unit", of.what->unit},
          {"warm_up_ms", of.time.warm_up_ms},
          {"measured_ms", of.time.measured_ms},
          {"disturbed_rounds", of.disturbed},
          {"is_decided", of.is_decided},
          {"servers", std::move(servers)}};
}

json residences_json(const residences& of) {
  json servers = json::array();
  for (const residence& each : of.all) {
    servers.push_back({{"server", each.who->name},
                       {"problem", text_or_null(each.problem)},
                       {"connections", each.connections},
                       {"bytes_each", each.bytes_each},
                       {"bytes_in_all", each.bytes_in_all},
                       {"cpu_share", each.cpu_share ? json(*each.cpu_share) : json(nullptr)}});
  }
  return {{"job", of.what->name},
          {"question", of.what->question},
          {"skipped", text_or_null(of.skipped)},
          {"servers", std::move(servers)}};
}

json counts_json(const counts& of) {
  json calls = json::object();
  for (const call_count& each : of.calls) calls[each.name] = each.calls;
  return {{"job", of.what->name},
          {"server", of.who->name},
          {"problem", text_or_null(of.problem)},
          {"units", of.units},
          {"system_calls", std::move(calls)},
          {"instructions_each", of.instructions ? json(*of.instructions) : json(nullptr)}};
}

json clients_json(const client_standings& of) {
  json rounds = json::array();
  for (std::size_t i = 0; i < of.ours.size(); ++i) {
    rounds.push_back({{"lastbyte_load", of.ours[i]}, {"bare", of.bare[i]}});
  }
  const auto exact = rate_ratio(of);
  const auto reached = reaches(of);
  return {{"job", of.what->name},
          {"question", of.what->question},
          {"server", of.server->name},
          {"problem", text_or_null(of.problem)},
          {"measured_ms", of.time.measured_ms},
          {"disturbed_rounds", of.disturbed},
          {"ratio", exact ? json(exact->value) : json(nullptr)},
          {"low", exact ? json(exact->low) : json(nullptr)},
          {"high", exact ? json(exact->high) : json(nullptr)},
          {"judgement", to_string(judge(exact, wanted_half_width))},
          {"reaches", reached ? json(*reached) : json(nullptr)},
          {"messages_per_s", std::move(rounds)}};
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::array<char, 32> text{};
  gmtime_r(&now, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace

std::string report_json(const findings& all, const suite_options& options,
                        const std::vector<std::string>& command) {
  const load::machine_facts machine = load::describe_machine();
  json contests = json::array();
  json residences = json::array();
  json counted = json::array();
  json clients = json::array();
  for (const auto& each : all.contests) contests.push_back(standings_json(each));
  for (const auto& each : all.open_connections) residences.push_back(residences_json(each));
  for (const auto& each : all.counted) counted.push_back(counts_json(each));
  for (const auto& each : all.clients) clients.push_back(clients_json(each));
  const json report{{"environment",
                     {{"finished_at", utc_now()},
                      {"command", command},
                      {"system", machine.system},
                      {"cpu", machine.cpu},
                      {"processors", processors()},
                      {"server_processor", options.where.server_processor},
                      {"client_processor", options.where.client_processor}}},
                    {"contests", std::move(contests)},
                    {"open_connections", std::move(residences)},
                    {"counts", std::move(counted)},
                    {"clients", std::move(clients)}};
  return report.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace lastbyte::suite
