// A simulated network: hosts' TCP, the wire between them, and time that only it moves.
//
// What it models: handshakes and the accept queue; windows that fill, on both sides, also for a FIN; half-closes; resets,
// sent by whoever closes with unread bytes or gets bytes for a closed socket; what was received before a
// reset stays readable, what was not acknowledged is lost; orphans that go on after close(); links that
// stall for a while or are cut for ever; sockets killed by an administrator; SYN filters; a server's kernel that takes
// back the window it has announced (Linux, since 6.14).
//
// What it does not, and why:
// - lost and repeated segments: TCP hides them, they are jitter to whoever uses it;
// - congestion control, delayed acknowledgements, Nagle: only how many bytes are under way, and when, would
//   change;
// - TIME_WAIT and the reuse of addresses: each connection has a TCP port of its own;
// - orphans that a kernel gives up for want of memory or after a time: to the peer a reset or a cut link, which
//   both strike by themselves;
// - half-done handshakes in a backlog: here the server's side is made whole by the SYN;
// - simultaneous opens, urgent data: nobody asks for them;
// - errors that routers report: a connect to nowhere fails at once, a cut link after a time.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "port/completion_port.hpp"
#include "port/sim/byte_ring.hpp"
#include "port/sim/weather.hpp"

namespace lastbyte::port::sim {

class tcp_end;
class tcp_listener;

// Whoever uses a socket: told that something about it may have changed. It may do nothing with it but ask
// and use it, and must not wait.
class watcher {
 public:
  virtual void on_change() = 0;

 protected:
  ~watcher() = default;
};

// Something that is due at a time.
class alarm {
 public:
  // @param word: as it was given to network::call_at().
  virtual void on_time(std::uint64_t word) = 0;

 protected:
  ~alarm() = default;
};

// The bytes from one end of a connection to the other. Positions count from the beginning of the stream.
struct tcp_half {
  byte_ring bytes;                 // those that the receiver has not read
  std::uint64_t written = 0;       // by the sending program
  std::uint64_t departed = 0;      // sent
  std::uint64_t arrived = 0;       // in the receiver's buffer
  std::uint64_t read = 0;          // by the receiving program
  std::uint64_t acknowledged = 0;  // as the sender knows
  std::uint64_t window_edge = 0;   // up to where the sender may send, as it knows
  bool is_fin_written = false;
  bool has_fin_departed = false;
  bool has_fin_arrived = false;
  bool is_fin_acknowledged = false;
  micros acknowledged_at = 0;  // when the sender last learnt of more
  bool is_acknowledgement_under_way = false;
  // By the receiver, until it reads: it drops the sender's acknowledgements.
  std::optional<micros> taken_back_at;
  bool was_taken_back = false;

  // As a kernel counts: the FIN is one.
  [[nodiscard]] std::uint64_t acknowledged_with_fin() const noexcept {
    return acknowledged + (is_fin_acknowledged ? 1 : 0);
  }
};

class tcp_link;

// One end of a connection: a socket.
class tcp_end {
 public:
  enum class holder : std::uint8_t { backlog, program, nobody };

  [[nodiscard]] tcp_half& out() noexcept;
  [[nodiscard]] const tcp_half& out() const noexcept;
  [[nodiscard]] tcp_half& in() noexcept;
  [[nodiscard]] const tcp_half& in() const noexcept;
  [[nodiscard]] tcp_end& other() noexcept;
  [[nodiscard]] std::uint64_t unread() const noexcept { return in().arrived - in().read; }
  [[nodiscard]] bool is_end_read() const noexcept { return in().has_fin_arrived && unread() == 0; }

  tcp_link* link = nullptr;
  watcher* user = nullptr;
  endpoint local;
  bool is_client = false;
  holder held_by = holder::nobody;
  bool is_connected = false;
  bool is_over = false;     // nothing is sent or received any more; `failure` says why, if by force
  bool got_reset = false;   // by the other end
  bool sent_reset = false;  //
  bool was_killed = false;  // by an administrator
  outcome failure;          //
  bool is_error_taken = false;  // somebody was told of it, and no trace is left: reading gives a 0
  bool keeps_alive = false;     // notices a cut link even when it has nothing to say
};

class tcp_link {
 public:
  tcp_end client;
  tcp_end server;
  tcp_half up;    // from the client
  tcp_half down;  // to the client
  endpoint called;
  micros open_at = 0;                    // stalled until then
  std::optional<micros> cut_at;          // nothing gets through from then on
  std::array<micros, 2> last_arrival{};  // at the server, at the client: segments keep their order
  std::uint32_t calls = 0;               // attempts to connect
  std::optional<micros> queued_at;       // when it came into the accept queue
  std::optional<micros>
      turned_away_at;        // when a call was dropped by a listener that refuses new ones
  std::uint64_t number = 0;  // of all of the network's, from 0
};

class tcp_listener {
 public:
  endpoint where;
  watcher* user = nullptr;
  std::deque<tcp_link*> queue;
  std::uint32_t backlog = 0;
  bool refuses_new = false;
  bool keeps_alive = false;
};

// Thread: where more than one uses it (`live`), whoever holds guard().
class network {
 public:
  enum class clock : std::uint8_t {
    live,       // time is the machine's; any thread may use it
    simulated,  // time is moved by run_until(); one thread uses it
  };

