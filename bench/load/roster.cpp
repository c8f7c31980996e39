#include "load/roster.hpp"

#include <algorithm>
#include <utility>

namespace lastbyte::load {

void roster::enter(std::uint64_t session, connection_handle handle) {
  const std::lock_guard lock(guard_);
  handles_[session] = std::move(handle);
}

std::vector<connection_handle> roster::everyone() const {
  const std::lock_guard lock(guard_);
  return handles_;
}

void roster::put_off(std::uint64_t session) {
  const std::lock_guard lock(guard_);
  put_off_.push_back(session);
}

std::vector<std::uint64_t> roster::take_put_off(std::size_t most) {
  const std::lock_guard lock(guard_);
  const std::size_t kept = put_off_.size() - std::min(most, put_off_.size());
  std::vector<std::uint64_t> taken(put_off_.begin() + static_cast<std::ptrdiff_t>(kept),
                                   put_off_.end());
  put_off_.resize(kept);
  return taken;
}

std::size_t roster::put_off_count() const {
  const std::lock_guard lock(guard_);
  return put_off_.size();
}

}  // namespace lastbyte::load
