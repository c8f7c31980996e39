// Who can be reached: the open connections' handles, and the sessions that wait for another try.
//
// Touched once per connection, never per message.
// Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <lastbyte/connection.hpp>

namespace lastbyte::load {

class roster {
 public:
  explicit roster(std::uint32_t sessions) : handles_(sessions) {}

  // `session` has a new connection.
  void enter(std::uint64_t session, connection_handle handle);
  // All handles, also those whose connection has ended meanwhile: they refuse.
  [[nodiscard]] std::vector<connection_handle> everyone() const;

  // `session` could not connect and wants to try again.
  void put_off(std::uint64_t session);
  // Takes out at most `most` of those.
  [[nodiscard]] std::vector<std::uint64_t> take_put_off(std::size_t most);
  [[nodiscard]] std::size_t put_off_count() const;

 private:
  mutable std::mutex guard_;
  std::vector<connection_handle> handles_;
  std::vector<std::uint64_t> put_off_;
};

}  // namespace lastbyte::load
