// SPDX-License-Identifier: Apache-2.0

// Evaluates the recorded formulas as they stand in a generated file, and holds them to the
// reference that they were recorded from, and what lanes are given to the coefficients' exact
// expressions: the same number, to the last of 50 digits. Every lane has to have its formula.
//
//     truestep_evaluate_formulas generated/Formulas.v
//
// The file is read by a reader of its own, so that nothing here goes through what printed it. It
// may say nothing but definitions, in Coq's own notations.

#include <truestep/proofs/versions.hpp>
#include <truestep/reference/real.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace truestep::proofs {
namespace {

using reference::Real;

struct Environment {
  std::map<std::string, Real> numbers;
  std::map<std::string, std::uint64_t> counts;
};

/// Reads `beta2 * v + (1 - beta2) * (gradient * gradient)` and says what it is.
class FormulaReader {
 public:
  FormulaReader(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}

  Real whole() {
    const Real value = sum();
    if (!rest().empty()) fail("an end");
    return value;
  }

  /// `RecordedFormulas.given (("w1", 1 - beta1) :: ... :: nil)`
  std::vector<NamedValue<Real>> whole_list() {
    std::vector<NamedValue<Real>> list;
    for (const char* word : {"RecordedFormulas.given", "("}) expect(word);
    while (!accept("nil")) {
      expect("(\"");
      const auto end = text_.find('"', at_);
      list.push_back({std::string(text_.substr(at_, end - at_)), 0});
      at_ = end + 1;
      expect(",");
      list.back().value = sum();
      expect(")");
      expect("::");
    }
    expect(")");
    if (!rest().empty()) fail("an end");
    return list;
  }

 private:
  std::string_view rest() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return text_.substr(at_);
  }
  bool accept(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail(word);
  }
  [[noreturn]] void fail(std::string_view expected) {
    throw std::runtime_error("'" + std::string(rest().substr(0, 40)) + "' where " +
                             std::string(expected) + " should be");
  }
  std::string word() {
    rest();
    const auto begin = at_;
    const auto belongs = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    };
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    if (begin == at_) fail("a word");
    return std::string(text_.substr(begin, at_ - begin));
  }

  Real sum() {
    Real value = product();
    for (;;)
      if (rest().starts_with("- ") || rest().starts_with("+ "))
        value = accept("+") ? Real(value + product()) : (expect("-"), Real(value - product()));
      else
        return value;
  }
  Real product() {
    Real value = negated();
    for (;;)
      if (accept("*"))
        value = value * negated();
      else if (accept("/"))
        value = value / negated();
      else
        return value;
  }
  Real negated() { return accept("-") ? Real(-negated()) : power(); }
  Real power() {
    const Real value = applied();
    return accept("^") ? Real(pow(value, Real(count()))) : value;
  }
  Real applied() {
    if (rest().starts_with("(")) return argument();
    const std::string name = word();
    if (name == "sqrt") return sqrt(argument());
    if (name == "INR") return Real(count());
    if (name == "Rmax") {
      const Real a = argument(), b = argument();
      return a < b || b != b ? b : a;
    }
    if (name == "RecordedFormulas.where_positive") {
      const Real x = argument(), value = argument();
      return x > 0 ? value : Real(0);
    }
    return named(name, environment_.numbers);
  }
  Real argument() {
    if (!accept("(")) return named(word(), environment_.numbers);
    const Real value = sum();
    expect(")");
    return value;
  }

  std::uint64_t count() {
    if (!accept("(")) return named(word(), environment_.counts);
    const std::uint64_t value = count_of_sum();
    expect(")");
    accept("%nat");
    return value;
  }
  std::uint64_t count_of_sum() {
    std::uint64_t value = count_of_product();
    while (accept("+")) value += count_of_product();
    return value;
  }
  std::uint64_t count_of_product() {
    std::uint64_t value = successor();
    while (accept("*")) value *= successor();
    return value;
  }
  std::uint64_t successor() { return accept("S ") ? successor() + 1 : count(); }

  template <class Value>
  static Value named(const std::string& name, const std::map<std::string, Value>& values) {
    if (const auto known = values.find(name); known != values.end()) return known->second;
    const bool digits =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits) throw std::runtime_error("this version has no " + name);
    return Value(std::stoull(name));
  }

  std::string_view text_;
  const Environment& environment_;
  std::size_t at_ = 0;
};

