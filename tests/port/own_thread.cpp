#include "own_thread.hpp"

#include <chrono>
#include <utility>

namespace lastbyte::test {

own_thread::own_thread(std::function<void()> what)
    : ended_(std::async(std::launch::async, std::move(what))) {}

bool own_thread::has_ended() const {
  return ended_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void own_thread::join() { ended_.get(); }

}  // namespace lastbyte::test
