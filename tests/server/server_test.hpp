// SERVER_TEST: a test case that is held for each port of this platform and named after it.
//
//     SERVER_TEST("an echo comes back") { live_server server(io, serving); ... }
//
// In the body `io` is the port. Behind the sentence may stand "[case-4]": the row of tests/cases/README.md that
// it shows.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "live_server.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {

struct server_kind {
  std::string_view name;
  io_choice io;
};

#ifdef _WIN32
inline constexpr std::array<server_kind, 1> kinds_here{{{"iocp", io_choice::iocp}}};
#else
inline constexpr std::array<server_kind, 3> kinds_here{{{"epoll", io_choice::epoll},
                                                        {"epoll-shared", io_choice::epoll_shared},
                                                        {"uring", io_choice::uring}}};
#endif

// Where it doesn't, any worker may see any connection.
constexpr bool stays_on_its_worker(io_choice io) {
  return io == io_choice::epoll || io == io_choice::uring;
}

// A port that is built may still be refused by this machine: in containers io_uring often is.
inline bool is_refused(io_choice io) {
  options chosen;
  chosen.io = io;
  chosen.workers = 1;
  scripted_handler nobody;
  const server probe(chosen, nobody);
  return probe.io_name() == "none";
}

template <std::size_t Kind, void (*Body)(io_choice)>
void run_server_test() {
  if (is_refused(kinds_here[Kind].io)) return skip("this machine refuses it");
  Body(kinds_here[Kind].io);
}

template <void (*Body)(io_choice), std::size_t... Kinds>
bool register_server_test(std::index_sequence<Kinds...> /*each*/, const std::string& sentence,
                          const std::string& more_tags = {}) {
  const auto add = [&](std::string_view kind, void (*test)()) {
    const std::string name = std::string(kind) + ": " + sentence;
    const std::string tags = "[" + std::string(kind) + "]" + more_tags;
    REGISTER_TEST_CASE(test, name, tags);
  };
  (add(kinds_here[Kinds].name, &run_server_test<Kinds, Body>), ...);
  return true;
}

}  // namespace lastbyte::test

#define SERVER_TEST_NAMED_(function, ...)                                                \
  static void function(::lastbyte::io_choice io);                                        \
  [[maybe_unused]] static const bool function##_is_registered =                          \
      ::lastbyte::test::register_server_test<function>(                                  \
          std::make_index_sequence<::lastbyte::test::kinds_here.size()>{}, __VA_ARGS__); \
  static void function(::lastbyte::io_choice io)
#define SERVER_TEST_JOINED_(number, ...) SERVER_TEST_NAMED_(server_test_##number, __VA_ARGS__)
#define SERVER_TEST_COUNTED_(number, ...) SERVER_TEST_JOINED_(number, __VA_ARGS__)

#define SERVER_TEST(...) SERVER_TEST_COUNTED_(__COUNTER__, __VA_ARGS__)
