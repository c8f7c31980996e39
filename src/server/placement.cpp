#include "server/placement.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "port/cpus.hpp"
#include "text/index_list.hpp"

namespace lastbyte::engine {
namespace {

start_problem too_few_problem(const options& chosen) {
  return {std::make_error_code(std::errc::invalid_argument),
          std::to_string(worker_count(chosen)) + " workers have only " +
              std::to_string(chosen.cpus.size()) + " CPUs to run on, " +
              text::to_index_list(chosen.cpus),
          "name a CPU for each worker, or choose fewer workers"};
}

start_problem shared_problem(std::uint32_t cpu) {
  return {std::make_error_code(std::errc::invalid_argument),
          "CPU " + std::to_string(cpu) + " is named for two workers",
          "name another one for one of them, or choose fewer workers"};
}

start_problem unusable_problem(std::uint32_t cpu, const std::vector<std::uint32_t>& usable) {
  return {std::make_error_code(std::errc::invalid_argument),
          "CPU " + std::to_string(cpu) + " is none that this process may use, which are " +
              text::to_index_list(usable),
          "name others, or see what restricts them: " + std::string(usable_cpus_command())};
}

start_problem refused_problem(std::uint32_t cpu, const port::outcome& why) {
  return {std::error_code(why.native, std::system_category()),
          "the system refused to keep a thread on CPU " + std::to_string(cpu) + " (error " +
              std::to_string(why.native) + ")",
          "name others, or see what restricts them: " + std::string(usable_cpus_command())};
}

}  // namespace

std::uint32_t worker_count(const options& chosen) {
  if (chosen.workers != 0) return chosen.workers;
  if (!chosen.cpus.empty()) return static_cast<std::uint32_t>(chosen.cpus.size());
  return std::max(1U, std::thread::hardware_concurrency());
}

std::optional<start_problem> check_cpus(const options& chosen) {
  if (chosen.cpus.empty()) return std::nullopt;
  if (worker_count(chosen) > chosen.cpus.size()) return too_few_problem(chosen);
  const std::span named = std::span(chosen.cpus).first(worker_count(chosen));
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (std::ranges::count(named.first(i), named[i]) > 0) return shared_problem(named[i]);
  }
  const std::vector<std::uint32_t> usable = port::usable_cpus();
  if (usable.empty()) return std::nullopt;
  for (const std::uint32_t cpu : named) {
    if (!std::ranges::binary_search(usable, cpu)) return unusable_problem(cpu, usable);
  }
  return std::nullopt;
}

std::optional<start_problem> place_worker(const options& chosen, std::uint32_t index) {
  if (chosen.cpus.empty()) return std::nullopt;
  const std::uint32_t cpu = chosen.cpus.at(index);
  const port::outcome why = port::keep_thread_on(cpu);
  return why.failed() ? std::optional(refused_problem(cpu, why)) : std::nullopt;
}

}  // namespace lastbyte::engine
