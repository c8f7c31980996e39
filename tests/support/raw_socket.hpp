// A plain blocking TCP socket: the peer of a port under test, made without any of our code. It can do
// what a well-behaved program does not, such as reset a connection at a chosen moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <lastbyte/endpoint.hpp>

namespace lastbyte::test {

enum class raw_end : std::uint8_t { none, end_of_stream, reset, timeout, other };

/// Its calls block for 20 seconds at most, and throw std::system_error where no result can tell.
class raw_socket {
 public:
  struct arrival {
    std::size_t bytes = 0;
    raw_end end = raw_end::none;  // end_of_stream, reset, ...: then bytes is 0
  };

  static raw_socket connect(const endpoint& where);
  /// @return nothing if there was no answer for so long.
  static std::optional<raw_socket> try_connect(const endpoint& where,
                                               std::chrono::milliseconds limit);
  static raw_socket listen(const endpoint& where);

  raw_socket() = default;
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&& other) noexcept;
  raw_socket(const raw_socket&) = delete;
  raw_socket& operator=(const raw_socket&) = delete;
  ~raw_socket();

  raw_socket accept();
  [[nodiscard]] endpoint local() const;

  /// Sends until all of it is taken, or the connection fails. @return the bytes taken.
  std::size_t send(std::span<const std::byte> all);
  arrival receive(std::span<std::byte> into);
  void shutdown_send();
  /// Ends the connection with a reset.
  void reset();
  void close() noexcept;

 private:
  static constexpr std::uintptr_t none = ~std::uintptr_t{0};
  explicit raw_socket(std::uintptr_t native) noexcept : native_(native) {}

  std::uintptr_t native_ = none;
};

}  // namespace lastbyte::test
