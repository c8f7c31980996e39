// What the smallest user of the installed library looks like: serves one connection of its own.
#include <lastbyte/server.hpp>

#include <iostream>

struct discard : lastbyte::handler {
  void on_receive(lastbyte::connection&, lastbyte::buffer) override {}
};

int main() {
  lastbyte::options options;
  options.listen = {*lastbyte::parse_endpoint("127.0.0.1:0")};
  options.workers = 1;
  discard serving;
  lastbyte::server server(options, serving);
  if (const auto problem = server.start()) {
    std::cerr << problem->text << "; " << problem->remedy << '\n';
    return 1;
  }
  if (server.listening().at(0).tcp_port == 0) return 1;
  server.quiesce();
  return server.wait().cut_something() ? 1 : 0;
}
