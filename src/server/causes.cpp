#include "server/causes.hpp"

namespace lastbyte::engine {

ending cause_of(core::operation failed, port::error why) noexcept {
  if (failed == core::operation::connect) return ending::connect_failed;
  switch (why) {
    case port::error::reset: return ending::peer_reset;
    case port::error::vanished: return ending::peer_vanished;
    case port::error::aborted: return ending::local_abort;
    case port::error::resources: return ending::resources;
    default:
      break;  // what no other word fits: named by the operation, explained by its native code
  }
  return failed == core::operation::receive ? ending::receive_failed : ending::send_failed;
}

}  // namespace lastbyte::engine
