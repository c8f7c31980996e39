// Opening, accepting and closing sockets the way every POSIX port needs them.
//
// Always: non-blocking, closed on exec, TCP_NODELAY, SO_OOBINLINE (an urgent byte is a byte like any other).
// Linux lets accepted sockets inherit these from their listener, so they cost nothing per connection.
#pragma once

#include <sys/types.h>

#include "port/completion_port.hpp"

namespace lastbyte::port::posix {

// How a listener shares its TCP port with the other workers' listeners.
enum class sharing : std::uint8_t {
  alone,
  first,  // fails if anybody has the TCP port; then lets the others in
  joins,  // joins the first one
};

// @param fd: where the listening socket goes.
[[nodiscard]] outcome open_listener(int& fd, const endpoint& where, const listen_options& how,
                                    sharing with) noexcept;
[[nodiscard]] endpoint local_endpoint(int fd) noexcept;

// Lets no new connection into the listener's queue, so that it can be emptied and closed without
// resetting anybody: new clients retry, and find the next server.
[[nodiscard]] outcome refuse_new(int listener_fd) noexcept;

enum class accept_result : std::uint8_t { accepted, none_waiting, failed };
// @param why: set only if it failed.
[[nodiscard]] accept_result accept_one(int listener_fd, accepted_socket& accepted,
                                       outcome& why) noexcept;

// Opens a socket that is to be connected.
[[nodiscard]] outcome open_to_connect(int& fd, address_family family) noexcept;
// The same, and begins to connect it.
// @return no error: connected or under way; it is decided when the socket is writable.
[[nodiscard]] outcome begin_connect(int& fd, const endpoint& where) noexcept;
// What became of it.
[[nodiscard]] outcome take_error(int fd) noexcept;

// Receives without waiting, as much as the block holds.
// @return bytes, 0 at the end of stream, or -1 with errno: EAGAIN if there is nothing.
[[nodiscard]] ssize_t receive_now(int fd, block& into) noexcept;

// Sends without waiting. Shape: at most max_slices slices.
// @return bytes taken, perhaps fewer than asked, or -1 with errno: EAGAIN if there is no room.
[[nodiscard]] ssize_t send_now(int fd, std::span<const slice> slices) noexcept;

[[nodiscard]] outcome shutdown_send(int fd) noexcept;
void close(int fd, close_mode mode) noexcept;

}  // namespace lastbyte::port::posix
