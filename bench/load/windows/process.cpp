#include "load/process.hpp"

#include <windows.h>

#include <algorithm>
#include <array>
#include <bit>
#include <system_error>

namespace lastbyte::load {
namespace {

std::uint64_t nanoseconds_of(const FILETIME& time) noexcept {
  return ((std::uint64_t{time.dwHighDateTime} << 32U) | time.dwLowDateTime) * 100;
}

std::optional<std::uint64_t> cpu_ns_of(HANDLE process) noexcept {
  FILETIME created{};
  FILETIME ended{};
  FILETIME kernel{};
  FILETIME user{};
  if (GetProcessTimes(process, &created, &ended, &kernel, &user) == 0) return std::nullopt;
  return nanoseconds_of(kernel) + nanoseconds_of(user);
}

std::string registry_text(const char* key, const char* name) {
  std::array<char, 256> text{};
  DWORD size = text.size() - 1;
  if (RegGetValueA(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, text.data(), &size) !=
      ERROR_SUCCESS) {
    return {};
  }
  return text.data();
}

}  // namespace

std::uint64_t process_cpu_ns() noexcept { return cpu_ns_of(GetCurrentProcess()).value_or(0); }

std::optional<std::uint64_t> process_cpu_ns(std::uint64_t pid) noexcept {
  const HANDLE other =
      OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(pid));
  if (other == nullptr) return std::nullopt;
  const auto used = cpu_ns_of(other);
  CloseHandle(other);
  return used;
}

unsigned usable_processors() noexcept {
  DWORD_PTR ours = 0;
  DWORD_PTR all = 0;
  if (GetProcessAffinityMask(GetCurrentProcess(), &ours, &all) == 0) return 1;
  return static_cast<unsigned>(std::max(1, std::popcount(ours)));
}

// Windows bounds handles by memory alone.
std::uint64_t raise_handle_limit(std::uint64_t wanted) noexcept { return wanted; }

std::string describe_error(int native_error) {
  return std::system_category().message(native_error) + " (" + std::to_string(native_error) + ")";
}

machine_facts describe_machine() {
  const char* version = R"(SOFTWARE\Microsoft\Windows NT\CurrentVersion)";
  const char* processor = R"(HARDWARE\DESCRIPTION\System\CentralProcessor\0)";
  machine_facts facts;
  facts.system = registry_text(version, "ProductName");
  if (facts.system.empty()) facts.system = "Windows";
  const std::string build = registry_text(version, "CurrentBuildNumber");
  if (!build.empty()) facts.system += ", build " + build;
  facts.cpu = registry_text(processor, "ProcessorNameString");
  return facts;
}

}  // namespace lastbyte::load
