#include "protocol/discard.hpp"

namespace lastbyte::protocol {

// Destroying the buffer gives its memory back: that is all.
void discard::on_receive(connection& /*from*/, buffer /*bytes*/) {}

}  // namespace lastbyte::protocol
