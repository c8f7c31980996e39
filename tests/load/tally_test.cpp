// Tallies: a block for each thread, summed for whoever looks.
#include "load/tally.hpp"

#include <thread>

#include "support/catch.hpp"

using lastbyte::load::tallies;
using lastbyte::load::tally;

TEST_CASE("each thread has a block of its own, and always the same one") {
  tallies all;
  tally* mine = &all.mine();
  CHECK(&all.mine() == mine);
  tally* other = nullptr;
  std::thread([&] { other = &all.mine(); }).join();
  CHECK(other != mine);
}

TEST_CASE("two tallies don't mix, though one thread writes to both") {
  tallies one;
  tallies two;
  one.mine().messages.add(1);
  two.mine().messages.add(2);
  one.mine().messages.add(3);
  CHECK(one.live().messages == 4);
  CHECK(two.live().messages == 2);
}

TEST_CASE("the live figures are the sums of all threads' figures, the last moments their maxima") {
  tallies all;
  const auto work = [&](std::uint64_t amount) {
    all.mine().messages.add(amount);
    all.mine().opened.add(2);
    all.mine().ended.add(1);
    all.mine().last_message_ns.raise_to(amount);
  };
  std::thread(work, 10).join();
  std::thread(work, 5).join();
  CHECK(all.live().messages == 15);
  CHECK(all.live().open() == 2);
  CHECK(all.live().last_message_ns == 10);
}

TEST_CASE("figures that are read while they change don't come out negative") {
  lastbyte::load::live_figures torn;
  torn.ended = 3;
  torn.opened = 2;
  CHECK(torn.open() == 0);
}
