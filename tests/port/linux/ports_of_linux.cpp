// What only Linux' own ports can show, or only one of them.
#include <sys/mman.h>

#include <array>

#include "port_test.hpp"
#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

// Memory that nobody may read: the kernel refuses to send it, and the connection lives on.
class closed_page {
 public:
  static constexpr std::size_t size = 4'096;

  closed_page() : at_(::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    REQUIRE(at_ != MAP_FAILED);
  }
  closed_page(const closed_page&) = delete;
  closed_page& operator=(const closed_page&) = delete;
  ~closed_page() { ::munmap(at_, size); }

  [[nodiscard]] port::slice bytes() const { return {static_cast<const std::byte*>(at_), size}; }

 private:
  void* at_;
};

// @param waiting: bytes that stand in front of the error.
template <class Port>
void meet_an_error_of_the_send(driver<Port>& drive, std::uint64_t waiting) {
  const closed_page refused;
  const std::array<port::slice, 1> slices{refused.bytes()};
  auto [raw, ours] = drive.connect_raw();
  bool had_send_failed = false;
  ours.on_receive = [&](auto& at) { had_send_failed = at.seen.send_result.failed(); };
  drive.keep_receiving(ours);
  CHECK(send_pattern(raw, 0, waiting) == waiting);
  drive.send_once(ours, slices);
  drive.until("both are over", [&] {
    const account now = drive.seen(ours);
    return now.is_receive_over() && now.send_result.failed();
  });
  CHECK(drive.seen(ours).send_result.what == port::error::other);
  CHECK(drive.seen(ours).received_when_send_failed == waiting);
  CHECK(had_send_failed);
  CHECK(drive.seen(ours).receive_result.what == port::error::other);
}

template <class Port>
void meet_errors_of_sends(driver<Port>& drive) {
  meet_an_error_of_the_send(drive, 0);
  meet_an_error_of_the_send(drive, 40'000);
}

// A simulated error is the connection's, and so its receive's, too.
[[maybe_unused]] const bool is_error_of_send_registered = register_port_test(
    port_list<plainly<port::epoll::port>, plainly<port::epoll::shared_port>,
              plainly<port::uring::port>>{},
    []<class Setting> {
      return &port_test<Setting, 1, meet_errors_of_sends<typename Setting::port>>;
    },
    "an error that only a send has met is told by it, before the receive in flight ends",
    "[case-11]");

// A ring holds the socket as long as a receive is in flight: a close before that sends no FIN.
void close_behind_a_receive(driver<port::uring::port>& drive) {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  drive.cancel_receive(ours);
  drive.until("the receive is back", [&on = ours, &drive] { return !drive.seen(on).is_receiving; });
  drive.close(ours, port::close_mode::orderly);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.end == raw_end::end_of_stream);
}

[[maybe_unused]] const bool is_close_registered = register_port_test(
    port_list<plainly<port::uring::port>>{},
    []<class Setting> { return &port_test<Setting, 1, close_behind_a_receive>; },
    "a receive that is in the ring when a close is wanted is cancelled first, and the FIN is sent",
    "[case-24]");

}  // namespace
}  // namespace lastbyte::test
