#include "simulate/scenario.hpp"

#include <algorithm>
#include <array>

namespace lastbyte::simulation {
namespace {

constexpr std::uint32_t million = 1'000'000;

// Small numbers are as likely as large ones: 1 to `most`.
std::uint64_t draw_size(dice& chance, std::uint64_t most) {
  std::uint64_t bits = 0;
  while ((std::uint64_t{2} << bits) <= most) ++bits;
  const std::uint64_t least = std::uint64_t{1} << chance.below(bits + 1);
  return std::min(most, chance.between(least, 2 * least - 1));
}

// Most things don't happen in most seeds.
std::uint32_t draw_chance(dice& chance, std::uint32_t in_how_many_seeds, std::uint32_t most) {
  if (!chance.chance(in_how_many_seeds)) return 0;
  return static_cast<std::uint32_t>(draw_size(chance, most));
}

void draw_faults(dice& chance, weather& sky) {
  struct range {
    fault which;
    std::uint32_t seeds;  // in a million
    std::uint32_t most;   // chance of a strike, in a million
  };
  constexpr std::array ranges{range{fault::late_completion, 600'000, 500'000},
                              range{fault::early_receive, 600'000, 800'000},
                              range{fault::one_shot, 600'000, 900'000},
                              range{fault::short_receive, 300'000, 100'000},
                              range{fault::short_send, 300'000, 200'000},
                              range{fault::empty_send, 200'000, 50'000},
                              range{fault::refused_send, 80'000, 20'000},
                              range{fault::refused_receive, 80'000, 20'000},
                              range{fault::refused_accept, 100'000, 100'000},
                              range{fault::refused_adoption, 60'000, 50'000},
                              range{fault::late_cancel, 500'000, 900'000},
                              range{fault::cancel_with_bytes, 800'000, 900'000},
                              range{fault::lost_operation, 50'000, 500'000},
                              range{fault::swallowed_reset, 800'000, 900'000},
                              range{fault::split_segment, 300'000, 100'000},
                              range{fault::jitter, 500'000, 100'000},
                              range{fault::idle_dequeue, 200'000, 100'000},
                              range{fault::short_batch, 300'000, 500'000},
                              range{fault::untold_failure, 400'000, 900'000},
                              range{fault::unheeded_pause, 400'000, 900'000},
                              range{fault::told_with_end, 600'000, 900'000},
                              range{fault::window_taken_back, 200'000, 500'000}};
  static_assert(ranges.size() == port::sim::fault_count);
  for (const range& each : ranges) sky[each.which] = draw_chance(chance, each.seeds, each.most);
}

weather draw_weather(dice& chance) {
  weather sky;
  draw_faults(chance, sky);
  sky.latency_us = static_cast<std::uint32_t>(draw_size(chance, 20'000));
  sky.jitter_us = static_cast<std::uint32_t>(draw_size(chance, 50'000));
  sky.lateness_us = static_cast<std::uint32_t>(draw_size(chance, 20'000));
  sky.give_up_us = static_cast<std::uint32_t>(chance.between(500'000, 4'000'000));
  sky.syn_again_us = 200'000;
  sky.lost_us = static_cast<std::uint32_t>(chance.between(1'000'000, 8'000'000));
  sky.send_room = static_cast<std::uint32_t>(256 + draw_size(chance, 8'192));
  sky.receive_room = static_cast<std::uint32_t>(256 + draw_size(chance, 8'192));
  sky.can_prove = !chance.chance(150'000);
  // Only Linux does that, where the kernel can be asked: else who doesn't receive could not know that it makes itself deaf.
  if (!sky.can_prove) sky[fault::window_taken_back] = 0;
  return sky;
}

options draw_options(dice& chance) {
  options chosen;
  endpoint where;
  where.address = {127, 0, 0, 1};
  where.tcp_port = 9'000;
  chosen.listen = {where};
  if (chance.chance(300'000)) {
    ++where.tcp_port;
    chosen.listen.push_back(where);
  }
  chosen.workers = static_cast<std::uint32_t>(chance.between(1, 4));
  chosen.max_connections =
      chance.chance(350'000) ? static_cast<std::uint32_t>(chance.between(2, 12)) : 200;
  chosen.accept_depth = 4;
  chosen.backlog = chance.chance(100'000) ? 4 : 128;
  const auto between = [&](std::uint32_t least, std::uint32_t most) {
    return static_cast<std::uint32_t>(chance.between(least, most));
  };
  // Sometimes there is no such deadline, or one beyond a turn of the timer wheel.
  const auto deadline = [&](std::uint32_t least, std::uint32_t most) {
    return chance.chance(50'000) ? 0 : between(least, chance.chance(20'000) ? 8'000 : most);
  };
  chosen.first_byte_ms = deadline(300, 2'000);
  chosen.idle_ms = deadline(500, 3'000);
  chosen.send_stall_ms = deadline(300, 1'500);
  chosen.send_stall_bytes = static_cast<std::uint32_t>(draw_size(chance, 1'024));
  chosen.drain_total_ms = deadline(500, 2'000);
  chosen.drain_idle_ms = deadline(200, 800);
  chosen.drain_bytes = 1'000 + draw_size(chance, 100'000);
  chosen.confirm_ms = deadline(200, 800);
  chosen.join_ms = between(500, 2'000);
  chosen.keepalive_ms = chance.chance(500'000) ? 1'000 : 0;
  // Above the size of a block, too: then back-pressure begins with many, and not with each.
  chosen.high_mark_bytes = chance.chance(300'000)
                               ? between(80U << 10, 200U << 10)
                               : 512 + static_cast<std::uint32_t>(draw_size(chance, 16'384));
  chosen.low_mark_bytes = chance.chance(100'000) ? 0 : chosen.high_mark_bytes / between(2, 8);
  chosen.quiesce_grace_ms = chance.chance(500'000) ? between(0, 300) : 0;
  chosen.quiesce_quiet_ms = between(20, 200);
  chosen.quiesce_cap_ms = chance.chance(100'000) ? 0 : between(100, 2'000);
  // Mostly behind the others.
  chosen.quiesce_hard_ms = chosen.quiesce_grace_ms + chosen.quiesce_cap_ms + between(500, 6'000);
  if (chance.chance(100'000)) chosen.quiesce_hard_ms = between(1, 2'000);
  if (chance.chance(50'000)) chosen.quiesce_hard_ms = 0;
  return chosen;
}

peer_plan draw_peer(dice& chance, micros begins_within, std::uint64_t most_bytes) {
  peer_plan made;
  made.begins_at = chance.below(begins_within);
  made.bytes = chance.chance(50'000) ? 0 : draw_size(chance, most_bytes);
  made.message_bytes = static_cast<std::uint32_t>(draw_size(chance, 1 + made.bytes / 2));
  made.message_bytes =
      std::max(made.message_bytes, static_cast<std::uint32_t>(made.bytes / 40 + 1));
  made.think_us = chance.chance(500'000) ? 0 : draw_size(chance, 60 * ms);
  made.awaits_answer = chance.chance(400'000);
  made.ends_after_us = chance.chance(500'000) ? 0 : draw_size(chance, 500 * ms);
  const std::uint64_t how_it_reads = chance.below(20);
  if (how_it_reads == 0) made.reads = reading::never;
  if (how_it_reads == 1 || how_it_reads == 2) {
    made.reads = reading::slowly;
    made.read_bytes = static_cast<std::uint32_t>(draw_size(chance, 2'048));
    made.read_every_us = chance.between(1 * ms, 100 * ms);
  }
  if (how_it_reads == 3 || how_it_reads == 4) {
    made.reads = reading::late;
    made.read_from_us = chance.below(1'000 * ms);
  }
  constexpr std::array endings{
      peer_ending::half_close, peer_ending::half_close, peer_ending::half_close,
      peer_ending::await_end,  peer_ending::await_end,  peer_ending::full_close,
      peer_ending::reset,      peer_ending::never,      peer_ending::flood};
  made.ends = endings[chance.below(endings.size())];
  if (chance.chance(120'000)) {
    constexpr std::array misfortunes{misfortune::stalled, misfortune::stalled, misfortune::cut,
                                     misfortune::killed};
    made.suffers = misfortunes[chance.below(misfortunes.size())];
    made.suffers_at_us = draw_size(chance, 500 * ms);
    made.suffers_for_us = draw_size(chance, 3'000 * ms);
  }
  return made;
}

service_plan draw_service(dice& chance, service_kind kind, std::uint64_t most_bytes) {
  service_plan made;
  made.kind = kind;
  made.story_bytes = draw_size(chance, most_bytes);
  made.chapter_bytes = static_cast<std::uint32_t>(
      std::max(made.story_bytes / 30 + 1, draw_size(chance, 1 + made.story_bytes / 2)));
  made.awaits_end = chance.chance(200'000);
  made.holds_finish = chance.chance(200'000);
  if (kind != service_kind::whimsical) return made;
  made.finishes = draw_chance(chance, 300'000, 200'000);
  made.closes = draw_chance(chance, 400'000, 200'000);
  made.aborts = draw_chance(chance, 150'000, 50'000);
  made.throws = draw_chance(chance, 100'000, 50'000);
  made.pauses = draw_chance(chance, 300'000, 300'000);
  made.holds = draw_chance(chance, 200'000, 200'000);
  if (chance.chance(200'000)) made.longest_hold_ms = 4'000;
  made.keeps_buffers = draw_chance(chance, 200'000, 500'000);
  made.calls_others = draw_chance(chance, 500'000, 900'000);
  made.ignores_end = chance.chance(150'000);
  return made;
}

// Mostly a little; sometimes so much that one connection has news all the time.
std::uint32_t draw_preempts(dice& chance, bool connections_stay) {
  if (connections_stay || chance.chance(300'000)) return 0;
  const std::uint64_t thousandths =
      chance.chance(100'000) ? chance.between(600, 990) : draw_size(chance, 300);
  return static_cast<std::uint32_t>(thousandths * million / 1'000);
}

// Some time after quiesce has begun; or in the moment in which a connection of our own is made, and its worker
// doesn't know yet.
void draw_stop(dice& chance, scenario& made) {
  constexpr std::uint32_t often = 500'000;
  const auto outgoing = std::find_if(made.connections.begin(), made.connections.end(),
                                     [](const connection_plan& each) { return each.is_outgoing; });
  if (outgoing == made.connections.end() || chance.below(2) == 0) {
    made.stop_at = made.quiesce_at + chance.below(1'000 * ms);
  } else {
    made.stop_at = outgoing->peer.begins_at + micros{2} * made.sky.latency_us +
                   chance.between(1, made.sky.lateness_us);
    made.sky[fault::late_completion] = often;
  }
}

// Nobody comes for weeks: longer than half a turn of the clock, so that what was looked at before seems to lie ahead.
void draw_idle_weeks(dice& chance, scenario& made) {
  constexpr std::uint64_t half_turn_ms = std::uint64_t{1} << 31U;
  made.nobody_before = chance.between(half_turn_ms, 4 * half_turn_ms) * ms;
  for (connection_plan& each : made.connections) each.peer.begins_at += made.nobody_before;
  made.quiesce_at += made.nobody_before;
  if (made.stop_at != 0) made.stop_at += made.nobody_before;
}

}  // namespace

micros quieting_at(const options& chosen, micros quiesced_at) {
  return quiesced_at + chosen.quiesce_grace_ms * ms;
}

micros cap_at(const options& chosen, micros quiesced_at) {
  return quieting_at(chosen, quiesced_at) + chosen.quiesce_cap_ms * ms;
}

micros look_again_of(const options& chosen) {
  return std::clamp<micros>(chosen.quiesce_quiet_ms / 4, 5, 100) * ms;
}

scenario draw_scenario(std::uint64_t seed) {
  dice chance(seed * 0x2545'f491'4f6c'dd1dU + 1);
  scenario made;
  made.seed = seed;
  made.connections_stay = chance.below(2) == 0;
  made.chosen = draw_options(chance);
  made.sky = draw_weather(chance);
  // The clock wraps in some seeds, while connections are open.
  made.first_tick_ms = chance.chance(300'000)
                           ? ~std::uint32_t{0} - static_cast<std::uint32_t>(chance.below(3'000))
                           : static_cast<std::uint32_t>(chance.below(million));
  made.preempts = draw_preempts(chance, made.connections_stay);
  made.lags = draw_chance(chance, 600'000, 500'000);
  made.dawdles = draw_chance(chance, 100'000, 20'000);
  made.short_of_memory = draw_chance(chance, 60'000, 50'000);

  // Where operations are lost, somebody comes when their connections have been put aside.
  const bool loses = made.sky[fault::lost_operation] != 0;
  const micros begins_within = draw_size(chance, 2'000 * ms) + (loses ? 4'000 * ms : 0);
  // So that no stream is more than some tens of windows long.
  const std::uint64_t window = std::min(made.sky.send_room, made.sky.receive_room);
  const std::uint64_t longest = made.chosen.high_mark_bytes > (64U << 10) ? 18 : 15;
  const std::uint64_t most_bytes =
      std::min(16 * window, std::uint64_t{1} << chance.between(6, longest));
  const std::uint64_t count = chance.between(8, 48);
  const bool is_one_kind = chance.below(3) == 0;
  const auto kind = static_cast<service_kind>(chance.below(service_kind_count));
  // Nearly all, in some: only then do they ask for more slots than there are.
  const bool are_most_outgoing = chance.chance(30'000);
  const std::uint64_t some_outgoing = chance.chance(400'000) ? 1'000 * draw_size(chance, 500) : 0;
  const std::uint64_t outgoing = are_most_outgoing ? 990'000 : some_outgoing;
  for (std::uint64_t i = 0; i < count; ++i) {
    connection_plan each;
    each.peer = draw_peer(chance, begins_within, most_bytes);
    const auto own = static_cast<service_kind>(chance.below(service_kind_count));
    each.service = draw_service(chance, is_one_kind ? kind : own, most_bytes);
    // Copied into several blocks, of which memory may be short in the middle.
    if (made.short_of_memory != 0 && window >= 1'024 && chance.below(4) != 0) {
      each.service.story_bytes = each.service.chapter_bytes = 100'000;
    }
    if (chance.chance(static_cast<std::uint32_t>(outgoing))) {
      each.is_outgoing = true;
      constexpr std::array targets{
          connection_plan::target::open,    connection_plan::target::open,
          connection_plan::target::open,    connection_plan::target::closed,
          connection_plan::target::nowhere, connection_plan::target::deaf};
      each.called = targets[chance.below(targets.size())];
    }
    made.connections.push_back(each);
  }
  // Where clients wait for room it is soon, while they do.
  const bool is_crowded = made.chosen.max_connections < count;
  // Never at 0, which stands for "not yet".
  const bool is_early = chance.chance(is_crowded ? 700'000 : 400'000);
  made.quiesce_at = 1 + (is_early ? chance.below(begins_within + (is_crowded ? 50 * ms : 500 * ms))
                                  : begins_within + chance.below(4'000 * ms));
  made.stops_at_once = chance.chance(50'000);
  if (chance.chance(50'000)) draw_stop(chance, made);
  // Where completions surface anywhere, workers look at the clock too often for that to be worth its time.
  if (made.connections_stay && chance.chance(40'000)) draw_idle_weeks(chance, made);
  return made;
}

}  // namespace lastbyte::simulation
