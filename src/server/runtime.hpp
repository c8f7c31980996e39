// A running pool of workers over some completion port: what `lastbyte::server` and the load generator share.
//
// The rule: the port is chosen at run time, here and nowhere else; behind this interface everything is
// compiled for one port. A runtime accepts, connects, or both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <lastbyte/handler.hpp>
#include <lastbyte/options.hpp>
#include <lastbyte/report.hpp>
#include <lastbyte/server.hpp>

namespace lastbyte::engine {

// Thread: every member may be called from any thread, unless it says otherwise.
class runtime {
 public:
  virtual ~runtime() = default;

  // Opens the listeners of options::listen (none: a client only) and starts the workers.
  [[nodiscard]] virtual std::optional<start_problem> start() = 0;

  // Opens a connection to `where`: handler::on_open follows, or on_ended with connect_failed; where there is no place for
  // one, or the server is at its end, notice::kind::connect_refused.
  // It lands on the calling worker, or, called from elsewhere, on each worker in turn.
  // @param user_word: what connection::user_word() will hold.
  virtual void connect(const endpoint& where, std::uint64_t user_word) = 0;

  virtual void quiesce() = 0;
  virtual void stop() = 0;
  // Waits until quiesce() or stop() has ended everything. Call it once.
  [[nodiscard]] virtual server_report wait() = 0;
  [[nodiscard]] virtual server_report report() const = 0;

  [[nodiscard]] virtual std::vector<endpoint> listening() const = 0;
  [[nodiscard]] virtual std::string_view io_name() const = 0;
  [[nodiscard]] virtual std::uint32_t workers() const = 0;
  [[nodiscard]] virtual std::uint32_t max_connections() const = 0;
};

// @param chosen.io: `automatic` takes the best port of this platform.
// @return nullptr if this platform doesn't have the chosen one; `problem` then says so.
[[nodiscard]] std::unique_ptr<runtime> make_runtime(const options& chosen, handler& serving,
                                                    observer* watching,
                                                    std::optional<start_problem>& problem);

}  // namespace lastbyte::engine
