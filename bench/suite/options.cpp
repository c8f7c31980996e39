#include "suite/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <span>

#include "suite/clients.hpp"

namespace lastbyte::suite {
namespace {

// Without --time.
constexpr std::chrono::seconds whole_time{780};
constexpr std::chrono::seconds quick_time{80};
constexpr std::chrono::seconds clients_time{120};

// "a,b" are a and b; a part of a name stands for all names that begin with it ("J4", "asio").
template <class Thing>
std::string choose(const std::vector<std::string>& wanted, std::span<const Thing> known,
                   std::vector<const Thing*>& into) {
  std::string names;
  for (const Thing& each : known) names.append(names.empty() ? "" : ", ").append(each.name);
  for (const std::string& name : wanted) {
    const auto is_exact =
        std::ranges::any_of(known, [&](const Thing& each) { return each.name == name; });
    bool is_found = false;
    for (const Thing& each : known) {
      if (is_exact ? each.name != name : !each.name.starts_with(name)) continue;
      is_found = true;
      if (std::ranges::find(into, &each) == into.end()) into.push_back(&each);
    }
    if (!is_found) return std::string("'").append(name).append("' is none of ").append(names);
  }
  return {};
}

template <class Thing>
std::string listed(std::string_view heading, std::span<const Thing> known) {
  std::string text(heading);
  for (const Thing& each : known) text.append(" ").append(each.name);
  return text + "\n";
}

// Without --jobs: those of --quick that the bare client can do. The first bare server is the one for both clients.
// @return what can't be compared; empty: nothing.
std::string fit_for_clients(suite_options& made) {
  const auto unfit =
      std::ranges::find_if_not(made.jobs, [](const job* each) { return has_bare_client(*each); });
  if (unfit != made.jobs.end()) {
    return "--clients: no bare client does " + std::string((*unfit)->name) + "; choose J1 or J2";
  }
  if (made.jobs.empty()) {
    for (const job& each : all_jobs()) {
      if (each.is_quick && has_bare_client(each)) made.jobs.push_back(&each);
    }
  }
  std::erase_if(made.servers, [](const contestant* each) { return each->is != role::limit; });
  if (made.servers.empty()) {
    return "--clients needs a bare server; choose --servers limit-uring or limit-epoll";
  }
  made.servers.resize(1);
  return {};
}

parsed_options refusal(const std::string& why) {
  return {std::nullopt, 2, {}, "versus: " + why + "\nsee bench/versus --help\n"};
}

}  // namespace

parsed_options parse_options(std::vector<std::string> arguments) {
  suite_options made;
  std::vector<std::string> jobs;
  std::vector<std::string> servers;
  std::vector<unsigned> processors{0, 1};
  long seconds = 0;
  double disturbance_percent = made.where.most_disturbance * 100;
  CLI::App app("Holds lastbyte against bare programs and peers, job by job (bench/README.md).");
  app.name("bench/versus");
  app.add_option("--jobs", jobs, "only these: J1,J4")->delimiter(',');
  app.add_option("--servers", servers, "only these: lastbyte,limit-uring")->delimiter(',');
  app.add_flag("--quick", made.is_quick, "shorter rounds, under 2 minutes");
  auto* counts = app.add_flag("--counts", made.is_counting,
                              "system calls and instructions of each unit, instead of time");
  app.add_flag("--clients", made.is_comparing_clients,
               "lastbyte-load against a bare client on a bare server, at J1 and J2")
      ->excludes(counts);
  app.add_option("--time", seconds, "seconds in all, at most")->check(CLI::Range(1, 86'400));
  app.add_option("--json", made.json_file, "writes every figure there");
  app.add_option("--processors", processors, "the server's and the client's (0,1)")
      ->delimiter(',')
      ->expected(2);
  app.add_option("--disturbance", disturbance_percent,
                 "percent of a processor that others may use in a round (12)")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--build", made.where.build, "the build folder")->group("");
  app.footer(listed("jobs:   ", all_jobs()) + listed("servers:", all_contestants()) +
             "Exit codes: 0 it was measured; 1 something could not be; 2 wrong usage.");
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, 0, app.help(), {}};
  } catch (const CLI::ParseError& wrong) {
    return refusal(wrong.what());
  }
  if (const auto problem = choose(jobs, all_jobs(), made.jobs); !problem.empty()) {
    return refusal("--jobs: " + problem);
  }
  if (const auto problem = choose(servers, all_contestants(), made.servers); !problem.empty()) {
    return refusal("--servers: " + problem);
  }
  if (made.servers.empty()) {
    for (const contestant& each : all_contestants()) made.servers.push_back(&each);
  }
  if (made.is_comparing_clients) {
    if (const auto problem = fit_for_clients(made); !problem.empty()) return refusal(problem);
  }
  if (made.jobs.empty()) {
    for (const job& each : all_jobs()) {
      if (each.is_quick || !made.is_quick) made.jobs.push_back(&each);
    }
  }
  made.most = std::chrono::seconds(seconds);
  if (seconds == 0) {
    made.most = made.is_comparing_clients ? clients_time : made.is_quick ? quick_time : whole_time;
  }
  made.where.server_processor = processors[0];
  made.where.client_processor = processors[1];
  made.where.most_disturbance = disturbance_percent / 100;
  if (made.where.build.empty()) made.where.build = "build/release";
  made.where.scratch = made.where.build + "/versus";
  return {made, 0, {}, {}};
}

}  // namespace lastbyte::suite
