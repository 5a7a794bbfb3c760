// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>
#include <truestep/proofs/numbers/symbol.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What a rule computes under a convention, read off the formula that computes it.
namespace truestep::proofs {

struct Equation {
  std::string quantity;              ///< m_t
  std::string right;                 ///< 0.9 * m_(t-1) + (1 - 0.9) * g
  std::optional<std::string> first;  ///< the same at t = 1, where it is another
};

struct Equations {
  std::vector<std::pair<std::string, std::string>> start;  ///< of the states that step 1 looks at
  std::string gradient_point;                              ///< where g is the loss's gradient
  std::vector<Equation> step;
  std::vector<std::string> states;  ///< those that are kept
};

/// A step read off its formula: once at t in general, and once at t = 1.
template <class Rule>
class Reading {
 public:
  explicit Reading(const typename Rule::Hyperparameters& h)
      : h_(h),
        before_(states_before()),
        general_(Formula(h_, Symbol::t).step(theta_, before_, g_)),
        first_(Formula(h_, 1).step(theta_, before_, g_)) {
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (!stays(i) && (is_result(i) || earlier(general_, i, general_.*all_[i].member) == none))
        named_.push_back(i);
    for (const std::size_t i : named_)
      if (all_[i].state) states_.emplace_back(all_[i].name);
    if constexpr (requires { h.nesterov; })
      if (h.nesterov == fast::NesterovForm::look_ahead)
        gradient_point_ = Formula(h_, Symbol::t).look_ahead(theta_, before_);
  }

  Equations equations() const {
    // From the last to the first: an equation is needed if a later one mentions it.
    std::vector<bool> mentioned(all_.size());
    std::vector<Equation> step;
    for (auto i = named_.rbegin(); i != named_.rend(); ++i)
      if (is_result(*i) || mentioned[*i]) step.insert(step.begin(), equation(*i, mentioned));
    return {start(), gradient_point_.text(unnamed), step, states_};
  }

 private:
  using Formula = typename Rule::template Formula<Symbol>;
  using Step = typename Formula::Step;
  static constexpr std::size_t none = SIZE_MAX;

  static std::optional<std::string> unnamed(const Symbol&) { return {}; }

  Step states_before() const {
    Step before{};
    for (const auto& [name, member, state] : all_)
      if (state) before.*member = Symbol::named(std::string(name) + "_(t-1)");
    return before;
  }

  /// Whether a quantity is what a step is for: a state or theta.
  bool is_result(std::size_t i) const { return all_[i].state || i + 1 == all_.size(); }
  /// Whether a quantity is a state for which the description has no use.
  bool stays(std::size_t i) const {
    return all_[i].state && general_.*all_[i].member == before_.*all_[i].member;
  }
  std::string label(std::size_t i) const {
    return all_[i].name + std::string(is_result(i) ? "_t" : "");
  }

  /// The quantity before the i-th that has this value, unless it is what the step was given, which
  /// keeps its own name.
  std::size_t earlier(const Step& step, std::size_t i, const Symbol& value) const {
    if (value.is_name()) return none;
    for (const std::size_t j : named_)
      if (j < i && value == step.*all_[j].member) return j;
    return none;
  }

  Equation equation(std::size_t i, std::vector<bool>& mentioned) const {
    const auto name_in = [&](const Step& step) {
      return [&, i](const Symbol& value) -> std::optional<std::string> {
        const std::size_t j = earlier(step, i, value);
        if (j == none) return {};
        mentioned[j] = true;
        return label(j);
      };
    };
    const Symbol &value = general_.*all_[i].member, &at_first = first_.*all_[i].member;
    Equation result{label(i), value.text(name_in(general_)), {}};
    if (general_holds_at_first(i)) return result;
    result.first = at_first.text(name_in(first_));
    return result;
  }

  /// Whether the general equation, at t = 1 and with what its names stand for there, is the first.
  bool general_holds_at_first(std::size_t i) const {
    const auto at_first = [&](const Symbol& value) -> std::optional<Symbol> {
      const std::size_t j = earlier(general_, i, value);
      if (j == none) return {};
      return first_.*all_[j].member;
    };
    return (general_.*all_[i].member).replaced(at_first, 1) == first_.*all_[i].member;
  }

  std::vector<std::pair<std::string, std::string>> start() const {
    Step at_start{};
    static_cast<typename Formula::State&>(at_start) = Formula::start(h_);
    std::vector<std::pair<std::string, std::string>> result;
    for (const std::size_t i : named_) {
      const auto looks_at_it = [&](std::size_t j) {
        return (first_.*all_[j].member).contains(before_.*all_[i].member);
      };
      if (all_[i].state && std::any_of(named_.begin(), named_.end(), looks_at_it))
        result.emplace_back(all_[i].name + std::string("_0"),
                            (at_start.*all_[i].member).text(unnamed));
    }
    return result;
  }

  static constexpr auto& all_ = Formula::quantities;
  typename Rule::Hyperparameters h_;
  Symbol g_ = Symbol::named("g"), theta_ = Symbol::named("theta_(t-1)"), gradient_point_ = theta_;
  Step before_, general_, first_;
  std::vector<std::size_t> named_;  ///< what has a name of its own, in the order of computation
  std::vector<std::string> states_;
};

/// The equations of one coordinate with every choice and every number filled in. What neither a
/// state nor theta needs is left out.
template <class Rule>
Equations equations(const typename Rule::Hyperparameters& h) {
  return Reading<Rule>(h).equations();
}

}  // namespace truestep::proofs
