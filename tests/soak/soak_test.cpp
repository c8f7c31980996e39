// For a long time at a low load: each port serves orderly and rough visitors, and must cost at the end what it
// cost at half time. tools/soak.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "end_to_end/network.hpp"
#include "kinds_under_test.hpp"
#include "soak/shop.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {
namespace {

constexpr milliseconds tick{20};
constexpr std::uint64_t may_grow_bytes = 1 << 20;
constexpr seconds between_restarts{17};  // of the rough visitors, all at once

// Each SIGUSR1 closes the doors, or opens them again: so that something else can be measured meanwhile.
std::atomic<bool> is_closed = false;
void close_or_open(int /*number*/) { is_closed = !is_closed; }

std::chrono::seconds wanted() {
  const char* const text = std::getenv("LASTBYTE_SOAK_SECONDS");
  return std::chrono::seconds(text == nullptr ? 6 : std::strtol(text, nullptr, 10));
}

class street {
 public:
  street() {
    for (const auto& kind : kinds_under_test) {
      if (const auto why = platform::why_unavailable(kind); !why.empty()) {
        std::printf("%s: %s\n", std::string(kind.name).c_str(), why.c_str());
        continue;
      }
      enter_own_network();
      orderly_.push_back(std::make_unique<shop>(kind, "orderly", orderly_habits));
      rough_.push_back(std::make_unique<shop>(kind, "rough", rough_habits));
    }
  }

  template <class Action>
  void each(Action action) {
    for (auto& one : orderly_) action(*one);
    for (auto& one : rough_) action(*one);
  }

  /// Serves for so long, then lets everybody leave.
  void serve(milliseconds how_long) {
    const time_limit until(how_long);
    time_limit restart(between_restarts);
    while (!until.is_over()) {
      pass(!is_closed);
      if (!restart.is_over()) continue;
      for (auto& one : rough_) one->lose_everybody();
      restart = time_limit(between_restarts);
    }
    const time_limit patience(seconds(60));
    bool is_empty = false;
    while (!is_empty && !patience.is_over()) {
      pass(false);
      is_empty = true;
      each([&](shop& one) { is_empty = is_empty && one.is_empty(); });
    }
    CHECK(is_empty);
  }

 private:
  void pass(bool lets_in) {
    waits_.clear();
    std::vector<std::size_t> begins;
    each([&](shop& one) {
      begins.push_back(waits_.size());
      one.add_waits(waits_);
    });
    begins.push_back(waits_.size());
    const int left = std::max(0, next_tick_.left_ms());
    // EINTR counts as no news.
    if (::poll(waits_.data(), waits_.size(), left) > 0) {
      std::size_t i = 0;
      each([&](shop& one) {
        one.on_ready(std::span(waits_).subspan(begins[i], begins[i + 1] - begins[i]));
        ++i;
      });
    }
    if (!next_tick_.is_over()) return;
    next_tick_ = time_limit(tick);
    each([&](shop& one) { one.on_tick(lets_in); });
  }

  std::vector<std::unique_ptr<shop>> orderly_;
  std::vector<std::unique_ptr<shop>> rough_;
  std::vector<pollfd> waits_;
  time_limit next_tick_{tick};
};

TEST_CASE("a soak costs no memory and no file, and both sides count the same") {
  std::signal(SIGUSR1, close_or_open);
  const auto half = std::chrono::duration_cast<milliseconds>(wanted()) / 2;
  street all;
  all.serve(half);
  std::vector<shop::cost> at_half;
  all.each([&](shop& one) { at_half.push_back(one.cost_when_empty()); });
  all.serve(half);
  auto before = at_half.begin();
  all.each([&](shop& one) {
    const shop::cost now = one.cost_when_empty();
    std::printf(
        "%-24s %8llu visitors; resident at half time %llu KiB, at the end %llu KiB; files %zu, "
        "%zu\n",
        one.name().c_str(), static_cast<unsigned long long>(one.served()),
        static_cast<unsigned long long>(before->resident_bytes >> 10),
        static_cast<unsigned long long>(now.resident_bytes >> 10), before->open_files,
        now.open_files);
    std::fflush(stdout);
    INFO(one.name());
    CHECK(now.resident_bytes <= before->resident_bytes + may_grow_bytes);
    CHECK(now.open_files == before->open_files);
    ++before;
  });
  all.each([](shop& one) { one.settle(); });
}

}  // namespace
}  // namespace lastbyte::test
