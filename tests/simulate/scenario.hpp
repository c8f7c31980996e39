// What a seed stands for: the weather, the server's options, and what each peer and its handler will do.
//
// The rule: everything is drawn here, before anything happens, in the style of swarm testing (Groce et al.,
// ISSTA 2012): each seed leaves out most of what is possible, so that what is left happens often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <lastbyte/options.hpp>

#include "port/sim/weather.hpp"

namespace lastbyte::simulation {

using port::sim::dice;
using port::sim::fault;
using port::sim::micros;
using port::sim::weather;
constexpr micros ms = 1'000;

enum class reading : std::uint8_t { promptly, slowly, late, never };
// What a peer does when it has sent all.
enum class peer_ending : std::uint8_t {
  half_close,  // then it reads to the end
  await_end,   // finishes once the server has
  full_close,  // without reading on
  reset,       //
  never,       // stays silent
  flood,       // sends on and on, whatever the server does
};
inline constexpr std::size_t peer_ending_count = 6;

// What happens to a connection from outside.
enum class misfortune : std::uint8_t { none, stalled, cut, killed };

struct peer_plan {
  micros begins_at = 0;
  std::uint64_t bytes = 0;  // in all
  std::uint32_t message_bytes = 1;
  micros think_us = 0;         // between messages
  bool awaits_answer = false;  // before the next message
  reading reads = reading::promptly;
  std::uint32_t read_bytes = 0;  // at a time, when it reads slowly
  micros read_every_us = 0;
  micros read_from_us = 0;  // when it reads late: after it began
  peer_ending ends = peer_ending::half_close;
  micros ends_after_us = 0;  // after all was sent
  misfortune suffers = misfortune::none;
  micros suffers_at_us = 0;
  micros suffers_for_us = 0;
};

enum class service_kind : std::uint8_t { echo, discard, storyteller, whimsical };
inline constexpr std::size_t service_kind_count = 4;

// What the handler of a connection does.
struct service_plan {
  service_kind kind = service_kind::echo;
  std::uint64_t story_bytes = 0;  // said without being asked
  std::uint32_t chapter_bytes = 1;
  bool awaits_end = false;    // says nothing before the peer has finished
  bool holds_finish = false;  // has more to do behind its last word, before it hears of the peer's
  // The whimsical one's: chances in a million at each of its calls.
  std::uint32_t finishes = 0;
  std::uint32_t closes = 0;
  std::uint32_t aborts = 0;
  std::uint32_t throws = 0;
  std::uint32_t pauses = 0;
  std::uint32_t holds = 0;
  std::uint32_t longest_hold_ms = 300;
  std::uint32_t keeps_buffers = 0;
  std::uint32_t calls_others = 0;
  bool ignores_end = false;  // doesn't close when the peer has finished
};

struct connection_plan {
  peer_plan peer;
  service_plan service;
  bool is_outgoing = false;  // the server connects
  enum class target : std::uint8_t { open, closed, nowhere, deaf } called = target::open;
};

struct scenario {
  std::uint64_t seed = 0;
  bool connections_stay = true;
  options chosen;
  weather sky;
  std::vector<connection_plan> connections;
  std::uint32_t first_tick_ms = 0;
  std::uint32_t preempts =
      0;  // chances in a million: another worker runs in the middle of this one's turn
  std::uint32_t lags = 0;             // ... the network goes on while a worker could run
  std::uint32_t dawdles = 0;          // ... a handler takes its time
  std::uint32_t short_of_memory = 0;  // ... an allocation is refused
  micros nobody_before = 0;           // does anybody come, or anything happen
  micros quiesce_at = 0;
  bool stops_at_once = false;
  micros stop_at = 0;  // 0: never

  // Whether what happens may wait for a worker that has more to do.
  [[nodiscard]] bool is_server_late() const noexcept { return lags != 0 || dawdles != 0; }
};

[[nodiscard]] scenario draw_scenario(std::uint64_t seed);

// How often quiesce looks for who isn't quiet yet, or still on the way into the queue: by the judge's own account.
[[nodiscard]] micros look_again_of(const options& chosen);
// From when quiesce ends who is quiet, and from when it ends everybody.
[[nodiscard]] micros quieting_at(const options& chosen, micros quiesced_at);
[[nodiscard]] micros cap_at(const options& chosen, micros quiesced_at);

// All of it, in lines for people: the weather, the options, and what each peer and its handler do.
[[nodiscard]] std::string describe(const scenario& drawn);

}  // namespace lastbyte::simulation
