// SPDX-License-Identifier: Apache-2.0
// The conventions: what is printed of them is what they compute, and where two are one map they are
// so exactly.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "conventions/run.hpp"
#include "facts/every_rule.hpp"
#include "support/outside.hpp"

namespace truestep::test {
namespace {

/// Calls `check(Rule(), convention)` for every row of the tables.
template <class Check>
void for_each_convention(Check check) {
  fast::for_each_rule<rules::All>([&]<class Rule>() {
    for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>)
      check(Rule(), each);
  });
}

// What is printed

/// Reads a printed formula: the usual precedence, from left to right.
class Evaluation {
 public:
  Evaluation(const std::string& formula, const std::map<std::string, Real>& values)
      : rest_(formula), values_(values) {}

  Real value() {
    Real result = product();
    while (true) {
      if (skip(" + "))
        result = result + product();
      else if (skip(" - "))
        result = result - product();
      else
        return result;
    }
  }

 private:
  bool skip(const std::string& token) {
    if (!rest_.starts_with(token)) return false;
    rest_.erase(0, token.size());
    return true;
  }

  Real product() {
    Real result = skip("-") ? Real(-raised()) : raised();
    while (true) {
      if (skip(" * "))
        result = result * raised();
      else if (skip(" / "))
        result = result / raised();
      else
        return result;
    }
  }

  Real raised() {
    const Real base = whole();
    return skip("^") ? pow(base, whole()) : base;
  }

  Real whole() {
    if (skip("sqrt(")) return sqrt(closed());
    if (skip("max(")) {
      const Real a = value();
      EXPECT_TRUE(skip(", "));
      return reference::maximum(a, closed());
    }
    if (skip("(")) {
      const Real inner = value();
      if (!skip(" if ")) return closed(inner);
      const Real condition = value();
      if (skip(" > 0 else 0")) return closed(reference::where_positive(condition, inner));
      EXPECT_TRUE(skip(" and "));
      const Real other = value();
      EXPECT_TRUE(skip(" have one sign else 0"));
      return closed(reference::where_alike(condition, other, inner));
    }
    return std::isdigit(rest_.front()) ? literal() : named();
  }

  Real closed() { return closed(value()); }
  Real closed(const Real& inner) {
    EXPECT_TRUE(skip(")")) << rest_;
    return inner;
  }

  Real literal() {
    std::size_t length = 0;
    const double number = std::stod(rest_, &length);
    rest_.erase(0, length);
    return number;
  }

  Real named() {
    std::size_t length = 0;
    while (length < rest_.size() && (std::isalnum(rest_[length]) || rest_[length] == '_')) ++length;
    if (rest_.compare(length, 5, "(t-1)") == 0 && rest_[length - 1] == '_') length += 5;
    const std::string name = rest_.substr(0, length);
    rest_.erase(0, length);
    EXPECT_TRUE(values_.contains(name)) << name;
    return values_.at(name);
  }

  std::string rest_;
  const std::map<std::string, Real>& values_;
};

/// What a step from the same numbers makes by the formula, and by the printed equations.
template <class Rule>
bool computes(const proofs::Equations& equations, const typename Rule::Hyperparameters& h,
              std::uint64_t t) {
  const auto all = Rule::template Formula<Real>::quantities;
  typename Rule::template Formula<Real>::Step before{};
  const Real theta = Real(2) / 3, g = Real(-5) / 7;
  std::map<std::string, Real> values{{"theta_(t-1)", theta}, {"g", g}, {"t", Real(t)}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].state) continue;
    // Falling fast, so that a mean square exceeds the square of the mean.
    before.*all[i].member = 11 / reference::power(Real(13), i + 1);
    values.emplace(all[i].name + std::string("_(t-1)"), before.*all[i].member);
  }
  const auto now = Rule::template formula<Real>(h, t).step(theta, before, g);
  std::size_t compared = 0;
  for (const auto& [quantity, right, first] : equations.step) {
    const Real value = Evaluation(t == 1 && first ? *first : right, values).value();
    values.emplace(quantity, value);
    for (const auto& [name, member, state] : all) {
      if (quantity != name && quantity != name + std::string("_t")) continue;
      ++compared;
      if (now.*member != value) return false;
    }
  }
  return compared == equations.step.size();
}

/// A convention as it is, and with the numbers and choices that it leaves off, where that makes
/// sense.
template <class Rule, class H = typename Rule::Hyperparameters>
std::vector<H> variants(const H& h) {
  std::vector<H> all{h};
  if (h.weight_decay_place != fast::WeightDecay::none)
    all.push_back(with_values<Rule>(h, {{"weight_decay", 0.01}}));
  for (const auto& values : Facts<Rule>::left_off())
    if (const auto with = with_values<Rule>(h, values); refusal<Rule>(with) == "not refused")
      all.push_back(with);
  return all;
}

TEST(Conventions, WhatTheyLeaveOffMakesSenseForSome) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    for (const auto& values : Facts<Rule>::left_off()) {
      std::size_t accepted = 0;
      for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>)
        accepted += refusal<Rule>(with_values<Rule>(each.hyperparameters, values)) == "not refused";
      EXPECT_GT(accepted, 1u) << Rule::name << " " << values.begin()->first;
    }
  });
}

