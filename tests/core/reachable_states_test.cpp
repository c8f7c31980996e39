// The whole small world: every order of everything that can happen to one connection, with at most two
// bytes each way, walked breadth-first until nothing new is found.
//
// What it does not say: anything about ports, sockets or threads; those have their own suites.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/transition_table.hpp"

#include "support/catch.hpp"
#include "world.hpp"

using namespace lastbyte::test;
using lastbyte::core::connection;

namespace {

struct node {
  std::vector<happening> path;
  std::vector<std::size_t> before;  // nodes with a step to this one
  bool is_closed = false;
};

struct graph {
  std::vector<node> nodes;
  std::set<std::string> states;  // names of the machine's states that were met
  std::size_t steps = 0;
  std::string wrong;
};

std::string describe(const std::vector<happening>& path, const happening& last,
                     const std::string& wrong) {
  std::string text = wrong + ", after:";
  for (const happening& each : path) text += "\n  " + to_string(each);
  return text + "\n  " + to_string(last);
}

// @param visit: returns whether the kernel's mood mattered; if not, the others would say the same.
template <class Visit>
void for_each_happening(const std::vector<happening>& path, connection::origin from, Visit visit) {
  world here(from);
  for (const happening& each : path) (void)here.apply(each);
  for (std::size_t i = 0; i < input_count; ++i) {
    if (!here.is_possible(static_cast<input>(i))) continue;
    for (std::size_t m = 0; m < mood_count; ++m) {
      if (!visit(happening{static_cast<input>(i), static_cast<kernel_mood>(m)})) break;
    }
  }
}

graph walk(connection::origin from) {
  graph found;
  std::unordered_map<std::string, std::size_t> index;
  std::deque<std::size_t> waiting;

  const auto enter = [&](const world& at, std::vector<happening> path) {
    const auto [where, is_new] = index.try_emplace(at.key(), found.nodes.size());
    if (is_new) {
      found.nodes.push_back({std::move(path), {}, at.is_closed()});
      waiting.push_back(where->second);
    }
    return where->second;
  };

  enter(world(from), {});
  while (!waiting.empty() && found.wrong.empty()) {
    const std::size_t at = waiting.front();
    waiting.pop_front();
    const std::vector<happening> path = found.nodes[at].path;
    for_each_happening(path, from, [&](happening next) {
      if (!found.wrong.empty()) return false;
      world there(from);
      for (const happening& each : path) (void)there.apply(each);
      const std::string wrong = there.apply(next);
      ++found.steps;
      if (!wrong.empty()) {
        found.wrong = describe(path, next, wrong);
        return false;
      }
      found.states.insert(std::string(to_string(there.machine().current())));
      std::vector<happening> longer = path;
      longer.push_back(next);
      const std::size_t to = enter(there, std::move(longer));
      found.nodes[to].before.push_back(at);
      return there.was_kernel_asked();
    });
  }
  return found;
}

// How many nodes have no way to a closed one.
std::size_t count_trapped(const graph& found) {
  std::vector<bool> reaches(found.nodes.size());
  std::deque<std::size_t> waiting;
  for (std::size_t i = 0; i < found.nodes.size(); ++i) {
    if (!found.nodes[i].is_closed) continue;
    reaches[i] = true;
    waiting.push_back(i);
  }
  while (!waiting.empty()) {
    const std::size_t at = waiting.front();
    waiting.pop_front();
    for (const std::size_t earlier : found.nodes[at].before) {
      if (reaches[earlier]) continue;
      reaches[earlier] = true;
      waiting.push_back(earlier);
    }
  }
  return static_cast<std::size_t>(std::count(reaches.begin(), reaches.end(), false));
}

}  // namespace

TEST_CASE(
    "in every reachable state of an accepted connection the laws hold, and closed is reached") {
  const graph found = walk(connection::origin::accepted);
  INFO(found.wrong);
  REQUIRE(found.wrong.empty());
  std::printf("accepted: %zu reachable states, %zu transitions\n", found.nodes.size(), found.steps);
  CHECK(count_trapped(found) == 0);
  // A walk that got nowhere proves nothing: every state of the machine was met, but for `connecting`
  // and those that a settled connection leaves at once.
  CHECK(found.states.size() == lastbyte::core::state_count - 1);
}

TEST_CASE("in every reachable state of a connecting one the laws hold, and closed is reached") {
  const graph found = walk(connection::origin::connecting);
  INFO(found.wrong);
  REQUIRE(found.wrong.empty());
  std::printf("connecting: %zu reachable states, %zu transitions\n", found.nodes.size(),
              found.steps);
  CHECK(count_trapped(found) == 0);
}
