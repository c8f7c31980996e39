#include "end_to_end/crowd.hpp"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <stdexcept>
#include <system_error>

#include "support/catch.hpp"

namespace lastbyte::test {

crowd::crowd(const endpoint& where, std::size_t count, client::plan wanted,
             client::socket_buffers sizes) {
  members.reserve(count);
  while (members.size() < count) members.emplace_back(where, wanted, sizes);
}

void crowd::each_wants(const std::function<void(client::plan&)>& change) {
  for (auto& each : members) change(each.wants);
}

bool crowd::pass(int timeout_ms) {
  std::vector<pollfd> waits;
  waits.reserve(members.size());
  for (const auto& each : members) {
    const short events = each.events();
    waits.push_back({events != 0 ? each.socket() : -1, events, 0});
  }
  const int ready = ::poll(waits.data(), waits.size(), timeout_ms);
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  for (std::size_t i = 0; ready > 0 && i < members.size(); ++i) {
    if (waits[i].revents == 0) continue;
    members[i].on_ready(waits[i].revents);
    if (members[i].is_over() && members[i].wants.closes) members[i].close();
  }
  return ready > 0;
}

void crowd::run_until_stalled(milliseconds quiet, milliseconds limit) {
  const time_limit until(limit);
  while (pass(static_cast<int>(quiet.count()))) {
    if (until.is_over()) throw std::runtime_error("the path never stalled: " + text());
  }
}

void crowd::run_until(std::string_view what, const std::function<bool(const client&)>& is_so,
                      milliseconds limit) {
  const time_limit until(limit);
  const auto left = [&] {
    return std::count_if(members.begin(), members.end(), std::not_fn(is_so));
  };
  const auto can_become_so = [&](const client& each) { return !is_so(each) && !each.is_over(); };
  while (left() > 0) {
    if (until.is_over() || std::none_of(members.begin(), members.end(), can_become_so)) {
      throw std::runtime_error(std::to_string(left()) + " clients not at '" + std::string(what) +
                               "', to be there within " + std::to_string(limit.count()) +
                               " ms: " + text());
    }
    pass(until.left_ms());
  }
}

void crowd::run_until_over(milliseconds limit) {
  run_until("the end of its connection", [](const client& each) { return each.is_over(); }, limit);
}

void crowd::close() {
  for (auto& each : members) each.close();
}

std::uint64_t crowd::sent() const {
  return std::accumulate(members.begin(), members.end(), std::uint64_t{0},
                         [](auto sum, const client& each) { return sum + each.sent(); });
}

std::uint64_t crowd::received() const {
  return std::accumulate(members.begin(), members.end(), std::uint64_t{0},
                         [](auto sum, const client& each) { return sum + each.received(); });
}

std::uint64_t crowd::wrong() const {
  return std::accumulate(members.begin(), members.end(), std::uint64_t{0},
                         [](auto sum, const client& each) { return sum + each.wrong(); });
}

std::size_t crowd::ended_by(stream_end how) const {
  return static_cast<std::size_t>(std::count_if(
      members.begin(), members.end(), [how](const client& each) { return each.end() == how; }));
}

std::size_t crowd::without_whole_echo() const {
  return static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(),
                    [](const client& each) { return each.received() != each.sent(); }));
}

std::string crowd::text() const {
  constexpr int most_shown = 5;
  std::string text = "the clients' own account: " + std::to_string(members.size()) +
                     " clients, sent " + std::to_string(sent()) + ", received " +
                     std::to_string(received()) + ", wrong " + std::to_string(wrong()) +
                     "; ends of stream " + std::to_string(ended_by(stream_end::end_of_stream)) +
                     ", resets " + std::to_string(ended_by(stream_end::reset)) + ", other " +
                     std::to_string(ended_by(stream_end::other)) + ", not ended " +
                     std::to_string(ended_by(stream_end::none));
  int shown = 0;
  for (std::size_t i = 0; i < members.size() && shown < most_shown; ++i) {
    if (members[i].end() == stream_end::end_of_stream && members[i].wrong() == 0 &&
        members[i].sent() == members[i].received()) {
      continue;
    }
    ++shown;
    text += "\n  client " + std::to_string(i) + ": " + members[i].text();
  }
  return text;
}

std::string make_room_for(std::size_t clients) {
  constexpr std::size_t other_files = 200;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t needed = clients + other_files;
  if (limit.rlim_cur >= needed) return {};
  return "needs " + std::to_string(needed) + " open files, allowed are " +
         std::to_string(limit.rlim_cur) + " (ulimit -Hn)";
}

void check_whole_echo(const crowd& all) {
  INFO(all.text());
  CHECK(all.wrong() == 0);
  CHECK(all.without_whole_echo() == 0);
  CHECK(all.ended_by(stream_end::end_of_stream) == all.members.size());
}

}  // namespace lastbyte::test