// Bit by bit over 50 digits: the same operations on the same numbers, save shortened ones, which
// are exact. g^2 may be read as a power because both round the same exact square.
TEST(Conventions, PrintedEquationsComputeWhatTheFormulaDoes) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    for (const auto& h : variants<Rule>(each.hyperparameters))
      for (const std::uint64_t t : {1u, 2u, 3u, 10u, 1000u})
        EXPECT_TRUE(computes<Rule>(proofs::equations<Rule>(h), h, t))
            << Rule::name << " " << each.name << " at t = " << t << "\n"
            << printed(proofs::equations<Rule>(h));
  });
}

bool closes_what_it_opens(const std::string& text) {
  return std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')');
}

// Each planted fault: one top-level term of one equation is gone.
TEST(Conventions, ADroppedTermIsNoticed) {
  std::size_t planted = 0;
  for_each_convention([&]<class Rule>(Rule, const auto& each) {
    const auto equations = proofs::equations<Rule>(each.hyperparameters);
    for (std::size_t i = 0; i < equations.step.size(); ++i) {
      const std::string& right = equations.step[i].right;
      const auto last = right.rfind(" + ");
      if (last == std::string::npos || !closes_what_it_opens(right.substr(last))) continue;
      ++planted;
      auto faulty = equations;
      faulty.step[i].right.resize(last);
      EXPECT_FALSE(computes<Rule>(faulty, each.hyperparameters, 3))
          << Rule::name << " " << each.name << "\n"
          << printed(faulty);
    }
  });
  EXPECT_GT(planted, 100u);
}

// What is refused

TEST(Conventions, EachIsAcceptedByTheReferenceAtAnyStep) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    for (const std::uint64_t t : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 63})
      EXPECT_EQ(refusal([&] { Rule::template formula<Real>(each.hyperparameters, t); }),
                "not refused")
          << Rule::name << " " << each.name;
  });
}

TEST(Conventions, NamesAreUniqueAndTheLectureNoteComesFirstOrElseThePaper) {
  std::map<std::string, int> seen;
  for_each_convention([&]<class Rule>(Rule, const auto& each) {
    EXPECT_EQ(++seen[Rule::name + (" " + std::string(each.name))], 1) << Rule::name << each.name;
    EXPECT_FALSE(each.class_name.empty() && each.words.empty());
  });
  fast::for_each_rule([]<class Rule>() {
    using Hyperparameters = typename Rule::Hyperparameters;
    constexpr auto& all = fast::conventions_of<Hyperparameters>;
    static_assert(!all.empty(), "fast/conventions.hpp has conventions of each rule");
    const std::string first(all.front().name);
    EXPECT_TRUE(is_among(first, {"lecture_note", "paper"})) << Rule::name << " " << first;
    const std::string known = "convention = none is not one of {" + first;
    EXPECT_EQ(refusal([] { convention<Hyperparameters>("none"); }).substr(0, known.size()), known);
  });
}

TEST(Conventions, AnAmountOfWeightDecayNeedsAPlace) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    typename Rule::Hyperparameters h;
    h.weight_decay = 0.1;
    EXPECT_EQ(refusal<Rule>(h),
              Rule::name + std::string(": weight_decay is given, but this convention has none"));
  });
}

/// The reference states its ranges beside those of the kernels' description. A choice may refuse a
/// number for another reason, but not every one does.
TEST(Conventions, ANumberOutsideItsRangeIsRefusedByTheReference) {
  std::map<std::string, bool> named;
  for_each_convention([&]<class Rule>(Rule, const auto& each) {
    for_each_number_outside<typename Rule::Fast>(
        each.hyperparameters, [&](const auto& faulty, const std::string& message) {
          const auto said = refusal([&] { Rule::template formula<Real>(faulty, 1); });
          const std::string text = Rule::name + (": " + message.substr(0, message.find(" [")));
          EXPECT_NE(said, "not refused") << text << ", as in " << each.name;
          named[text] |= said.starts_with(text);
        });
  });
  EXPECT_GT(named.size(), 6u);
  for (const auto& [text, is_named] : named) EXPECT_TRUE(is_named) << text;
}

/// Beside the step, a weight loses a share of itself: no more than all of it.
TEST(Conventions, ADecoupledDecayTakesNoMoreThanAllOfAWeight) {
  std::size_t decoupled = 0, others = 0;
  for_each_convention([&]<class Rule>(Rule, const auto& each) {
    auto h = each.hyperparameters;
    if (h.weight_decay_place == fast::WeightDecay::none) return;
    if constexpr (requires { h.learning_rate; }) h.learning_rate = 1;
    const auto said = [&](double decay) {
      h.weight_decay = decay;
      return refusal([&] { Rule::template formula<Real>(h, 1); });
    };
    const bool is_decoupled = h.weight_decay_place == fast::WeightDecay::decoupled;
    ++(is_decoupled ? decoupled : others);
    EXPECT_EQ(said(1), "not refused") << Rule::name << " " << each.name;
    const auto twice = said(2);
    if (is_decoupled)
      EXPECT_TRUE(twice.ends_with("weight_decay = 2 is outside [0, 1]"))
          << Rule::name << " " << each.name << ": " << twice;
    else
      EXPECT_EQ(twice, "not refused") << Rule::name << " " << each.name;
  });
  EXPECT_GT(decoupled, 0u);
  EXPECT_GT(others, 0u);
}

