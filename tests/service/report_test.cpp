#include <nlohmann/json.hpp>

#include "service/report_json.hpp"
#include "service/report_text.hpp"
#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

std::uint64_t& count_of(server_report& report, ending cause) {
  return report.endings.at(static_cast<std::size_t>(cause));
}

server_report clean_report() {
  server_report report;
  report.accepted = 52;
  count_of(report, ending::clean_peer_first) = 50;
  count_of(report, ending::clean_local_first) = 2;
  report.received = report.delivered = report.queued = report.sent = report.acknowledged =
      1'234'567;
  report.unanswered = 100;
  report.quiesced = 2;
  report.quiesce_ms = 3'412;
  report.slowest_ms = 3'301;
  report.slowest_peer = parse_endpoint("127.0.0.1:40812");
  return report;
}

TEST_CASE("the report of a clean end says so first, and nothing that did not occur") {
  CHECK(to_text(clean_report()) ==
        "52 connections ended; lost 0 B\n"
        "\n"
        "  ended by            connections\n"
        "  clean_local_first             2\n"
        "  clean_peer_first             50\n"
        "\n"
        "  in                         out\n"
        "  received     1,234,567 B   queued         1,234,567 B\n"
        "  delivered    1,234,567 B   sent           1,234,567 B\n"
        "  unanswered         100 B   acknowledged   1,234,567 B\n"
        "  lost                 0 B   lost                   0 B\n"
        "\n"
        "  quiesced 2 connections in 3.4 s; the last, 127.0.0.1:40812, after 3.3 s\n");
}

TEST_CASE("the report names what was lost, cut, unproven and unknown") {
  server_report report = clean_report();
  count_of(report, ending::server_deadline) = 1;
  report.unproven.at(static_cast<std::size_t>(ending::clean_peer_first)) = 3;
  report.lost_out = 1'000;
  report.unsent = 900;
  report.unknown_in = 4;
  report.quarantined = 1;
  const std::string text = to_text(report);
  CHECK(text.starts_with("53 connections ended; LOST 1,000 B; unknown of 4 connections; CUT\n"));
  CHECK(text.find("3 of them unproven") != std::string::npos);
  CHECK(text.find("at least 0 B   lost") != std::string::npos);
  CHECK(text.find("unknown of   4 connections   unknown of     0 connections") !=
        std::string::npos);
  CHECK(text.find("unsent               900 B   queued, and never taken by the kernel") !=
        std::string::npos);
  CHECK(text.find("CUT 1 that had not finished") != std::string::npos);
}

TEST_CASE("what the kernel could tell of no connection is unknown, not 0") {
  server_report report;
  report.accepted = count_of(report, ending::clean_peer_first) = report.unknown_out = 2;
  const std::string text = to_text(report);
  CHECK(text.starts_with("2 connections ended; lost 0 B; unknown of 2 connections\n"));
  CHECK(text.find("acknowledged         unknown\n") != std::string::npos);
  CHECK(text.find("lost                   0 B   lost                 unknown\n") !=
        std::string::npos);
}

TEST_CASE("the report of a server that nobody used is two lines") {
  CHECK(to_text(server_report{}) ==
        "0 connections ended; lost 0 B\n\n  no connection was open when the quiesce began\n");
}

TEST_CASE("the JSON report has every field under its own name") {
  const auto json = nlohmann::json::parse(to_json(clean_report()));
  CHECK(json["accepted"] == 52);
  CHECK(json["endings"]["clean_peer_first"] == 50);
  CHECK(json["endings"]["slow_reader"] == 0);
  CHECK(json["endings"].size() == ending_count - 1);
  CHECK(json["unproven"].size() == ending_count - 1);
  CHECK(json["received"] == 1'234'567);
  CHECK(json["lost_out"] == 0);
  CHECK(json["slowest_peer"] == "127.0.0.1:40812");
  CHECK(json["cut_something"] == false);
  CHECK(nlohmann::json::parse(to_json({}))["slowest_peer"].is_null());
}

}  // namespace
}  // namespace lastbyte::service
