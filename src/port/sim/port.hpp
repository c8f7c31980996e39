// The simulated port: a completion port over a simulated network, in two kinds.
//
// It takes every freedom that the contract leaves to a port: completions late, in any order, on any worker;
// operations that end early, take less, fail at once, or complete before their cancel gets there; memory of
// its caller's that is used at once for the next connection. How often, the weather says. It watches the
// rules that bind its caller, too: what breaks one is kept in rules_broken().
//
// What it does not model, and why (what the network does not: network.hpp):
// - the kernels' own ways to find out about an end of stream: that is each port's business; here one is what
//   it is said to be, or unproven where the kernel can't be asked;
// - two completions of one receive that wait at the same time (io_uring): a short receive, and the next one
//   right behind it, bring the same bytes in the same order;
// - accepts that fail for another reason than want of handles: each port tries again by itself;
// - a platform that can't stop new connections from entering the queue (Windows): nothing is promised there;
// - calls that fail because of a signal, a clock that jumps, a wake-up that is lost: no port lets those out;
// - socket options but keepalive: nothing that crosses the port would tell;
// - a measured round trip: the kernel's answer is twice the latency, without jitter and queues;
// - threads that race between two instructions: simulated workers interrupt each other only where a handler or a
//   call of the port runs, or a guard is taken or left; the rest is ThreadSanitizer's (tests/races).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "port/completion_port.hpp"
#include "port/sim/network.hpp"
#include "port/sim/record.hpp"

namespace lastbyte::port::sim {

class worker;

// Sees what crosses the port, in both directions. For traces, and for schedules of the worst kind.
class spectator {
 public:
  // A worker's call, before it does anything; or "lock", of a guard. @param owner: of the socket or listener.
  virtual void on_call(std::string_view what, void* owner, std::uint64_t bytes) = 0;
  // The call is over.
  virtual void on_return(std::string_view what) = 0;
  // About to be returned by dequeue().
  virtual void on_completion(const completion& done) = 0;

 protected:
  ~spectator() = default;
};

// Both kinds of the port. Thread: any if the network is live.
class any_port {
 public:
  any_port(std::uint32_t workers, bool connections_stay, network& over,
           std::uint32_t first_tick_ms);
  any_port(std::uint32_t workers, bool connections_stay, const weather& sky);
  any_port(const any_port&) = delete;
  any_port& operator=(const any_port&) = delete;
  ~any_port() { watch_by(nullptr); }

  [[nodiscard]] static outcome problem() noexcept { return {}; }
  void wake(std::uint32_t worker_index);
  [[nodiscard]] std::uint32_t now_ms() const noexcept;

  // ---- For whoever simulates.

  [[nodiscard]] network& over() noexcept { return network_; }
  // @param whom: sees the guards of this thread, too.
  void watch_by(spectator* whom) noexcept;
  // Whether dequeue() of this worker would return, were it waiting.
  [[nodiscard]] bool is_awake(std::uint32_t worker_index) const noexcept;
  // When the time-out of its last dequeue() is over.
  [[nodiscard]] std::optional<micros> sleeps_until(std::uint32_t worker_index) const noexcept;
  [[nodiscard]] const std::vector<std::string>& rules_broken() const noexcept { return broken_; }
  // Sockets and listeners that are not closed.
  [[nodiscard]] std::size_t in_use() const noexcept { return records_.size() - unused_.size(); }
  [[nodiscard]] std::uint64_t dealt() const noexcept { return dealt_; }
  // Whether bytes that this one has received wait to be dequeued.
  [[nodiscard]] bool has_bytes_for(const void* owner) const noexcept;
  // Since when the oldest of this one's news waits to be dequeued; nothing if there are none.
  [[nodiscard]] std::optional<micros> news_since(const void* owner) const noexcept;
  // What became of the connections that were taken out of accept queues.
  struct accept_counts {
    std::uint64_t taken = 0;
    std::uint64_t adopted = 0;  // in vain, too: then the socket is closed
    std::uint64_t discarded = 0;
    std::vector<micros> turned_away_at;  // discarded, or adopted in vain
  };
  [[nodiscard]] const accept_counts& accepts() const noexcept { return accepts_; }

 private:
  friend class record;
  friend class worker;

  // What happened and was not dequeued yet.
  struct pending final : alarm {
    explicit pending(any_port& whose) : of(whose) {}
    void on_time(std::uint64_t /*word*/) override { of.make_ready(*this); }

    any_port& of;
    completion done;
    record* on = nullptr;
    micros ready_at = 0;
    std::vector<std::byte> staged;  // received bytes, where the kernel has taken them already
    std::uint32_t to_receive = 0;   // bytes, where it has not
  };
  // Of a worker; of all of them together where connections don't stay.
  struct queue {
    std::deque<pending*> ready;
  };
  // A completion that a worker was dealt and has not seen, unless it dequeues again.
  struct unseen {
    record* on;
    std::uint32_t generation;
    operation what;
  };
  struct sleeper {
    bool is_woken = false;
    std::optional<micros> until;
    std::vector<unseen> dealt;
  };

