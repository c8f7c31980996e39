// Takes everything and says nothing (RFC 863).
#pragma once

#include <lastbyte/handler.hpp>

namespace lastbyte::protocol {

class discard final : public handler {
 public:
  void on_receive(connection& from, buffer bytes) override;
};

}  // namespace lastbyte::protocol
