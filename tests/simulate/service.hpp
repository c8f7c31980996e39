// The handler of a simulated server: each connection does what its plan says. The echo and the discard
// service are the product's own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include <lastbyte/handler.hpp>

#include "port/sim/network.hpp"
#include "protocol/discard.hpp"
#include "protocol/echo.hpp"
#include "simulate/chronicle.hpp"

namespace lastbyte::simulation {

class service final : public handler, public port::sim::alarm {
 public:
  // @param in_between: called in the middle of a handler's call: others may run then.
  service(port::sim::network& over, std::deque<chronicle>& all, dice& chance,
          std::function<void()> in_between);

  void on_open(connection& opened) override;
  void on_receive(connection& from, buffer bytes) override;
  void on_end_of_stream(connection& from) override;
  void on_send_low(connection& to) override;
  void on_ended(connection& ended, const ending_report& how) override;

  void on_time(std::uint64_t word) override;

  // Whose this is; nullptr before it was opened.
  [[nodiscard]] chronicle* find(const connection* which) const;
  // Everybody who was opened and has not ended.
  template <class Function>
  void for_each_current(const Function& visit) {
    for (chronicle& each : all_) {
      if (each.current != nullptr) visit(*each.current, each);
    }
  }
  // Exceptions let out.
  [[nodiscard]] std::uint64_t thrown() const noexcept { return thrown_; }
  // Lets go of everything that a handler has kept.
  void clear() noexcept { kept_.clear(); }
  // The connection at user_word() - 1, as the world asked for it.
  static std::uint64_t word_of(const chronicle& outgoing) noexcept { return outgoing.number + 1; }

 private:
  // What is to be done later: by handle, as another thread would.
  struct errand {
    enum class kind : std::uint8_t { resume, release, drop_buffer } what = kind::resume;
    connection_handle whom;
    std::size_t kept = 0;
    chronicle* about = nullptr;
  };

  chronicle& introduce(connection& opened);
  chronicle& of(connection& any);
  void note_asked(chronicle& about) const;
  void note_closed(chronicle& about) const;
  void note_offer(chronicle& about, std::size_t bytes) const;
  void say_finish(connection& on, chronicle& about) const;
  void say_close(connection& on, chronicle& about) const;
  void tell_on(connection& to, chronicle& about);
  void follow_a_whim(connection& on, chronicle& about);
  void speak_to_the_ended(connection& ended, chronicle& about);
  void pause_for_a_while(connection& on, chronicle& about);
  void hold_for_a_while(connection& on, chronicle& about);
  chronicle& somebody();
  void call_somebody(chronicle& by);
  void keep(buffer bytes);
  void later(errand what, micros most_us);

  port::sim::network& network_;
  std::deque<chronicle>& all_;
  dice& chance_;
  std::function<void()> in_between_;
  protocol::echo echo_;
  protocol::discard discard_;
  std::unordered_map<const connection*, chronicle*> current_;
  std::vector<connection_handle> handles_;  // by the chronicle's number
  std::vector<errand> errands_;
  std::vector<buffer> kept_;
  std::uint64_t thrown_ = 0;
};

}  // namespace lastbyte::simulation
