#include "service/daemon.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <lastbyte/server.hpp>

#include "protocol/chargen.hpp"
#include "protocol/discard.hpp"
#include "protocol/echo.hpp"
#include "service/banner.hpp"
#include "service/capacity.hpp"
#include "service/command_line.hpp"
#include "service/exit_code.hpp"
#include "service/limits.hpp"
#include "service/logging.hpp"
#include "service/notice_log.hpp"
#include "service/report_json.hpp"
#include "service/report_text.hpp"
#include "service/signals.hpp"
#include "service/whole_file.hpp"

namespace lastbyte::service {
namespace {

using clock = std::chrono::steady_clock;

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

int complain(const std::string& problem, int code) {
  std::cerr << "lastbyted: " << problem << '\n';
  return code;
}

std::unique_ptr<handler> make_handler(const settings& chosen) {
  switch (chosen.protocol) {
    case protocol_choice::discard: return std::make_unique<protocol::discard>();
    case protocol_choice::chargen: return std::make_unique<protocol::chargen>(chosen.chargen_bytes);
    case protocol_choice::echo: break;
  }
  return std::make_unique<protocol::echo>(chosen.finish_after);
}

// A report that can't be written is told before the first connection, not after the last.
std::string check_files(const settings& chosen) {
  for (const std::string& path : {chosen.address_file, chosen.report_file}) {
    if (path.empty()) continue;
    if (std::string problem = check_writable(path); !problem.empty()) {
      return problem + "; give a file that can be written, in a folder that exists";
    }
  }
  return {};
}

std::string addresses_text(const std::vector<endpoint>& listening) {
  std::string text;
  for (const endpoint& each : listening) text += to_string(each) + '\n';
  return text;
}

// Those that it may use: a worker for each, if no number is chosen.
std::uint32_t processors_for(const settings& chosen) {
  if (!chosen.cpus.empty()) return static_cast<std::uint32_t>(chosen.cpus.size());
  return std::max(1U, std::thread::hardware_concurrency());
}

// Takes over once the server runs.
class serving {
 public:
  serving(const settings& chosen, server& running, logger& log, const life_cycle& told)
      : chosen_(chosen), server_(running), log_(log), told_(told) {}

  // @return the problem, or nothing.
  std::string announce(std::vector<std::string> warnings, clock::time_point began);
  void on_end_request(unsigned number, std::string_view name);
  int end();

 private:
  const settings& chosen_;
  server& server_;
  logger& log_;
  const life_cycle& told_;
};

std::string serving::announce(std::vector<std::string> warnings, clock::time_point began) {
  const auto listening = server_.listening();
  if (!chosen_.address_file.empty()) {
    std::string problem = write_whole(chosen_.address_file, addresses_text(listening));
    if (!problem.empty()) return problem;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
  const readiness now{listening,           std::string(server_.io_name()),
                      server_.workers(),   server_.max_connections(),
                      std::move(warnings), static_cast<std::uint64_t>(took.count())};
  if (chosen_.format == log_format::json) {
    log_.say(log_level::info, banner_line(chosen_, now));
    for (const std::string& warning : now.warnings) log_.say(log_level::warn, warning);
  } else if (log_.wants(log_level::info)) {
    std::cerr << banner_text(chosen_, now);
  }
  told_.on_ready();
  return {};
}

void serving::on_end_request(unsigned number, std::string_view name) {
  const std::string who(name);
  if (number == 1) {
    told_.on_ending();
    log_.say(log_level::info, who + ": quiescing; a second signal ends at once");
    server_.quiesce();
  } else if (number == 2) {
    log_.say(log_level::warn, who + " again: ending at once");
    server_.stop();
  } else {
    // Somebody is in a hurry, or ending at once has hung.
    std::_Exit(exit_failed);
  }
}

int serving::end() {
  const server_report report = server_.wait();
  std::cout << to_text(report) << std::flush;
  told_.on_over(to_text(report));
  int code = report.cut_something() ? exit_failed : exit_ok;
  if (!std::cout) code = complain("cannot write the report to stdout", exit_failed);
  if (!chosen_.report_file.empty()) {
    const std::string problem = write_whole(chosen_.report_file, to_json(report));
    if (!problem.empty()) code = complain(problem, exit_failed);
  }
  return code;
}

int serve(settings chosen, clock::time_point began, const life_cycle& told) {
  end_requests requests;  // before any thread
  if (const std::string problem = check_files(chosen); !problem.empty()) {
    return complain(problem, exit_usage);
  }
  const capacity room = capacity_for(chosen, raise_file_limit(), processors_for(chosen));
  if (!room.problem.empty()) return complain(room.problem, exit_usage);
  chosen.max_connections = room.max_connections;
  std::vector<std::string> warnings;
  if (!room.warning.empty()) warnings.push_back(room.warning);
  if (auto warning = backlog_warning(chosen.backlog)) warnings.push_back(std::move(*warning));

  logger log(chosen.level, chosen.format);
  notice_log notices(log, chosen.endings);
  const auto handler = make_handler(chosen);
  server running(static_cast<const options&>(chosen), *handler, &notices);
  if (const auto problem = running.start()) {
    return complain(problem->text + "; " + problem->remedy, exit_failed);
  }
  serving now(chosen, running, log, told);
  if (const auto problem = now.announce(std::move(warnings), began); !problem.empty()) {
    return complain(problem, exit_failed);
  }
  requests.start([&](unsigned number, std::string_view name) { now.on_end_request(number, name); });
  const int code = now.end();
  requests.stop();  // its thread may still be within a call of the server's
  return code;
}

}  // namespace

int run_daemon(std::vector<std::string> arguments, const life_cycle& told) {
  const auto began = clock::now();
  auto read = read_command_line(std::move(arguments), environment_variable);
  if (const auto* early = std::get_if<answer>(&read)) {
    if (early->exit_code == exit_ok) {
      std::cout << early->text;
    } else {
      std::cerr << early->text << '\n';
    }
    return early->exit_code;
  }
  return serve(std::move(std::get<configuration>(read).values), began, told);
}

}  // namespace lastbyte::service
