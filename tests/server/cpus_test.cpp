// options::cpus: each worker on a CPU of its own, and what is refused.
#include <algorithm>
#include <optional>
#include <thread>

#include "port/cpus.hpp"
#include "process.hpp"
#include "roll_call.hpp"
#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

using cpu_list = std::vector<std::uint32_t>;

// Enough that where a connection stays on its worker, each has one: one alone would mean 2 to the power of -63.
constexpr std::size_t spread_connections = 64;

struct whereabouts {
  cpu_list allowed;
  std::uint32_t now = 0;
};

// Where the workers of such a server run, as their handlers see it, in the order of the CPUs.
std::vector<whereabouts> workers_of(io_choice io, std::size_t count, const options& how) {
  roll_call<whereabouts> present(count);
  scripted_handler serving;
  serving.receive = [&](connection&, buffer) {
    present.answer({cpus_of_this_thread(), cpu_at_this_moment()});
  };
  live_server server(io, serving, how);
  std::vector<raw_socket> clients;
  for (std::size_t i = 0; i < spread_connections; ++i) {
    clients.push_back(server.connect());
    say(clients.back(), "where are you?");
  }
  std::vector<whereabouts> all = present.wait();
  (void)server.stop();
  std::ranges::sort(all, {}, &whereabouts::allowed);
  return all;
}

std::optional<start_problem> problem_of(io_choice io, const options& how) {
  options chosen = how;
  chosen.listen = {*parse_endpoint("127.0.0.1:0")};
  chosen.io = io;
  scripted_handler serving;
  server refused(chosen, serving);
  auto problem = refused.start();
  CHECK(refused.listening().empty());
  return problem;
}

}  // namespace

SERVER_TEST("each worker runs on the CPU that was named for it") {
  const cpu_list usable = cpus_of_this_thread();
  if (usable.size() < 2) return skip("it takes two CPUs, and this process may use one");
  options how;
  how.cpus = {usable[1], usable[0]};
  const auto found = workers_of(io, 2, how);
  REQUIRE(found.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(found[i].allowed == cpu_list{usable[i]});
    CHECK(found[i].now == usable[i]);
  }
}

SERVER_TEST("the first worker gets the first CPU of the list") {
  const cpu_list usable = cpus_of_this_thread();
  if (usable.size() < 2) return skip("it takes two CPUs, and this process may use one");
  options how;
  how.workers = 1;
  how.cpus = {usable[1], usable[0]};
  const auto found = workers_of(io, 1, how);
  REQUIRE(found.size() == 1);
  CHECK(found[0].allowed == cpu_list{usable[1]});
  CHECK(found[0].now == usable[1]);
}

SERVER_TEST("without CPUs, workers run wherever the thread may that started them") {
  const auto found = workers_of(io, 2, {});
  REQUIRE(found.size() == 2);
  for (const whereabouts& each : found) CHECK(each.allowed == cpus_of_this_thread());
}

SERVER_TEST("without a number of workers there is one for each CPU of the list") {
  options how;
  how.cpus = {cpus_of_this_thread().at(0)};
  how.io = io;
  scripted_handler nobody;
  const server counted(how, nobody);
  CHECK(counted.workers() == 1);
}

SERVER_TEST("a CPU that is not there is refused, and those that are there are named") {
  options how;
  how.cpus = {4'000};
  const auto problem = problem_of(io, how);
  REQUIRE(problem);
  CHECK(problem->code == std::errc::invalid_argument);
  CHECK(problem->text.starts_with("CPU 4000 is none that this process may use, which are "));
  CHECK(problem->remedy.starts_with("name others, or see what restricts them: "));
}

SERVER_TEST("more workers than CPUs are refused") {
  options how;
  how.workers = 3;
  how.cpus = {cpus_of_this_thread().at(0)};
  const auto problem = problem_of(io, how);
  REQUIRE(problem);
  CHECK(problem->text.starts_with("3 workers have only 1 CPUs to run on, "));
  CHECK(problem->remedy == "name a CPU for each worker, or choose fewer workers");
}

SERVER_TEST("a CPU that is named for two workers is refused") {
  const std::uint32_t cpu = cpus_of_this_thread().at(0);
  options how;
  how.cpus = {cpu, cpu};
  const auto problem = problem_of(io, how);
  REQUIRE(problem);
  CHECK(problem->code == std::errc::invalid_argument);
  CHECK(problem->text == "CPU " + std::to_string(cpu) + " is named for two workers");
  // One that nobody runs on is nobody's.
  how.workers = 1;
  CHECK(workers_of(io, 1, how).size() == 1);
}

#ifndef _WIN32
// On Windows it is the whole process that is restricted, and a test must not do that to the others.
SERVER_TEST("a CPU that the starting thread may not use is refused") {
  const cpu_list usable = cpus_of_this_thread();
  if (usable.size() < 2) return skip("it takes two CPUs, and this process may use one");
  options how;
  how.cpus = {usable[1]};
  std::optional<start_problem> problem;
  std::thread([&] {
    if (!port::keep_thread_on(usable[0]).failed()) problem = problem_of(io, how);
  }).join();
  REQUIRE(problem);
  CHECK(problem->text == "CPU " + std::to_string(usable[1]) +
                             " is none that this process may use, which are " +
                             std::to_string(usable[0]));
}
#endif
