// What a service does with its connections.
//
// The rule: one handler serves every connection of a server, from several workers at once; the calls for
// one connection never overlap. What a connection needs for itself hangs on connection::user_word().
#pragma once

#include <lastbyte/connection.hpp>
#include <lastbyte/ending.hpp>
#include <lastbyte/ledger.hpp>

namespace lastbyte {

// How a connection ended, told once, when its socket is closed.
struct ending_report {
  ending cause = ending::none;
  intent first_asked = intent::none;
  proof mark = proof::unproven;
  int native_error = 0;  // the platform's code behind `cause`, 0 if there was none
  ledger bytes;
  endpoint peer;
};

// Thread: the worker that owns the connection at that moment. A call that blocks holds up the other
// connections of its worker.
// Errors: an exception that leaves a handler aborts its connection.
class handler {
 public:
  virtual ~handler() = default;

  // The connection is open. A service that speaks first does it here.
  virtual void on_open(connection& /*opened*/) {}

  // Bytes arrived, in order.
  // Shape: 1 byte to one receive buffer (64 KiB). Keep the buffer, send it back, or let it go.
  virtual void on_receive(connection& from, buffer bytes) = 0;

  // The peer has finished: it will send no more, and still reads.
  virtual void on_end_of_stream(connection& from) { from.close(); }

  // The queue has been above the high mark and is now at the low mark: there is room again. A handler that
  // refills it above the high mark each time keeps receiving paused, and the peer's end of stream unseen: one
  // that streams without end should stay below the mark.
  virtual void on_send_low(connection& /*to*/) {}

  // The connection has ended; `ended` is refused everything from now on.
  virtual void on_ended(connection& /*ended*/, const ending_report& /*how*/) {}
};

}  // namespace lastbyte