  [[nodiscard]] queue& queue_of(std::uint32_t worker_index) noexcept;
  [[nodiscard]] const queue& queue_of(std::uint32_t worker_index) const noexcept;
  [[nodiscard]] record& take_record(std::uint32_t home);
  void give_back(record& unused);
  [[nodiscard]] pending& make_pending(record& on, operation what, outcome result);
  void tell(pending& news, record::flight& of);
  void make_ready(pending& news);
  void broke(std::string_view rule, const record& on);

  std::unique_ptr<network> own_network_;
  network& network_;
  bool stays_;
  std::uint32_t first_tick_ms_ = 0;
  spectator* spectator_ = nullptr;
  std::deque<record> records_;
  std::vector<record*> unused_;
  std::deque<pending> pendings_;
  std::vector<pending*> idle_pendings_;
  std::vector<queue> queues_;
  std::vector<sleeper> sleepers_;
  std::vector<std::string> broken_;
  std::uint64_t dealt_ = 0;
  accept_counts accepts_;
};

// What the workers of a shared port lock, on which the spectator of a thread can let others in: in front of it, and
// behind it.
class guard {
 public:
  void lock();
  void unlock();

 private:
  std::mutex real_;
};

template <bool ConnectionsStay>
class port_of : public any_port {
 public:
  using worker = sim::worker;
  static constexpr bool connections_stay = ConnectionsStay;
  static constexpr std::string_view name = ConnectionsStay ? "sim" : "sim-shared";

  // On a network of its own, in the machine's time.
  explicit port_of(std::uint32_t workers, const weather& sky = {})
      : any_port(workers, ConnectionsStay, sky) {}
  // On a network that others share. @param first_tick_ms: what now_ms() says at the beginning of time.
  port_of(std::uint32_t workers, network& over, std::uint32_t first_tick_ms)
      : any_port(workers, ConnectionsStay, over, first_tick_ms) {}
};
using port = port_of<true>;
class shared_port : public port_of<false> {
 public:
  using guard = sim::guard;
  using port_of::port_of;
};

// The caller's handles.
struct socket {
  record* kept = nullptr;
};
struct listener {
  record* kept = nullptr;
};

// Thread: the one that built it.
class worker {
 public:
  using socket = sim::socket;
  using listener = sim::listener;

  worker(any_port& shared, std::uint32_t index, buffer_pool& pool)
      : port_(shared), index_(index), pool_(pool) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() = default;

  [[nodiscard]] outcome listen(listener& made, const endpoint& where, const listen_options& how,
                               void* owner);
  [[nodiscard]] endpoint local(const listener& of);
  void submit_accept(listener& on);
  void cancel_accept(listener& on);
  void finish_accept(listener& on);
  void close(listener& unused);

  [[nodiscard]] outcome adopt(socket& into, accepted_socket accepted, void* owner);
  void discard(accepted_socket accepted);
  void submit_connect(socket& into, const endpoint& where, void* owner);
  void submit_receive(socket& on);
  void pause_receive(socket& on);
  void cancel_receive(socket& on);
  void submit_send(socket& on, std::span<const slice> slices);
  void cancel_send(socket& on);
  [[nodiscard]] outcome shutdown_send(socket& on);
  [[nodiscard]] kernel_witness witness(const socket& of);
  [[nodiscard]] outcome failure(const socket& of);
  [[nodiscard]] std::optional<std::uint64_t> unread(const socket& of);
  void close(socket& joined, close_mode mode);

  [[nodiscard]] std::size_t dequeue(std::span<completion> out,
                                    std::optional<std::uint32_t> timeout_ms);

 private:
  // A call, from its beginning to its end: the network is guarded, and the spectator told.
  class visit {
   public:
    visit(any_port& to, std::string_view call, const record* on, std::uint64_t bytes);
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit();
    [[nodiscard]] std::unique_lock<std::mutex>& held() noexcept { return held_; }

   private:
    spectator* told_;
    std::string_view call_;
    std::unique_lock<std::mutex> held_;
  };
  [[nodiscard]] visit enter(std::string_view call, const record* on, std::uint64_t bytes = 0) {
    return {port_, call, on, bytes};
  }
  [[nodiscard]] std::size_t deal(std::span<completion> out);
  bool deal_one(any_port::pending& news, completion& out);
  void settle_dealt();

  any_port& port_;
  std::uint32_t index_;
  buffer_pool& pool_;
};

static_assert(completion_port<port> && completion_port<shared_port>);

}  // namespace lastbyte::port::sim
