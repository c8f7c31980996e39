#include "suite/contest.hpp"

#include <algorithm>

namespace lastbyte::suite {
namespace {

// Fewer say nothing about who is far behind.
constexpr std::size_t rounds_before_dropping = 2;
// A peer that spends so many times what the best one spends takes no further part.
constexpr double far_behind = 1.10;

using clock = std::chrono::steady_clock;

struct pairs {
  std::vector<double> of;
  std::vector<double> to;
};

pairs common_rounds(const record& of, const record& to) {
  pairs made;
  for (std::size_t i = 0; i < std::min(of.rounds.size(), to.rounds.size()); ++i) {
    const std::optional<sample>& left = of.rounds[i];
    const std::optional<sample>& right = to.rounds[i];
    if (!left || !right) continue;
    made.of.push_back(left->cpu_us);
    made.to.push_back(right->cpu_us);
  }
  return made;
}

bool takes_part(const record& who) { return who.problem.empty() && !who.is_far_behind; }

std::size_t figures_of(const record& of) {
  return static_cast<std::size_t>(
      std::ranges::count_if(of.rounds, [](const auto& each) { return each.has_value(); }));
}

class contest {
 public:
  contest(standings& in, const surroundings& where, progress& shown, const player& by)
      : in_(in), where_(where), shown_(shown), by_(by) {}

  void run(std::chrono::milliseconds most) {
    const auto until = clock::now() + most;
    for (std::size_t round = 0; !in_.is_decided; ++round) {
      const auto begun = clock::now();
      run_round_of_all(round);
      drop_far_behind(in_);
      in_.is_decided = is_decided(in_);
      // The next one takes as long as this one.
      if (clock::now() + (clock::now() - begun) > until) break;
      if (std::ranges::none_of(in_.all, takes_part)) break;
    }
  }

 private:
  void run_round_of_all(std::size_t round) {
    std::vector<record*> order;
    for (record& each : in_.all) {
      each.rounds.emplace_back();
      if (takes_part(each)) order.push_back(&each);
    }
    if (round % 2 == 1) std::ranges::reverse(order);
    for (record* each : order) measure(*each, round);
  }

  void measure(record& of, std::size_t round) {
    for (std::uint32_t tries = 0; tries < most_tries; ++tries) {
      shown_.show(std::string(in_.what->name) + "  round " + std::to_string(round + 1) + "  " +
                  std::string(of.who->name) + noise());
      const round_result got = by_(*of.who, *in_.what, in_.time, where_);
      if (got.what == fault::none) {
        of.rounds[round] = got.measured;
        return;
      }
      if (got.what == fault::wrong) {
        // Once may be the machine's fault; twice is not.
        if (tries != 0) of.problem = got.why;
        if (tries != 0) return;
      } else {
        ++in_.disturbed;
        in_.last_disturbance = got.why;
      }
    }
  }

  [[nodiscard]] std::string noise() const {
    if (in_.disturbed == 0) return {};
    return "  (thrown away: " + std::to_string(in_.disturbed) + "; " + in_.last_disturbance + ")";
  }

  standings& in_;
  const surroundings& where_;
  progress& shown_;
  const player& by_;
};

}  // namespace

standings run_contest(const job& what, const std::vector<const contestant*>& servers,
                      const timing& time, std::chrono::milliseconds most, const surroundings& where,
                      progress& shown, const player& by) {
  standings made;
  made.what = &what;
  made.time = time;
  for (const contestant* each : servers) made.all.push_back({each, {}, {}, false});
  contest(made, where, shown, by).run(most);
  return made;
}

std::optional<sample> typical(const record& of) {
  const auto median_of = [&](auto member) {
    std::vector<double> values;
    for (const auto& each : of.rounds) {
      if (each) values.push_back((*each).*member);
    }
    return median(std::move(values));
  };
  const std::size_t figures = figures_of(of);
  if (figures == 0) return std::nullopt;
  const auto throttled = std::ranges::count_if(
      of.rounds, [](const auto& each) { return each && each->was_client_bottleneck; });
  return sample{
      median_of(&sample::units_per_s),  median_of(&sample::cpu_us),
      median_of(&sample::p50_us),       median_of(&sample::p99_us),
      median_of(&sample::p999_us),      median_of(&sample::server_share),
      median_of(&sample::client_share), 2 * static_cast<std::size_t>(throttled) > figures};
}

std::optional<ratio> cpu_ratio(const record& of, const record& to) {
  const pairs both = common_rounds(of, to);
  return paired_ratio(both.of, both.to);
}

std::optional<double> rough_cpu_ratio(const record& of, const record& to) {
  const pairs both = common_rounds(of, to);
  if (both.of.empty()) return std::nullopt;
  std::vector<double> ratios;
  ratios.reserve(both.of.size());
  for (std::size_t i = 0; i < both.of.size(); ++i) ratios.push_back(both.of[i] / both.to[i]);
  return median(std::move(ratios));
}

const record* find(const standings& in, std::string_view name) {
  const auto found =
      std::ranges::find_if(in.all, [&](const record& each) { return each.who->name == name; });
  return found == in.all.end() ? nullptr : &*found;
}

const record* best_peer(const standings& in, const contestant& of) {
  const record* best = nullptr;
  for (const record& each : in.all) {
    if (each.who->is != role::peer || each.who->limit != of.limit) continue;
    if (!each.problem.empty() || figures_of(each) == 0) continue;
    if (best == nullptr || rough_cpu_ratio(each, *best).value_or(2) < 1) best = &each;
  }
  return best;
}

bool is_close_enough(const std::optional<ratio>& of) {
  return of && of->half_width() <= wanted_half_width;
}

void drop_far_behind(standings& in) {
  for (record& each : in.all) {
    if (each.who->is != role::peer) continue;
    const record* best = best_peer(in, *each.who);
    if (best == nullptr || figures_of(*best) < rounds_before_dropping) continue;
    if (rough_cpu_ratio(each, *best).value_or(1) > far_behind) each.is_far_behind = true;
  }
}

bool is_decided(const standings& in) {
  bool is_ours_there = false;
  for (const record& each : in.all) {
    if (each.who->is != role::ours || !each.problem.empty()) continue;
    is_ours_there = true;
    const record* limit = find(in, each.who->limit);
    if (limit != nullptr && limit->problem.empty() && !is_close_enough(cpu_ratio(each, *limit))) {
      return false;
    }
    const record* peer = best_peer(in, *each.who);
    if (peer == nullptr) continue;
    const auto against = cpu_ratio(each, *peer);
    if (judge(against, wanted_half_width) == judgement::undecided) return false;
  }
  return is_ours_there;
}

}  // namespace lastbyte::suite