/// What a generated file defines.
class Definitions {
 public:
  explicit Definitions(const char* path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    std::string sentence;
    bool comment = false;
    for (std::string line; std::getline(file, line);) {
      comment = comment || line.starts_with("(*");
      if (!comment && !line.empty()) sentence += line + " ";
      if (comment && line.ends_with("*)")) comment = false;
      if (comment || !line.ends_with('.')) continue;
      sentence.resize(sentence.size() - 2);
      take(sentence);
      sentence.clear();
    }
    if (!sentence.empty()) throw std::runtime_error("the file has no end");
  }

  /// The body by this name, which counts as compared.
  const std::string& body(const std::string& name, const Environment& environment) {
    const auto known = bodies_.find(name);
    if (known == bodies_.end()) throw std::runtime_error("is not defined");
    auto& definition = known->second;
    ++definition.uses;
    if (!definition.other.empty()) return body(definition.other, environment);
    for (const auto& argument : definition.arguments)
      if (!environment.numbers.contains(argument) && !environment.counts.contains(argument))
        throw std::runtime_error("this version has no " + argument);
    return definition.body;
  }

  std::size_t size() const { return bodies_.size(); }
  /// The name of one that was used less often, or nothing.
  std::string used_less_than(std::size_t least) const {
    for (const auto& [name, definition] : bodies_)
      if (definition.uses < least) return name;
    return {};
  }

 private:
  struct Definition {
    std::vector<std::string> arguments;
    std::string body, other;
    std::size_t uses = 0;
  };

  void take(std::string_view sentence) {
    constexpr std::array<std::string_view, 4> opening{
        "From Truestep Require RecordedFormulas", "Require Import Reals String",
        "Open Scope string_scope", "Open Scope R_scope"};
    if (opened_ < opening.size()) {
      if (sentence != opening[opened_++]) refuse(sentence);
      return;
    }
    constexpr std::string_view command = "Definition ";
    const auto middle = sentence.find(":= ");
    if (!sentence.starts_with(command) || middle == sentence.npos) refuse(sentence);
    std::istringstream head{std::string(sentence.substr(command.size(), middle - command.size()))};
    std::string name;
    head >> name;
    Definition definition;
    definition.body = sentence.substr(middle + 3);
    std::string type;
    for (std::string word; head >> word;) {
      if (word.starts_with('(')) word = word.substr(1);
      if (word != ":") {
        definition.arguments.push_back(word);
        continue;
      }
      if (!(head >> type)) break;
      if (type != "R)" && type != "nat)" && type != "R") refuse(sentence);
    }
    if (definition.arguments.empty() && bodies_.contains(definition.body))
      definition.other = definition.body;
    if (!bodies_.emplace(name, std::move(definition)).second) refuse(sentence);
  }

  [[noreturn]] static void refuse(std::string_view sentence) {
    throw std::runtime_error("the file may not say " + std::string(sentence));
  }

  std::map<std::string, Definition> bodies_;
  std::size_t opened_ = 0;
};

/// Numbers inside the domains, and inputs of a step.
class Draw {
 public:
  double fraction() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }
  double any() {
    const double size = below(8) == 0 ? 0 : std::ldexp(fraction(), static_cast<int>(below(9)) - 4);
    return below(2) == 0 ? size : -size;
  }

 private:
  /// Steele, Lea and Flood's SplitMix64.
  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 1;
};

class Comparison {
 public:
  explicit Comparison(const char* path) : definitions_(path) {}

  template <class R>
  void compare(const Version<R>& version) {
    auto h = version.h;
    Environment environment;
    for_each_stand_in<R>([&](const auto& number, auto stand_in) {
      if (h.*number.member != stand_in) return;
      if constexpr (std::is_same_v<decltype(stand_in), double>)
        environment.numbers[number.name] = h.*number.member = draw_.fraction();
      else
        environment.counts[number.name] = h.*number.member = 1 + draw_.below(4);
    });
    const std::uint64_t t = version.first ? 1 : 1 + version.later + draw_.below(5);
    if (!version.first) environment.counts["t"] = t - 1;
    const auto signs = stated<R, Real>(h, t, [](const char*) { return Real(0); }).non_negative;
    const auto input = [&](const char* name) {
      const bool positive = std::find(signs.begin(), signs.end(), name) != signs.end();
      const double value = positive ? std::fabs(draw_.any()) : draw_.any();
      return environment.numbers[name] = Real(value);
    };
    compare(version.name, stated<R, Real>(h, t, input), environment);
    if constexpr (requires { h.nesterov; })
      if (looks_ahead<R>(version))
        compare(version.name + "_point", stated_look_ahead<R, Real>(h, input), environment);
  }

