// SPDX-License-Identifier: Apache-2.0
// Writes down what the reference computes, run over symbols, as functions in Coq. It shares the
// lanes and their words with record.cpp, and no line that prints.
//
//     truestep_formulas coq        the formulas and what the lanes are given for them:
//                                  proofs/generated/Formulas.v
//     truestep_formulas versions   what a theorem says of each version, in lines:
//                                      domain VERSION ARGUMENT DOMAIN
//                                      quantity VERSION LANE DECAY QUANTITY

#include <truestep/proofs/numbers/symbol.hpp>
#include <truestep/proofs/versions.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace truestep::proofs {
namespace {

/// One formula of a rule as Coq reads it, and what it was found to depend on.
template <class R>
class Coq {
 public:
  explicit Coq(const typename R::Hyperparameters& h) {
    for_each_stand_in<R>([&](const auto& number, auto value) {
      if (h.*number.member != value) return;
      if constexpr (std::is_same_v<decltype(value), double>)
        numbers_[value] = number.name;
      else
        counts_[value] = number.name;
    });
  }

  /// @param least  how strongly what stands around it binds
  std::string text(const Symbol& x, int least = sum) {
    const auto [text, binding] = written(x);
    return binding < least ? "(" + text + ")" : text;
  }

  /// `(beta1 : R) (t : nat) (m gradient : R) `, in the order of the rule.
  std::string arguments() const {
    std::vector<std::string> numbers, counts, inputs;
    for_each_stand_in<R>([&](const auto& number, auto value) {
      auto& list = std::is_same_v<decltype(value), double> ? numbers : counts;
      if (seen_.contains(number.name)) list.push_back(number.name);
    });
    if (seen_.contains("t")) counts.push_back("t");
    if (seen_.contains("theta")) inputs.push_back("theta");
    for (const auto& quantity : R::template Formula<Symbol>::quantities)
      if (quantity.state && seen_.contains(quantity.name)) inputs.push_back(quantity.name);
    if (seen_.contains("gradient")) inputs.push_back("gradient");
    return group(numbers, "R") + group(counts, "nat") + group(inputs, "R");
  }
  const std::set<std::string>& seen() const { return seen_; }

 private:
  enum Binding { sum, product, raised, applied, whole };
  using Written = std::pair<std::string, Binding>;

  static std::string group(const std::vector<std::string>& names, const char* type) {
    if (names.empty()) return "";
    std::string text = "(";
    for (const auto& name : names) text += name + " ";
    return text + ": " + type + ") ";
  }

  std::string mention(const std::string& name) {
    seen_.insert(name);
    return name;
  }

  Written written(const Symbol& x) {
    using enum Symbol::Operation;
    const auto& in = x.operands();
    switch (x.operation()) {
      case number:
        return of_number(x.value());
      case step:
        return {"INR " + count(x), applied};
      case name:
        return {mention(x.name()), whole};
      case negate:
        return {"- " + text(in[0], raised), sum};
      case add:
        return {text(in[0]) + " + " + text(in[1], product), sum};
      case subtract:
        return {text(in[0]) + " - " + text(in[1], product), sum};
      case multiply:
        return {text(in[0], product) + " * " + text(in[1], raised), product};
      case divide:
        return {text(in[0], product) + " / " + text(in[1], raised), product};
      case power:
        return {text(in[0], applied) + " ^ " + count(in[1]), raised};
      case root:
        return {"sqrt " + text(in[0], whole), applied};
      case maximum:
        return {"Rmax " + text(in[0], whole) + " " + text(in[1], whole), applied};
      case where_positive:
        return {"RecordedFormulas.where_positive " + text(in[0], whole) + " " + text(in[1], whole),
                applied};
      default:
        throw std::logic_error("no lane has this operation");
    }
  }

  Written of_number(double value) {
    if (const auto known = numbers_.find(value); known != numbers_.end())
      return {mention(known->second), whole};
    if (value >= 0 && value < 1000 && value == static_cast<int>(value))
      return {std::to_string(static_cast<int>(value)), whole};
    throw std::logic_error("no number of the rule is " + std::to_string(value));
  }

  /// A whole number, where step t + 1 is the one after t steps.
  std::string count(const Symbol& x) {
    if (x.operation() == Symbol::Operation::number) return constant(x.value());
    const auto steps_and = [&](std::uint64_t stride, std::int64_t offset) -> std::string {
      // The step is t + 1 + further: t here, for the further that is -1.
      const std::int64_t further = offset / static_cast<std::int64_t>(stride);
      if (offset % static_cast<std::int64_t>(stride) != 0 || further < -1 || further > 1) return "";
      mention("t");
      return further < 0 ? "t" : further == 0 ? "(S t)" : "(S (S t))";
    };
    if (x.steps() == 1)
      if (const auto steps = steps_and(1, x.offset()); !steps.empty()) return steps;
    // c + steps stride, for a count c and a stride of the rule, or 1.
    for (const auto& [value, name] : counts_) {
      const auto rest = x.offset() - static_cast<std::int64_t>(value);
      if (x.steps() == 1)
        if (const auto steps = steps_and(1, rest); !steps.empty())
          return "(" + mention(name) + " + " + steps + ")%nat";
      for (const auto& [stride, its_name] : counts_)
        if (x.steps() == stride)
          if (const auto steps = steps_and(stride, rest); !steps.empty())
            return "(" + mention(name) + " + " + steps + " * " + mention(its_name) + ")%nat";
    }
    throw std::logic_error("no count of the rule is " + x.name());
  }

  std::string constant(double value) {
    for (const auto& [count, name] : counts_)
      if (value == static_cast<double>(count)) return mention(name);
    if (value >= 0 && value < 1000 && value == static_cast<int>(value))
      return std::to_string(static_cast<int>(value));
    throw std::logic_error("no count of the rule is " + std::to_string(value));
  }

