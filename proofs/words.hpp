// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "recorded_lanes.hpp"

namespace truestep::proofs {

/// Whether a sum in the expression, at any depth, may cancel.
inline bool may_cancel(const Expression& e) {
  const bool sum = e.operation() == Operation::add || e.operation() == Operation::subtract ||
                   e.operation() == Operation::fused;
  return (sum && !e.non_negative()) ||
         std::any_of(e.operands().begin(), e.operands().end(), may_cancel);
}

/// What is known of a lane's quantities, in words, from its recording alone.
class Words {
 public:
  explicit Words(const Recording& recording) : recording_(recording) {}

  /// What the error of a quantity is measured against: magnitude in theory/Apriori.v.
  std::string magnitude(const Recording::Quantity& quantity) const {
    if (may_cancel(quantity.value)) return size(quantity.value, Level::sum, true);
    const std::string exact = "the exact " + after(quantity.name);
    return quantity.value.non_negative() ? exact : "abs of " + exact;
  }

  /// What a constant asks of the inputs, besides what those of all lanes ask.
  std::string hypotheses(const Recording::Quantity& quantity) const {
    Hypotheses found;
    collect(quantity.value, "", found);
    std::string text;
    for (const auto& list : {found.signs, found.weights, found.divisors})
      for (const auto& hypothesis : list) text += (text.empty() ? "" : "; ") + hypothesis;
    return text;
  }

  /// Why there is no constant relative to the magnitude, or nothing: a divisor, a radicand or a
  /// number that chooses by its sign, in which a sum may cancel.
  std::string obstacle(const Expression& e) const {
    for (const auto& operand : e.operands())
      if (const auto inner = obstacle(operand); !inner.empty()) return inner;
    const auto in_the_way = [this](const Expression& part, const char* what) {
      return may_cancel(part) || !part.non_negative()
                 ? value(part, Level::sum) + ", " + what + ", may cancel"
                 : "";
    };
    switch (e.operation()) {
      case Operation::divide:
        return in_the_way(e.operands()[1], "a divisor");
      case Operation::root:
        return in_the_way(e.operands()[0], "under a root");
      case Operation::where_positive:
        return in_the_way(e.operands()[0], "whose sign chooses");
      default:
        return "";
    }
  }

 private:
  /// What a text may stand in without parentheses.
  enum class Level { sum, product, factor };

  struct Hypotheses {
    std::vector<std::string> signs, weights, divisors;
  };

  static void add(std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }

  void collect(const Expression& e, const std::string& condition, Hypotheses& found) const {
    const auto& in = e.operands();
    switch (e.operation()) {
      case Operation::variable:
        if (e.non_negative() && !is_weight(e)) add(found.signs, e.name() + " >= 0");
        return;
      case Operation::decay:
        add(found.weights, in[0].name() + " in [0, 1/2] or 1 ([0, 1] for the rounding constant)");
        break;
      case Operation::divide:
        add(found.divisors, value(in[1], Level::sum) + " > 0" + condition);
        break;
      case Operation::where_positive:
        collect(in[0], condition, found);
        return collect(in[1], " where " + value(in[0], Level::sum) + " > 0", found);
      default:
        break;
    }
    for (const auto& operand : in) collect(operand, condition, found);
  }

  /// Whether a variable is the weight of a decay.
  bool is_weight(const Expression& variable) const {
    const auto decays = [&](const auto& self, const Expression& e) -> bool {
      return (e.operation() == Operation::decay && e.operands()[0] == variable) ||
             std::any_of(e.operands().begin(), e.operands().end(),
                         [&](const Expression& operand) { return self(self, operand); });
    };
    return std::any_of(recording_.quantities.begin(), recording_.quantities.end(),
                       [&](const auto& quantity) { return decays(decays, quantity.value); });
  }

  /// A quantity that has the name of an input is the one after the step.
  std::string after(const std::string& name) const {
    const auto& states = recording_.inputs.states;
    const bool updated =
        name == recording_.inputs.theta.name() ||
        std::any_of(states.begin(), states.end(), [&](const auto& s) { return s.name() == name; });
    return updated ? name + "'" : name;
  }

  /// The name of the quantity that an expression is, if it is one.
  std::string name_of(const Expression& e) const {
    for (const auto& [name, value] : recording_.quantities)
      if (value == e) return after(name);
    return "";
  }

  static std::string within(Level outer, Level inner, const std::string& text) {
    return inner < outer ? "(" + text + ")" : text;
  }

  /// A formula, given what stands for an operand at a level.
  template <class Operand>
  static std::string formula(const Expression& e, Level level, const char* minus, Operand operand) {
    const auto& in = e.operands();
    using enum Level;
    const auto times = [&] {
      return in[0] == in[1] ? operand(in[0], factor) + "^2"
                            : operand(in[0], product) + " " + operand(in[1], product);
    };
    switch (e.operation()) {
      case Operation::add:
        return within(level, sum, operand(in[0], sum) + " + " + operand(in[1], sum));
      case Operation::subtract:
        return within(level, sum, operand(in[0], sum) + minus + operand(in[1], product));
      case Operation::multiply:
        return within(level, product, times());
      case Operation::divide:
        return within(level, product, operand(in[0], product) + " / " + operand(in[1], factor));
      case Operation::root:
        return "sqrt(" + operand(in[0], sum) + ")";
      case Operation::fused:
        return within(level, sum, times() + " + " + operand(in[2], sum));
      case Operation::decay:
        return within(level, product,
                      "(1 - " + operand(in[0], product) + ") " + operand(in[1], product));
      case Operation::maximum:
        return "max(" + operand(in[0], sum) + ", " + operand(in[1], sum) + ")";
      case Operation::at_least_zero:
        return "max(" + operand(in[0], sum) + ", 0)";
      case Operation::where_positive:
        return "(" + operand(in[1], sum) + " where " + operand(in[0], sum) + " > 0, else 0)";
      default:
        return within(level, product, "-" + operand(in[0], product));
    }
  }

  std::string value(const Expression& e, Level level) const {
    if (const auto name = name_of(e); !name.empty()) return name;
    if (e.operation() == Operation::variable) return e.name();
    return formula(e, level, " - ", [this](const Expression& x, Level at) { return value(x, at); });
  }

  /// The magnitude, in which every minus is a plus.
  std::string size(const Expression& e, Level level, bool whole = false) const {
    const auto sized = [&](const std::string& name) {
      return e.non_negative() ? name : "abs(" + name + ")";
    };
    if (e.operation() == Operation::variable) return sized(e.name());
    const auto name = name_of(e);
    if (!whole && !name.empty() && !may_cancel(e)) return sized(name);
    const auto operand = [this](const Expression& x, Level at) { return size(x, at); };
    switch (e.operation()) {
      case Operation::negate:
      case Operation::at_least_zero:
        return size(e.operands()[0], level, whole);
      case Operation::where_positive:
        return size(e.operands()[1], level, whole);
      default:
        return formula(e, level, " + ", operand);
    }
  }

  const Recording& recording_;
};

}  // namespace truestep::proofs
