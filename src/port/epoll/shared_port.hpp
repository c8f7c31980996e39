// The shared epoll port: one epoll set for all workers, and a connection's completions surface at any.
//
// It does on Linux what IOCP does on Windows, so that a server for both can be watched by ThreadSanitizer;
// for speed there is the port with a set per worker. A socket is armed for one event at a time
// (EPOLLONESHOT) and with exactly what is in flight, so one worker gets it, once.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "port/batch.hpp"
#include "port/clock.hpp"
#include "port/completion_port.hpp"
#include "port/epoll/shared_record.hpp"
#include "port/finished_queue.hpp"

namespace lastbyte::port::epoll {

class shared_worker;

class shared_port {
 public:
  using worker = shared_worker;
  static constexpr bool connections_stay = false;
  static constexpr std::string_view name = "epoll-shared";

  explicit shared_port(std::uint32_t workers);
  shared_port(const shared_port&) = delete;
  shared_port& operator=(const shared_port&) = delete;
  ~shared_port();

  [[nodiscard]] outcome problem() const noexcept { return problem_; }
  void wake(std::uint32_t worker_index) noexcept;
  [[nodiscard]] std::uint32_t now_ms() const noexcept { return steady_now_ms(); }

 private:
  friend class shared_worker;

  int set_ = -1;
  int bell_ = -1;
  record_store records_;
  outcome problem_;
};

// The caller's handles.
struct shared_socket {
  record* kept = nullptr;
};
struct shared_listener {
  record* kept = nullptr;
};

// Thread: the one that built it.
class shared_worker {
 public:
  using socket = shared_socket;
  using listener = shared_listener;

  shared_worker(shared_port& shared, std::uint32_t index, buffer_pool& pool);
  shared_worker(const shared_worker&) = delete;
  shared_worker& operator=(const shared_worker&) = delete;
  ~shared_worker() = default;

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
  [[nodiscard]] outcome enlist(record*& made, int fd, void* owner) noexcept;
  void dismiss(record*& unused, close_mode mode) noexcept;
  // Where a record is taken, its mutex is held.
  void arm(record& on) noexcept;
  completion& finish(record& on, operation what, outcome result, std::uint32_t bytes = 0);
  void fail_send(record& on, outcome why) noexcept;
  void tell_held_error(record& on) noexcept;
  void tell_the_rest(record& on) noexcept;
  void end_receive(record& on, outcome why, bool is_end_of_stream = false) noexcept;
  void end_accept(record& on, outcome why) noexcept;

  void settle_dealt_accepts() noexcept;
  void tell_held_errors() noexcept;
  // @return whether there may be more events than it looked at, and nobody woke us.
  bool poll(std::optional<std::uint32_t> timeout_ms) noexcept;
  [[nodiscard]] bool has_room_for(const record& on) const noexcept;
  void look_at(record& on, std::uint32_t events) noexcept;
  void accept_waiting(record& on) noexcept;
  void receive_waiting(record& on) noexcept;
  void receive_end(record& on, int code) noexcept;

  shared_port& port_;
  buffer_pool& pool_;
  batch* dealing_ = nullptr;            // the batch of the dequeue() that is under way
  finished_queue finished_;             // operations that ended without waiting
  std::vector<record*> to_look_at_;     // as if an event had come
  std::vector<record*> dealt_accepts_;  // one entry for each accepted connection of the last batch
  std::vector<record*> held_errors_;    // of sends, behind bytes that the last batch brought
};

static_assert(completion_port<shared_port>);

}  // namespace lastbyte::port::epoll
