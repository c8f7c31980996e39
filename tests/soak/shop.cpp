#include "soak/shop.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace lastbyte::test {
namespace {

constexpr std::size_t most_inside = 24;
constexpr std::uint64_t ticks_a_visitor = 5;

std::vector<std::string> flags() {
  return {"--finish-after", std::to_string(finish_after),
          "--first-byte",   "1s",
          "--idle",         "2s",
          "--send-stall",   "1s",
          "--drain-idle",   "1s",
          "--log-level",    "warn"};
}

}  // namespace

shop::shop(const daemon_kind& kind, std::string_view manners, std::span<const habit> habits)
    : name_(std::string(kind.name) + ", " + std::string(manners)),
      server_(kind, flags()),
      is_orderly_(habits.front() == orderly_habits.front()),
      habits_(habits),
      dice_(std::hash<std::string>{}(name_)),
      files_at_first_(server_.open_files()) {}

void shop::add_waits(std::vector<pollfd>& to) {
  for (const auto& each : inside_) {
    const short events = each.events();
    to.push_back({events != 0 ? each.socket() : -1, events, 0});
  }
}

void shop::on_ready(std::span<const pollfd> found) {
  for (std::size_t i = 0; i < inside_.size(); ++i) {
    if (found[i].revents != 0) inside_[i].on_ready(found[i].revents);
  }
}

void shop::on_tick(bool lets_in) {
  for (auto& each : inside_) {
    each.on_tick();
    if (each.is_gone()) enter(each);
  }
  std::erase_if(inside_, [](const visitor& each) { return each.is_gone(); });
  if (!lets_in || inside_.size() >= most_inside || ++ticks_ % ticks_a_visitor != 0) return;
  inside_.emplace_back(server_.where(), habits_[dice_() % habits_.size()], dice_());
  ++served_;
}

void shop::enter(const visitor& gone) {
  sent_ += gone.seen().sent();
  received_ += gone.seen().received();
  ++expected_[ending_of(gone.which())];
  if (const auto what = gone.complaint(); !what.empty()) ++complaints_[std::string(what)];
}

void shop::lose_everybody() {
  vanished_ += inside_.size();
  for (const auto& each : inside_) sent_ += each.seen().sent();
  inside_.clear();
}

shop::cost shop::cost_when_empty() {
  const time_limit limit(seconds(20));
  while (server_.open_files() > files_at_first_ && !limit.is_over()) {
    // Nothing tells us but the count itself.
    ::poll(nullptr, 0, 20);
  }
  return {server_.resident_bytes(), server_.open_files()};
}

void shop::settle() {
  const account told = server_.end();
  INFO(name_ << ": " << served_ << " visitors, of whom " << vanished_ << " vanished; they sent "
             << sent_ << ", received " << received_);
  INFO(told.text());
  for (const auto& [what, count] : complaints_) {
    INFO(count << " visitors: " << what);
    CHECK(count == 0);
  }
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.of("accepted") == served_);
  // Who vanished may be called anything but clean by now.
  for (const auto& [cause, count] : expected_) {
    INFO("ended by " << to_string(cause));
    CHECK(told.ended(std::string(to_string(cause))) >= count);
    CHECK(told.ended(std::string(to_string(cause))) <= count + vanished_);
  }
  CHECK(told.of("received") <= sent_);
  if (!is_orderly_) return;
  check_all_clean(told);
  CHECK(told.of("received") == sent_);
  CHECK(told.of("queued") == received_);
  CHECK(told.of("unanswered") == sent_ - received_);
}

}  // namespace lastbyte::test
