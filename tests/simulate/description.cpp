// A scenario in words: whoever sees a seed fail reads here what it stood for. What can be told from the rest,
// or is zero, is left out.
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "simulate/scenario.hpp"

namespace lastbyte::simulation {
namespace {

class page {
 public:
  void say(std::string_view line) { text_.append("  ").append(line).append("\n"); }
  void add(std::string_view name, std::uint64_t value) {
    std::array<char, 64> line{};
    (void)std::snprintf(line.data(), line.size(), "%-24.*s %llu", static_cast<int>(name.size()),
                        name.data(), static_cast<unsigned long long>(value));
    say(line.data());
  }
  void add_if_any(std::string_view name, std::uint64_t value) {
    if (value != 0) add(name, value);
  }
  [[nodiscard]] std::string take() noexcept { return std::move(text_); }

 private:
  std::string text_;
};

std::string time_of(micros us) {
  return us % ms == 0 ? std::to_string(us / ms) + " ms" : std::to_string(us) + " us";
}
std::string bytes_of(std::uint64_t count) { return std::to_string(count) + " bytes"; }

// ---- The weather and the schedule.

void describe_weather(const scenario& drawn, page& on) {
  const weather& sky = drawn.sky;
  on.say(drawn.connections_stay ? "connections stay on their worker"
                                : "completions surface at any worker");
  if (!sky.can_prove) on.say("the kernel can't be asked");
  on.add("first tick ms", drawn.first_tick_ms);
  on.add("latency us", sky.latency_us);
  if (sky[fault::jitter] != 0) on.add("jitter us, at most", sky.jitter_us);
  on.add("lateness us, at most", sky.lateness_us);
  on.add("give up us", sky.give_up_us);
  if (sky[fault::lost_operation] != 0) on.add("lost for us", sky.lost_us);
  on.add("send room", sky.send_room);
  on.add("receive room", sky.receive_room);
  on.add_if_any("preempts, in a million", drawn.preempts);
  on.add_if_any("lags, in a million", drawn.lags);
  on.add_if_any("dawdles, in a million", drawn.dawdles);
  on.add_if_any("short of memory", drawn.short_of_memory);
  for (std::size_t i = 0; i < port::sim::fault_count; ++i) {
    on.add_if_any(to_string(static_cast<fault>(i)), sky.chances[i]);
  }
}

// ---- The server.

void describe_options(const scenario& drawn, page& on) {
  const options& chosen = drawn.chosen;
  on.add("workers", chosen.workers);
  on.add("max connections", chosen.max_connections);
  on.add("listeners", chosen.listen.size());
  on.add("backlog", chosen.backlog);
  on.add("first byte ms", chosen.first_byte_ms);
  on.add("idle ms", chosen.idle_ms);
  on.add("send stall ms", chosen.send_stall_ms);
  on.add("send stall bytes", chosen.send_stall_bytes);
  on.add("drain total ms", chosen.drain_total_ms);
  on.add("drain idle ms", chosen.drain_idle_ms);
  on.add("drain bytes", chosen.drain_bytes);
  on.add("confirm ms", chosen.confirm_ms);
  on.add("join ms", chosen.join_ms);
  on.add("keepalive ms", chosen.keepalive_ms);
  on.add("high mark", chosen.high_mark_bytes);
  on.add("low mark", chosen.low_mark_bytes);
  on.add("quiesce grace ms", chosen.quiesce_grace_ms);
  on.add("quiesce quiet ms", chosen.quiesce_quiet_ms);
  on.add("quiesce cap ms", chosen.quiesce_cap_ms);
  on.add("quiesce hard ms", chosen.quiesce_hard_ms);
  if (drawn.nobody_before != 0) on.say("nobody comes before " + time_of(drawn.nobody_before));
  on.say((drawn.stops_at_once ? "stops at once at " : "quiesces at ") + time_of(drawn.quiesce_at));
  if (drawn.stop_at != 0) on.say("stops at " + time_of(drawn.stop_at));
}

// ---- The connections.

std::string_view name_of(peer_ending how) noexcept {
  constexpr std::array<std::string_view, peer_ending_count> names{
      "half-closes", "awaits our end", "closes", "resets", "falls silent", "floods"};
  return names[static_cast<std::size_t>(how)];
}

std::string_view name_of(service_kind kind) noexcept {
  constexpr std::array<std::string_view, service_kind_count> names{"echo", "discard", "storyteller",
                                                                   "whimsical"};
  return names[static_cast<std::size_t>(kind)];
}

std::string reading_of(const peer_plan& peer) {
  switch (peer.reads) {
    case reading::promptly: return "";
    case reading::slowly:
      return ", reads " + bytes_of(peer.read_bytes) + " every " + time_of(peer.read_every_us);
    case reading::late: return ", reads from " + time_of(peer.read_from_us);
    case reading::never: return ", never reads";
  }
  return "";
}

std::string misfortune_of(const peer_plan& peer) {
  const std::string when = " after " + time_of(peer.suffers_at_us);
  switch (peer.suffers) {
    case misfortune::none: return "";
    case misfortune::stalled:
      return "; its link stalls" + when + " for " + time_of(peer.suffers_for_us);
    case misfortune::cut: return "; its link is cut" + when;
    case misfortune::killed: return "; our socket is killed" + when;
  }
  return "";
}

std::string words_of(const peer_plan& peer) {
  std::string words = "at " + time_of(peer.begins_at) + " " + bytes_of(peer.bytes) + " by " +
                      std::to_string(peer.message_bytes);
  if (peer.think_us != 0) words += ", thinks " + time_of(peer.think_us);
  if (peer.awaits_answer) words += ", awaits answers";
  words += reading_of(peer) + ", ";
  words += name_of(peer.ends);
  if (peer.ends_after_us != 0) words += " " + time_of(peer.ends_after_us) + " later";
  return words + misfortune_of(peer);
}

std::string words_of(const service_plan& service) {
  std::string words(name_of(service.kind));
  if (service.kind < service_kind::storyteller) return words;
  words += ", " + bytes_of(service.story_bytes) + " by " + std::to_string(service.chapter_bytes);
  if (service.awaits_end) words += " behind the peer's end";
  if (service.holds_finish) words += ", held when it finishes";
  const auto add = [&words](std::string_view what, std::uint32_t chance) {
    if (chance != 0) words.append(", ").append(what).append(" ").append(std::to_string(chance));
  };
  add("finishes", service.finishes);
  add("closes", service.closes);
  add("aborts", service.aborts);
  add("throws", service.throws);
  add("pauses", service.pauses);
  add("holds", service.holds);
  if (service.holds != 0) words += " for " + std::to_string(service.longest_hold_ms) + " ms";
  add("keeps buffers", service.keeps_buffers);
  add("calls others", service.calls_others);
  if (service.ignores_end) words += ", ignores the peer's end";
  return words;
}

std::string_view target_of(const connection_plan& plan) noexcept {
  constexpr std::array<std::string_view, 4> names{"is called by us", "is called in vain: closed",
                                                  "is called in vain: nowhere",
                                                  "is called in vain: deaf"};
  return plan.is_outgoing ? names[static_cast<std::size_t>(plan.called)] : "calls";
}

void describe_connections(const scenario& drawn, page& on) {
  on.add("connections", drawn.connections.size());
  for (std::size_t i = 0; i < drawn.connections.size(); ++i) {
    const connection_plan& each = drawn.connections[i];
    std::string line = "#" + std::to_string(i) + " ";
    line.append(target_of(each)).append(" ").append(words_of(each.peer));
    on.say(line.append("; ").append(words_of(each.service)));
  }
}

}  // namespace

std::string describe(const scenario& drawn) {
  page on;
  describe_weather(drawn, on);
  describe_options(drawn, on);
  describe_connections(drawn, on);
  return on.take();
}

}  // namespace lastbyte::simulation
