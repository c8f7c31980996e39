#include "port/sim/port.hpp"

#include <algorithm>

#include "port/sim/codes.hpp"

namespace lastbyte::port::sim {
namespace {

constexpr std::uint64_t any_seed = 1;

spectator*& of_this_thread() noexcept {
  static thread_local spectator* watching = nullptr;
  return watching;
}

}  // namespace

any_port::any_port(std::uint32_t workers, bool connections_stay, network& over,
                   std::uint32_t first_tick_ms)
    : network_(over),
      stays_(connections_stay),
      first_tick_ms_(first_tick_ms),
      queues_(connections_stay ? workers : 1),
      sleepers_(workers) {}

any_port::any_port(std::uint32_t workers, bool connections_stay, const weather& sky)
    : own_network_(std::make_unique<network>(network::clock::live, any_seed, sky)),
      network_(*own_network_),
      stays_(connections_stay),
      queues_(connections_stay ? workers : 1),
      sleepers_(workers) {}

void any_port::watch_by(spectator* whom) noexcept {
  if (whom != nullptr || of_this_thread() == spectator_) of_this_thread() = whom;
  spectator_ = whom;
}

void guard::lock() {
  if (of_this_thread() != nullptr) of_this_thread()->on_call("lock", nullptr, 0);
  real_.lock();
}

void guard::unlock() {
  real_.unlock();
  if (of_this_thread() != nullptr) of_this_thread()->on_return("lock");
}

void any_port::wake(std::uint32_t worker_index) {
  const auto held = network_.guard();
  sleepers_[worker_index].is_woken = true;
  network_.announce();
}

std::uint32_t any_port::now_ms() const noexcept {
  constexpr micros us_per_ms = 1'000;
  const micros now = network_.is_live() ? network_.live_now() : network_.now();
  return first_tick_ms_ + static_cast<std::uint32_t>(now / us_per_ms);
}

bool any_port::is_awake(std::uint32_t worker_index) const noexcept {
  const sleeper& who = sleepers_[worker_index];
  return who.is_woken || !queue_of(worker_index).ready.empty() ||
         (who.until && *who.until <= network_.now());
}

std::optional<micros> any_port::sleeps_until(std::uint32_t worker_index) const noexcept {
  return sleepers_[worker_index].until;
}

bool any_port::has_bytes_for(const void* owner) const noexcept {
  const auto is_for = [owner](const pending* each) {
    return each->done.owner == owner && each->done.what == operation::receive &&
           each->done.bytes > 0;
  };
  return std::any_of(queues_.begin(), queues_.end(), [&](const queue& each) {
    return std::any_of(each.ready.begin(), each.ready.end(), is_for);
  });
}

std::optional<micros> any_port::news_since(const void* owner) const noexcept {
  std::optional<micros> since;
  for (const queue& each : queues_) {
    for (const pending* news : each.ready) {
      if (news->done.owner == owner)
        since = std::min(since.value_or(news->ready_at), news->ready_at);
    }
  }
  return since;
}

any_port::queue& any_port::queue_of(std::uint32_t worker_index) noexcept {
  return queues_[stays_ ? worker_index : 0];
}
const any_port::queue& any_port::queue_of(std::uint32_t worker_index) const noexcept {
  return queues_[stays_ ? worker_index : 0];
}

// The one that was given back last: what is left of its past is met at once.
record& any_port::take_record(std::uint32_t home) {
  if (unused_.empty()) unused_.push_back(&records_.emplace_back(*this));
  record& taken = *unused_.back();
  unused_.pop_back();
  taken.home = home;
  return taken;
}

void any_port::give_back(record& unused) {
  ++unused.generation;
  unused_.push_back(&unused);
}

any_port::pending& any_port::make_pending(record& on, operation what, outcome result) {
  if (idle_pendings_.empty()) idle_pendings_.push_back(&pendings_.emplace_back(*this));
  pending& made = *idle_pendings_.back();
  idle_pendings_.pop_back();
  made.on = &on;
  made.done = completion();
  made.done.what = what;
  made.done.result = result;
  made.done.owner = on.owner;
  made.staged.clear();
  return made;
}

// The completions of one operation keep their order; those of different ones need not.
void any_port::tell(pending& news, record::flight& of) {
  micros when = network_.now();
  if (network_.strikes(fault::late_completion)) {
    when += network_.chance().between(1, network_.sky().lateness_us);
  }
  const bool is_first = of.undealt++ == 0;
  of.last_told = is_first ? when : std::max(when, of.last_told);
  if (is_first && when == network_.now()) {
    make_ready(news);
  } else {
    network_.call_at(of.last_told, news, 0);
  }
}

void any_port::make_ready(pending& news) {
  news.ready_at = network_.now();
  queue_of(news.on->home).ready.push_back(&news);
  network_.announce();
}

void any_port::broke(std::string_view rule, const record& on) {
  broken_.push_back(
      std::string(rule) + ", at " + std::to_string(network_.now()) + " us" +
      (on.tcp == nullptr ? "" : ", connection " + std::to_string(on.tcp->link->number)));
}

}  // namespace lastbyte::port::sim