  /// The states of the rule's defaults before the first step.
  template <class R>
  void compare_starts() {
    const typename R::Hyperparameters h;
    const auto start = R::template Formula<Real>::start(h);
    const Environment nothing;
    for (const auto& state : rules::states_of<R, Real>(h)) {
      const std::string name = std::string(R::name) + "_" + state.name + "_start";
      about(name, [&] {
        FormulaReader reader(definitions_.body(name, nothing), nothing);
        require_same("the recorded start", reader.whole(), "the reference", start.*state.member);
      });
    }
  }

  /// Refuses a lane that no version has, and a definition that was compared too seldom to say
  /// anything.
  void finish(std::size_t least) const {
    for_each_lane<fast::lane::Every>([&]<class Lane>() {
      using Parts = WithoutDecay<Lane>;
      const std::string lane = inputs<typename Parts::type>().lane + " " + Parts::decay;
      if (!lanes_.contains(lane)) throw std::runtime_error(lane + ": no version has this lane");
    });
    if (const auto seldom = definitions_.used_less_than(least); !seldom.empty())
      throw std::runtime_error(seldom + ": compared fewer than " + std::to_string(least) +
                               " times");
    std::cout << "evaluated " << definitions_.size()
              << " formulas as the reference computes them\n";
  }

 private:
  void compare(const std::string& name, const Stated<Real>& step, const Environment& environment) {
    lanes_.insert(step.lane + " " + step.decay);
    for (const auto& quantity : step.quantities) {
      const std::string formula = name + "_" + quantity.name + "_formula";
      about(formula, [&] {
        // Where a divisor is 0, or a root's operand negative, nothing is claimed.
        if (!isfinite(quantity.value)) return;
        FormulaReader reader(definitions_.body(formula, environment), environment);
        require_same("the recorded formula", reader.whole(), "the reference", quantity.value);
      });
    }
    about(name + "_lane_inputs", [&] {
      FormulaReader reader(definitions_.body(name + "_lane_inputs", environment), environment);
      const auto list = reader.whole_list();
      std::size_t i = 0;
      for (const auto* values : {&step.coefficients, &step.inputs})
        for (const auto& [input, value] : *values) {
          if (i == list.size() || list[i].name != input)
            throw std::runtime_error("the list lacks " + input);
          require_same(("the list, of " + input).c_str(), list[i++].value, "the expression", value);
        }
      if (i != list.size()) throw std::runtime_error("the list has too many");
    });
  }

  template <class Action>
  static void about(const std::string& name, Action action) {
    try {
      action();
    } catch (const std::exception& error) {
      throw std::runtime_error(name + ": " + error.what());
    }
  }

  static void require_same(const char* one, const Real& a, const char* other, const Real& b) {
    if (a == b) return;
    throw std::runtime_error(std::string(one) + " gives " + a.str(20) + ", " + other +
                             " computes " + b.str(20));
  }

  Definitions definitions_;
  std::set<std::string> lanes_;
  Draw draw_;
};

int run(const char* path) {
  constexpr std::size_t draws = 24;
  Comparison comparison(path);
  [&]<class... R>(std::type_identity<std::tuple<R...>>) {
    const auto of_rule = [&]<class Rule>(std::type_identity<Rule>) {
      const Versions<Rule> versions;
      for (std::size_t i = 0; i < draws; ++i) {
        comparison.compare_starts<Rule>();
        for (const auto& version : versions.all()) comparison.compare<Rule>(version);
      }
    };
    (of_rule(std::type_identity<R>()), ...);
  }(std::type_identity<rules::All>());
  comparison.finish(draws / 4);
  return 0;
}

}  // namespace
}  // namespace truestep::proofs

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: truestep_evaluate_formulas FORMULAS\n";
    return 2;
  }
  try {
    return truestep::proofs::run(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << "truestep_evaluate_formulas: " << error.what() << "\n";
    return 1;
  }
}
