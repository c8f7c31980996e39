#include "service/log_line.hpp"

#include <nlohmann/json.hpp>

#include "service/banner.hpp"
#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

ending_report lost_some() {
  ending_report how;
  how.cause = ending::peer_reset;
  how.first_asked = intent::peer;
  how.mark = proof::proven;
  how.native_error = 104;
  how.peer = *parse_endpoint("127.0.0.1:40812");
  how.bytes.received = how.bytes.delivered = 14;
  how.bytes.queued = how.bytes.sent = 20;
  how.bytes.acknowledged = 13;
  return how;
}

TEST_CASE("an ended connection is one line") {
  CHECK(to_text(describe(lost_some()), log_format::text) ==
        "connection ended peer=127.0.0.1:40812 cause=peer_reset asked_by=peer mark=proven "
        "received=14 delivered=14 sent=20 acknowledged=13 lost_out=7 lost_in=unknown unanswered=0 "
        "native_error=104");
}

TEST_CASE("in JSON it is the rest of an object, and what is unknown is null") {
  const auto json = nlohmann::json::parse('{' + to_text(describe(lost_some()), log_format::json));
  CHECK(json["message"] == "connection ended");
  CHECK(json["lost_out"] == 7);
  CHECK(json["lost_in"].is_null());
  CHECK(json["cause"] == "peer_reset");
}

TEST_CASE("text that would break a JSON line is escaped") {
  const std::string text = to_text({"quote \" newline \n bad \xff", {}}, log_format::json);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(nlohmann::json::parse('{' + text)["message"] == "quote \" newline \n bad \xef\xbf\xbd");
}

TEST_CASE("the banner names addresses, port, limits and warnings") {
  settings chosen;
  chosen.idle_ms = 0;
  const readiness now{{*parse_endpoint("127.0.0.1:1"), *parse_endpoint("[::1]:2")},
                      "epoll",
                      2,
                      900,
                      {"the sky is falling; hold on"},
                      12};
  const std::string text = banner_text(chosen, now);
  CHECK(text.find("127.0.0.1:1, [::1]:2\n") != std::string::npos);
  CHECK(text.find("epoll, 2 workers\n") != std::string::npos);
  CHECK(text.find("max-connections 900") != std::string::npos);
  CHECK(text.find("idle no deadline") != std::string::npos);
  CHECK(text.find("the sky is falling; hold on\n") != std::string::npos);
  CHECK(text.ends_with("ready in 12 ms\n"));
}

TEST_CASE("the banner names the CPUs that workers are kept on") {
  settings chosen;
  chosen.cpus = {4, 0, 1, 2};
  readiness now{{}, "uring", 3, 900, {}, 12};
  CHECK(banner_text(chosen, now).find("uring, 3 workers on CPUs 4,0,1\n") != std::string::npos);
  const std::string line = to_text(banner_line(chosen, now), log_format::json);
  CHECK(nlohmann::json::parse('{' + line)["cpus"] == "4,0,1");
  now.workers = 1;
  CHECK(banner_text(chosen, now).find("uring, 1 worker on CPU 4\n") != std::string::npos);
}

}  // namespace
}  // namespace lastbyte::service
