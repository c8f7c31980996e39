// An echo server on Asio, as its tutorial writes one: a session that keeps itself alive, async_read_some, then
// async_write. Compiled twice: for epoll, and for io_uring (ASIO_HAS_IO_URING).
//
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

// Units: bytes.
constexpr std::size_t first_buffer = 1U << 10U;
constexpr std::size_t largest_buffer = 64U << 10U;

class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket socket, std::uint64_t finish_after)
      : socket_(std::move(socket)), buffer_(first_buffer), finish_after_(finish_after) {}

  void receive() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error failed, std::size_t count) {
                              self->on_received(failed, count);
                            });
  }

 private:
  void on_received(error failed, std::size_t count) {
    if (failed == asio::error::eof) return finish();
    if (failed) return;  // nobody holds the session any more: it closes its socket
    if (has_finished_) return receive();
    asio::async_write(socket_, asio::buffer(buffer_, count),
                      [self = shared_from_this()](error broken, std::size_t sent) {
                        if (!broken) self->on_sent(sent);
                      });
  }

  void on_sent(std::size_t count) {
    echoed_ += count;
    if (finish_after_ != 0 && echoed_ >= finish_after_) finish();
    if (count == buffer_.size() && count < largest_buffer) buffer_.resize(largest_buffer);
    receive();
  }

  void finish() {
    if (has_finished_) return;
    has_finished_ = true;
    error ignored;  // the peer may have gone; then there is nothing to end
    // NOLINTNEXTLINE(bugprone-unused-return-value): it returns what it wrote to `ignored`
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  tcp::socket socket_;
  std::vector<char> buffer_;
  std::uint64_t finish_after_;
  std::uint64_t echoed_ = 0;
  bool has_finished_ = false;
};

void accept(tcp::acceptor& listener, std::uint64_t finish_after) {
  listener.async_accept([&listener, finish_after](error failed, tcp::socket socket) {
    if (!failed) std::make_shared<session>(std::move(socket), finish_after)->receive();
    accept(listener, finish_after);
  });
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  asio::io_context context(1);  // one thread
  std::vector<tcp::acceptor> listeners;
  listeners.reserve(made.listeners.size());
  for (const int each : made.listeners) listeners.emplace_back(context, tcp::v4(), each);
  for (tcp::acceptor& each : listeners) accept(each, made.finish_after);
  context.run();
}
