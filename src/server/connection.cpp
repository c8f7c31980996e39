// What a handler may say to its connection. Nothing happens here but writing it down: the worker looks at
// the machine once the handler has returned.
#include <lastbyte/connection.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/mark.hpp"
#include "server/slot.hpp"

namespace lastbyte {
namespace {

using engine::slot_base;
using engine::turn;

class refusal_category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "lastbyte"; }
  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<refusal>(code)) {
      case refusal::finished: return "refused: the connection is ending, nothing more can be sent";
      case refusal::gone: return "refused: the connection has ended";
      case refusal::stopped: return "refused: the server has stopped";
    }
    return "refused";
  }
};
constinit const refusal_category refusals;

// A buffer that is mostly empty, behind others, would pin its memory for a few bytes: those are copied.
bool is_worth_keeping(const block& received, const core::send_queue& queue) noexcept {
  return queue.empty() || received.size >= received.capacity / 4;
}

// Appends as much as fits behind the last byte. @return what is left.
std::span<const std::byte> fill_spare(core::connection& machine,
                                      std::span<const std::byte> bytes) noexcept {
  const auto room = machine.queue().spare();
  const std::size_t count = std::min(room.size(), bytes.size());
  if (count == 0) return bytes;
  LASTBYTE_MARK(appended_to_last);
  std::memcpy(room.data(), bytes.data(), count);
  machine.grew_last(static_cast<std::uint32_t>(count));
  return bytes.subspan(count);
}

std::error_code send_copy(slot_base& slot, std::span<const std::byte> bytes) noexcept {
  core::connection& machine = slot.machine;
  if (!machine.may_send()) {
    machine.refuse(bytes.size());
    return refusal::finished;
  }
  bytes = fill_spare(machine, bytes);
  while (!bytes.empty()) {
    block* copy = turn::here().copies->take();
    if (copy == nullptr) {
      LASTBYTE_MARK(copy_out_of_memory);
      // What was accepted of it can't be taken back: the stream must not go on with a hole in it.
      machine.refuse(bytes.size());
      machine.request_abort(intent::bound, ending::resources, turn::here().look_at_clock());
      return std::make_error_code(std::errc::not_enough_memory);
    }
    copy->size = static_cast<std::uint32_t>(std::min<std::size_t>(copy->capacity, bytes.size()));
    std::memcpy(copy->begin, bytes.data(), copy->size);
    bytes = bytes.subspan(copy->size);
    (void)machine.request_send(*copy);  // accepted: may_send() held
  }
  return {};
}

}  // namespace

std::error_code make_error_code(refusal why) noexcept { return {static_cast<int>(why), refusals}; }

std::error_code connection::send(buffer bytes) {
  if (bytes.empty()) return {};
  core::connection& machine = slot_base::of(*this).machine;
  block* received = bytes.release();
  const buffer returns_otherwise(is_worth_keeping(*received, machine.queue()) ? nullptr : received);
  if (!returns_otherwise.empty()) {
    LASTBYTE_MARK(copied_small_buffer);
    return send_copy(slot_base::of(*this), returns_otherwise.bytes());
  }
  if (machine.request_send(*received)) return {};
  received->owner->give_back(*received);
  return refusal::finished;
}

std::error_code connection::send(std::span<const std::byte> bytes) {
  return bytes.empty() ? std::error_code{} : send_copy(slot_base::of(*this), bytes);
}

std::error_code connection::send(std::string_view text) {
  return send(std::as_bytes(std::span(text)));
}

void connection::finish() noexcept {
  auto& slot = slot_base::of(*this);
  slot.machine.request_finish(intent::application, turn::here().look_at_clock());
}

void connection::close() noexcept {
  auto& slot = slot_base::of(*this);
  slot.machine.request_close(intent::application, turn::here().look_at_clock());
}

void connection::abort(ending cause) noexcept {
  auto& slot = slot_base::of(*this);
  // Only these two are the application's to say; anything else would be a claim about the peer.
  const bool is_ours = cause == ending::app_abort || cause == ending::protocol_error;
  if (!is_ours) LASTBYTE_MARK(own_cause_refused);
  slot.machine.request_abort(intent::application, is_ours ? cause : ending::app_abort,
                             turn::here().look_at_clock());
}

void connection::pause() noexcept {
  auto& slot = slot_base::of(*this);
  slot.is_paused_by_user = true;
  slot.apply_pause();
}

void connection::resume() noexcept {
  auto& slot = slot_base::of(*this);
  slot.is_paused_by_user = false;
  slot.apply_pause();
}

void connection::hold() noexcept { slot_base::of(*this).machine.hold(); }
void connection::release() noexcept { slot_base::of(*this).machine.release(); }

std::uint64_t connection::queued() const noexcept {
  return slot_base::of(*this).machine.queue().size();
}

bool connection::above_high_mark() const noexcept {
  const auto& slot = slot_base::of(*this);
  return slot.machine.queue().footprint() >= turn::here().high_mark;
}

ledger connection::bytes() const noexcept { return slot_base::of(*this).machine.bytes(); }
const endpoint& connection::peer() const noexcept { return slot_base::of(*this).peer; }
std::uint64_t& connection::user_word() noexcept { return slot_base::of(*this).user_word; }

connection_handle connection::handle() const {
  const auto& slot = slot_base::of(*this);
  return {*turn::here().inbox, slot.index, slot.generation.load(std::memory_order_relaxed)};
}

}  // namespace lastbyte
