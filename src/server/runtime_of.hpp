// A runtime compiled for one port: a crew, each worker of it on a thread of its own.
#pragma once

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "server/crew.hpp"
#include "server/runtime.hpp"

namespace lastbyte::engine {

template <port::completion_port Port>
class runtime_of final : public runtime {
 public:
  runtime_of(const options& chosen, handler& serving, observer* watching)
      : crew_(chosen, serving, watching) {}
  runtime_of(const runtime_of&) = delete;
  runtime_of& operator=(const runtime_of&) = delete;
  ~runtime_of() override {
    stop();
    join();
  }

  [[nodiscard]] std::optional<start_problem> start() override {
    if (!problem_) problem_ = start_workers();
    has_started_.store(!problem_, std::memory_order_release);
    return problem_;  // who could not start has ended, and does not start again
  }

  void connect(const endpoint& where, std::uint64_t user_word) override {
    const whereabouts& mine = here();
    crew_.connect(where, user_word, mine.of == this ? std::optional(mine.worker) : std::nullopt);
  }

  void quiesce() override { crew_.quiesce(); }
  void stop() override { crew_.stop(); }
  [[nodiscard]] server_report wait() override {
    join();
    return report();
  }
  [[nodiscard]] server_report report() const override { return crew_.report(); }

  [[nodiscard]] std::vector<endpoint> listening() const override {
    if (!has_started_.load(std::memory_order_acquire)) return {};
    return crew_.listening();
  }
  [[nodiscard]] std::string_view io_name() const override { return Port::name; }
  [[nodiscard]] std::uint32_t workers() const override { return crew_.size(); }
  [[nodiscard]] std::uint32_t max_connections() const override {
    return crew_.chosen().max_connections;
  }

 private:
  // Whether a worker runs, or why not.
  using opening = std::promise<std::optional<start_problem>>;

  [[nodiscard]] std::optional<start_problem> start_workers() {
    if (auto problem = check_cpus(crew_.chosen())) return problem;
    for (std::uint32_t i = 0; i < crew_.size(); ++i) {
      opening opened;
      auto result = opened.get_future();
      if (const auto why = start_thread(i, opened)) return give_up(thread_problem(i, why));
      if (auto problem = result.get()) return give_up(std::move(*problem));
    }
    return std::nullopt;
  }

  // @return no error, or why the system has no thread for us.
  [[nodiscard]] std::error_code start_thread(std::uint32_t index, opening& opened) {
    try {
      threads_.emplace_back([this, index, &opened] { work(index, opened); });
    } catch (const std::system_error& refused) {
      return refused.code();
    }
    return {};
  }

  // Those who work already stop again.
  [[nodiscard]] start_problem give_up(start_problem why) {
    stop();
    join();
    return why;
  }

  void work(std::uint32_t index, opening& opened) {
    std::optional<worker<Port>> self;
    // First of all, so that its memory is that CPU's, where memory has a place.
    auto problem = place_worker(crew_.chosen(), index);
    if (!problem) problem = crew_.open(index, self);
    const bool may_run = !problem;
    here() = {this, index};
    opened.set_value(std::move(problem));  // from here on `opened` is gone
    if (may_run && self) self->run();
    here() = {};
  }

  // Which runtime and worker the calling thread works for, so that a handler's connect stays where it is.
  struct whereabouts {
    const runtime_of* of = nullptr;
    std::uint32_t worker = 0;
  };
  static whereabouts& here() {
    static thread_local whereabouts mine;
    return mine;
  }

  // Whoever else waits, waits here.
  void join() {
    const std::lock_guard lock(joining_);
    for (std::thread& each : threads_) {
      if (each.joinable()) each.join();
    }
    crew_.dismiss();
  }

  crew<Port> crew_;
  std::vector<std::thread> threads_;
  std::mutex joining_;
  std::optional<start_problem> problem_;
  std::atomic<bool> has_started_ = false;
};

}  // namespace lastbyte::engine
