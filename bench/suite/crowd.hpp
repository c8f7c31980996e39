// Connections of the suite's own, which are open, have been served once, and then say little.
//
// The rule: an echo that is asked for comes back whole and right, or the crowd says so.
// Not here: speed. Whoever wants a rate uses lastbyte-load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lastbyte::suite {

class crowd {
 public:
  // @param addresses: of the server; connections go to each in turn.
  explicit crowd(std::vector<std::string> addresses) : addresses_(std::move(addresses)) {}
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd();  // resets what is open, so that no TCP port stays blocked

  // Opens more, until there are `count`, and has each echo once. @return what went wrong; empty: nothing.
  [[nodiscard]] std::string grow_to(std::size_t count);
  // Has `count` more of them echo once, those whose turn it is.
  [[nodiscard]] std::string echo(std::size_t count);
  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }

 private:
  [[nodiscard]] std::string open_one();
  [[nodiscard]] std::string echo_once(int descriptor);

  std::vector<std::string> addresses_;
  std::vector<int> open_;
  std::size_t next_ = 0;
};

}  // namespace lastbyte::suite
