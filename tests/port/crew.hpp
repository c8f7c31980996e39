// The workers of one port. Number 0 is the test's own thread; each of the others has a thread that
// blocks in dequeue() until there is something to do.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "port/buffer_pool.hpp"
#include "port/completion_port.hpp"

namespace lastbyte::test {

/// Which worker the calling thread is.
inline thread_local std::uint32_t this_worker = 0;

template <class Port>
class crew {
 public:
  using worker = typename Port::worker;
  using errand = std::function<void()>;
  using handler = std::function<void(const port::completion&)>;

  template <class... PortArguments>
  crew(std::uint32_t count, handler on_completion, const PortArguments&... for_port)
      : port_(count, for_port...), on_completion_(std::move(on_completion)) {
    for (std::uint32_t index = 0; index < count; ++index) {
      members_.push_back(std::make_unique<member>());
    }
    if (port_.problem().failed()) return;
    members_[0]->io.emplace(port_, 0, members_[0]->pool);
    for (std::uint32_t index = 1; index < count; ++index) {
      members_[index]->thread = std::thread([this, index] { live(index); });
    }
  }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() { stop(); }

  Port& port() { return port_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(members_.size()); }
  /// The calling thread's.
  worker& mine() { return *members_[this_worker]->io; }
  port::buffer_pool& my_pool() { return members_[this_worker]->pool; }

  /// One dequeue at worker 0. @return how many completions came.
  std::size_t turn(std::optional<std::uint32_t> timeout_ms) {
    return turn(*members_[0], timeout_ms);
  }

  /// Runs `what` soon: on worker `index`, or where connections don't stay on any.
  void post(std::uint32_t index, errand what) {
    member& to = mailbox(index);
    {
      const std::scoped_lock lock(to.mutex);
      to.errands.push_back(std::move(what));
    }
    port_.wake(index);
  }

  /// Joins the threads. @return the blocks that never came back.
  std::uint32_t stop() {
    is_stopping_ = true;
    for (std::uint32_t index = 1; index < size(); ++index) port_.wake(index);
    std::uint32_t missing = 0;
    for (auto& each : members_) {
      if (each->thread.joinable()) each->thread.join();
      each->io.reset();
      each->pool.adopt_thread();
      missing += each->pool.outstanding();
    }
    return missing;
  }

 private:
  struct member {
    port::buffer_pool pool{port::receive_block_bytes, 64};
    std::optional<worker> io;
    std::thread thread;
    std::mutex mutex;
    std::vector<errand> errands;
  };

  member& mailbox(std::uint32_t index) { return *members_[Port::connections_stay ? index : 0]; }

  void live(std::uint32_t index) {
    this_worker = index;
    member& self = *members_[index];
    self.pool.adopt_thread();
    self.io.emplace(port_, index, self.pool);
    while (!is_stopping_) turn(self, std::nullopt);
    run_errands();
    // Of several wakes one may be left, and another worker may wait for it.
    port_.wake(index);
    self.io.reset();
  }

  std::size_t turn(member& self, std::optional<std::uint32_t> timeout_ms) {
    port::completion batch[port::max_batch];
    const std::size_t count = self.io->dequeue(batch, timeout_ms);
    for (std::size_t i = 0; i < count; ++i) on_completion_(batch[i]);
    run_errands();
    return count;
  }

  void run_errands() {
    member& box = mailbox(this_worker);
    std::vector<errand> taken;
    {
      const std::scoped_lock lock(box.mutex);
      taken.swap(box.errands);
    }
    for (errand& each : taken) each();
  }

  Port port_;
  handler on_completion_;
  std::vector<std::unique_ptr<member>> members_;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace lastbyte::test
