#include "server/slot_table.hpp"

#include <vector>

#include "port/sim/port.hpp"
#include "support/catch.hpp"

using lastbyte::engine::slot;
using lastbyte::engine::slot_table;
using table = slot_table<lastbyte::port::sim::port>;

TEST_CASE("every slot is found by its index, and there are as many as may be") {
  constexpr std::uint32_t most = 600;  // made in three chunks, the last one smaller
  table slots(most);
  std::vector<slot<lastbyte::port::sim::port>*> taken;
  while (auto* one = slots.take()) taken.push_back(one);
  REQUIRE(taken.size() == most);
  for (const auto* each : taken) CHECK(&slots.at(each->index) == each);
  CHECK_FALSE(slots.are_all_back());
  for (auto* each : taken) slots.give_back(*each);
  CHECK(slots.are_all_back());
}

TEST_CASE("each slot in use is visited, to the last one, and no other") {
  constexpr std::uint32_t most = 600;
  table slots(most);
  std::vector<slot<lastbyte::port::sim::port>*> taken;
  while (auto* one = slots.take()) taken.push_back(one);
  auto* ended = taken[7];
  ++ended->generation;
  std::vector<std::uint32_t> visited;
  slots.for_each_in_use([&](const auto& any) { visited.push_back(any.index); });
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < most; ++i) {
    if (i != ended->index) expected.push_back(i);
  }
  CHECK(visited == expected);
  for (auto* each : taken) slots.give_back(*each);
}

TEST_CASE("a handle is current for one life of its slot, and its neighbours' are others") {
  table slots(300);
  auto* first = slots.take();
  auto* second = slots.take();
  const std::uint32_t was = first->generation;
  CHECK(slots.is_current(first->index, was));
  ++first->generation;  // its connection ended
  CHECK_FALSE(slots.is_current(first->index, was));
  slots.give_back(*first);
  REQUIRE(slots.take() == first);
  CHECK_FALSE(slots.is_current(first->index, was));
  CHECK(slots.is_current(second->index, second->generation));
  CHECK_FALSE(slots.is_current(299, was));  // of a chunk that was never made
}
