// What the kernel says of the machine and of processes.
#include "suite/machine.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "suite/child_process.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;

namespace {

constexpr std::uint32_t program_patience_ms = 20'000;
constexpr pid_t nobody = 4'194'304;  // one more than the most that Linux hands out

std::string scratch(const char* name) {
  return (std::filesystem::temp_directory_path() /
          ("lastbyte-bench-test-" + std::to_string(getpid()) + "-" + name))
      .string();
}

}  // namespace

TEST_CASE("idle time is counted for the processors that are named, and only for them") {
  const std::uint64_t one = idle_ns({0});
  CHECK(one > 0);
  CHECK(idle_ns({0}) >= one);
  CHECK(idle_ns({}) == 0);
  CHECK(idle_ns({60'000}) == 0);
}

TEST_CASE("CPU time and memory are those of the process that is named") {
  CHECK(memory_bytes(getpid()) > 100'000);
  const std::uint64_t before = cpu_ns(getpid());
  // Until the kernel has counted some of it.
  while (cpu_ns(getpid()) == before) {
  }
  CHECK(cpu_ns(getpid()) > before);
  CHECK(memory_bytes(nobody) == 0);
  CHECK(cpu_ns(nobody) == 0);
}

TEST_CASE("there is a processor, and a process may have files") {
  CHECK(processors() >= 1);
  CHECK(most_files() > 3);
}

TEST_CASE("a file is read whole, and one that is not there is nothing") {
  const std::string path = scratch("file");
  std::ofstream(path) << "two\nlines";
  CHECK(read_file(path) == "two\nlines");
  std::filesystem::remove(path);
  CHECK_FALSE(read_file(path));
}

TEST_CASE("a child's output, exit code and end are seen") {
  const std::string log = scratch("log");
  child_process done({"/bin/sh", "-c", "echo said; exit 7"}, log, std::nullopt);
  const auto how = done.wait(program_patience_ms);
  REQUIRE(how);
  CHECK(how->exit_code == 7);
  CHECK(read_file(log) == "said\n");
  child_process lasting({"/bin/sh", "-c", "echo there; exec sleep 1000"}, log, std::nullopt);
  CHECK(lasting.is_running());
  // From then on it is the shell, and no copy of this process with its handlers of signals.
  for (std::uint32_t waited = 0; waited < program_patience_ms && read_file(log) != "there\n";
       ++waited) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  lasting.signal(SIGTERM);
  const auto ended = lasting.wait(program_patience_ms);
  REQUIRE(ended);
  CHECK(ended->exit_code == -SIGTERM);
  std::filesystem::remove(log);
}
