#include <string>

#include <lastbyte/endpoint.hpp>

#include "support/catch.hpp"

namespace lastbyte {
namespace {

std::string round_trip(std::string_view text) {
  const auto read = parse_endpoint(text);
  return read ? to_string(*read) : "refused";
}

TEST_CASE("an IPv4 endpoint is read and written") {
  const auto read = parse_endpoint("127.0.0.1:27015");
  REQUIRE(read);
  CHECK(read->family == address_family::ipv4);
  CHECK(read->tcp_port == 27015);
  CHECK(read->address[0] == 127);
  CHECK(read->address[3] == 1);
  CHECK(to_string(*read) == "127.0.0.1:27015");
}

TEST_CASE("localhost and the star stand for addresses") {
  CHECK(round_trip("localhost:80") == "127.0.0.1:80");
  CHECK(round_trip("*:0") == "0.0.0.0:0");
}

TEST_CASE("IPv6 is written as RFC 5952 has it") {
  CHECK(round_trip("[::]:1") == "[::]:1");
  CHECK(round_trip("[::1]:1") == "[::1]:1");
  CHECK(round_trip("[1::]:1") == "[1::]:1");
  CHECK(round_trip("[2001:DB8:0:0:0:0:0:1]:1") == "[2001:db8::1]:1");
  CHECK(round_trip("[2001:0db8:0000:0000:0001:0000:0000:0001]:1") == "[2001:db8::1:0:0:1]:1");
  CHECK(round_trip("[1:0:2:3:4:5:6:7]:1") == "[1:0:2:3:4:5:6:7]:1");
  CHECK(round_trip("[1:0:0:2:0:0:0:3]:1") == "[1:0:0:2::3]:1");
  CHECK(round_trip("[1:2:3:4:5:6:7:8]:1") == "[1:2:3:4:5:6:7:8]:1");
  CHECK(round_trip("[1:2:3:4:5:6::]:1") == "[1:2:3:4:5:6::]:1");
}

TEST_CASE("an IPv4 address may end an IPv6 one") {
  CHECK(round_trip("[::ffff:192.0.2.1]:9") == "[::ffff:192.0.2.1]:9");
  CHECK(round_trip("[::ffff:c000:201]:9") == "[::ffff:192.0.2.1]:9");
  CHECK(round_trip("[64:ff9b::192.0.2.33]:9") == "[64:ff9b::c000:221]:9");
  CHECK(round_trip("[1:2:3:4:5:6:1.2.3.4]:9") == "[1:2:3:4:5:6:102:304]:9");
}

TEST_CASE("an IPv6 zone is a number") {
  const auto read = parse_endpoint("[fe80::1%3]:7");
  REQUIRE(read);
  CHECK(read->scope == 3);
  CHECK(to_string(*read) == "[fe80::1%3]:7");
  CHECK(round_trip("[fe80::1%eth0]:7") == "refused");
  CHECK(round_trip("[fe80::1%]:7") == "refused");
}

TEST_CASE("what is no endpoint is refused") {
  const auto text =
      GENERATE(as<std::string>{}, "", ":", "1.2.3.4", "1.2.3.4:", ":80", "1.2.3:80", "1.2.3.4.5:80",
               "1.2.3.256:80", "01.2.3.4:80", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1",
               "1.2.3.4:8x", "1.2.3.4 :80", "example:80", "1..2.3:80", "-1.2.3.4:80");
  CHECK(round_trip(text) == "refused");
}

TEST_CASE("what is no IPv6 endpoint is refused") {
  const auto text = GENERATE(
      as<std::string>{}, "::1:80", "[]:80", "[::1]", "[::1:80", "[:]:80", "[:::]:80", "[1:::2]:80",
      "[1::2::3]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80", "[1:2:3:4:5:6:7::8]:80x",
      "[1:2:3:4:5:6:7:8::]:80", "[12345::]:80", "[g::]:80", "[1:]:80", "[:1]:80", "[1.2.3.4::]:80",
      "[::1.2.3]:80", "[1:2:3:4:5:6:7:1.2.3.4]:80", "[::0x1]:80", "[::1.2.3.4:5]:80");
  CHECK(round_trip(text) == "refused");
}

}  // namespace
}  // namespace lastbyte
