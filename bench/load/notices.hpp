// What the workers want to have said: collected there, printed by the thread that owns the terminal.
//
// The rule: a bounded number of lines, whatever happens; the rest is only counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <lastbyte/server.hpp>

namespace lastbyte::load {

class notices final : public observer {
 public:
  // @param tell_endings: a line also for each connection that ends badly.
  explicit notices(bool tell_endings) noexcept : tell_endings_(tell_endings) {}

  // Thread: any.
  void on_notice(const notice& what) override;
  // Thread: any. @return the lines since the last call.
  [[nodiscard]] std::vector<std::string> take();
  // How many lines were too many.
  [[nodiscard]] std::uint64_t suppressed() const;

 private:
  static constexpr std::size_t most_lines = 20;

  void add(std::string line);

  mutable std::mutex guard_;
  std::vector<std::string> lines_;
  std::size_t said_ = 0;
  std::uint64_t suppressed_ = 0;
  bool tell_endings_;
};

}  // namespace lastbyte::load
