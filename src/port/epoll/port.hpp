// The epoll port: one epoll set per worker, and a connection stays on its worker.
//
// epoll tells readiness, the contract wants completions: so a receive that is submitted waits here until
// its socket is readable, and dequeue() performs it; a send is tried at once and waits only if there is no
// room. Edge-triggered, registered once for both directions: a connection costs one epoll_ctl in its life.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "port/batch.hpp"
#include "port/clock.hpp"
#include "port/completion_port.hpp"
#include "port/epoll/socket.hpp"
#include "port/finished_queue.hpp"

namespace lastbyte::port::epoll {

class worker;

class port {
 public:
  using worker = epoll::worker;
  static constexpr bool connections_stay = true;
  static constexpr std::string_view name = "epoll";

  explicit port(std::uint32_t workers);
  port(const port&) = delete;
  port& operator=(const port&) = delete;
  ~port();

  [[nodiscard]] outcome problem() const noexcept { return problem_; }
  void wake(std::uint32_t worker_index) noexcept;
  [[nodiscard]] std::uint32_t now_ms() const noexcept { return steady_now_ms(); }

 private:
  friend class epoll::worker;

  // Of one worker: its epoll set, and the eventfd that wakes it.
  struct lane {
    int set = -1;
    int bell = -1;
  };
  std::vector<lane> lanes_;
  outcome problem_;
};

// Thread: the one that built it.
class worker {
 public:
  using socket = epoll::socket;
  using listener = epoll::listener;

  worker(port& shared, std::uint32_t index, buffer_pool& pool);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() = default;

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
  [[nodiscard]] outcome watch(int fd, source& as) noexcept;
  void set_interest(listener& on, std::uint32_t events) noexcept;
  void end_accept(listener& on, outcome why) noexcept;
  [[nodiscard]] static completion failed(outcome why) noexcept;
  void end_receive(socket& on, completion last) noexcept;
  void fail_send(socket& on, outcome why) noexcept;

  void poll(std::optional<std::uint32_t> timeout_ms) noexcept;
  void note(socket& on, std::uint32_t events) noexcept;
  [[nodiscard]] bool is_anybody_waiting() const noexcept;
  void accept_waiting(batch& to) noexcept;
  void receive_readable(batch& to) noexcept;
  void receive_one(socket& on, batch& to) noexcept;
  void end_of_receive(socket& on, int code) noexcept;

  port::lane lane_;
  std::uint32_t index_;
  buffer_pool& pool_;
  finished_queue finished_;           // operations that ended without waiting
  std::vector<listener*> accepting_;  // those with an accept in flight
  reading_list reading_;
  std::size_t round_left_ = 0;  // sockets still to be read before the kernel is asked again
  unsigned dequeues_since_poll_ = 0;
};

static_assert(completion_port<port>);

}  // namespace lastbyte::port::epoll
