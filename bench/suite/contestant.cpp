#include "suite/contestant.hpp"

#include <array>

namespace lastbyte::suite {
namespace {

constexpr std::array contestants{
    contestant{"limit-uring", role::limit, "bench/limit-uring", "", "limit-uring"},
    contestant{"lastbyte-uring", role::ours, "lastbyted", "uring", "limit-uring"},
    contestant{"limit-epoll", role::limit, "bench/limit-epoll", "", "limit-epoll"},
    contestant{"lastbyte-epoll", role::ours, "lastbyted", "epoll", "limit-epoll"},
    contestant{"libuv", role::peer, "bench/peer-libuv", "", "limit-epoll"},
    contestant{"asio-epoll", role::peer, "bench/peer-asio-epoll", "", "limit-epoll"},
    contestant{"asio-uring", role::peer, "bench/peer-asio-uring", "", "limit-uring"},
    contestant{"libevent", role::peer, "bench/peer-libevent", "", "limit-epoll"},
};

}  // namespace

std::span<const contestant> all_contestants() { return contestants; }

std::vector<std::string> command_of(const contestant& who, const job& what,
                                    const std::string& build, const std::string& address_file) {
  std::vector<std::string> words{build + "/" + std::string(who.program), "--address-file",
                                 address_file};
  for (std::uint32_t i = 1; i <= what.addresses; ++i) {
    words.emplace_back("--listen");
    words.push_back("127.0.0." + std::to_string(i) + ":0");
  }
  if (what.ending == ends_first::server) {
    words.emplace_back("--finish-after");
    words.push_back(std::to_string(what.message_bytes));
  }
  if (who.is == role::ours) {
    // All else is as it comes: ledger, deadlines, verified ends and checks.
    for (const char* each : {"--workers", "1", "--io"}) words.emplace_back(each);
    words.emplace_back(who.io);
    if (what.connections > 10'000) {
      words.emplace_back("--max-connections");
      words.push_back(std::to_string(what.connections));
    }
  } else if (what.is_bulk) {
    words.emplace_back("--bulk");
  }
  return words;
}

}  // namespace lastbyte::suite
