// Any worker may see a connection's completion, and any handler may send to anybody's connection: for a while,
// in rounds. Meant for ThreadSanitizer, which looks on: tools/races.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "end_to_end/time_limit.hpp"
#include "races/round.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

constexpr std::array ways{interference::nobody, interference::quiesce, interference::strangers};

// How long; tools/races sets it.
std::chrono::seconds wanted() {
  const char* const text = std::getenv("LASTBYTE_RACES_SECONDS");
  return std::chrono::seconds(text == nullptr ? 3 : std::strtol(text, nullptr, 10));
}

}  // namespace

TEST_CASE(
    "epoll-shared: blocking handlers that send to each other's connections, and quiesce amid them, "
    "never race",
    "[case-30][case-31]") {
  const time_limit limit(wanted());
  round_result sum;
  std::uint64_t rounds = 0;
  do {
    const round_result one = run_round(io_choice::epoll_shared, ways[rounds % ways.size()], rounds);
    sum.connections += one.connections;
    sum.crossed += one.crossed;
    sum.refused += one.refused;
    sum.blocked += one.blocked;
    ++rounds;
  } while (!limit.is_over());
  std::printf(
      "%llu rounds, %llu connections, %llu MiB crossed from one to another, %llu bytes refused, "
      "%llu handler calls blocked\n",
      static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(sum.connections),
      static_cast<unsigned long long>(sum.crossed >> 20),
      static_cast<unsigned long long>(sum.refused), static_cast<unsigned long long>(sum.blocked));
}
