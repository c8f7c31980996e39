// A worker: one thread that dequeues completions and brings each to its connection.
//
// Where connections stay on their worker it touches them directly. Where completions surface anywhere, it
// pushes them into the connection's mailbox, and drives the connection if that made it the owner.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/mark.hpp"
#include "port/completion_port.hpp"
#include "server/driver.hpp"
#include "server/lane.hpp"

namespace lastbyte::engine {

// A worker's pools. They outlive the worker: buffers that a handler has kept come back to them.
struct worker_memory {
  static constexpr std::uint32_t copy_block_bytes = 16U << 10;
  static constexpr std::uint32_t kept_blocks = 16;

  port::buffer_pool received{port::receive_block_bytes, kept_blocks};
  port::buffer_pool copies{copy_block_bytes, kept_blocks};

  void adopt_thread() noexcept {
    received.adopt_thread();
    copies.adopt_thread();
  }
};

template <port::completion_port Port>
class worker {
 public:
  using io_worker = typename Port::worker;
  using slot_type = slot<Port>;

  // Thread: the worker's own, from the construction on.
  worker(common& all, lane<Port>& home, Port& shared, std::uint32_t index, worker_memory& memory)
      : all_(all),
        home_(home),
        port_(shared),
        io_(shared, index, memory.received),
        turn_{.now = shared.now_ms(),
              .copies = &memory.copies,
              .inbox = &home.inbox,
              .high_mark = all.chosen.high_mark_bytes,
              .clock = [&shared] { return shared.now_ms(); }},
        driver_(all, home, io_, turn_) {
    owned_.reserve(port::max_batch);
    reading_.reserve(port::max_batch);
  }

  [[nodiscard]] io_worker& io() noexcept { return io_; }

  // Whether everything has ended that was this worker's to serve.
  [[nodiscard]] bool is_over() {
    if (!all_.ending.is_begun() || !owned_.empty()) return false;
    if (home_.open_connections.load(std::memory_order_acquire) != 0) return false;
    const std::lock_guard lock(home_.guard);
    return home_.has_seen_quiesce && home_.door.is_closed();
  }

  // Waits until something has happened, and deals with it.
  void turn_once() {
    const turn_scope here(turn_);
    const auto wait = wait_ms();
    const tick asked_at = turn_.now;
    const std::size_t count = io_.dequeue(batch_, wait);
    turn_.look_at_clock();
    for (std::size_t i = 0; i < count; ++i) deal(batch_[i]);
    if constexpr (!Port::connections_stay) read_mail();
    if (home_.inbox->has_mail()) obey_all();
    note_heard(asked_at, count);
    ring_alarms();
    heed_quiesce();
    tend_door();
  }

  void run() {
    while (!is_over()) turn_once();
    if constexpr (!Port::connections_stay) all_.ring_all();  // the others may go too
  }

 private:
  // What may wait to be dealt with beside two operations of each connection.
  static constexpr std::size_t sweep_slack = 16 * port::max_batch;
  // So many rounds for one connection before others have their turn: as many as a batch brings.
  static constexpr unsigned rounds_in_a_row = port::max_batch;
  // Where alarms are everybody's, one that was set while we sleep may be known only to who is held up by now. And nobody
  // may sleep for half a turn of the clock: what he looked at before would seem to lie ahead of him.
  static constexpr tick longest_nap_ms = Port::connections_stay ? 24 * 60 * 60 * 1'000 : 250;

  [[nodiscard]] std::uint32_t wait_ms() {
    if (home_.inbox->has_mail() || !owned_.empty()) return 0;
    turn_.look_at_clock();
    tick wait = longest_nap_ms;
    const auto at_most = [&wait](std::optional<tick> other) {
      if (other) wait = std::min(wait, *other);
    };
    {
      const std::lock_guard lock(home_.guard);
      at_most(home_.wheel.next_wait(turn_.now));
      at_most(home_.door.next_wait(turn_.now));
      if (all_.ending.is_begun() && !home_.has_seen_quiesce) return 0;
    }
    if (all_.ending.is_begun()) at_most(all_.ending.until_next_phase(turn_.now));
    return wait;
  }

  // ---- Completions.

  void deal(const port::completion& done) {
    if (done.what == port::operation::accept) {
      welcome(done);
      return;
    }
    auto& on = *static_cast<slot_type*>(done.owner);
    if constexpr (Port::connections_stay) {
      driver_.on_completion(on, done);
      settle(on);
    } else {
      // Each operation has one letter, and it may be under way still until the next is submitted.
      LASTBYTE_CHECK(!done.more);
      auto& letter =
          done.what == port::operation::receive ? on.post.receive_mail : on.post.send_mail;
      letter.done = done;
      hand(on, letter);
    }
  }

