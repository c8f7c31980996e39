// A runtime compiled for one port: builds the lanes, starts the workers, waits for them.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/runtime.hpp"
#include "server/start_problems.hpp"
#include "server/worker.hpp"

namespace lastbyte::engine {

template <port::completion_port Port>
class runtime_of final : public runtime {
 public:
  runtime_of(const options& chosen, handler& serving, observer* watching)
      : worker_count_(count_workers(chosen)),
        all_(chosen, serving, watching),
        port_(worker_count_),
        endpoints_(chosen.listen) {
    all_.ring_all = [this] {
      for (std::uint32_t i = 0; i < worker_count_; ++i) port_.wake(i);
    };
    const std::uint32_t lane_count = Port::connections_stay ? worker_count_ : 1;
    for (std::uint32_t i = 0; i < lane_count; ++i) lanes_.push_back(make_lane(i));
    for (std::uint32_t i = 0; i < worker_count_; ++i) {
      memory_.push_back(std::make_unique<worker_memory>());
    }
  }

  runtime_of(const runtime_of&) = delete;
  runtime_of& operator=(const runtime_of&) = delete;
  ~runtime_of() override {
    stop();
    join();
  }

  [[nodiscard]] std::optional<start_problem> start() override {
    if (const port::outcome why = port_.problem(); why.failed())
      return port_problem(Port::name, why);
    for (std::uint32_t i = 0; i < worker_count_; ++i) {
      // One after the other: the first one's listener finds the TCP ports that the others share.
      std::promise<std::optional<start_problem>> opened;
      auto result = opened.get_future();
      threads_.emplace_back([this, i, &opened] { work(i, opened); });
      if (auto problem = result.get()) {
        stop();
        join();
        return problem;
      }
    }
    return std::nullopt;
  }

  void connect(const endpoint& where, std::uint64_t user_word) override {
    auto wanted = std::make_unique<command>();
    wanted->what = wish::connect;
    wanted->where = where;
    wanted->user_word = user_word;
    // Refused only once everything has ended.
    (void)lanes_[lane_for_connect()]->inbox->post(std::move(wanted));
  }

  void quiesce() override {
    if (all_.ending.begin(now_ms())) all_.ring_all();
  }
  void stop() override {
    all_.ending.end_at_once(now_ms());
    all_.ring_all();
  }
  [[nodiscard]] server_report wait() override {
    join();
    return report();
  }
  [[nodiscard]] server_report report() const override { return all_.counts.read(); }

  [[nodiscard]] std::vector<endpoint> listening() const override {
    const std::lock_guard lock(guard_);
    return endpoints_;
  }
  [[nodiscard]] std::string_view io_name() const override { return Port::name; }
  [[nodiscard]] std::uint32_t workers() const override { return worker_count_; }
  [[nodiscard]] std::uint32_t max_connections() const override {
    return all_.chosen.max_connections;
  }

 private:
  using lane_type = lane<Port>;

  [[nodiscard]] static std::uint32_t count_workers(const options& chosen) {
    return chosen.workers != 0 ? chosen.workers : std::max(1U, std::thread::hardware_concurrency());
  }

  [[nodiscard]] std::unique_ptr<lane_type> make_lane(std::uint32_t index) {
    // Those accepted in the batches under way when the limit strikes are served too.
    const std::uint32_t in_passing =
        worker_count_ * static_cast<std::uint32_t>(port::max_batch) + all_.chosen.accept_depth;
    auto is_current = [this, index](std::uint32_t slot, std::uint32_t generation) {
      return lanes_[index]->slots.is_current(slot, generation);
    };
    auto inbox = std::make_shared<courier>([this, index] { port_.wake(index); }, is_current);
    return std::make_unique<lane_type>(all_, all_.chosen.max_connections + in_passing,
                                       std::move(inbox));
  }

  void work(std::uint32_t index, std::promise<std::optional<start_problem>>& opened) {
    lane_type& home = *lanes_[Port::connections_stay ? index : 0];
    memory_[index]->adopt_thread();
    worker<Port> self(all_, home, port_, index, *memory_[index]);
    here() = {this, Port::connections_stay ? index : 0};
    auto problem = Port::connections_stay || index == 0 ? listen(self, home) : std::nullopt;
    const bool may_run = !problem;
    opened.set_value(std::move(problem));  // from here on `opened` is gone
    if (!may_run) return;
    self.run();
    here() = {};
  }

  [[nodiscard]] std::optional<start_problem> listen(worker<Port>& self, lane_type& home) {
    port::listen_options how;
    how.backlog = all_.chosen.backlog;
    how.accept_depth = all_.chosen.accept_depth;
    how.keepalive_ms = all_.chosen.keepalive_ms;
    how.share_count = Port::connections_stay ? worker_count_ : 1;
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

  // Which runtime and lane the calling thread works for, so that a handler's connect stays where it is.
  struct whereabouts {
    const runtime_of* of = nullptr;
    std::uint32_t lane = 0;
  };
  static whereabouts& here() {
    static thread_local whereabouts mine;
    return mine;
  }
  [[nodiscard]] std::size_t lane_for_connect() {
    if (here().of == this) return here().lane;
    return next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size();
  }

  void join() {
    for (std::thread& each : threads_) {
      if (each.joinable()) each.join();
    }
    for (auto& each : lanes_) {
      for (const auto& late : each->inbox->close()) all_.counts.count_refused(late->bytes.size());
    }
  }

  std::uint32_t worker_count_;
  common all_;
  Port port_;
  std::vector<std::unique_ptr<worker_memory>> memory_;
  mutable std::mutex guard_;  // over endpoints_
  std::vector<endpoint> endpoints_;
  std::vector<std::unique_ptr<lane_type>> lanes_;
  std::atomic<std::size_t> next_lane_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace lastbyte::engine
