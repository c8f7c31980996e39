// Memory for received bytes, and for bytes that wait to be sent.
//
// The rule: blocks come back to the pool that made them, from whichever thread; only the pool's own
// thread takes them out. The last one returned is the next one used, so that what is hot in the cache
// stays small however large the blocks are.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <lastbyte/buffer.hpp>

namespace lastbyte::port {

// A pool of blocks of one size. It grows by demand, and frees what lies unused beyond `keep` blocks.
// It must outlive every block that it gave out.
class buffer_pool final : public block_owner {
 public:
  // Units: bytes; blocks.
  buffer_pool(std::uint32_t block_bytes, std::uint32_t keep) noexcept
      : block_bytes_(block_bytes), keep_(keep) {}
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;
  ~buffer_pool();

  // Makes the calling thread the pool's own. Before that, the thread that built it is.
  void adopt_thread() noexcept { home_ = std::this_thread::get_id(); }

  // An empty block: begin at its storage, size 0.
  // @return nullptr if memory is refused. Thread: the pool's own.
  [[nodiscard]] block* take() noexcept;

  void give_back(block& returned) noexcept override;

  [[nodiscard]] std::uint32_t block_bytes() const noexcept { return block_bytes_; }
  // Blocks given out and not back yet. Thread: the pool's own.
  [[nodiscard]] std::uint32_t outstanding() noexcept {
    collect_strays();
    return made_ - idle_count_;
  }

 private:
  void keep_or_free(block& returned) noexcept;
  void collect_strays() noexcept;

  std::uint32_t block_bytes_;
  std::uint32_t keep_;
  std::uint32_t made_ = 0;
  std::uint32_t idle_count_ = 0;
  block* idle_ = nullptr;
  std::thread::id home_ = std::this_thread::get_id();
  std::atomic<block*> strays_ = nullptr;  // returned by other threads
};

}  // namespace lastbyte::port
