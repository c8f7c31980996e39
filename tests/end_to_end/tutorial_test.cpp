// The shortest conversation, with which everybody begins.
#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

constexpr std::uint64_t tutorial_bytes = 14;

DAEMON_TEST("the tutorial's client gets its 14 bytes and a clean end of stream") {
  auto& server = at.start();
  crowd one(server.where(), 1, {.to_send = tutorial_bytes});
  one.run_until_over();
  check_whole_echo(one);
  CHECK(one.received() == tutorial_bytes);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_peer_first") == 1);
  check_no_resets(at.resets);
}

DAEMON_TEST("the tutorial's client as a program of its own platform is content") {
  auto& server = at.start();
  const temporary_folder folder;
  auto words = platform::tutorial_client_command();
  words.push_back(to_string(server.where()));
  child_process program(words, folder.file("out"), folder.file("err"));
  const auto code = program.wait(time_limit(seconds(30)));
  INFO(read_file(folder.file("out")) << read_file(folder.file("err")));
  CHECK(code == 0);
  CHECK(read_file(folder.file("out")).find("Connection closed") != std::string::npos);
  const account told = server.end();
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.of("received") == tutorial_bytes);
  check_no_resets(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