  network(clock kind, std::uint64_t seed, const weather& sky);
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network() = default;

  // ---- Time.

  [[nodiscard]] micros now() const noexcept { return now_; }
  [[nodiscard]] bool is_live() const noexcept { return kind_ == clock::live; }
  [[nodiscard]] std::unique_lock<std::mutex> guard() {
    return is_live() ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
  }
  // Lets everything happen that is due until `then`.
  void run_until(micros then);
  // Live: lets everything happen that is due by the machine's clock.
  void catch_up();
  [[nodiscard]] micros live_now() const noexcept;
  // Live: waits until something has happened, or `until`. `held` is guard().
  void wait(std::unique_lock<std::mutex>& held, micros until);
  // Live: wakes whoever waits.
  void announce() { changed_.notify_all(); }
  // When the next thing happens.
  [[nodiscard]] std::optional<micros> next_event() const noexcept;
  void call_at(micros when, alarm& whom, std::uint64_t word);

  // ---- Chance.

  [[nodiscard]] dice& chance() noexcept { return dice_; }
  // Whether `which` strikes now; counted.
  [[nodiscard]] bool strikes(fault which) noexcept;
  [[nodiscard]] std::uint64_t struck(fault which) const noexcept {
    return struck_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] weather& sky() noexcept { return sky_; }

  // ---- System calls. None of them waits.

  [[nodiscard]] outcome listen(tcp_listener*& made, const endpoint& where, std::uint32_t backlog,
                               bool is_shared, watcher* user);
  void close(tcp_listener& unused);
  // @return nullptr: nobody waits.
  [[nodiscard]] tcp_end* accept(tcp_listener& from);
  // The user hears of success or failure: is_connected, or is_over.
  [[nodiscard]] tcp_end& connect(const endpoint& where, watcher* user);
  // @return the bytes taken: as many as there is room for.
  std::size_t send(tcp_end& by, std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t room(const tcp_end& of) const noexcept;
  // Takes unread bytes; into.size() of them must be there.
  void receive(tcp_end& by, std::span<std::byte> into);
  [[nodiscard]] outcome shutdown_send(tcp_end& by);
  void close(tcp_end& by, close_mode mode);

  // ---- Acts of God.

  void stall(tcp_link& which, micros until) noexcept;
  void cut(tcp_link& which);
  void kill(tcp_end& which);

  // Connections that were reset because their listener was closed before anybody accepted them.
  [[nodiscard]] std::uint64_t reset_in_backlog() const noexcept { return reset_in_backlog_; }
  [[nodiscard]] std::deque<tcp_link>& links() noexcept { return links_; }
  // Whether nothing is on its way anywhere.
  [[nodiscard]] bool is_still() const noexcept { return under_way_ == 0; }

 private:
  enum class happening : std::uint8_t {
    call,    // a SYN
    answer,  // to it
    segment,
    finish,
    acknowledgement,
    reset,
    give_up,
    alarm,
  };
  struct event {
    micros when = 0;
    std::uint64_t order = 0;
    happening what = happening::alarm;
    tcp_end* at = nullptr;  // where it arrives
    alarm* whom = nullptr;
    std::uint64_t word = 0;
  };
  struct is_later {
    bool operator()(const event& one, const event& other) const noexcept {
      return one.when != other.when ? one.when > other.when : one.order > other.order;
    }
  };

  void post(event what);
  void send_to(tcp_end& receiver, happening what, std::uint64_t word = 0);
  void happen(const event& what);
  void on_call(tcp_end& at, tcp_link& link);
  void on_segment(tcp_end& at, std::uint64_t until);
  void on_finish(tcp_end& at);
  void on_acknowledgement(tcp_end& at);
  void on_reset(tcp_end& at);
  void on_give_up(tcp_end& at);

  [[nodiscard]] tcp_listener* find(const endpoint& where);
  [[nodiscard]] std::uint64_t window_edge(const tcp_half& of) const noexcept {
    return of.read + sky_.receive_room;
  }
  void depart(tcp_end& from);
  void acknowledge(tcp_end& by);
  void reset(tcp_end& by);
  void end(tcp_end& which, outcome why);
  static void end_if_done(tcp_end& which) noexcept;
  static void tidy(tcp_link& which) noexcept;
  static void tell(tcp_end& which);

  clock kind_;
  weather sky_;
  dice dice_;
  std::array<std::uint64_t, fault_count> struck_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  micros began_;  // live: the machine's clock then
  micros now_ = 0;
  std::uint64_t posted_ = 0;
  std::vector<event> events_;  // a heap
  std::deque<tcp_link> links_;
  std::deque<tcp_listener> listeners_;
  std::vector<tcp_listener*> open_;
  std::uint16_t next_tcp_port_ = 20'000;
  std::uint64_t reset_in_backlog_ = 0;
  std::uint64_t under_way_ = 0;
};

inline tcp_half& tcp_end::out() noexcept { return is_client ? link->up : link->down; }
inline const tcp_half& tcp_end::out() const noexcept { return is_client ? link->up : link->down; }
inline tcp_half& tcp_end::in() noexcept { return is_client ? link->down : link->up; }
inline const tcp_half& tcp_end::in() const noexcept { return is_client ? link->down : link->up; }
inline tcp_end& tcp_end::other() noexcept { return is_client ? link->server : link->client; }

}  // namespace lastbyte::port::sim
