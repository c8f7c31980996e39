// One TCP connection, as its handler sees it.
//
// The rule: a handler says what it wants; the server does it once the handler has returned. So nothing
// here blocks, nothing calls back, and no order of calls can lose a byte that was accepted.
// Not here: reaching a connection from another thread (connection_handle, at the end).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include <lastbyte/buffer.hpp>
#include <lastbyte/ending.hpp>
#include <lastbyte/endpoint.hpp>
#include <lastbyte/ledger.hpp>

namespace lastbyte {

// Why something asked of a connection was refused.
enum class refusal : std::uint8_t {
  finished = 1,  // after finish(), close() or abort(), or once the connection is ending
  gone,          // the connection has ended; its handle outlived it
  stopped,       // the server has stopped
};
[[nodiscard]] std::error_code make_error_code(refusal why) noexcept;

class connection_handle;

// Thread: every member is called from within a call of its handler, and nowhere else.
class connection {
 public:
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Queues the bytes of a received buffer behind what is queued, without a copy.
  // State: delivering or peer finished; otherwise refused, and counted as refused.
  // @return no error, refusal::finished, or std::errc::not_enough_memory: then the connection is aborted. Accepted bytes
  // are sent, or reported as lost.
  std::error_code send(buffer bytes);

  // Queues a copy of `bytes`. State and errors: as above.
  // Shape: `bytes` may be reused when this returns.
  std::error_code send(std::span<const std::byte> bytes);
  std::error_code send(std::string_view text);

  // Ends our side: sends what is queued, then our end of stream (shutdown, SD_SEND). What the peer
  // still sends is delivered. Idempotent.
  void finish() noexcept;

  // The graceful end: sends what is queued, then our end of stream; drops and counts what the peer still
  // sends; waits until it has finished too and ours is acknowledged; then closes. Idempotent.
  void close() noexcept;

  // Resets the connection, on purpose: what is queued is lost, and counted.
  void abort(ending cause = ending::app_abort) noexcept;

  // Asks for no more bytes. What was already received is still delivered: at most one buffer.
  // Meanwhile the deadlines of silence don't strike: nobody listens. After close() receiving goes on all the same,
  // because the drain depends on it.
  void pause() noexcept;
  void resume() noexcept;

  // While held, the server doesn't end this connection by itself: neither the peer's end of stream is
  // told, nor does the idle deadline or quiesce strike (its hard deadline does). For a handler that is
  // still computing an answer. Counted: as many release() as hold().
  void hold() noexcept;
  void release() noexcept;

  // Bytes accepted by send() that the kernel has not taken yet. Where the memory that holds them is above the
  // high mark, the server pauses receiving by itself; at the low mark it resumes and calls
  // handler::on_send_low.
  [[nodiscard]] std::uint64_t queued() const noexcept;
  [[nodiscard]] bool above_high_mark() const noexcept;

  // What became of the bytes so far.
  [[nodiscard]] ledger bytes() const noexcept;
  [[nodiscard]] const endpoint& peer() const noexcept;

  // One word for the handler's own use: 0 when the connection opens.
  [[nodiscard]] std::uint64_t& user_word() noexcept;

  // A way to reach this connection from any thread, for as long as anybody likes.
  [[nodiscard]] connection_handle handle() const;

 protected:
  connection() = default;
  ~connection() = default;
};

// Carries a request from any thread to a connection's own worker. Internal: made by connection::handle().
class courier;

// Reaches a connection from any thread. It may outlive its connection, and its server: a request to a
// connection that has ended is refused, never given to the next one in its place.
//
// The check at the call is early and cheap; a connection that ends between the call and its worker's
// turn refuses the bytes then, and the server's report counts them as refused.
// Thread: any.
class connection_handle {
 public:
  connection_handle() = default;

  // Queues a copy of `bytes`.
  // @return refusal::gone, refusal::stopped, or no error: on its way.
  std::error_code send(std::span<const std::byte> bytes) const;
  std::error_code send(std::string_view text) const;
  std::error_code finish() const;
  std::error_code close() const;
  std::error_code abort() const;
  std::error_code resume() const;
  std::error_code release() const;

  friend bool operator==(const connection_handle&, const connection_handle&) = default;

 private:
  friend class connection;
  connection_handle(std::shared_ptr<courier> by, std::uint32_t slot, std::uint32_t generation)
      : courier_(std::move(by)), slot_(slot), generation_(generation) {}

  std::shared_ptr<courier> courier_;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
};

}  // namespace lastbyte

template <>
struct std::is_error_code_enum<lastbyte::refusal> : std::true_type {};
