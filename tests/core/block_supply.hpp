// Blocks for tests: made on demand, all given back in the end, or the test fails.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include <lastbyte/buffer.hpp>

namespace lastbyte::test {

class block_supply final : public block_owner {
 public:
  explicit block_supply(std::uint32_t capacity = 16) : capacity_(capacity) {}

  block& make(std::string_view text) {
    auto& made = blocks_.emplace_back(std::make_unique<owned>(capacity_));
    made->header.storage = made->memory.data();
    made->header.begin = made->memory.data();
    made->header.size = static_cast<std::uint32_t>(text.size());
    made->header.capacity = capacity_;
    made->header.owner = this;
    std::memcpy(made->memory.data(), text.data(), text.size());
    ++outstanding_;
    return made->header;
  }
  void give_back(block&) noexcept override { --outstanding_; }
  [[nodiscard]] int outstanding() const { return outstanding_; }

 private:
  struct owned {
    explicit owned(std::uint32_t capacity) : memory(capacity) {}
    block header;
    std::vector<std::byte> memory;
  };
  std::uint32_t capacity_;
  std::vector<std::unique_ptr<owned>> blocks_;
  int outstanding_ = 0;
};

}  // namespace lastbyte::test
