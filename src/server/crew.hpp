// All of a running server but its threads: the workers, and what they share.
//
// The rule: here nothing starts a thread and nothing waits. Whoever runs the workers (a thread each:
// runtime_of.hpp) opens each of them, calls it until it is over, and dismisses the crew at the end.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "server/placement.hpp"
#include "server/start_problems.hpp"
#include "server/worker.hpp"

namespace lastbyte::engine {

// Thread: every member may be called from any thread, unless it says otherwise.
template <port::completion_port Port>
class crew {
 public:
  // @param for_port: what the port wants to know beside the number of workers.
  template <class... PortArguments>
  crew(const options& chosen, handler& serving, observer* watching, PortArguments&&... for_port)
      : size_(worker_count(chosen)),
        all_(chosen, serving, watching),
        port_(size_, std::forward<PortArguments>(for_port)...),
        endpoints_(chosen.listen) {
    all_.ring_all = [this] { ring_all(); };
    const std::uint32_t lane_count = Port::connections_stay ? size_ : 1;
    for (std::uint32_t i = 0; i < lane_count; ++i) lanes_.push_back(make_lane(i));
    for (std::uint32_t i = 0; i < size_; ++i) memory_.push_back(std::make_unique<worker_memory>());
  }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() = default;

  [[nodiscard]] Port& port() noexcept { return port_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] const options& chosen() const noexcept { return all_.chosen; }

  // Makes worker `index`, and opens the listeners if they are its own to open. One after the other:
  // the first one's listeners find the TCP ports that the others share.
  // Thread: the one that will run the worker.
  [[nodiscard]] std::optional<start_problem> open(std::uint32_t index,
                                                  std::optional<worker<Port>>& made) {
    if (const port::outcome why = port_.problem(); why.failed())
      return port_problem(Port::name, why);
    memory_[index]->adopt_thread();
    made.emplace(all_, home_of(index), port_, index, *memory_[index]);
    return Port::connections_stay || index == 0 ? listen(*made, home_of(index)) : std::nullopt;
  }

  // @param index: the worker that the calling thread runs; nothing: each in turn.
  void connect(const endpoint& where, std::uint64_t user_word, std::optional<std::uint32_t> index) {
    auto wanted = std::make_unique<command>();
    wanted->what = wish::connect;
    wanted->where = where;
    wanted->user_word = user_word;
    const std::size_t lane = index ? lane_of(*index) : next_lane_.fetch_add(1) % lanes_.size();
    // Refused only once everything has ended.
    if (lanes_[lane]->inbox->post(std::move(wanted))) all_.tell_connect_too_late();
  }

  void quiesce() {
    if (all_.ending.begin(port_.now_ms())) ring_all();
  }
  void stop() {
    all_.ending.end_at_once(port_.now_ms());
    ring_all();
  }
  [[nodiscard]] server_report report() const { return all_.counts.read(); }
  [[nodiscard]] std::vector<endpoint> listening() const {
    const std::lock_guard lock(guard_);
    return endpoints_;
  }

  // Blocks that handlers have kept and not given back. Only once every worker is over.
  [[nodiscard]] std::uint32_t outstanding_blocks() {
    std::uint32_t count = 0;
    for (auto& each : memory_) count += each->received.outstanding() + each->copies.outstanding();
    return count;
  }

  // Once every worker is over: what is still asked for is refused, and counted or told.
  void dismiss() {
    for (auto& each : lanes_) {
      for (const auto& late : each->inbox->close()) {
        all_.counts.count_refused(late->bytes.size());
        if (late->what == wish::connect) all_.tell_connect_too_late();
      }
      LASTBYTE_CHECK(each->slots.are_all_back());
    }
  }

 private:
  using lane_type = lane<Port>;

  [[nodiscard]] static std::uint32_t lane_of(std::uint32_t index) noexcept {
    return Port::connections_stay ? index : 0;
  }
  [[nodiscard]] lane_type& home_of(std::uint32_t index) noexcept { return *lanes_[lane_of(index)]; }

  void ring_all() {
    for (std::uint32_t i = 0; i < size_; ++i) port_.wake(i);
  }

  [[nodiscard]] std::unique_ptr<lane_type> make_lane(std::uint32_t index) {
    // Those accepted in the batches under way when the limit strikes are served too, and at each listener.
    const std::size_t in_passing =
        size_ * port::max_batch + endpoints_.size() * all_.chosen.accept_depth;
    auto is_current = [this, index](std::uint32_t slot, std::uint32_t generation) {
      return lanes_[index]->slots.is_current(slot, generation);
    };
    auto inbox = std::make_shared<courier>([this, index] { port_.wake(index); }, is_current);
    const auto most = static_cast<std::uint32_t>(
        std::min<std::size_t>(all_.chosen.max_connections + in_passing, UINT32_MAX));
    return std::make_unique<lane_type>(all_, most, std::move(inbox), port_.now_ms());
  }

  [[nodiscard]] std::optional<start_problem> listen(worker<Port>& self, lane_type& home) {
    port::listen_options how;
    how.backlog = all_.chosen.backlog;
    how.accept_depth = all_.chosen.accept_depth;
    how.keepalive_ms = all_.chosen.keepalive_ms;
    how.share_count = Port::connections_stay ? size_ : 1;
    const std::lock_guard lock(guard_);
    for (endpoint& where : endpoints_) {
      if (const port::outcome why = home.door.open(self.io(), where, how); why.failed()) {
        home.door.close_all(self.io());
        return listen_problem(where, why);
      }
    }
    home.door.start(self.io());
    return std::nullopt;
  }

  std::uint32_t size_;
  common all_;
  Port port_;
  std::vector<std::unique_ptr<worker_memory>> memory_;
  mutable std::mutex guard_;  // over endpoints_
  std::vector<endpoint> endpoints_;
  std::vector<std::unique_ptr<lane_type>> lanes_;
  std::atomic<std::size_t> next_lane_ = 0;
};

}  // namespace lastbyte::engine
