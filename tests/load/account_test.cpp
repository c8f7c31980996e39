// The account: each byte that was sent is in one column, and the columns are the server's.
#include "load/account.hpp"

#include "support/catch.hpp"

using namespace lastbyte;
using load::account;
using load::observed;

namespace {

ending_report ended(ending cause, std::uint64_t sent, std::uint64_t echoed) {
  ending_report how;
  how.cause = cause;
  how.mark = proof::proven;
  how.bytes.queued = sent;
  how.bytes.sent = sent;
  how.bytes.acknowledged = sent;
  how.bytes.received = echoed;
  how.bytes.delivered = echoed;
  return how;
}

void check_law(const account& of) {
  CHECK(of.sent + of.surplus == of.echoed + of.lost + of.unanswered + of.cut);
}

}  // namespace

TEST_CASE("a clean ending that we began, with all bytes echoed, leaves nothing over") {
  account all;
  all.add(ended(ending::clean_local_first, 1'000, 1'000), 0, false);
  CHECK(all.count(observed::client_first) == 1);
  CHECK(all.opened() == 1);
  CHECK(all.sent == 1'000);
  CHECK(all.acknowledged == 1'000);
  CHECK(all.echoed == 1'000);
  CHECK(all.lost == 0);
  CHECK(all.unanswered == 0);
  check_law(all);
}

TEST_CASE("what a server that finished first and cleanly did not echo is unanswered, not lost") {
  account all;
  all.add(ended(ending::clean_peer_first, 1'000, 900), 0, false);
  CHECK(all.count(observed::server_first) == 1);
  CHECK(all.unanswered == 100);
  CHECK(all.lost == 0);
  check_law(all);
}

TEST_CASE("what is missing behind our own finish is lost, however clean the ending") {
  account all;
  all.add(ended(ending::clean_local_first, 1'000, 999), 0, false);
  CHECK(all.count(observed::client_first) == 1);
  CHECK(all.lost == 1);
  check_law(all);
}

TEST_CASE("what is missing behind a reset of the server's is lost") {
  account all;
  all.add(ended(ending::peer_reset, 1'000, 400), 0, false);
  CHECK(all.count(observed::failed) == 1);
  CHECK(all.count(ending::peer_reset) == 1);
  CHECK(all.lost == 600);
  check_law(all);
}

TEST_CASE("what we cut ourselves has its own column, but only if cutting was asked for") {
  account asked;
  asked.add(ended(ending::app_abort, 1'000, 400), 0, true);
  CHECK(asked.count(observed::cut_by_us) == 1);
  CHECK(asked.cut == 600);
  CHECK(asked.lost == 0);
  check_law(asked);

  account unasked;
  unasked.add(ended(ending::app_abort, 1'000, 400), 0, false);
  CHECK(unasked.count(observed::failed) == 1);
  CHECK(unasked.cut == 0);
  CHECK(unasked.lost == 600);
  check_law(unasked);
}

TEST_CASE("a connection that never opened has no bytes and is not called opened") {
  account all;
  all.add(ended(ending::connect_failed, 0, 0), 0, false);
  CHECK(all.count(observed::not_connected) == 1);
  CHECK(all.opened() == 0);
  CHECK(all.unknown == 0);
}

TEST_CASE("what nobody can know about acknowledgements is counted as unknown, not as 0") {
  account all;
  auto how = ended(ending::clean_local_first, 1'000, 1'000);
  how.bytes.acknowledged.reset();
  how.mark = proof::unproven;
  all.add(how, 0, false);
  all.add(ended(ending::clean_local_first, 500, 500), 0, false);
  CHECK(all.unknown == 1);
  CHECK(all.unproven == 1);
  CHECK(all.acknowledged == 500);
}

TEST_CASE("a server that sends more than it got is counted in its own column") {
  account all;
  all.add(ended(ending::protocol_error, 100, 150), 50, false);
  CHECK(all.surplus == 50);
  CHECK(all.wrong == 50);
  CHECK(all.lost == 0);
  check_law(all);
}

TEST_CASE("bytes that never left our queue are not called sent") {
  account all;
  auto how = ended(ending::peer_reset, 1'000, 0);
  how.bytes.queued = 1'500;
  all.add(how, 0, false);
  CHECK(all.sent == 1'000);
  CHECK(all.unsent == 500);
  CHECK(all.lost == 1'000);
  check_law(all);
}

TEST_CASE("merged accounts are the sums of their columns") {
  account one;
  one.add(ended(ending::clean_local_first, 10, 10), 0, false);
  one.add(ended(ending::peer_reset, 10, 3), 1, false);
  account two;
  two.add(ended(ending::clean_peer_first, 10, 4), 0, false);
  two.add(ended(ending::app_abort, 10, 5), 0, true);
  two.add(ended(ending::connect_failed, 0, 0), 0, true);
  one.merge(two);
  CHECK(one.opened() == 4);
  CHECK(one.sent == 40);
  CHECK(one.echoed == 22);
  CHECK(one.lost == 7);
  CHECK(one.unanswered == 6);
  CHECK(one.cut == 5);
  CHECK(one.wrong == 1);
  CHECK(one.count(observed::not_connected) == 1);
  CHECK(one.count(ending::clean_peer_first) == 1);
  check_law(one);
}
