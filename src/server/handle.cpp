// Reaching a connection from another thread: everything becomes a command in its lane's inbox.
#include <lastbyte/connection.hpp>

#include <utility>

#include "server/courier.hpp"

namespace lastbyte {
namespace {

std::error_code post(const std::shared_ptr<courier>& by, engine::wish what, std::uint32_t slot,
                     std::uint32_t generation, std::span<const std::byte> bytes = {}) {
  if (by == nullptr) return refusal::gone;
  auto wanted = std::make_unique<engine::command>();
  wanted->what = what;
  wanted->slot = slot;
  wanted->generation = generation;
  wanted->bytes.assign(bytes.begin(), bytes.end());
  return by->post(std::move(wanted));
}

}  // namespace

std::error_code connection_handle::send(std::span<const std::byte> bytes) const {
  return post(courier_, engine::wish::send, slot_, generation_, bytes);
}
std::error_code connection_handle::send(std::string_view text) const {
  return send(std::as_bytes(std::span(text)));
}
std::error_code connection_handle::finish() const {
  return post(courier_, engine::wish::finish, slot_, generation_);
}
std::error_code connection_handle::close() const {
  return post(courier_, engine::wish::close, slot_, generation_);
}
std::error_code connection_handle::abort() const {
  return post(courier_, engine::wish::abort, slot_, generation_);
}
std::error_code connection_handle::resume() const {
  return post(courier_, engine::wish::resume, slot_, generation_);
}
std::error_code connection_handle::release() const {
  return post(courier_, engine::wish::release, slot_, generation_);
}

}  // namespace lastbyte
