// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "examine.hpp"

namespace truestep::trial {

Report::Verdict Report::verdict(bool strict) const {
  const bool fails = std::any_of(findings.begin(), findings.end(),
                                 [&](const Finding& each) { return each.wrong || strict; });
  if (fails) return Verdict::wrong;
  return undetermined.empty() ? Verdict::right : Verdict::undetermined;
}

std::string Report::conclusion() const {
  std::string wrong, noted;
  bool other_map = false;
  for (const auto& each : findings) {
    const bool of_map = each.kind == "other_map";
    other_map |= of_map;
    auto& to = each.wrong ? wrong : noted;
    const std::string between = to.empty() ? "" : "; ";
    to = of_map ? each.text + between + to : to + between + each.text;
  }
  const auto all = noted.empty() ? "" : "; noted: " + noted;
  const auto as = format.has_narrow() ? fmt::format("{} in {}", map, word(format)) : map;
  if (!undetermined.empty() && wrong.empty())
    return fmt::format("not determined whether {} is {} as in {}: {}{}", kernel, rule, as,
                       undetermined, all);
  if (wrong.empty())
    return fmt::format(
        "{} is {} as in {}: {} steps of a coordinate within the bound of any sane order, at most "
        "{:.2g} of it{}",
        kernel, rule, as, claims, largest_share, all);
  if (other_map) return fmt::format("{} is not {} as in {}: {}{}", kernel, rule, as, wrong, all);
  return fmt::format("{} fails as {} as in {}: {}{}", kernel, rule, as, wrong, all);
}

std::string Report::text(const std::string& options) const {
  std::string all = conclusion() + "\n";
  for (const auto& each : findings) {
    all += fmt::format("\n{} ({}): {}\n", each.wrong ? "Fault" : "Noted", each.kind, each.text);
    for (const auto& line : each.input) all += "  " + line + "\n";
    all +=
        fmt::format("  rerun: {}only = \"{}\", {}seed = {}\n", options, each.only, options, seed);
  }
  return all;
}

const char* word(Report::Verdict verdict) {
  switch (verdict) {
    case Report::Verdict::right:
      return "right";
    case Report::Verdict::wrong:
      return "wrong";
    case Report::Verdict::undetermined:
      break;
  }
  return "not determined";
}

}  // namespace truestep::trial
