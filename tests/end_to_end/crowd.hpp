// Many clients at once, driven from one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "end_to_end/client.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

class crowd {
 public:
  crowd(const endpoint& where, std::size_t count, client::plan wanted,
        client::socket_buffers sizes = {});

  std::vector<client> members;

  void each_wants(const std::function<void(client::plan&)>& change);

  /// Lets all of them do what they want until none of them could do anything for `quiet`.
  void run_until_stalled(milliseconds quiet, milliseconds limit = seconds(60));
  /// ... until it is so for each of them. Throws, with their account, if it takes longer or
  /// can't come about, because their connections are over.
  void run_until(std::string_view what, const std::function<bool(const client&)>& is_so,
                 milliseconds limit = seconds(60));
  /// ... until each has seen the end of its connection.
  void run_until_over(milliseconds limit = seconds(60));
  void close();

  [[nodiscard]] std::uint64_t sent() const;
  [[nodiscard]] std::uint64_t received() const;
  [[nodiscard]] std::uint64_t wrong() const;
  [[nodiscard]] std::size_t ended_by(stream_end how) const;
  /// Clients that got back less, or more, than they sent.
  [[nodiscard]] std::size_t without_whole_echo() const;
  /// For a reader: sums, and the first few clients that saw no clean end or a wrong byte.
  [[nodiscard]] std::string text() const;

 private:
  /// @return whether any could do something within that time.
  bool pass(int timeout_ms);
};

/// Lets this process have files open for so many clients.
/// @return why it can't, or an empty string.
std::string make_room_for(std::size_t clients);

/// Checks that each got back what it sent, to the last byte, and then a clean end of stream.
void check_whole_echo(const crowd& all);

}  // namespace lastbyte::test
