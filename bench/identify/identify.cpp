// SPDX-License-Identifier: Apache-2.0
#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "any_rule.hpp"
#include "edits.hpp"
#include "excerpt.hpp"
#include "report.hpp"
#include "runs/settings.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

Report report_of_one_group(const std::string& rule, const Record& run, const Options& options) {
  Record looked_at = run;
  looked_at.telling = std::make_shared<const std::vector<std::size_t>>(telling_coordinates(run));
  const AnyRule* judging = nullptr;
  settings::with_rule(rule, [&]<class Rule>(Rule) { judging = &any_rule<Rule>(); });
  Report found = report(*judging, looked_at, options);
  if (run.is_reading_assumed && found.consistent.empty()) {
    found.determined = false;
    found.verdict +=
        "; which rows were recorded was taken from their number alone, so that this excludes "
        "nothing";
  }
  return found;
}

/// What a group's steps had is told of it.
Options told_of_group(Options options, const Record& whole, const Record& part) {
  for (const auto& [name, of_groups, numbers] :
       {std::tuple("learning_rate", &whole.learning_rate_of, &part.learning_rate),
        std::tuple("weight_decay", &whole.weight_decay_of, &part.weight_decay)}) {
    if (of_groups->empty()) continue;
    if (options.given.contains(name))
      throw std::invalid_argument(
          text(name, " is given twice: the record has it for each step of each group"));
    options.given[name] = *std::max_element(numbers->begin(), numbers->end());
  }
  return options;
}

const Judgement* judgement_of(const std::vector<Judgement>& all, const std::string& convention) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return each.convention == convention; });
  return found == all.end() ? nullptr : &*found;
}

/// A convention fits if it fits every group, and is excluded if it is of some group.
void join(Report& all, const Report& part) {
  std::vector<Judgement> consistent;
  for (auto each : all.consistent) {
    const auto* const other = judgement_of(part.consistent, each.convention);
    if (other == nullptr) {
      if (judgement_of(part.excluded, each.convention) == nullptr)
        all.open.push_back(each.convention);
      continue;
    }
    if (other->place.excess > each.place.excess) each.place = other->place;
    each.teeth += other->teeth;
    consistent.push_back(each);
  }
  all.consistent = std::move(consistent);
  for (const auto& each : part.excluded)
    if (judgement_of(all.excluded, each.convention) == nullptr) all.excluded.push_back(each);
  std::erase_if(all.open, [&](const std::string& name) {
    return judgement_of(all.excluded, name) != nullptr;
  });
  for (const auto& name : part.open)
    if (judgement_of(all.excluded, name) == nullptr &&
        std::ranges::find(all.open, name) == all.open.end())
      all.open.push_back(name);
}

}  // namespace

Report identify(const std::string& rule, const Record& run, const Options& options) {
  if (run.group.empty()) return report_of_one_group(rule, run, options);
  std::optional<Report> all;
  std::string verdicts, nothing;
  bool none_fits = false;
  for (const Record& part : by_group(run)) {
    const auto which = text("coordinates ", ranges(part.numbers));
    try {
      const Report found = report_of_one_group(rule, part, told_of_group(options, run, part));
      verdicts += text(verdicts.empty() ? "" : ". ", which, ": ", found.verdict);
      none_fits |= found.consistent.empty() && found.determined;
      if (!all)
        all = Report{found.rule,
                     run.steps,
                     run.coordinates,
                     found.consistent,
                     found.excluded,
                     found.open,
                     {},
                     {},
                     true};
      else
        join(*all, found);
      for (const auto& [kind, detail] : found.findings)
        all->findings.push_back({kind, text(which, ": ", detail)});
    } catch (const NotDetermined& error) {
      nothing = error.what();
      verdicts += text(verdicts.empty() ? "" : ". ", which, ": ", nothing);
    }
  }
  if (!all) throw NotDetermined(nothing);
  all->verdict = verdicts;
  all->determined = !all->consistent.empty() || none_fits;
  return *all;
}

}  // namespace truestep::identify
