#pragma once

#include <truestep/proofs/statements.hpp>

#include <stdexcept>
#include <string>

#include "identify.hpp"
#include "text.hpp"

/// The hyperparameters of a rule by their names on the command line.
namespace truestep::identify {

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

template <class Rule, class Visit>
void for_each_number(const Visit& visit) {
  for (const auto& number : Rule::hyperparameters) visit(number.name, number.member);
  for (const auto& number : Rule::further) visit(number.name, number.member);
}

/// nullptr if the rule has no number of that name.
template <class Rule>
double* number(Numbers<Rule>& h, const std::string& name) {
  double* found = nullptr;
  for_each_number<Rule>([&](const char* its, auto member) {
    if (name == its) found = &(h.*member);
  });
  return found;
}

template <class Rule>
std::string shown(const Numbers<Rule>& h) {
  std::string all;
  const auto show = [&](const char* name, double value) {
    all += text(all.empty() ? "" : ", ", name, " = ", shortest(value));
  };
  for (const auto& [name, member] : Rule::hyperparameters) show(name, h.*member);
  for (const auto& [name, member] : Rule::further)
    if (h.*member != Numbers<Rule>{}.*member) show(name, h.*member);
  return all;
}

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" for a number that the rule's
/// description does not allow.
template <class Rule>
void require_in_range(const std::string& name, double value) {
  fast::for_each_number<typename Rule::Fast>([&](const auto& described) {
    if (name == described.name && !contains(described.domain, value))
      throw std::invalid_argument(text(Rule::name, ": ", name, " = ", shortest(value),
                                       " is outside ", fast::text(described.domain)));
  });
}

/// The hyperparameters with what was told. While nothing decays, all places of weight decay are
/// one.
template <class Rule>
Numbers<Rule> with_options(Numbers<Rule> h, const Options& options) {
  for (const auto& [name, value] : options.numbers) {
    double* const member = number<Rule>(h, name);
    if (!member) throw std::invalid_argument(text(Rule::name, ": has no ", name));
    require_in_range<Rule>(name, value);
    *member = value;
  }
  if constexpr (requires { h.amsgrad; })
    h.amsgrad |= options.amsgrad;
  else if (options.amsgrad)
    throw std::invalid_argument(text(Rule::name, ": has no amsgrad"));
  if constexpr (requires { h.centered; })
    h.centered |= options.centered;
  else if (options.centered)
    throw std::invalid_argument(text(Rule::name, ": has no centered"));
  if (h.weight_decay == 0) h.weight_decay_place = fast::WeightDecay::none;
  return h;
}

}  // namespace truestep::identify
