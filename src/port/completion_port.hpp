// The completion port contract: what every port promises, and what whoever drives it must keep.
//
// A port turns the kernel's way of doing I/O into one thing: operations that are submitted, and
// completions that are dequeued. Written with IOCP, io_uring and epoll side by side, so that it leans to
// none of them.
//
//  1. Who is who. A port serves a pool of workers, one thread each. Two kinds exist:
//     `connections_stay` = true: a connection belongs to the worker that adopted it, and all its
//     completions surface there (epoll, one set per worker; io_uring). false: they surface at any worker
//     (IOCP; epoll shared). Then it is the caller who makes sure that one thread at a time touches a
//     connection, and any worker may submit for it.
//
//  2. Operations are accept, connect, receive, send. Their memory (`socket`, `listener`) is the caller's;
//     it stays where it is, alive, until their last completion was dequeued and close() was called.
//     shutdown_send, close, witness and wake are synchronous calls.
//
//  3. A submitted operation completes, and is seen only through dequeue(): also when the kernel finished
//     it at once, also when submitting failed at once (that is an error completion). There is no
//     recursion, no second dispatch, and none is forgotten.
//
//  4. accept and receive are subscriptions: each completion says whether `more` will come. `more` = false
//     ends the operation; unless it also brings an error or an end of stream it means no more than
//     "submit again if you want more". Where connections don't stay, a receive never says `more`: nobody
//     could tell which of two workers got the earlier bytes. A send completes once, with the number of bytes that the kernel
//     took: fewer than asked (even 0) without an error means "submit the rest".
//
//  5. One receive and one send at most are in flight on a socket; the driver keeps this, and the bytes'
//     order follows from it. A connect counts as the send.
//
//  6. An idle connection holds no buffer. Received bytes come in a block of the worker's pool; the block
//     is then the caller's, who gives it back to its owner, from any thread.
//
//  7. The first error is sticky. A receive of 0 is an end of stream only if it is verified: where the
//     kernel can be asked, it must have counted the peer's FIN; a 0 without one is an error, `reset`.
//     Where it can't be asked, the completion says `is_proven` = false. Who asks tells what the peer had
//     acknowledged, since that comes with the answer. Bytes that wait behind a send error are received
//     first, if a receive is in flight. An error that only a send has met is told by it, and only then ends
//     the receive: whoever names a cause names it by what failed.
//
//  8. pause_receive() is a request: soon no more bytes come, at most one buffer still does, and the
//     receive then ends. cancel_receive() and cancel_send() end their operation as soon as the kernel
//     lets them. Either way the operation still completes, with whatever bytes it had, or as `cancelled`.
//     Cancelling what is not in flight does nothing.
//
//  9. Join, then close: close() only when neither a receive nor a send is in flight. So a completion
//     never meets the next connection in the same memory.
//
// 10. wake() makes one dequeue() return soon, of that worker (or, where connections don't stay, of any),
//     with or without completions. It may be called from any thread; several wakes may merge into one. A kernels'
//     port that returns nothing has asked its kernel, and found nothing but wakes, or bytes that it has no memory
//     for; the simulated one may return nothing though something waits.
//
// 11. now_ms() is the clock of everything that is driven by the port: milliseconds, it only goes forward,
//     and it wraps. A port made of kernels reads the machine's, a simulated one moves its own.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <lastbyte/buffer.hpp>
#include <lastbyte/endpoint.hpp>

#include "port/buffer_pool.hpp"

namespace lastbyte::port {

// Errors, as far as somebody acts differently on them. Each port maps its platform's codes in one place.
enum class error : std::uint8_t {
  none,
  cancelled,
  reset,       // by the peer
  vanished,    // the peer stopped answering, or can't be reached
  refused,     // connect: nobody listens there
  aborted,     // by this machine
  resources,   // memory, handles or buffers ran out: try again later
  in_use,      // listen: somebody else has this TCP port
  denied,      // listen: not allowed
  no_address,  // listen, connect: this machine has no such address
  other,
};
[[nodiscard]] std::string_view to_string(error which) noexcept;

// An error with the platform's own code, for people.
struct outcome {
  error what = error::none;
  int native = 0;

