// A server in this process on a free loopback port, and a client.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <lastbyte/server.hpp>

#include "support/catch.hpp"
#include "support/other_threads.hpp"
#include "support/raw_socket.hpp"
#include "support/scripted_handler.hpp"

namespace lastbyte::test {

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
