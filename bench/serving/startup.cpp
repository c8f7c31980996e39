#include "serving/startup.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

namespace lastbyte::serving {
namespace {

constexpr std::string_view usage =
    "usage: [--listen ADDRESS:PORT]... [--address-file FILE] [--finish-after BYTES] [--bulk]";

struct wish {
  std::vector<std::string> addresses;
  std::string address_file;
};

std::string error_text(std::string_view what) {
  return std::string(what) + ": " + std::strerror(errno);
}

bool parse_number(std::string_view text, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_address(const std::string& text, sockaddr_in& into) {
  const auto colon = text.rfind(':');
  std::uint64_t tcp_port = 0;
  if (colon == std::string::npos || !parse_number(text.substr(colon + 1), tcp_port)) return false;
  into.sin_family = AF_INET;
  into.sin_port = htons(static_cast<std::uint16_t>(tcp_port));
  return tcp_port <= UINT16_MAX &&
         inet_pton(AF_INET, text.substr(0, colon).c_str(), &into.sin_addr) == 1;
}

void parse(int count, char** words, wish& wanted, startup& made) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = words[i];
    if (name == "--bulk") {
      made.is_bulk = true;
      continue;
    }
    const char* value = i + 1 < count ? words[++i] : nullptr;
    if (value != nullptr && name == "--listen") {
      wanted.addresses.emplace_back(value);
    } else if (value != nullptr && name == "--address-file") {
      wanted.address_file = value;
    } else if (value == nullptr || name != "--finish-after" ||
               !parse_number(value, made.finish_after)) {
      made.problem = "cannot read '" + std::string(name) + "'; " + std::string(usage);
      return;
    }
  }
  if (wanted.addresses.empty()) wanted.addresses.emplace_back("127.0.0.1:0");
}

std::string open_listener(const std::string& text, startup& made) {
  sockaddr_in address{};
  if (!parse_address(text, address)) return "'" + text + "' is no address such as 127.0.0.1:0";
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return error_text("socket");
  made.listeners.push_back(listener);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, backlog) != 0) {
    return error_text("cannot listen on " + text) + "; name another address, or port 0";
  }
  return {};
}

std::string address_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  char host[INET_ADDRSTRLEN]{};
  inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
  return std::string(host) + ":" + std::to_string(ntohs(address.sin_port));
}

// Whole or not at all: who waits for the file may read it as soon as it is there.
std::string tell_addresses(const startup& made, const std::string& path) {
  std::string text;
  for (const int each : made.listeners) text += address_of(each) + "\n";
  if (path.empty()) return std::fputs(text.c_str(), stderr) < 0 ? error_text("stderr") : "";
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << text;
  file.close();
  if (!file.good() || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return error_text("cannot write " + path);
  }
  return {};
}

std::uint64_t take_all_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

startup start(int count, char** words) {
  startup made;
  wish wanted;
  parse(count, words, wanted, made);
  made.most_files = take_all_files();
  std::signal(SIGPIPE, SIG_IGN);
  for (const std::string& each : wanted.addresses) {
    if (made.problem.empty()) made.problem = open_listener(each, made);
  }
  if (made.problem.empty()) made.problem = tell_addresses(made, wanted.address_file);
  return made;
}

int refuse(const startup& failed) {
  std::fprintf(stderr, "%s\n", failed.problem.c_str());
  return 2;
}

}  // namespace lastbyte::serving
