// The io_uring port: one ring per worker, and a connection stays on its worker.
//
// Operations are written into memory shared with the kernel, and one system call a turn submits them all
// and waits for completions. Messages are received by one operation that goes on and on, streams by one
// operation per large buffer, where pausing is simply not submitting the next.
#pragma once

#include <liburing.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "port/batch.hpp"
#include "port/clock.hpp"
#include "port/completion_port.hpp"
#include "port/finished_queue.hpp"
#include "port/uring/buffer_ring.hpp"
#include "port/uring/kernel.hpp"
#include "port/uring/socket.hpp"

namespace lastbyte::port::uring {

class worker;

// What the kernel has of one worker, and the blocks for messages: made before its thread is, so that
// nothing can fail there, and gone after everybody who may keep one of the blocks.
class lane {
 public:
  lane() noexcept;
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane();

  [[nodiscard]] outcome open(std::uint32_t setup_flags) noexcept;

  io_uring ring{};
  int bell = -1;  // eventfd
  buffer_pool message_pool;
  buffer_ring messages;
  buffer_ring bulk;

 private:
  bool is_open_ = false;
};

class port {
 public:
  using worker = uring::worker;
  static constexpr bool connections_stay = true;
  static constexpr std::string_view name = "uring";

  // Why this machine has no such port, if so; for whoever would take another one then.
  [[nodiscard]] static outcome try_out();

  explicit port(std::uint32_t workers);
  port(const port&) = delete;
  port& operator=(const port&) = delete;
  ~port() = default;

  [[nodiscard]] outcome problem() const noexcept { return problem_; }
  void wake(std::uint32_t worker_index) noexcept;
  [[nodiscard]] std::uint32_t now_ms() const noexcept { return steady_now_ms(); }

 private:
  friend class uring::worker;

  [[nodiscard]] outcome open_lanes(std::uint32_t count);

  std::vector<std::unique_ptr<lane>> lanes_;
  outcome problem_;
};

// Thread: the one that built it.
class worker {
 public:
  using socket = uring::socket;
  using listener = uring::listener;

  worker(port& shared, std::uint32_t index, buffer_pool& pool);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  // Cancels what is still in flight, and waits for it.
  ~worker();

  [[nodiscard]] outcome listen(listener& made, const endpoint& where, const listen_options& how,
                               void* owner) noexcept;
  [[nodiscard]] endpoint local(const listener& of) const noexcept;
  void submit_accept(listener& on) noexcept;
  void cancel_accept(listener& on) noexcept;
  void finish_accept(listener& on) noexcept;
  void close(listener& unused) noexcept;

  [[nodiscard]] outcome adopt(socket& into, accepted_socket accepted, void* owner) noexcept;
  void discard(accepted_socket accepted) noexcept;
  void submit_connect(socket& into, const endpoint& where, void* owner) noexcept;
  void submit_receive(socket& on) noexcept;
  void pause_receive(socket& on) noexcept { cancel_receive(on); }
  void cancel_receive(socket& on) noexcept;
  void submit_send(socket& on, std::span<const slice> slices) noexcept;
  void cancel_send(socket& on) noexcept;
  [[nodiscard]] outcome shutdown_send(socket& on) noexcept;
  [[nodiscard]] kernel_witness witness(const socket& of) const noexcept;
  [[nodiscard]] outcome failure(const socket& of) const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> unread(const socket& of) const noexcept;
  void close(socket& joined, close_mode mode) noexcept;

  [[nodiscard]] std::size_t dequeue(std::span<completion> out,
                                    std::optional<std::uint32_t> timeout_ms) noexcept;

 private:
  // What a submission points at, until the kernel has read it.
  union attachment {
    struct {
      msghdr header;
      iovec parts[max_slices];
    } gathered;
    sockaddr_storage address;
  };

  // The ring.
  [[nodiscard]] io_uring_sqe& next_submission() noexcept;
  [[nodiscard]] attachment& attached_to(const io_uring_sqe& submission) noexcept;
  void cancel(std::uint64_t user_data) noexcept;
  void arm_bell() noexcept;
  void enter(std::optional<std::uint32_t> timeout_ms) noexcept;
  void await_all() noexcept;

  // Dealing.
  void deal_what_is_there(batch& to) noexcept;
  void harvest(batch& to) noexcept;
  void see(const io_uring_cqe& done, batch& to) noexcept;

  // Accepting.
  void arm(listener& on) noexcept;
  void stop_accept(listener& on, outcome why) noexcept;
  void on_poll(listener& on, const io_uring_cqe& done) noexcept;
  [[nodiscard]] bool is_anybody_waiting() const noexcept;
  void accept_waiting(batch& to) noexcept;
  void accept_one(listener& on, batch& to) noexcept;

  // Receiving.
  void arm(socket& on) noexcept;
  void disarm(socket& on) noexcept;
  [[nodiscard]] block* take_block(const io_uring_cqe& done) noexcept;
  [[nodiscard]] completion& add_receive(socket& on, batch& to) noexcept;
  [[nodiscard]] bool was_dealt(const socket& on, const batch& to) const noexcept;
  void on_receive(socket& on, const io_uring_cqe& done, batch& to) noexcept;
  void adapt(socket& on, const block& received) noexcept;
  [[nodiscard]] bool must_wait(const socket& on, const batch& to) const noexcept;
  void put_aside(socket& on, block& bytes) noexcept;
  void deal_stashed(batch& to) noexcept;
  void on_receive_over(socket& on, block* last, int result, batch& to) noexcept;
  void on_receive_stopped(socket& on, block* last, int result, batch& to) noexcept;
  [[nodiscard]] std::optional<std::uint64_t> verify_end(socket& on) noexcept;
  [[nodiscard]] bool has_buffers_for(const socket& on) noexcept;
  void end_receive(socket& on) noexcept;
  [[nodiscard]] bool tell_held_error(socket& on) noexcept;
  void begin_salvage(socket& on) noexcept;
  void salvage_some(batch& to) noexcept;
  [[nodiscard]] bool salvage_one(socket& on, batch& to) noexcept;

  // Sending.
  void on_connect(socket& on, int result, batch& to) noexcept;
  void on_send(socket& on, int result, batch& to) noexcept;
  void fail_send(socket& on, outcome why) noexcept;

  lane& lane_;
  std::uint32_t index_;
  buffer_pool& pool_;
  std::unique_ptr<attachment[]> attachments_;  // one per place in the submission queue
  std::size_t in_flight_ = 0;                  // operations that the ring has
  finished_queue finished_;                    // operations that ended without the ring
  std::vector<listener*> accepting_;           // those with an accept in flight
  std::vector<socket*> stashed_;               // those with a receive in flight and bytes put aside
  std::vector<socket*> salvaging_;  // those whose receive takes what an error left behind
  unsigned dequeues_since_enter_ = 0;
  bool is_woken_ = false;      // the bell has rung in this dequeue
  std::uint8_t dequeues_ = 0;  // so far, by the lowest byte
};

static_assert(completion_port<port>);

}  // namespace lastbyte::port::uring
