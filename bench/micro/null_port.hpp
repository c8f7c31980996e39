// A completion port without a kernel: every connect succeeds, every send is taken whole, and every connection always
// has one more message.
//
// It keeps the contract as far as a load in mid-flight needs it; what it deals costs next to nothing, so what is
// measured over it is our own.
// Not here: ends of stream, errors, pausing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "port/completion_port.hpp"

namespace lastbyte::micro {

class null_port {
 public:
  static constexpr bool connections_stay = true;
  static constexpr std::string_view name = "null";
  static constexpr std::uint32_t message_bytes = 64;

  class worker;

  explicit null_port(std::uint32_t /*workers*/) {}

  [[nodiscard]] static port::outcome problem() noexcept { return {}; }
  void wake(std::uint32_t /*worker_index*/) noexcept {}
  // Asked once a turn: so its time goes by, or nothing would ever end.
  [[nodiscard]] std::uint32_t now_ms() noexcept { return ++turns_ / turns_per_ms; }

 private:
  static constexpr std::uint32_t turns_per_ms = 256;

  std::uint32_t turns_ = 0;
};

// Thread: one.
class null_port::worker {
 public:
  struct socket {
    void* owner = nullptr;
  };
  struct listener {};

  worker(null_port& /*shared*/, std::uint32_t /*index*/, port::buffer_pool& pool) : pool_(pool) {}

  // Nobody listens.
  [[nodiscard]] static port::outcome listen(listener& /*made*/, const endpoint& /*where*/,
                                            const port::listen_options& /*how*/, void* /*owner*/) {
    return {};
  }
  [[nodiscard]] static endpoint local(const listener& /*of*/) { return {}; }
  void submit_accept(listener& /*on*/) {}
  void cancel_accept(listener& /*on*/) {}
  void finish_accept(listener& /*on*/) {}
  void close(listener& /*unused*/) {}
  [[nodiscard]] static port::outcome adopt(socket& /*into*/, port::accepted_socket /*accepted*/,
                                           void* /*owner*/) {
    return {};
  }
  void discard(port::accepted_socket /*accepted*/) {}

  void submit_connect(socket& into, const endpoint& /*where*/, void* owner) {
    into.owner = owner;
    finish(into, port::operation::connect);
  }
  void submit_receive(socket& on) { receiving_.push_back(&on); }
  void pause_receive(socket& on) { cancel_receive(on); }
  void cancel_receive(socket& on) {
    std::erase(receiving_, &on);
    finish(on, port::operation::receive).result = {port::error::cancelled, 0};
  }
  void submit_send(socket& on, std::span<const port::slice> slices) {
    std::uint32_t bytes = 0;
    for (const port::slice& each : slices) bytes += static_cast<std::uint32_t>(each.size());
    finish(on, port::operation::send).bytes = bytes;
  }
  void cancel_send(socket& /*on*/) {}  // it is finished already, and will be dealt
  [[nodiscard]] static port::outcome shutdown_send(socket& /*on*/) { return {}; }
  [[nodiscard]] static port::kernel_witness witness(const socket& /*of*/) { return {}; }
  [[nodiscard]] static port::outcome failure(const socket& /*of*/) { return {}; }
  [[nodiscard]] static std::optional<std::uint64_t> unread(const socket& /*of*/) { return 0; }
  void close(socket& /*joined*/, port::close_mode /*mode*/) {}

  [[nodiscard]] std::size_t dequeue(std::span<port::completion> out,
                                    std::optional<std::uint32_t> /*timeout_ms*/) {
    return finished_.empty() ? deal_messages(out) : deal_finished(out);
  }

 private:
  port::completion& finish(socket& on, port::operation what) {
    port::completion& done = finished_.emplace_back();
    done.what = what;
    done.owner = on.owner;
    return done;
  }

  std::size_t deal_finished(std::span<port::completion> out) {
    const std::size_t count = std::min(out.size(), finished_.size());
    std::copy_n(finished_.end() - static_cast<std::ptrdiff_t>(count), count, out.begin());
    finished_.resize(finished_.size() - count);
    return count;
  }

  std::size_t deal_messages(std::span<port::completion> out) {
    const std::size_t count = std::min(out.size(), receiving_.size());
    for (std::size_t i = 0; i < count; ++i) {
      port::completion& done = out[i] = {};
      done.what = port::operation::receive;
      done.more = true;
      done.owner = receiving_[next_++ % receiving_.size()]->owner;
      done.received = pool_.take();
      done.received->size = message_bytes;
    }
    return count;
  }

  port::buffer_pool& pool_;
  std::vector<socket*> receiving_;
  std::vector<port::completion> finished_;
  std::size_t next_ = 0;
};

static_assert(port::completion_port<null_port>);

}  // namespace lastbyte::micro
