// An echo server on Asio: async_read_some, then async_write, as its examples do. Compiled twice: for epoll, and for
// io_uring (ASIO_HAS_IO_URING).
//
// What its documentation offers to those in a hurry is taken: one thread, and the concurrency hint that
// leaves every lock out (ASIO_CONCURRENCY_HINT_UNSAFE); sockets that know their executor's type, instead of the
// polymorphic one; and the session's owner moves from handler to handler, so that no count of references is touched.
// An operation's memory is what Asio keeps for each thread and uses again.
// A session's buffer begins small and grows to 64 KiB when it is filled, so that neither idle connections nor
// streams are put at a disadvantage.
//
// Question: what does a message, and a connection, cost on Asio?
// Not answered: several threads, strands, timers, TLS; none is used.

#include <asio.hpp>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "serving/startup.hpp"

namespace {

using asio::ip::tcp;
using error = asio::error_code;
using executor = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<tcp, executor>;
using acceptor_type = asio::basic_socket_acceptor<tcp, executor>;

// Units: bytes.
constexpr std::size_t first_buffer = 1U << 10U;
constexpr std::size_t largest_buffer = 64U << 10U;

struct session {
  explicit session(socket_type accepted) : socket(std::move(accepted)), buffer(first_buffer) {}

  socket_type socket;
  std::vector<char> buffer;
  std::uint64_t echoed = 0;
  bool has_finished = false;
};
// Whoever has nothing more to do with it lets go of it, which closes its socket.
using owner = std::unique_ptr<session>;

std::uint64_t& finish_after() {
  static std::uint64_t bytes = 0;
  return bytes;
}

void finish(session& which) {
  if (which.has_finished) return;
  which.has_finished = true;
  error ignored;  // the peer may have gone; then there is nothing to end
  // NOLINTNEXTLINE(bugprone-unused-return-value): it returns what it wrote to `ignored`
  which.socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void receive(owner self);

void on_sent(owner self, std::size_t count) {
  session& which = *self;
  which.echoed += count;
  if (finish_after() != 0 && which.echoed >= finish_after()) finish(which);
  if (count == which.buffer.size() && count < largest_buffer) which.buffer.resize(largest_buffer);
  receive(std::move(self));
}

void on_received(owner self, error failed, std::size_t count) {
  session& which = *self;
  if (failed == asio::error::eof) return finish(which);
  if (failed) return;
  if (which.has_finished) return receive(std::move(self));
  asio::async_write(which.socket, asio::buffer(which.buffer, count),
                    [self = std::move(self)](error broken, std::size_t sent) mutable {
                      if (!broken) on_sent(std::move(self), sent);
                    });
}

void receive(owner self) {
  session& which = *self;
  which.socket.async_read_some(asio::buffer(which.buffer),
                               [self = std::move(self)](error failed, std::size_t count) mutable {
                                 on_received(std::move(self), failed, count);
                               });
}

void accept(acceptor_type& listener) {
  listener.async_accept([&listener](error failed, socket_type socket) {
    if (!failed) receive(std::make_unique<session>(std::move(socket)));
    accept(listener);
  });
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  finish_after() = made.finish_after;
  asio::io_context context(ASIO_CONCURRENCY_HINT_UNSAFE);
  std::vector<acceptor_type> listeners;
  listeners.reserve(made.listeners.size());
  for (const int each : made.listeners) listeners.emplace_back(context, tcp::v4(), each);
  for (acceptor_type& each : listeners) accept(each);
  context.run();
}
