#include "service/report_json.hpp"

#include <nlohmann/json.hpp>

namespace lastbyte::service {
namespace {

using json = nlohmann::ordered_json;

// Cause 0 is "none": a connection that ended has another one.
json by_cause(const std::array<std::uint64_t, ending_count>& counts) {
  json object = json::object();
  for (std::size_t i = 1; i < ending_count; ++i) {
    object[std::string(to_string(static_cast<ending>(i)))] = counts.at(i);
  }
  return object;
}

}  // namespace

std::string to_json(const server_report& report) {
  json object{
      {"accepted", report.accepted},
      {"open", report.open},
      {"endings", by_cause(report.endings)},
      {"unproven", by_cause(report.unproven)},
      {"received", report.received},
      {"delivered", report.delivered},
      {"discarded", report.discarded},
      {"unanswered", report.unanswered},
      {"unread", report.unread},
      {"queued", report.queued},
      {"refused", report.refused},
      {"sent", report.sent},
      {"unsent", report.unsent},
      {"acknowledged", report.acknowledged},
      {"lost_out", report.lost_out},
      {"lost_in", report.lost_in},
      {"unknown_out", report.unknown_out},
      {"unknown_in", report.unknown_in},
      {"accept_failures", report.accept_failures},
      {"quarantined", report.quarantined},
      {"quiesced", report.quiesced},
      {"quiesce_ms", report.quiesce_ms},
      {"slowest_ms", report.slowest_ms},
      {"slowest_peer", nullptr},
      {"cut_something", report.cut_something()},
  };
  if (report.slowest_peer) object["slowest_peer"] = to_string(*report.slowest_peer);
  return object.dump(2) + '\n';
}

}  // namespace lastbyte::service