/// Makes each choice of a rule a number that names none in turn, and expects the rule to refuse it.
template <class Rule>
void expect_refused_enumerators() {
  fast::for_each_member<Rule>([]<class Described>(const Described& described) {
    typename Rule::Hyperparameters h;
    using Value = std::remove_reference_t<decltype(h.*described.member)>;
    if constexpr (std::is_enum_v<Value>) {
      h.*described.member = static_cast<Value>(fast::count_of<Value>);
      std::string message;
      try {
        fast::coefficient_list<float>(h, 1);
      } catch (const std::invalid_argument& error) {
        message = error.what();
      }
      EXPECT_EQ(
          message.find(Rule::name +
                       (": " + (described.name + (" = " + std::to_string(fast::count_of<Value>)))) +
                       " is not one of {"),
          0u)
          << Rule::name << " " << described.name << ": " << message;
    }
  });
}

TEST(Conventions, AnEnumeratorThatIsNoneIsRefused) {
  fast::for_each_rule([]<class Rule>() { expect_refused_enumerators<Rule>(); });
}

// Where two conventions are one map

template <class Rule>
void expect_one_map(typename Rule::Hyperparameters h) {
  h.learning_rate_site = fast::LearningRateSite::buffer;
  const auto inside = run<Rule, Rational>(h, many);
  h.learning_rate_site = fast::LearningRateSite::step;
  const auto outside = run<Rule, Rational>(h, many);
  EXPECT_EQ(inside.theta, outside.theta);
  EXPECT_EQ(inside.v, Rational(-Rational(h.learning_rate) * outside.v));
}

TEST(Conventions, AConstantLearningRateMayBeInsideTheBufferOrOutside) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    if constexpr (!Facts<Rule>::divides)
      for (const auto& h : variants<Rule>(each.hyperparameters)) expect_one_map<Rule>(h);
  });
}

/// What decoupled weight decay is multiplied by at step t.
template <class H>
Real scale_of_decay(const H& h, std::uint64_t t) {
  if (h.weight_decay_scale == fast::DecayScale::one) return 1;
  const Real rate(h.learning_rate);
  if constexpr (requires { h.corrects_v; }) {
    const auto correction = [&](bool corrects, double beta) {
      return corrects ? 1 - reference::power(Real(beta), t) : Real(1);
    };
    if (h.weight_decay_scale == fast::DecayScale::corrected_rate)
      return rate * sqrt(correction(h.corrects_v, h.beta2)) / correction(h.corrects_m, h.beta1);
  }
  return rate;
}

/// Whose theta decays into the gradient of a step from theta, all states 1/2.
template <class Rule>
Real decaying_theta(const typename Rule::Hyperparameters& h, const Real& theta) {
  if constexpr (requires { h.weight_decay_point; })
    if (h.weight_decay_point == fast::DecayPoint::look_ahead) return theta + Real(h.momentum) / 2;
  return theta;
}

/// One step from some state with weight decay, and from another theta and gradient without.
template <class Rule>
void expect_decay(typename Rule::Hyperparameters h, const Real& theta, const Real& g) {
  const auto step = [&](const auto& description, const Real& from, const Real& gradient_there) {
    Step<Rule, Real> before{};
    for (const auto& [name, member, state] : Rule::template Formula<Real>::quantities)
      if (state) before.*member = Real(1) / 2;
    return Rule::template formula<Real>(description, 3).step(from, before, gradient_there);
  };
  using enum fast::WeightDecay;
  const Real kappa = h.weight_decay = 0.125;
  auto without = h;
  without.weight_decay = 0;
  without.weight_decay_place = none;
  const auto now = step(h, theta, g);
  const Real kept = 1 - scale_of_decay(h, 3) * kappa,
             pulled = g + kappa * decaying_theta<Rule>(h, theta);
  switch (h.weight_decay_place) {
    case decoupled:
      EXPECT_EQ(now.theta, h.weight_decay_time == fast::DecayTime::before_step
                               ? step(without, kept * theta, g).theta
                               : Real(kept * step(without, theta, g).theta))
          << Rule::name;
      break;
    case gradient:
      EXPECT_EQ(now.theta, step(without, theta, pulled).theta) << Rule::name;
      break;
    case accumulator:
    case none:
      break;
  }
  EXPECT_NE(now.theta, step(without, theta, g).theta) << Rule::name;
}

TEST(Conventions, WeightDecayGoesWhereItIsSaidTo) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    if (each.hyperparameters.weight_decay_place != fast::WeightDecay::none)
      expect_decay<Rule>(each.hyperparameters, Real(2) / 3, Real(-5) / 7);
  });
}

}  // namespace
}  // namespace truestep::test
