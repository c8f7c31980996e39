// Progress: what the line says, and when it is written how.
#include "load/live_line.hpp"

#include <array>
#include <memory>

#include "load/clock.hpp"
#include "support/catch.hpp"

using namespace lastbyte::load;

namespace {

struct closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file = std::unique_ptr<std::FILE, closer>;

std::string written(std::FILE* to) {
  REQUIRE(std::fseek(to, 0, SEEK_SET) == 0);
  std::array<char, 4'096> text{};
  return {text.data(), std::fread(text.data(), 1, text.size(), to)};
}

moment at_ms(std::uint64_t ms, std::uint64_t messages) {
  moment now;
  now.elapsed_ns = ms * ms_to_ns;
  now.figures.messages = messages;
  now.figures.opened = 64;
  return now;
}

}  // namespace

TEST_CASE("the line tells the time, the open connections and the rate since the last line") {
  load_options options;
  options.message_bytes = 1'024;
  const auto line = live_text(options, at_ms(1'000, 1'000), at_ms(3'000, 21'000), "");
  CHECK(line == "3 s of 10 s  64 open  10,000 messages/s  9.8 MiB/s  21,000 messages");
}

TEST_CASE("the line tells the share of the requests where there are any, and the phase") {
  load_options options;
  options.duration_ms = 0;
  options.requests = 50'000;
  const auto line = live_text(options, {}, at_ms(1'000, 600), "ending");
  CHECK(line == "1 s  64 open  600 messages/s  37.5 KiB/s  600 of 50,000 messages  ending");
}

TEST_CASE("where nobody watches there is a plain line every 5 seconds, and no carriage return") {
  const file out(std::tmpfile());
  REQUIRE(out);
  const load_options options;
  live_line line(out.get(), false);
  for (std::uint64_t ms = 0; ms <= 11'000; ms += 20) line.show(options, at_ms(ms, ms), "");
  line.clear();
  const auto text = written(out.get());
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("on a terminal the line is rewritten, and taken away in the end") {
  const file out(std::tmpfile());
  REQUIRE(out);
  const load_options options;
  live_line line(out.get(), true);
  line.show(options, at_ms(200, 10), "");
  line.show(options, at_ms(300, 20), "");  // too soon
  line.show(options, at_ms(400, 30), "");
  line.say("a line that stays");
  line.show(options, at_ms(600, 40), "");
  line.clear();
  line.clear();
  const auto text = written(out.get());
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.find("20 messages") == std::string::npos);
  CHECK(text.ends_with("\r"));
}
