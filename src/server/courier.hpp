// The inbox of a lane: what other threads ask of its connections.
//
// The rule: it outlives the server for as long as a handle exists, and refuses everything once closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <system_error>
#include <vector>

#include <lastbyte/connection.hpp>

#include "server/mailbox.hpp"

namespace lastbyte::engine {

// What can be asked from afar.
enum class wish : std::uint8_t { send, finish, close, abort, resume, release, connect };

struct command : mail {
  wish what = wish::close;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::vector<std::byte> bytes;  // send
  endpoint where;                // connect
  std::uint64_t user_word = 0;   // connect
};

}  // namespace lastbyte::engine

namespace lastbyte {

// Thread: any, unless it says otherwise.
class courier {
 public:
  using is_current_fn = std::function<bool(std::uint32_t slot, std::uint32_t generation)>;

  // @param ring: makes a worker of the lane look here soon.
  // @param is_current: whether a slot still has this generation; called under the lock.
  courier(std::function<void()> ring, is_current_fn is_current)
      : ring_(std::move(ring)), is_current_(std::move(is_current)) {}

  // @return refusal::stopped, refusal::gone, or no error: on its way.
  std::error_code post(std::unique_ptr<engine::command> wanted);

  // Whether collect() would find something; cheap.
  [[nodiscard]] bool has_mail() const noexcept { return has_mail_.load(std::memory_order_acquire); }
  // Thread: a worker of the lane.
  [[nodiscard]] std::vector<std::unique_ptr<engine::command>> collect();

  // From now on everything is refused. @return what was never collected.
  std::vector<std::unique_ptr<engine::command>> close();

 private:
  std::mutex guard_;
  std::vector<std::unique_ptr<engine::command>> waiting_;
  std::function<void()> ring_;
  is_current_fn is_current_;
  std::atomic<bool> has_mail_ = false;
  bool is_closed_ = false;
};

}  // namespace lastbyte
