#include "load/reconcile.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::load {
namespace {

using json = nlohmann::json;

std::optional<json> read(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr,
                 "lastbyte-load: cannot read %s; run lastbyted with --report FILE and "
                 "lastbyte-load with --json FILE first\n",
                 path.c_str());
    return std::nullopt;
  }
  json read_whole = json::parse(file, nullptr, false);
  if (read_whole.is_discarded()) {
    std::fprintf(stderr, "lastbyte-load: %s is not JSON; it must be a whole report\n",
                 path.c_str());
    return std::nullopt;
  }
  return read_whole;
}

// One line of the comparison. A line that has only one side is not compared, only judged.
struct line {
  std::string what;
  std::optional<std::uint64_t> server;
  std::optional<std::uint64_t> client;
  bool must_be_zero = false;

  [[nodiscard]] bool is_right() const {
    if (must_be_zero && (server.value_or(0) != 0 || client.value_or(0) != 0)) return false;
    return !server || !client || server == client;
  }
};

std::uint64_t number(const json& in, const char* path) {
  return in.at(json::json_pointer(path)).get<std::uint64_t>();
}

std::uint64_t sum_of_unclean(const json& endings) {
  std::uint64_t sum = 0;
  for (const auto& [cause, count] : endings.items()) {
    if (!cause.starts_with("clean_")) sum += count.get<std::uint64_t>();
  }
  return sum;
}

// What the one calls local, the other calls peer.
std::vector<line> compare(const json& server, const json& client) {
  const auto of_server = [&](const char* path) { return number(server, path); };
  const auto of_client = [&](const char* path) { return number(client, path); };
  const json& causes = client.at("connections").at("causes");
  return {
      {"connections", of_server("/accepted"), of_client("/connections/opened")},
      {"  ended cleanly, server first", of_server("/endings/clean_local_first"),
       of_client("/connections/causes/clean_peer_first")},
      {"  ended cleanly, client first", of_server("/endings/clean_peer_first"),
       of_client("/connections/causes/clean_local_first")},
      {"  ended in another way", sum_of_unclean(server.at("endings")), sum_of_unclean(causes),
       true},
      {"bytes, client to server", of_server("/received"), of_client("/bytes/sent")},
      {"bytes, server to client", of_server("/sent"), of_client("/bytes/echoed")},
      {"unanswered: sent behind the server's end", of_server("/unanswered"),
       of_client("/bytes/unanswered")},
      {"lost", of_server("/lost_out") + of_server("/lost_in"), of_client("/bytes/lost"), true},
      {"wrong bytes", std::nullopt, of_client("/bytes/wrong"), true},
      {"endings without the kernel's witness", of_server("/unknown_out"), std::nullopt},
      {"cut off by the server's hard deadline", of_server("/endings/server_deadline"), std::nullopt,
       true},
  };
}

std::string cell(const std::optional<std::uint64_t>& value) {
  return value ? text::grouped(*value) : "";
}

int print(const std::vector<line>& lines) {
  using text::align;
  text::table table({align::left, align::right, align::right, align::left});
  table.add({"", "server says", "client says", ""});
  bool is_right = true;
  for (const line& each : lines) {
    is_right = is_right && each.is_right();
    const char* const remark = each.is_right() ? "" : each.must_be_zero ? "must be 0" : "DIFFERS";
    table.add({each.what, cell(each.server), cell(each.client), remark});
  }
  std::fputs(table.text().c_str(), stdout);
  std::puts(is_right ? "\n  The two accounts agree, and nothing was lost."
                     : "\n  The two accounts do NOT agree, or something was lost.");
  return is_right ? 0 : 1;
}

}  // namespace

int reconcile(const std::vector<std::string>& arguments) {
  if (arguments.size() != 2) {
    std::fputs("usage: lastbyte-load reconcile SERVER.json CLIENT.json\n", stderr);
    return 2;
  }
  const auto server = read(arguments[0]);
  const auto client = read(arguments[1]);
  if (!server || !client) return 2;
  try {
    return print(compare(*server, *client));
  } catch (const json::exception& missing) {
    std::fprintf(stderr, "lastbyte-load: %s or %s is no report of ours: %s\n", arguments[0].c_str(),
                 arguments[1].c_str(), missing.what());
    return 2;
  }
}

}  // namespace lastbyte::load
