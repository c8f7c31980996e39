// A handler made of functions.
#pragma once

#include <functional>
#include <utility>

#include <lastbyte/server.hpp>

namespace lastbyte::test {

// What is refused is counted by the server; a test that cares looks there.
inline void send_back(connection& from, buffer bytes) {
  [[maybe_unused]] const auto refused = from.send(std::move(bytes));
}

struct scripted_handler : handler {
  std::function<void(connection&)> open = [](connection&) {};
  std::function<void(connection&, buffer)> receive = send_back;
  std::function<void(connection&)> end = [](connection& from) { from.close(); };
  std::function<void(const ending_report&)> ended = [](const ending_report&) {};

  void on_open(connection& opened) override { open(opened); }
  void on_receive(connection& from, buffer bytes) override { receive(from, std::move(bytes)); }
  void on_end_of_stream(connection& from) override { end(from); }
  void on_ended(connection&, const ending_report& how) override { ended(how); }
};

}  // namespace lastbyte::test