  std::map<double, std::string> numbers_;
  std::map<std::uint64_t, std::string> counts_;
  std::set<std::string> seen_;
};

template <class R>
std::vector<std::pair<std::string, Stated<Symbol>>> steps_of(const Version<R>& version) {
  const auto named = [](const char* name) { return Symbol::named(name); };
  std::vector<std::pair<std::string, Stated<Symbol>>> steps{
      {version.name,
       stated<R, Symbol>(version.h, version.first ? std::uint64_t{1} : Symbol::t, named)}};
  if constexpr (requires { version.h.nesterov; })
    if (looks_ahead<R>(version))
      steps.push_back({version.name + "_point", stated_look_ahead<R, Symbol>(version.h, named)});
  return steps;
}

/// Calls action.template operator()<R>(version, name, step) for each step of each version.
template <class Action>
void for_each_step(Action action) {
  [&]<class... R>(std::type_identity<std::tuple<R...>>) {
    const auto of_rule = [&]<class Rule>(std::type_identity<Rule>) {
      const Versions<Rule> versions;
      for (const auto& version : versions.all())
        for (const auto& [name, step] : steps_of<Rule>(version))
          action.template operator()<Rule>(version, name, step);
    };
    (of_rule(std::type_identity<R>()), ...);
  }(std::type_identity<rules::All>());
}

/// What the states of each rule's defaults are before the first step.
void write_starts() {
  [&]<class... R>(std::type_identity<std::tuple<R...>>) {
    const auto of_rule = []<class Rule>(std::type_identity<Rule>) {
      const typename Rule::Hyperparameters h;
      const auto start = Rule::template Formula<Symbol>::start(h);
      std::cout << "\n";
      for (const auto& state : rules::states_of<Rule, Symbol>(h))
        std::cout << "Definition " << Rule::name << "_" << state.name
                  << "_start : R := " << Coq<Rule>(h).text(start.*state.member) << ".\n";
    };
    (of_rule(std::type_identity<R>()), ...);
  }(std::type_identity<rules::All>());
}

void coq() {
  std::cout
      << "(* SPDX-License-Identifier: Apache-2.0 *)\n"
         "(* Generated by `truestep_formulas coq` from reference/*.hpp, and the coefficients "
         "from\n   proofs/lanes/*.hpp.\n\n"
         "   VERSION_QUANTITY_formula: what the reference computes at step t + 1, or at the "
         "first step\n   where the version ends in _first.\n"
         "   RULE_STATE_start: what a state is before the first step, by the rule's defaults.\n"
         "   VERSION_lane_inputs: what the version's lane is given at that step, its "
         "coefficients exact. *)\n\n"
         "From Truestep Require RecordedFormulas.\n"
         "Require Import Reals String.\n"
         "Open Scope string_scope.\n"
         "Open Scope R_scope.\n";
  write_starts();
  std::map<std::string, std::string> known;
  for_each_step([&]<class R>(const Version<R>& version, const std::string& name, const auto& step) {
    std::cout << "\n";
    for (const auto& quantity : step.quantities) {
      Coq<R> formula(version.h);
      const std::string body = formula.text(quantity.value);
      const std::string whole = name + "_" + quantity.name + "_formula";
      const auto [first, is_new] =
          known.try_emplace(R::name + (" " + formula.arguments()) + body, whole);
      if (is_new)
        std::cout << "Definition " << whole << " " << formula.arguments() << ": R :=\n  " << body
                  << ".\n";
      else
        std::cout << "Definition " << whole << " := " << first->second << ".\n";
    }
    Coq<R> inputs(version.h);
    std::string list;
    for (const auto* values : {&step.coefficients, &step.inputs})
      for (const auto& [input, value] : *values)
        list += "(\"" + input + "\", " + inputs.text(value) + ")\n   :: ";
    std::cout << "Definition " << name << "_lane_inputs " << inputs.arguments()
              << ":=\n  RecordedFormulas.given (" << list << "nil).\n";
  });
}

void versions() {
  for_each_step([]<class R>(const Version<R>& version, const std::string& name, const auto& step) {
    Coq<R> all(version.h);
    for (const auto* values : {&step.quantities, &step.coefficients, &step.inputs})
      for (const auto& value : *values) all.text(value.value);
    const auto domain = [&](const std::string& argument, const char* is) {
      if (all.seen().contains(argument))
        std::cout << "domain " << name << " " << argument << " " << is << "\n";
    };
    for_each_stand_in<R>([&](const auto& number, auto) {
      domain(number.name, number.domain == fast::Domain::weight     ? "weight"
                          : number.domain == fast::Domain::fraction ? "fraction"
                          : number.domain == fast::Domain::scale    ? "non_negative"
                                                                    : "count");
    });
    for (const auto& state : step.non_negative) domain(state, "non_negative");
    for (const auto& quantity : step.quantities)
      std::cout << "quantity " << name << " " << step.lane << " "
                << (step.decay.empty() ? "none" : step.decay) << " " << quantity.name << "\n";
  });
}

int run(const std::vector<std::string_view>& arguments) {
  static const std::map<std::string_view, void (*)()> forms{{"coq", coq}, {"versions", versions}};
  if (arguments.size() == 1)
    if (const auto writer = forms.find(arguments[0]); writer != forms.end()) {
      writer->second();
      return 0;
    }
  std::cerr << "usage: truestep_formulas coq | versions\n";
  return 2;
}

}  // namespace
}  // namespace truestep::proofs

int main(int count, char** arguments) {
  return truestep::proofs::run({arguments + 1, arguments + count});
}
