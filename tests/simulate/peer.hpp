// The program at the other end of a simulated connection: it does what its plan says, by system calls, with
// none of the server's code.
#pragma once

#include "port/sim/network.hpp"
#include "simulate/chronicle.hpp"

namespace lastbyte::simulation {

using port::sim::network;

class peer final : public port::sim::watcher, public port::sim::alarm {
 public:
  // @param server: where to connect to; for an outgoing connection: where to listen.
  peer(network& over, chronicle& about, const endpoint& server);

  void on_change() override;
  void on_time(std::uint64_t word) override;

 private:
  enum class errand : std::uint8_t { begin, go_on, read, end, suffer };

  void later(errand what, micros delay_us);
  void begin();
  void meet(tcp_end& mine);
  void go_on();
  void read_what_it_wants();
  void read(std::uint64_t most);
  void write();
  void end();
  void close(port::close_mode mode);
  void suffer();
  [[nodiscard]] bool is_answered() const;

  network& network_;
  chronicle& about_;
  const peer_plan& plan_;
  endpoint server_;
  port::sim::tcp_listener* listening_ = nullptr;
  tcp_end* mine_ = nullptr;
  bool is_closed_ = false;
  bool is_end_due_ = false;
  bool has_ended_ = false;
  std::uint64_t message_left_ = 0;
  std::uint64_t read_at_message_ = 0;
  micros next_message_at_ = 0;
  micros patience_until_ = 0;  // it waits for no answer any longer
};

}  // namespace lastbyte::simulation