  void welcome(const port::completion& done) {
    slot_type* into = nullptr;
    {
      const std::lock_guard lock(home_.guard);
      if (!home_.door.on_completion(io_, done, turn_.now)) return;
      into = home_.slots.take();
      if (into == nullptr) home_.door.on_turned_away(io_, turn_.now);
    }
    if (into == nullptr) {
      LASTBYTE_MARK(accepted_without_slot);
      io_.discard(done.accepted);
    } else if constexpr (Port::connections_stay) {
      driver_.begin_accepted(*into, done.accepted);
      settle(*into);
    } else {
      into->post.accepted = done.accepted;
      hand(*into, into->post.begin_mail);
    }
  }

  void settle(slot_type& on) {
    if (driver_.settle(on)) retire(on);
  }

  void retire(slot_type& ended) {
    const std::lock_guard lock(home_.guard);
    // Only here: where connections don't stay, another worker may have set it until now.
    home_.wheel.clear(ended);
    home_.slots.give_back(ended);
  }

  // ---- Commands from other threads.

  void obey_all() {
    if constexpr (Port::connections_stay) {
      for (const auto& wanted : home_.inbox->collect()) {
        slot_type* const on = addressee(*wanted);
        if (on == nullptr) continue;
        follow(*on, *wanted);
        settle(*on);
      }
    } else {
      for (slot_type* on : deliver_all()) own(*on);
    }
  }

  // Collecting and delivering are one step: else another worker, with what was posted later, could overtake.
  // @return whom this worker owns from now on.
  [[nodiscard]] std::vector<slot_type*> deliver_all() {
    std::vector<slot_type*> owned;
    const std::lock_guard lock(home_.guard);
    for (auto& wanted : home_.inbox->collect()) {
      slot_type* const on = addressee(*wanted);
      if (on != nullptr && on->post.box.push(*wanted.release())) owned.push_back(on);
    }
    return owned;
  }

  // Whom it is about: for a connect, a slot of its own. Under the lane's guard.
  [[nodiscard]] slot_type* addressee(command& wanted) {
    if (wanted.what == wish::connect) {
      if (all_.ending.at(turn_.now) == quiesce::phase::over) {
        LASTBYTE_MARK(connect_too_late);
        all_.tell_connect_too_late();
        return nullptr;
      }
      slot_type* fresh = home_.slots.take();
      if (fresh == nullptr) {
        LASTBYTE_MARK(connect_without_slot);
        all_.tell(notice::kind::connect_refused, "cannot connect: too many connections already");
        return nullptr;
      }
      wanted.slot = fresh->index;
      wanted.generation = fresh->generation.load(std::memory_order_relaxed);
    }
    slot_type* const on = find(wanted);
    if (on == nullptr) LASTBYTE_MARK(command_stale);
    return on;
  }

  // The slot that is meant, if its connection is still there; else the bytes are refused, and counted.
  [[nodiscard]] slot_type* find(const command& wanted) {
    if (home_.slots.is_current(wanted.slot, wanted.generation)) return &home_.slots.at(wanted.slot);
    all_.counts.count_refused(wanted.bytes.size());
    return nullptr;
  }

  void follow(slot_type& on, const command& wanted) {
    if (wanted.what == wish::connect) {
      driver_.begin_connect(on, wanted.where, wanted.user_word);
    } else {
      driver_.on_command(on, wanted);
    }
  }

  // ---- Time.

  // What nobody has looked at is no silence: a worker that was held up deals with what waits before it calls anybody
  // silent. If it found no news, none had come when it asked. And where there is always some, all that waited when a
  // sweep began has been dealt with once as much has as can have waited. But where completions surface anywhere,
  // nobody sees what another worker has taken from the kernel and not handed out yet: it counts as come a moment later.
  void note_heard(tick asked_at, std::size_t count) {
    dealt_ += count;
    const std::size_t sweep =
        std::size_t{2} * home_.open_connections.load(std::memory_order_relaxed) + sweep_slack;
    if (count == 0 || dealt_ >= sweep) {
      turn_.heard = count == 0 ? asked_at : sweep_began_;
      sweep_began_ = turn_.now;
      dealt_ = 0;
    }
    // At the end nobody is waited for.
    if (all_.ending.at(turn_.now) == quiesce::phase::over) turn_.heard = turn_.now;
  }

