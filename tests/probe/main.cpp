// Ends connections in every way that there is, on bare sockets, and prints what this platform shows of it: the
// calls, the completions, the peer and the wire. See tests/probe/README.md.
#include <array>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "probe/bare_pair.hpp"

namespace {

using namespace lastbyte;
using namespace lastbyte::probe;

constexpr milliseconds patience{300};
constexpr std::size_t reply_bytes = 1'000;
constexpr std::size_t much = 64U << 20;  // never fits into a socket

struct situation {
  const char* name;
  std::function<void(bare_pair&)> prepare;
};

struct ending {
  const char* name;
  std::function<std::string(bare_pair&)> act;  // @return what the calls said
};

const std::array<situation, 9>& situations() {
  using enum direction;
  static const std::array<situation, 9> all{{
      {"reply sent, nothing else", [](bare_pair& p) { p.send_now(reply_bytes); }},
      {"10 bytes unread",
       [](bare_pair& p) {
         p.peer_says(10);
         p.send_now(reply_bytes);
       }},
      {"receive pending",
       [](bare_pair& p) {
         p.send_now(reply_bytes);
         p.start(receive, 100);
       }},
      {"receive cancelled",
       [](bare_pair& p) {
         p.send_now(reply_bytes);
         p.start(receive, 100);
         p.cancel(receive);
         p.completion_of(receive, patience);
       }},
      {"receive completed by FIN",
       [](bare_pair& p) {
         p.send_now(reply_bytes);
         p.start(receive, 100);
         p.peer_reads(milliseconds(20));
         p.peer_closes();
         p.completion_of(receive, patience);
       }},
      {"send pending", [](bare_pair& p) { p.start(send, much); }},
      {"send cancelled",
       [](bare_pair& p) {
         p.start(send, much);
         p.cancel(send);
         p.completion_of(send, patience);
       }},
      {"peer has closed unread",
       [](bare_pair& p) {
         p.send_now(reply_bytes);
         p.start(receive, 100);
         p.peer_closes();
       }},
      {"peer has reset",
       [](bare_pair& p) {
         p.start(receive, 100);
         p.start(send, much);
         p.peer_resets();
       }},
  }};
  return all;
}

const std::array<ending, 3>& endings() {
  static const std::array<ending, 3> all{{
      {"close", [](bare_pair& p) { return "close " + p.close(); }},
      {"shutdown, close",
       [](bare_pair& p) {
         const std::string said = "shutdown " + p.shutdown_send();
         return said + ", close " + p.close();
       }},
      {"linger 0, close",
       [](bare_pair& p) {
         const std::string said = "linger " + p.linger_0();
         return said + ", close " + p.close();
       }},
  }};
  return all;
}

std::vector<std::string> try_out(const situation& when, const ending& how) {
  bare_pair pair;
  when.prepare(pair);
  const auto resets_before = resets_sent();
  const std::string said = how.act(pair);
  const std::string received = pair.completion_of(direction::receive, patience);
  const std::string sent = pair.completion_of(direction::send, patience);
  const reading seen = pair.peer_reads(patience);
  const auto resets = resets_sent();
  return {when.name,
          said,
          received,
          sent,
          std::to_string(seen.bytes) + ", " + seen.end,
          resets && resets_before ? std::to_string(*resets - *resets_before) : "?"};
}

void print(const std::vector<std::vector<std::string>>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto& cell : rows[i]) std::printf("| %s ", cell.c_str());
    std::printf("|\n");
    if (i == 0) {
      for (std::size_t n = 0; n < rows[0].size(); ++n) std::printf("|---");
      std::printf("|\n");
    }
  }
  std::printf("\n");
}

}  // namespace

int main() {
  try {
    std::printf("## %s\n\n", platform_name().c_str());
    for (const auto& how : endings()) {
      std::vector<std::vector<std::string>> rows{{std::string("before ") + how.name, "the calls",
                                                  "the receive", "the send", "the peer reads",
                                                  "RSTs sent"}};
      for (const auto& when : situations()) rows.push_back(try_out(when, how));
      print(rows);
    }
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "probe: %s\n", problem.what());
    return 1;
  }
}
