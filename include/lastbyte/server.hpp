// A TCP server: listens, serves its handler's connections, and ends without losing a byte.
//
//   lastbyte::server server(options, handler);
//   if (auto problem = server.start()) { ... problem->text ... }
//   server.quiesce();                      // from any thread, a signal thread for instance
//   lastbyte::server_report report = server.wait();
//
// Not here: signals and command lines (src/service/).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <lastbyte/handler.hpp>
#include <lastbyte/options.hpp>
#include <lastbyte/report.hpp>

namespace lastbyte {

// Why the server could not start, and what would help.
struct start_problem {
  std::error_code code;
  std::string text;    // the cause: "cannot listen on 127.0.0.1:27015: address already in use"
  std::string remedy;  // the next command: "see who has it: ss -ltnp 'sport = :27015'"
};

// Something an operator should know. Rate-limit lines that repeat.
struct notice {
  enum class kind : std::uint8_t {
    connection_ended,
    accept_paused,
    accept_resumed,
    connect_refused,  // no room for another connection of our own, or the server is at its end
    stuck,
    handler_threw,
    port_refused,  // io_choice::automatic goes on with the second best; told while the server is built
  };
  kind what = kind::connection_ended;
  const ending_report* ended = nullptr;  // with connection_ended
  std::string_view text;                 // valid during the call
};

// Takes notices; what it throws is dropped. Thread: any worker, and the one that builds the server; never on the message
// path.
class observer {
 public:
  virtual ~observer() = default;
  virtual void on_notice(const notice& what) = 0;
};

// Thread: every member may be called from any thread; none may still run when the server is destroyed.
class server {
 public:
  // @param serving, @param watching: outlive the server.
  server(const options& chosen, handler& serving, observer* watching = nullptr);
  ~server();  // if it still runs: aborts what is left, and waits
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // Opens the listeners and starts the workers.
  // @return nothing, or why not; then nothing runs.
  // Call it once: who could not start says the same again.
  [[nodiscard]] std::optional<start_problem> start();

  // Where it listens, with the TCP ports that were taken for port 0. Empty until start() has succeeded.
  [[nodiscard]] std::vector<endpoint> listening() const;

  // Which completion port serves, and how many connections it may have ("uring", "epoll", "iocp").
  [[nodiscard]] std::string_view io_name() const;
  [[nodiscard]] std::uint32_t workers() const;
  [[nodiscard]] std::uint32_t max_connections() const;

  // Begins the graceful end of all connections. Returns at once. Idempotent.
  void quiesce();

  // Ends at once: what is still open is aborted, and counted as cut. Returns at once.
  void stop();

  // Waits until everything has ended. Only once start() has returned.
  [[nodiscard]] server_report wait();

  // The account so far.
  [[nodiscard]] server_report report() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace lastbyte
