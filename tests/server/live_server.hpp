// A server in this process on a free loopback port, a handler made of functions, and a client.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <lastbyte/server.hpp>

#include "support/catch.hpp"
#include "support/raw_socket.hpp"

namespace lastbyte::test {

// What is refused is counted by the server; a test that cares looks there.
inline void send_back(connection& from, buffer bytes) {
  [[maybe_unused]] const auto refused = from.send(std::move(bytes));
}

struct scripted_handler : handler {
  std::function<void(connection&)> open = [](connection&) {};
  std::function<void(connection&, buffer)> receive = send_back;
  std::function<void(connection&)> end = [](connection& from) { from.close(); };
  std::function<void(const ending_report&)> ended = [](const ending_report&) {};

  void on_open(connection& opened) override { open(opened); }
  void on_receive(connection& from, buffer bytes) override { receive(from, std::move(bytes)); }
  void on_end_of_stream(connection& from) override { end(from); }
  void on_ended(connection&, const ending_report& how) override { ended(how); }
};

class live_server {
 public:
  live_server(io_choice io, handler& serving, options how = {})
      : server_(filled(std::move(how), io), serving) {
    const auto problem = server_.start();
    INFO((problem ? problem->text : ""));
    REQUIRE_FALSE(problem);
  }
  [[nodiscard]] raw_socket connect() { return raw_socket::connect(server_.listening().at(0)); }
  [[nodiscard]] endpoint where() const { return server_.listening().at(0); }
  void quiesce() { server_.quiesce(); }
  server_report end() {
    server_.quiesce();
    return server_.wait();
  }
  // At once.
  server_report stop() {
    server_.stop();
    return server_.wait();
  }

 private:
  static options filled(options how, io_choice io) {
    how.listen = {*parse_endpoint("127.0.0.1:0")};
    how.io = io;
    if (how.workers == 0) how.workers = 2;
    return how;
  }
  server server_;
};

// Something that happens once on another thread, and is waited for.
template <class Value>
class happening {
 public:
  void set(Value value) {
    const std::lock_guard lock(guard_);
    value_ = std::move(value);
    is_set_ = true;
    changed_.notify_all();
  }
  Value wait() {
    std::unique_lock lock(guard_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(20), [this] { return is_set_; });
    REQUIRE(came);
    return value_;
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  Value value_{};
  bool is_set_ = false;
};

// Checks made on other threads than the test's: Catch2's own may be used on one thread only.
class checks_elsewhere {
 public:
  void expect(bool holds) {
    if (!holds) ++failures_;
  }
  [[nodiscard]] bool all_held() const { return failures_ == 0; }

 private:
  std::atomic<int> failures_ = 0;
};

inline void say(raw_socket& to, std::string_view text) {
  REQUIRE(to.send(std::as_bytes(std::span(text))) == text.size());
}

// Receives `count` bytes, or what comes before the end.
inline std::string hear(raw_socket& from, std::size_t count) {
  std::string all(count, '\0');
  std::size_t size = 0;
  while (size < count) {
    const auto got = from.receive(std::as_writable_bytes(std::span(all)).subspan(size));
    if (got.bytes == 0) break;
    size += got.bytes;
  }
  all.resize(size);
  return all;
}

inline raw_end hear_end(raw_socket& from) {
  std::byte more{};
  return from.receive({&more, 1}).end;
}

}  // namespace lastbyte::test
