// The suite's own connections: they look at what comes back.
#include "suite/crowd.hpp"

#include <lastbyte/server.hpp>

#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::suite;

namespace {

enum class manner { right, wrong, silent };

struct echoing final : handler {
  explicit echoing(manner wanted) : how(wanted) {}

  void on_receive(connection& from, buffer bytes) override {
    if (how == manner::silent) return from.close();
    if (how == manner::right) {
      [[maybe_unused]] const auto refused = from.send(std::move(bytes));
      return;
    }
    std::string text(bytes.text());
    text.back() = '?';
    [[maybe_unused]] const auto refused = from.send(text);
  }

  manner how;
};

class serving {
 public:
  explicit serving(manner how) : handler_(how), server_(chosen(), handler_) {
    REQUIRE_FALSE(server_.start());
  }
  serving(const serving&) = delete;
  serving& operator=(const serving&) = delete;
  ~serving() { server_.stop(); }
  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const endpoint& each : server_.listening()) all.push_back(to_string(each));
    return all;
  }
  [[nodiscard]] std::uint64_t accepted() const { return server_.report().accepted; }

 private:
  static options chosen() {
    options how;
    how.listen = {*parse_endpoint("127.0.0.1:0"), *parse_endpoint("127.0.0.2:0")};
    how.io = io_choice::epoll;
    how.workers = 1;
    return how;
  }

  echoing handler_;
  server server_;
};

}  // namespace

TEST_CASE("a crowd grows to its size, each echoes once, and then those whose turn it is") {
  const serving on(manner::right);
  crowd all(on.addresses());
  CHECK(all.grow_to(10).empty());
  CHECK(all.size() == 10);
  CHECK(all.grow_to(25).empty());
  CHECK(all.size() == 25);
  CHECK(all.echo(60).empty());
  CHECK(on.accepted() == 25);
}

TEST_CASE("a crowd says that an echo was wrong") {
  const serving on(manner::wrong);
  crowd all(on.addresses());
  CHECK(all.grow_to(1) == "connection 1: the echo was wrong");
}

TEST_CASE("a crowd says that no echo came back") {
  const serving on(manner::silent);
  crowd all(on.addresses());
  CHECK(all.grow_to(1) == "connection 1: no echo came back: the server finished");
}

TEST_CASE("a crowd says that nobody listens") {
  std::vector<std::string> gone;
  {
    const serving on(manner::right);
    gone = on.addresses();
  }
  crowd all(gone);
  CHECK(all.grow_to(3) == "connection 1: connect: Connection refused");
}
