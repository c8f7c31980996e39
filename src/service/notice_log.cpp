#include "service/notice_log.hpp"

#include <algorithm>
#include <chrono>

namespace lastbyte::service {
namespace {

constexpr std::uint32_t lines_per_second = 10;  // of each kind
constexpr std::uint32_t pauses_per_second = 1;

// In the order of notice::kind.
constexpr std::array<std::string_view, 7> plural_names{
    "endings of connections",  "pauses in accepting", "resumptions of accepting",
    "refused connects",        "stuck connections",   "exceptions of the handler",
    "refused completion ports"};

static_assert(static_cast<std::size_t>(notice::kind::port_refused) + 1 == plural_names.size());

std::uint64_t now_ms() {
  using namespace std::chrono;
  const auto since = steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(since).count());
}

// Nothing that ended well, and nothing lost as far as is known.
bool ended_cleanly(const ending_report& how) noexcept {
  return is_clean(how.cause) && how.bytes.lost_out().value_or(0) == 0 &&
         how.bytes.lost_in().value_or(0) == 0;
}

log_level level_of(const notice& what) noexcept {
  switch (what.what) {
    case notice::kind::connection_ended:
      return what.ended != nullptr && ended_cleanly(*what.ended) ? log_level::info
                                                                 : log_level::warn;
    case notice::kind::accept_resumed: return log_level::info;
    case notice::kind::accept_paused:
    case notice::kind::connect_refused:
    case notice::kind::port_refused: return log_level::warn;
    case notice::kind::stuck:
    case notice::kind::handler_threw: break;
  }
  return log_level::error;
}

}  // namespace

notice_log::notice_log(logger& into, log_endings which)
    : log_(into),
      which_(which),
      limits_{repeat_limit(lines_per_second),  repeat_limit(pauses_per_second),
              repeat_limit(pauses_per_second), repeat_limit(lines_per_second),
              repeat_limit(lines_per_second),  repeat_limit(lines_per_second),
              repeat_limit(lines_per_second)},
      telling_([this] { keep_telling(); }) {}

notice_log::~notice_log() {
  {
    const std::lock_guard held(lock_);
    is_over_ = true;
  }
  changed_.notify_one();
  telling_.join();
  tell_suppressed(true);
}

void notice_log::on_notice(const notice& what) {
  if (!is_worth_a_line(what) || !admit(what.what)) return;
  log_line line;
  if (what.ended != nullptr) {
    line = describe(*what.ended);
  } else {
    line.message = what.text;
  }
  log_.say(level_of(what), line);
}

bool notice_log::is_worth_a_line(const notice& what) const noexcept {
  if (!log_.wants(level_of(what))) return false;
  if (what.what != notice::kind::connection_ended || which_ == log_endings::all) return true;
  return which_ == log_endings::unclean && what.ended != nullptr && !ended_cleanly(*what.ended);
}

bool notice_log::admit(notice::kind what) {
  const std::lock_guard held(lock_);
  if (limits_.at(static_cast<std::size_t>(what)).admit(now_ms())) return true;
  changed_.notify_one();
  return false;
}

void notice_log::tell_suppressed(bool at_end) {
  for (std::size_t i = 0; i < kind_count; ++i) {
    const std::uint64_t count = limits_.at(i).take_suppressed(now_ms(), at_end);
    if (count == 0) continue;
    log_.say(log_level::warn,
             log_line{"more of these were not logged, to keep the log readable",
                      {{"kind", std::string(plural_names.at(i))}, {"lines", count}}});
  }
}

// Sleeps until something was suppressed, then tells once a second how much.
void notice_log::keep_telling() {
  const auto is_over = [this] { return is_over_; };
  const auto has_news = [this] {
    return is_over_ || std::ranges::any_of(limits_, &repeat_limit::has_suppressed);
  };
  std::unique_lock held(lock_);
  for (;;) {
    changed_.wait(held, has_news);
    if (changed_.wait_for(held, std::chrono::seconds(1), is_over)) return;
    tell_suppressed(false);
  }
}

}  // namespace lastbyte::service
