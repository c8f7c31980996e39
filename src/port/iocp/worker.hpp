// One thread's way to the port: it submits, and it dequeues what any worker submitted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "port/completion_port.hpp"
#include "port/iocp/listener.hpp"
#include "port/iocp/operation.hpp"
#include "port/iocp/socket.hpp"

namespace lastbyte::port::iocp {

class port;

// Thread: the one that built it. Sockets and listeners may come from other workers.
class worker {
 public:
  using socket = iocp::socket;
  using listener = iocp::listener;

  worker(port& shared, std::uint32_t index, buffer_pool& pool) noexcept;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  [[nodiscard]] outcome listen(listener& made, const endpoint& where, const listen_options& how,
                               void* owner) noexcept;
  [[nodiscard]] endpoint local(const listener& of) const noexcept { return of.local(); }
  void submit_accept(listener& on) noexcept;
  void cancel_accept(listener& on) noexcept { on.cancel(); }
  void finish_accept(listener& on) noexcept { on.finish(); }
  void close(listener& unused) noexcept { unused.close(); }

  [[nodiscard]] outcome adopt(socket& into, accepted_socket accepted, void* owner) noexcept;
  void discard(accepted_socket accepted) noexcept;
  void submit_connect(socket& into, const endpoint& where, void* owner) noexcept;
  void submit_receive(socket& on) noexcept;
  // Every receive ends with its first bytes, so there is nothing to do. To cancel one that waits would be
  // worse than nothing: behind a cancelled receive closesocket() sends a reset (libuv, src/win/tcp.c).
  void pause_receive(socket& /*on*/) noexcept {}
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
  // Whether the kernel has an operation, or it was over at once.
  enum class posted : std::uint8_t { pending, over };

  // @return whether there may be more than what it took, and nobody woke us.
  bool poll_kernel(std::size_t most, DWORD timeout_ms) noexcept;
  void release_accepted() noexcept;
  [[nodiscard]] bool hand_out(overlapped& over, completion& out) noexcept;

  [[nodiscard]] bool hand_out_accept(accept_operation& over, completion& out) noexcept;
  [[nodiscard]] bool hand_out_end(end_of_accept_operation& over, completion& out) noexcept;
  [[nodiscard]] bool hand_out_receive(receive_operation& over, completion& out) noexcept;
  [[nodiscard]] bool hand_out_send(send_operation& over, completion& out) noexcept;
  [[nodiscard]] bool hand_out_connect(send_operation& over, completion& out) noexcept;

  [[nodiscard]] posted note_posted(overlapped& by, int code) const noexcept;
  [[nodiscard]] posted post_receive(socket& on) noexcept;
  void post_receive_again(socket& on) noexcept;
  [[nodiscard]] outcome begin_connect(socket& into, const endpoint& where) noexcept;
  [[nodiscard]] bool receive_now(socket& on, int told, completion& out) noexcept;
  void end_receive_of_0(socket& on, completion& out) const noexcept;
  void fail_receive(socket& on, int code, completion& out) const noexcept;

  port& port_;
  buffer_pool& pool_;
  ready_list ready_;
  // Whose connections the last dequeue() handed out.
  std::array<listener*, max_batch> accepted_of_{};
  std::size_t accepted_count_ = 0;
  std::int64_t in_flight_ = 0;  // submitted here minus handed out here; may be negative
};

}  // namespace lastbyte::port::iocp
