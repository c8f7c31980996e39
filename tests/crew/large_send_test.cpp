// More than memory holds, or a 32-bit number.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <span>
#include <system_error>

#include "simulated_crew.hpp"
#include "support/posix/limited.hpp"
#include "support/sanitized.hpp"
#include "support/scripted_handler.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {
namespace {

// Units: bytes of addresses.
std::uint64_t memory_in_use() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(getpagesize());
}

}  // namespace

TEST_CASE("what is sent may be larger than a block, or a 32-bit number, can say") {
  if (is_sanitized) return skip("a sanitizer keeps memory of its own");
  constexpr std::size_t four_gib = std::size_t{1} << 32U;
  // Nothing but addresses: all of them show the same page.
  void* const whole =
      mmap(nullptr, four_gib, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(whole != MAP_FAILED);
  std::error_code why;
  scripted_handler serving;
  serving.open = [&](connection& to) {
    const limited memory(RLIMIT_AS, memory_in_use() + (64U << 20U));
    why = to.send(std::span(static_cast<const std::byte*>(whole), four_gib));
  };
  simulated_crew crew(serving);
  (void)crew.connect();
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(why == std::errc::not_enough_memory);
  const server_report told = crew.end();
  CHECK(told.ended(ending::resources) == 1);
  CHECK(told.queued > 0);
  CHECK(told.queued + told.refused == four_gib);
  munmap(whole, four_gib);
}

}  // namespace lastbyte::test
