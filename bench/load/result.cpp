#include "load/result.hpp"

#include <algorithm>

#include "load/clock.hpp"

namespace lastbyte::load {
namespace {

// From here on a thread is called busy all the time: what is left is the kernel's own bookkeeping.
constexpr double busy_share = 0.9;

// A share taken over less says nothing.
constexpr std::uint64_t least_cpu_wall_ns = 200 * ms_to_ns;

std::optional<double> times(std::optional<double> figure, double factor) noexcept {
  if (figure) *figure *= factor;
  return figure;
}

}  // namespace

std::string_view to_string(stop_reason why) noexcept {
  switch (why) {
    case stop_reason::time_over: return "time_over";
    case stop_reason::requests_done: return "requests_done";
    case stop_reason::server_gone: return "server_gone";
    case stop_reason::interrupted: return "interrupted";
    case stop_reason::not_started: return "not_started";
  }
  return "unknown";
}

std::optional<double> result::rate() const noexcept {
  if (window_ns == 0) return std::nullopt;
  return static_cast<double>(window_messages) / (static_cast<double>(window_ns) * ns_to_s);
}

std::optional<double> result::cpu_share() const noexcept {
  if (cpu_wall_ns < least_cpu_wall_ns) return std::nullopt;
  const unsigned usable = std::min(threads, processors);
  return static_cast<double>(cpu_ns) / (static_cast<double>(cpu_wall_ns) * usable);
}

std::optional<double> result::server_cpu_ns_per_message() const noexcept {
  const auto messages_per_s = rate();
  if (!server_cpu_ns || cpu_wall_ns < least_cpu_wall_ns || messages_per_s.value_or(0) == 0) {
    return std::nullopt;
  }
  const double share = static_cast<double>(*server_cpu_ns) / static_cast<double>(cpu_wall_ns);
  return share / (*messages_per_s * ns_to_s);
}

bool result::was_bottleneck() const noexcept { return cpu_share().value_or(0) > busy_share; }

std::optional<double> result::figure(const threshold& wanted,
                                     const load_options& options) const noexcept {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const bool is_latency = wanted.what == measure::percentile || wanted.what == measure::mean ||
                          wanted.what == measure::max;
  if (is_latency && latency.count() == 0) return std::nullopt;
  switch (wanted.what) {
    case measure::percentile: return number(latency.percentile_ns(wanted.percent));
    case measure::mean: return latency.mean_ns();
    case measure::max: return number(latency.max_ns());
    case measure::rate: return rate();
    case measure::throughput: return times(rate(), options.message_bytes);
    case measure::messages: return number(messages);
    case measure::connections: return number(bytes.opened());
    case measure::failed:
      return number(bytes.count(observed::failed) + bytes.count(observed::not_connected));
    case measure::sent: return number(bytes.sent);
    case measure::echoed: return number(bytes.echoed);
    case measure::lost: return number(bytes.lost);
    case measure::unanswered: return number(bytes.unanswered);
    case measure::wrong: return number(bytes.wrong);
    case measure::cut: return number(bytes.cut);
    case measure::cpu: return times(cpu_share(), 100);
  }
  return std::nullopt;
}

}  // namespace lastbyte::load
