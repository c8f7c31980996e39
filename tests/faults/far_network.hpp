// A second network at the other end of a link, so that the link can be bad: clients live over there, the
// daemon with us.
#pragma once

#include <cstdint>
#include <string>

#include <lastbyte/endpoint.hpp>

#include "end_to_end/descriptor.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

class far_network {
 public:
  far_network();
  far_network(const far_network&) = delete;
  far_network& operator=(const far_network&) = delete;
  ~far_network();

  /// Why it could not be made, or an empty string.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// Where a daemon may listen at our end of the link.
  [[nodiscard]] static endpoint our_end();

  /// While one lives, this thread opens its sockets in the far network.
  class visit {
   public:
    explicit visit(const far_network& to);
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit();

   private:
    const far_network& from_;
  };

  void set_link(bool is_up) const;
  /// Both ends drop so many of the segments that reach them. @return why they can't, or an empty string.
  [[nodiscard]] std::string lose_percent(unsigned percent) const;
  /// Our end drops the second segment with more than 60 bytes of payload that reaches it, and no other.
  /// @return why it can't, or an empty string.
  [[nodiscard]] std::string lose_second_message() const;
  /// Our end drops the first two segments that reach it behind a SYN: what ends the handshake, and the first
  /// message. @return why it can't, or an empty string.
  [[nodiscard]] std::string lose_beginning() const;
  /// How many segments each end has dropped.
  [[nodiscard]] std::uint64_t dropped_here() const;
  [[nodiscard]] std::uint64_t dropped_there() const;
  /// Both ends send at most so fast.
  [[nodiscard]] std::string limit_rate(unsigned megabits_per_s) const;
  /// The least time that so many bytes take at that rate, in one direction.
  [[nodiscard]] static milliseconds least_time(std::uint64_t bytes, unsigned megabits_per_s);

 private:
  descriptor home_;
  descriptor far_;
  std::string problem_;
};

}  // namespace lastbyte::test
