// SPDX-License-Identifier: Apache-2.0
#include "judging.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "replayed.hpp"
#include "runs/parallel.hpp"
#include "sought.hpp"
#include "stopped.hpp"

namespace truestep::identify {
namespace {

/// Takes what a search found, and where it found none, the nearest that it tried.
void take(Candidate& candidate, const Searched& found, const Record& run) {
  auto names = candidate.unknown;
  names.insert(names.end(), candidate.further.begin(), candidate.further.end());
  candidate.end = found.end;
  // One with which nothing fits is none: what is excluded is asked about with all of them.
  candidate.habit = found.end == End::fits ? found.habit : std::nullopt;
  auto& [h, outcome, estimated, ranges] = candidate.attempt;
  if (found.end == End::fits) {
    ranges = found.ranges;
    for (const auto& each : sought_numbers(h, names))
      if (found.h[each.member] != h[each.member]) estimated.push_back(each.name);
    h = found.h;
    outcome = found.outcome;
  } else if (found.outcome.first) {
    h = found.h;
    outcome = found.outcome;
  } else if (!outcome.first) {
    outcome = replayed(h, run);
  }
}

}  // namespace

void judge(Candidate& candidate, const Record& run, const Forming& forming, std::size_t most) {
  using enum End;
  if (!candidate.refusal.empty()) return;
  try {
    const auto& h = candidate.attempt.h;
    if (candidate.unknown.empty()) {
      const auto outcome = replayed(h, run);
      take(candidate, Searched{outcome.first ? excluded : fits, h, outcome}, run);
    } else {
      take(candidate, searched(h, candidate.unknown, run, forming, most), run);
    }
  } catch (const std::invalid_argument& error) {
    candidate.refusal = error.what();
  } catch (const Stopped&) {
    candidate.end = open;
  }
}

namespace {

/// Whether no number that the class has, and no habit of forming coefficients, makes a convention
/// fit that does not as it is: it is excluded then, else open, or fits with a habit.
void rule_out_or_stop(Candidate& candidate, const Record& run) {
  using enum End;
  auto names = candidate.unknown;
  names.insert(names.end(), candidate.further.begin(), candidate.further.end());
  if (names.empty()) {
    const auto& h = candidate.attempt.h;
    const auto fit = candidate.excluded() ? replayed_by_any(h, run, candidate.attempt.outcome)
                                          : replayed_by_any(h, run);
    take(candidate, Searched{fit.outcome.first ? excluded : fits, h, fit.outcome, fit.habit}, run);
    return;
  }
  if (names.size() > Box::most) {
    candidate.end = open;
    return;
  }
  const auto search = [&](const Forming& forming, std::size_t most) {
    return searched(candidate.with_places, names, run, forming, most);
  };
  auto found = search({.any = !run.in_double}, effort::to_exclude);
  candidate.by_further = !candidate.further.empty();
  constexpr std::size_t few = 2;  // so that eight more searches are soon done
  if (found.end != open || run.in_double || names.size() > few) {
    take(candidate, found, run);
    return;
  }
  // Any habit allows more than each does.
  found = search({}, effort::to_exclude);
  for (const auto& habit : habits) {
    if (found.end != excluded) break;
    found = search({.how = habit}, effort::by_habit);
    found.habit = habit;
  }
  take(candidate, found, run);
}

/// The same, or open where the user asked to stop.
void rule_out(Candidate& candidate, const Record& run) {
  if (!candidate.refusal.empty() || candidate.end == End::fits) return;
  try {
    rule_out_or_stop(candidate, run);
  } catch (const Stopped&) {
    candidate.end = End::open;
  }
}

/// Judges every candidate, once for those that are the same.
template <class Same, class Judge>
void judge_each(const char* what, std::vector<Candidate>& all, const Same& same,
                const Judge& judge_one) {
  std::vector<Candidate> distinct;
  std::vector<std::size_t> like;
  for (const auto& candidate : all) {
    const auto known = std::find_if(distinct.begin(), distinct.end(),
                                    [&](const auto& each) { return same(each, candidate); });
    like.push_back(static_cast<std::size_t>(known - distinct.begin()));
    if (known == distinct.end()) distinct.push_back(candidate);
  }
  Stage stage(what, distinct.size());
  drift::for_each_in_parallel(distinct, [&](auto& each) {
    judge_one(each);
    stage.one_more();
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& judged = distinct[like[i]];
    all[i].attempt = judged.attempt;
    all[i].unknown = judged.unknown;
    all[i].habit = judged.habit;
    all[i].refusal = judged.refusal;
    all[i].end = judged.end;
    all[i].by_further = judged.by_further;
  }
}

}  // namespace

void lend_numbers(std::vector<Candidate>& all, const std::vector<Candidate>& lenders,
                  const Record& run) {
  std::vector<Description> fitting;
  for (const auto& each : lenders)
    if (each.consistent() &&
        std::find(fitting.begin(), fitting.end(), each.attempt.h) == fitting.end())
      fitting.push_back(each.attempt.h);
  drift::for_each_in_parallel(all, [&](auto& each) {
    if (!each.open()) return;
    for (const auto& lender : fitting) {
      auto h = without_idle_choices(each.with_places);
      for (const auto& number : sought_numbers(h, each.unknown))
        h[number.member] = lender[number.member];
      const auto outcome = replayed_unless_stopped(h, run);
      if (!outcome || outcome->first) continue;
      each.attempt.h = without_idle_choices(each.with_places);
      each.by_further = false;
      take(each, Searched{End::fits, h, *outcome}, run);
      return;
    }
  });
}

void take_known(Candidate& candidate, const std::vector<Candidate>& judged) {
  if (!candidate.unknown.empty() || !candidate.open()) return;
  const auto known = std::find_if(judged.begin(), judged.end(), [&](const auto& each) {
    return each.consistent() && !each.habit && !each.by_further && each.unknown.empty() &&
           each.attempt.h == candidate.attempt.h;
  });
  if (known == judged.end()) return;
  candidate.attempt = known->attempt;
  candidate.end = End::fits;
}

void settle(std::vector<Candidate>& all, const Record& run) {
  const auto one_map = [](const auto& a, const auto& b) {
    return a.attempt.h == b.attempt.h && a.known == b.known && a.unknown == b.unknown &&
           a.refusal == b.refusal && a.end == b.end;
  };
  judge_each("fitting", all, one_map, [&](auto& each) {
    if (each.open()) judge(each, run, {}, effort::to_fit_soon);
  });
  lend_numbers(all, all, run);
  // What fits soon says where to look; where nothing does, each has its whole effort.
  if (std::none_of(all.begin(), all.end(), [](const auto& each) { return each.consistent(); })) {
    judge_each("fitting", all, one_map, [&](auto& each) {
      if (!each.open()) return;
      each.attempt = {without_idle_choices(each.with_places)};
      judge(each, run, {}, effort::to_fit);
    });
    lend_numbers(all, all, run);
  }
  const auto one_class = [&](const auto& a, const auto& b) {
    return one_map(a, b) && a.with_places == b.with_places && a.further == b.further &&
           a.end == b.end;
  };
  judge_each("ruling out", all, one_class, [&](auto& each) { rule_out(each, run); });
}

}  // namespace truestep::identify