  void ring_alarms() {
    while (slot_type* on = next_alarm()) {
      if constexpr (Port::connections_stay) {
        driver_.on_alarm(*on);
        settle(*on);
      } else {
        own(*on);
      }
    }
  }

  // The next slot whose alarm this worker must answer.
  [[nodiscard]] slot_type* next_alarm() {
    const std::lock_guard lock(home_.guard);
    while (timer* due = home_.wheel.expire(turn_.heard)) {
      auto* on = static_cast<slot_type*>(due);
      if constexpr (Port::connections_stay) {
        return on;
      } else {
        // If the last one was not read yet, that one will do.
        if (std::exchange(on->post.is_alarm_posted, true)) {
          LASTBYTE_MARK(alarm_already_posted);
          continue;
        }
        if (on->post.box.push(on->post.alarm_mail)) return on;
      }
    }
    return nullptr;
  }

  void heed_quiesce() {
    if (!all_.ending.is_begun()) return;
    const std::lock_guard lock(home_.guard);
    if (!std::exchange(home_.has_seen_quiesce, true)) {
      home_.slots.for_each_in_use([this](slot_type& on) {
        LASTBYTE_MARK(quiesce_spread);
        if (!home_.wheel.bring_forward(on, turn_.now + all_.ending.spread_ms(on.index))) {
          LASTBYTE_MARK(spread_not_awaited);
        }
      });
    }
    if (all_.ending.at(turn_.now) == quiesce::phase::over &&
        !std::exchange(home_.has_seen_end, true)) {
      LASTBYTE_MARK(deadline_reached);
      home_.slots.for_each_in_use([this](slot_type& on) { home_.wheel.set(on, turn_.now); });
    }
  }

  void tend_door() {
    const std::lock_guard lock(home_.guard);
    home_.door.on_turn(io_, turn_.now);
  }

  // ---- Mailboxes: only where connections don't stay.

  // Read once all of the batch has been handed out: what a connection's news are kept from by another one's handler
  // is no silence, and whoever rings its alarm meanwhile finds that it has mail before.
  void hand(slot_type& on, mail& letter) {
    if (on.post.box.push(letter)) owned_.push_back(&on);
  }

  void read_mail() {
    reading_.swap(owned_);
    for (slot_type* on : reading_) own(*on);
    reading_.clear();
  }

  void own(slot_type& on) {
    bool has_ended = false;
    for (unsigned round = 0; mail* first = on.post.box.take(); ++round) {
      while (first != nullptr) {
        mail& letter = *std::exchange(first, first->next);
        // Alarms find a connection settled: nobody is called quiet whose end has come and was not told yet.
        if (&letter == &on.post.alarm_mail) has_ended = driver_.settle(on) || has_ended;
        read(on, letter);
      }
      has_ended = driver_.settle(on) || has_ended;
      if (round >= rounds_in_a_row && !has_ended) {
        LASTBYTE_MARK(postponed);
        owned_.push_back(&on);
        return;
      }
    }
    // Only now, when the mailbox is idle: whoever takes the slot next owns it from its first mail on.
    if (has_ended) retire(on);
  }

  void read(slot_type& on, mail& letter) {
    auto& post = on.post;
    if (&letter == &post.receive_mail || &letter == &post.send_mail) {
      driver_.on_completion(on, port::completion(static_cast<completion_mail&>(letter).done));
    } else if (&letter == &post.begin_mail) {
      driver_.begin_accepted(on, post.accepted);
    } else if (&letter == &post.alarm_mail) {
      {
        const std::lock_guard lock(home_.guard);
        post.is_alarm_posted = false;
      }
      if (on.is_begun) {
        driver_.on_alarm(on);
      } else {
        LASTBYTE_MARK(alarm_after_end);  // it ended while the alarm was on its way
      }
    } else {
      const std::unique_ptr<command> wanted(&static_cast<command&>(letter));
      if (find(*wanted) != nullptr) {
        follow(on, *wanted);
      } else {
        LASTBYTE_MARK(command_stale_in_mailbox);
      }
    }
  }

  common& all_;
  lane<Port>& home_;
  Port& port_;
  io_worker io_;
  turn turn_;
  driver<Port> driver_;
  std::size_t dealt_ = 0;                                // since the sweep began
  tick sweep_began_ = turn_.now;                         //
  std::array<port::completion, port::max_batch> batch_;  // of this turn
  std::vector<slot_type*> owned_;                        // by us, with mail left to read
  std::vector<slot_type*> reading_;                      // in read_mail()
};

}  // namespace lastbyte::engine