  [[nodiscard]] bool failed() const noexcept { return what != error::none; }
};

enum class operation : std::uint8_t { none, accept, connect, receive, send };

// A socket that was accepted and is not adopted yet: who gets one adopts or discards it.
struct accepted_socket {
  std::uintptr_t native = 0;
  endpoint peer;
};

// Shape: which fields mean something is said by `what`.
struct completion {
  operation what = operation::none;
  outcome result;
  bool more = false;              // accept, receive: the subscription goes on
  bool is_end_of_stream = false;  // receive: the peer has finished; then more = false
  bool is_proven = true;          // receive: the end of stream was verified
  // receive: beside an end of stream, as in kernel_witness; 0: the kernel was not asked
  std::uint64_t acknowledged = 0;
  std::uint32_t bytes = 0;    // send: taken by the kernel, also beside an error
  block* received = nullptr;  // receive: filled, and the caller's now
  void* owner = nullptr;      // of the socket or listener, as given to adopt(), connect or listen()
  accepted_socket accepted;   // accept, without an error
};

// What the kernel says about a connection. Units: bytes, without the SYN, a FIN counting as one.
struct kernel_witness {
  bool known = false;      // false: this platform can't tell
  bool is_closed = false;  // the TCP state machine is over
  // It has sent the same again, or asked again for room, and no answer came: other than of a peer that doesn't read.
  bool is_unanswered = false;
  // Something of ours has not left yet: a shut window keeps back a FIN, too. Windows doesn't say.
  bool has_unsent = false;
  std::uint64_t acknowledged = 0;
  std::uint32_t round_trip_us = 0;  // smoothed; 0: unknown
};

enum class close_mode : std::uint8_t {
  orderly,  // what the kernel still holds is sent, then our end of stream
  reset,    // at once; what the kernel still holds is lost
};

struct listen_options {
  std::uint32_t backlog = 4'096;    // connections
  std::uint32_t accept_depth = 64;  // accepts kept in flight, where that means something
  std::uint32_t keepalive_ms = 0;   // for accepted sockets; 0: off
  std::uint32_t share_count = 1;    // how many workers will listen on this endpoint together
};

using slice = std::span<const std::byte>;

// The longest gathered send: slices behind it wait for the next one.
inline constexpr std::size_t max_slices = 16;
// The most completions that one dequeue hands out, so that a handler that blocks strands few.
inline constexpr std::size_t max_batch = 16;
// The size of a receive buffer.
inline constexpr std::uint32_t receive_block_bytes = 64U << 10;

template <class Worker>
concept completion_worker = requires(
    Worker worker, typename Worker::socket& socket, typename Worker::listener& listener,
    const endpoint& where, const listen_options& how, void* owner, accepted_socket accepted,
    std::span<const slice> slices, close_mode mode, std::span<completion> out,
    std::optional<std::uint32_t> timeout_ms) {
  // Opens `listener` at `where`. With TCP port 0, local() then tells which one it got.
  { worker.listen(listener, where, how, owner) } -> std::same_as<outcome>;
  { worker.local(listener) } -> std::same_as<endpoint>;
  // Accepts until cancelled, or until resources run out (an error completion with more = false).
  { worker.submit_accept(listener) } -> std::same_as<void>;
  // New connections wait in the kernel's queue meanwhile.
  { worker.cancel_accept(listener) } -> std::same_as<void>;
  // No new connection reaches the queue any more, where the platform can do that; those that are
  // in it are accepted still, then the accept ends as cancelled. If it ends without an error before
  // that, or for want of resources, somebody may wait still: submit it and finish it again.
  { worker.finish_accept(listener) } -> std::same_as<void>;
  // Only when no accept is in flight.
  { worker.close(listener) } -> std::same_as<void>;

  // Makes an accepted socket this worker's. On failure the socket is closed, by a reset, as by discard(): its peer must not
  // take it for an answer that is empty.
  { worker.adopt(socket, accepted, owner) } -> std::same_as<outcome>;
  { worker.discard(accepted) } -> std::same_as<void>;
  { worker.submit_connect(socket, where, owner) } -> std::same_as<void>;
  { worker.submit_receive(socket) } -> std::same_as<void>;
  { worker.pause_receive(socket) } -> std::same_as<void>;
  { worker.cancel_receive(socket) } -> std::same_as<void>;
  // Shape: 1 to max_slices slices, none empty; their bytes stay put until the send completes; the
  // array itself is the caller's again when this returns.
  { worker.submit_send(socket, slices) } -> std::same_as<void>;
  { worker.cancel_send(socket) } -> std::same_as<void>;
  { worker.shutdown_send(socket) } -> std::same_as<outcome>;
  { worker.witness(socket) } -> std::same_as<kernel_witness>;
  // Why a connection is over that no completion told about, as far as the platform knows. Only when
  // nothing is in flight: the kernel may tell it once, and then no operation would learn of it.
  { worker.failure(socket) } -> std::same_as<outcome>;
  // Bytes that the kernel holds and nobody has received; nothing if it can't tell.
  { worker.unread(socket) } -> std::same_as<std::optional<std::uint64_t>>;
  { worker.close(socket, mode) } -> std::same_as<void>;

  // Waits until something completes, or wake(), or the timeout (none: for ever; 0: not at all).
  // Shape: `out` has room for max_batch completions.
  // @return how many completions stand in `out`, at most max_batch; 0 is no error.
  { worker.dequeue(out, timeout_ms) } -> std::same_as<std::size_t>;
};

// A port is built once per server, and a worker once per thread, on that thread: Worker(port, index, pool).
template <class Port>
concept completion_port =
    completion_worker<typename Port::worker> &&
    std::constructible_from<typename Port::worker, Port&, std::uint32_t, buffer_pool&> &&
    requires(Port& port, std::uint32_t worker_index) {
      { Port::connections_stay } -> std::convertible_to<bool>;
      { Port::name } -> std::convertible_to<std::string_view>;
      // Why the port can't be used, if so. Workers are built only on a port that is all right.
      { port.problem() } -> std::same_as<outcome>;
      { port.wake(worker_index) } -> std::same_as<void>;
      { port.now_ms() } -> std::same_as<std::uint32_t>;
    };

}  // namespace lastbyte::port
