// SPDX-License-Identifier: Apache-2.0
#include "declared.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <variant>

#include "runs/typed.hpp"

namespace truestep::trial {

Request declared(const std::string& rule, std::string_view typed, const settings::Given& besides) {
  Request request;
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    auto chosen = settings::chosen<Rule>(typed.empty() ? "lecture_note" : typed);
    settings::add(chosen.own, besides);
    request.map = {rule, chosen.convention, chosen.own};
  });
  hyperparameters(request.map);
  for (const auto& [name, value] : request.map.set)
    if (const auto* const number = std::get_if<double>(&value))
      request.pinned.emplace_back(name, *number);
  return request;
}

std::string rule_of_class(std::string_view name) {
  std::vector<std::string> found;
  settings::for_each_rule([&]<class Rule>(Rule) {
    for (const auto& its : settings::class_names<typename Rule::Hyperparameters>())
      if (its == name && (found.empty() || found.back() != Rule::name))
        found.emplace_back(Rule::name);
  });
  if (found.size() == 1) return found.front();
  if (found.empty())
    throw std::invalid_argument(
        fmt::format("convention = {} is no optimizer class; give the rule", name));
  throw std::invalid_argument(fmt::format("convention = {} is a class of {}; give the rule", name,
                                          fmt::join(found, " and of ")));
}

}  // namespace truestep::trial
