// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "any_rule.hpp"
#include "apart.hpp"
#include "coordinates.hpp"
#include "identify/every_rule.hpp"
#include "look_ahead.hpp"
#include "narrowed.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "solved_rates.hpp"
#include "runs/typed.hpp"

/// Both statements of a rule as an identification asks them.
namespace truestep::identify {

template <class Rule>
class AnyRuleOf final : public AnyRule {
 public:
  AnyRuleOf() {
    name = Rule::name;
    settings::for_each_member<H>([&](const auto& named) { members.emplace_back(named.name); });
    std::size_t member = 0;
    fast::for_each_member<typename Rule::Fast>([&](const auto& its) {
      if constexpr (std::is_same_v<decltype(its.member), double H::*>)
        numbers.push_back({its.name, member, its.domain, its.part});
      ++member;
    });
    defaults = described(H{});
    for (const auto& row : fast::conventions_of<H>)
      conventions.push_back({std::string(row.name), std::string(row.class_name),
                             described(row.hyperparameters), row.options, row.optimizer()});
  }

  Description applied(const Description& h, const settings::Given& given) const override {
    H its = typed(h);
    settings::apply<Rule>(its, given);
    return described(its);
  }
  std::string lacking_option(const Convention& row, const settings::Given& given) const override {
    const auto place = static_cast<std::size_t>(&row - conventions.data());
    return settings::lacking_option<Rule>(fast::conventions_of<H>[place], given);
  }
  settings::Given read_assignments(std::string_view text) const override {
    return settings::read_assignments<Rule>(text);
  }

  Description without_idle_choices(const Description& h) const override {
    return described(fast::without_idle_choices(typed(h)));
  }
  bool is_in_domain(const Description& h) const override {
    return identify::is_in_domain<Rule>(typed(h));
  }
  bool is_linear_in_rate(const Description& h) const override {
    return identify::is_linear_in_rate(typed(h));
  }
  std::vector<std::string> states(const Description& h) const override {
    std::vector<std::string> all;
    for (const auto& state : rules::states_of<Rule, double>(typed(h))) all.push_back(state.name);
    return all;
  }
  const char* what_no_record_tells(const Description& h) const override {
    return identify::what_no_record_tells(typed(h));
  }

  Outcome replayed(const Description& h, const Record& run, Extent extent,
                   const Coefficients& how) const override {
    return replayed_by<Rule>(how, typed(h), run, extent);
  }
  std::vector<std::size_t> coordinates_that_fit(const Description& h,
                                                const Record& run) const override {
    return identify::coordinates_that_fit<Rule>(typed(h), run);
  }
  bool same_map(const Description& a, const Description& b) const override {
    return identify::same_map<Rule>(typed(a), typed(b));
  }
  bool would_tell(const Description& a, const Description& b,
                  const Record& gradients) const override {
    return identify::would_tell<Rule>(typed(a), typed(b), gradients);
  }
  std::optional<std::vector<Piece>> solved_rates(const Description& h,
                                                 const Record& run) const override {
    return run.in_double ? identify::solved_rates<Rule, double>(typed(h), run)
                         : identify::solved_rates<Rule, float>(typed(h), run);
  }
  bool narrowed(const Description& h, const Excerpt& excerpt, Ends ends, bool is_rate_wide,
                Box& box, Told& told) const override {
    return identify::narrowed<Rule>(typed(h), excerpt, ends, is_rate_wide, box, told);
  }

 private:
  using H = Numbers<Rule>;

  Description described(const H& h) const {
    std::vector<settings::Value> values;
    settings::for_each_member<H>([&]<class Value>(const settings::Named<H, Value>& named) {
      values.emplace_back(std::in_place_type<Value>, h.*named.member);
    });
    return {*this, std::move(values)};
  }

  static H typed(const Description& description) {
    H h;
    std::size_t member = 0;
    settings::for_each_member<H>([&]<class Value>(const settings::Named<H, Value>& named) {
      h.*named.member = std::get<Value>(description[member++]);
    });
    return h;
  }
};

template <class Rule>
const AnyRule& any_rule() {
  static const AnyRuleOf<Rule> rule;
  return rule;
}

}  // namespace truestep::identify
