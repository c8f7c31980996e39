// A daemon with visitors who come and go, and the account that both sides give at the end.
#pragma once

#include <poll.h>

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "end_to_end/daemon.hpp"
#include "soak/visitor.hpp"

namespace lastbyte::test {

class shop {
 public:
  /// What it costs when nobody is there.
  struct cost {
    std::uint64_t resident_bytes = 0;
    std::size_t open_files = 0;
  };

  shop(const daemon_kind& kind, std::string_view manners, std::span<const habit> habits);

  /// For one poll(): what the visitors wait for, behind what is there already.
  void add_waits(std::vector<pollfd>& to);
  /// @param found: its own part of them.
  void on_ready(std::span<const pollfd> found);
  /// @param lets_in: whether somebody may come.
  void on_tick(bool lets_in);
  /// Whoever is there vanishes, as when their process is killed.
  void lose_everybody();

  [[nodiscard]] bool is_empty() const { return inside_.empty(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t served() const { return served_; }
  /// Waits until the daemon, too, has noticed that nobody is there.
  [[nodiscard]] cost cost_when_empty();
  /// Ends the daemon and holds both accounts against each other, by Catch2's checks.
  void settle();

 private:
  void enter(const visitor& gone);

  std::string name_;
  daemon server_;
  bool is_orderly_;
  std::span<const habit> habits_;
  std::mt19937_64 dice_;
  std::vector<visitor> inside_;
  std::size_t files_at_first_;

  std::uint64_t ticks_ = 0;
  std::uint64_t served_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t vanished_ = 0;
  std::map<ending, std::uint64_t> expected_;
  std::map<std::string, std::uint64_t> complaints_;
};

}  // namespace lastbyte::test
