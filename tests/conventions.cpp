// SPDX-License-Identifier: Apache-2.0
// The conventions: what is printed of them is what they compute, and where two are one map they are
// so exactly.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cctype>
#include <limits>
#include <map>
#include <string>
#include <truestep/proofs/equations.hpp>
#include <truestep/reference/real.hpp>
#include <vector>

namespace truestep::test {
namespace {

using reference::Real;
using Rational = boost::multiprecision::number<boost::multiprecision::cpp_rational::backend_type,
                                               boost::multiprecision::et_off>;
using fast::convention;

/// Calls `check(Rule(), convention)` for every row of the tables.
template <class Check>
void for_each_convention(Check check) {
  const auto of_rule = [&]<class Rule>(Rule rule) {
    for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>) check(rule, each);
  };
  std::apply([&](auto... rule) { (of_rule(rule), ...); }, rules::All());
}

// What is printed

std::string printed(const proofs::Equations& equations) {
  std::string text;
  for (const auto& [state, value] : equations.start) text += state + " = " + value + "\n";
  text += "g at " + equations.gradient_point + "\n";
  for (const auto& [quantity, right, first] : equations.step) {
    if (first) text += quantity + " = " + *first + " at t = 1\n";
    text += quantity + " = " + right + "\n";
  }
  return text;
}

template <class Rule>
std::string printed(const char* name) {
  return printed(proofs::equations<Rule>(convention<typename Rule::Hyperparameters>(name)));
}

TEST(Conventions, AdamOfKeras3) {
  EXPECT_EQ(printed<rules::Of<fast::Adam>>("keras3"), R"(m_0 = 0
v_0 = 0
g at theta_(t-1)
m_t = 0.9 * m_(t-1) + (1 - 0.9) * g
v_t = 0.999 * v_(t-1) + (1 - 0.999) * g^2
m_hat = m_t / (1 - 0.9^t)
denominator = (sqrt(v_t) + 1e-07) / sqrt(1 - 0.999^t)
update = 0.001 * m_hat / denominator
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, AdamOfOnnxHasAFirstStepOfItsOwn) {
  EXPECT_EQ(printed<rules::Of<fast::Adam>>("onnx"), R"(m_0 = 0
v_0 = 0
g at theta_(t-1)
m_t = 0.9 * m_(t-1) + (1 - 0.9) * g
v_t = 0.999 * v_(t-1) + (1 - 0.999) * g^2
m_hat = m_t at t = 1
m_hat = m_t / (1 - 0.9^(t - 1))
denominator = sqrt(v_t) + 1e-06 at t = 1
denominator = (sqrt(v_t) + 1e-06) / sqrt(1 - 0.999^(t - 1))
update = 0.001 * m_hat / denominator
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, RmspropOfTheSeedDoesNotLookAtItsStart) {
  EXPECT_EQ(printed<rules::Of<fast::Rmsprop>>("seed"), R"(g at theta_(t-1)
s_t = g^2 + 1e-08 at t = 1
s_t = 0.9 * s_(t-1) + (1 - 0.9) * g^2 + 1e-08
sigma = sqrt(s_t)
update = 0.001 * (g / sigma)
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, RmspropOfTensorflow1StartsAtOne) {
  EXPECT_EQ(printed<rules::Of<fast::Rmsprop>>("tensorflow1"), R"(s_0 = 1
g at theta_(t-1)
s_t = 0.9 * s_(t-1) + (1 - 0.9) * g^2
sigma = sqrt(s_t + 1e-10)
update = 0.001 * (g / sigma)
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, NagOfTheSeedLooksAheadAndChainersSquaresTheMomentum) {
  EXPECT_EQ(printed<rules::Of<fast::Nag>>("seed"), R"(v_0 = 0
g at theta_(t-1) + 0.9 * v_(t-1)
v_t = 0.9 * v_(t-1) - 0.01 * g
theta_t = theta_(t-1) + v_t
)");
  EXPECT_EQ(printed<rules::Of<fast::Nag>>("chainer"), R"(v_0 = 0
g at theta_(t-1)
v_t = 0.9 * v_(t-1) - 0.01 * g
theta_t = theta_(t-1) + (0.9^2 * v_t + (1 + 0.9) * (-0.01 * g))
)");
}

TEST(Conventions, AdagradOfJaxIsAMean) {
  EXPECT_EQ(printed<rules::Of<fast::Adagrad>>("jax"), R"(sum_0 = 0
v_0 = 0
g at theta_(t-1)
sum_t = sum_(t-1) + g^2
denominator = sqrt(sum_t)
v_t = 0.9 * v_(t-1) + (1 - 0.9) * (g / denominator if sum_t > 0 else 0)
update = 0.01 * v_t
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, RmspropOfKeras2IsTwoRulesByItsMomentum) {
  const auto sigma = [](auto h) {
    for (const auto& equation : proofs::equations<rules::Of<fast::Rmsprop>>(h).step)
      if (equation.quantity == "sigma") return equation.right;
    return std::string();
  };
  auto keras2 = convention<fast::RmspropHyperparameters>("keras2");
  EXPECT_EQ(sigma(keras2), "sqrt(s_t) + 1e-07");
  keras2.momentum = 0.9;
  EXPECT_EQ(sigma(keras2), "sqrt(s_t + 1e-07)");
  auto mxnet = convention<fast::RmspropHyperparameters>("mxnet");
  EXPECT_EQ(sigma(mxnet), "sqrt(s_t) + 1e-08");
  mxnet.centered = true;
  EXPECT_EQ(sigma(mxnet), "sqrt(max(s_t - mean_t^2, 0) + 1e-08)");
}

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
      EXPECT_TRUE(skip(" > 0 else 0"));
      return closed(reference::where_positive(condition, inner));
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

/// A convention as it is, and with the numbers and choices that it leaves off.
template <class H>
std::vector<H> variants(const H& h) {
  std::vector<H> all{h};
  const auto add = [&](auto change) {
    all.push_back(h);
    change(all.back());
  };
  if (h.weight_decay_place != fast::WeightDecay::none)
    add([](H& with) { with.weight_decay = 0.01; });
  if constexpr (requires { h.zero_denominator; }) {
    add([](H& with) { with.learning_rate_decay = 0.1; });
    add([](H& with) { with.momentum = 0.8; });
  }
  if constexpr (requires { h.dampening; }) add([](H& with) { with.momentum = 0; });
  if constexpr (requires { h.amsgrad; }) {
    add([](H& with) { with.amsgrad = true; });
    add([](H& with) { with.beta1 = 0; });
    add([](H& with) { with.epsilon_root = 1e-6; });
    add([](H& with) { with.beta1_decay = 0.5; });
  }
  if constexpr (requires { h.accumulates_scaled; })
    add([](H& with) { with.accumulates_scaled = true, with.learning_rate = 0.5; });
  if constexpr (requires { h.centered; }) {
    add([](H& with) { with.momentum = 0.8; });
    if (h.epsilon_place != fast::EpsilonPlace::in_state)
      add([](H& with) { with.centered = with.corrected = true; });
  }
  return all;
}

// Bit by bit over 50 digits: the same operations on the same numbers, save shortened ones, which
// are exact. g^2 may be read as a power because both round the same exact square.
TEST(Conventions, PrintedEquationsComputeWhatTheFormulaDoes) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    for (const auto& h : variants(each.hyperparameters))
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

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

template <class Rule>
std::string refusal(const typename Rule::Hyperparameters& h) {
  return refusal([&] { Rule::template formula<Real>(h, 1); });
}

TEST(Conventions, EachIsAcceptedByTheReferenceAtAnyStep) {
  for_each_convention([]<class Rule>(Rule, const auto& each) {
    for (const std::uint64_t t : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 63})
      EXPECT_EQ(refusal([&] { Rule::template formula<Real>(each.hyperparameters, t); }),
                "not refused")
          << Rule::name << " " << each.name;
  });
}

TEST(Conventions, NamesAreUniqueAndTheSeedComesFirst) {
  std::map<std::string, int> seen;
  for_each_convention([&]<class Rule>(Rule, const auto& each) {
    EXPECT_EQ(++seen[Rule::name + (" " + std::string(each.name))], 1) << Rule::name << each.name;
    EXPECT_FALSE(each.source.empty());
  });
  EXPECT_EQ(fast::conventions_of<fast::AdamHyperparameters>.front().name, "seed");
  EXPECT_EQ(refusal([] { convention<fast::AdadeltaHyperparameters>("burn"); }).substr(0, 46),
            "convention = burn is not one of {seed, paper, ");
}

TEST(Conventions, NonsenseIsRefusedWithItsReason) {
  using enum fast::EpsilonPlace;
  using fast::Start, fast::WeightDecay, fast::NesterovForm, fast::FirstBuffer;
  constexpr auto into_accumulator = WeightDecay::accumulator;
  EXPECT_EQ(refusal<rules::Of<fast::Momentum>>({.weight_decay_place = into_accumulator}),
            "momentum: weight decay has no accumulator to go into");
  EXPECT_EQ(refusal<rules::Of<fast::Nag>>({.weight_decay_place = into_accumulator}),
            "nag: weight decay has no accumulator to go into");
  EXPECT_EQ(refusal<rules::Of<fast::Adadelta>>({.weight_decay_place = into_accumulator}),
            "adadelta: weight decay into the accumulator alone needs a sum of squares");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.weight_decay_place = into_accumulator}),
            "rmsprop: weight decay into the accumulator alone needs a sum of squares");
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.weight_decay_place = into_accumulator}),
            "adam: weight decay into the accumulator alone needs a sum of squares");
  for (const auto form :
       {NesterovForm::unrolled, NesterovForm::difference, NesterovForm::squared_momentum}) {
    const std::string reason = "nag: the unrolled forms assume a buffer without dampening";
    EXPECT_EQ(refusal<rules::Of<fast::Nag>>({.dampening = 0.1, .nesterov = form}), reason);
    EXPECT_EQ(
        refusal<rules::Of<fast::Nag>>({.nesterov = form, .first_buffer = FirstBuffer::gradient}),
        reason);
  }
  for (const auto place : {in_state, inside_with_momentum, inside_when_centered})
    EXPECT_EQ(refusal<rules::Of<fast::Adagrad>>({.epsilon_place = place}),
              "adagrad: epsilon goes inside the root or outside it");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.start = Start::constant, .centered = true}),
            "rmsprop: a centered mean square has no room for epsilon in the state");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.start = Start::constant, .corrected = true}),
            "rmsprop: the correction would magnify an epsilon in the state");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.epsilon_place = outside, .corrected = true}),
            "rmsprop: a mean that starts at the first square has no bias to correct");
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.weight_decay = 0.1}),
            "adam: weight_decay is given, but this convention has none");
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.first_power = 65537}),
            "adam: first_power = 65537 is outside [0, 2^16]");
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

/// Some gradients without a pattern, dyadic fractions.
template <class Number>
Number gradient(std::uint64_t t) {
  return Number(static_cast<int>(t * t * 7 % 23) - 11) / 8;
}

template <class Rule, class Number>
using Step = typename Rule::template Formula<Number>::Step;

/// theta and the state after `steps` steps over those gradients.
template <class Rule, class Number>
Step<Rule, Number> run(const typename Rule::Hyperparameters& h, std::uint64_t steps) {
  Step<Rule, Number> now{};
  now.theta = 1;
  for (std::uint64_t t = 1; t <= steps; ++t)
    now = Rule::template formula<Number>(h, t).step(now.theta, now, gradient<Number>(t));
  return now;
}

// (sqrt(v) + epsilon) / sqrt(c) = sqrt(v / c) + epsilon / sqrt(c), c = 1 - beta2^t.
//
// Both sides are sums of non-negative terms, computed from one rounded c. With u for half an
// epsilon of the number type, the left is rounded by a root, a sum, a root and a quotient, a factor
// within (1 + u)^3 / (1 - u); the right by a quotient under a root, that root and a sum, or by a
// root, a quotient and a sum, a factor within (1 + u)^2.5 / (1 - u). Together less than 8 u.
TEST(Conventions, EpsilonBeforeTheCorrectionIsALargerEpsilonAfterIt) {
  const Real u = std::numeric_limits<Real>::epsilon() / 2;
  for (const double beta2 : {0.5, 0.9, 0.999, 1 - 0x1p-30})
    for (const std::uint64_t t : {1u, 2u, 7u, 1000u})
      for (const double epsilon : {1e-12, 1e-8, 1.0}) {
        fast::AdamHyperparameters h{.beta2 = beta2, .epsilon = epsilon};
        h.epsilon_frame = fast::EpsilonFrame::before_correction;
        const auto before = rules::Of<fast::Adam>::formula<Real>(h, t).step(1, {}, Real(1) / 3);
        h.epsilon_frame = fast::EpsilonFrame::after_correction;
        h.epsilon = 0;
        const auto after = rules::Of<fast::Adam>::formula<Real>(h, t).step(1, {}, Real(1) / 3);
        const Real c = 1 - reference::power(Real(beta2), t);
        const Real exchanged = after.denominator + epsilon / sqrt(c);
        EXPECT_LE(Real(abs(before.denominator - exchanged)), Real(8 * u * exchanged));
        // Epsilon as it was is another map, until the correction is 1 in 50 digits.
        if (t < 1000) {
          EXPECT_GT(Real(abs(before.denominator - (after.denominator + epsilon))),
                    Real(8 * u * exchanged));
        }
      }
}

// With beta2 = 3/4 the first correction is 1/2, and the exchange is a shift of the exponent.
TEST(Conventions, TheExchangeIsExactWhereTheCorrectionIsAPowerOfTwo) {
  fast::AdamHyperparameters h{.beta2 = 0.75, .epsilon = 1e-8};
  h.epsilon_frame = fast::EpsilonFrame::before_correction;
  const auto before = run<rules::Of<fast::Adam>, Real>(h, 1).theta;
  h.epsilon_frame = fast::EpsilonFrame::after_correction;
  EXPECT_NE(before, (run<rules::Of<fast::Adam>, Real>(h, 1).theta));
  h.epsilon *= 2;
  EXPECT_EQ(before, (run<rules::Of<fast::Adam>, Real>(h, 1).theta));
}

constexpr std::uint64_t many = 20;

TEST(Conventions, ThreeFormsOfNesterovAreOneMap) {
  using enum fast::NesterovForm;
  for (const auto site : {fast::LearningRateSite::buffer, fast::LearningRateSite::step}) {
    const auto theta = [&](fast::NesterovForm form) {
      return run<rules::Of<fast::Nag>, Rational>({.nesterov = form, .learning_rate_site = site},
                                                 many)
          .theta;
    };
    EXPECT_EQ(theta(stored_point), theta(unrolled));
    EXPECT_EQ(theta(stored_point), theta(difference));
    EXPECT_NE(theta(stored_point), theta(squared_momentum));
    EXPECT_NE(theta(stored_point), theta(look_ahead));
  }
}

// phi = theta + momentum v, on L = theta^2 / 2, whose gradient is the point.
TEST(Conventions, TheStoredPointIsTheLookAheadPoint) {
  for (const auto site : {fast::LearningRateSite::buffer, fast::LearningRateSite::step}) {
    const fast::NagHyperparameters ahead{.learning_rate_site = site};
    auto stored = ahead;
    stored.nesterov = fast::NesterovForm::stored_point;
    Step<rules::Of<fast::Nag>, Rational> theta{}, phi{};
    theta.theta = phi.theta = 1;
    for (std::uint64_t t = 1; t <= many; ++t) {
      const auto looking = rules::Of<fast::Nag>::formula<Rational>(ahead, t);
      theta = looking.step(theta.theta, theta, looking.look_ahead(theta.theta, theta));
      phi = rules::Of<fast::Nag>::formula<Rational>(stored, t).step(phi.theta, phi, phi.theta);
      EXPECT_EQ(phi.theta, looking.look_ahead(theta.theta, theta));
      EXPECT_EQ(phi.v, theta.v);
      EXPECT_NE(phi.theta, theta.theta);
    }
  }
}

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
    if constexpr (std::is_same_v<Rule, rules::Of<fast::Momentum>> ||
                  std::is_same_v<Rule, rules::Of<fast::Nag>>)
      for (const auto& h : variants(each.hyperparameters)) expect_one_map<Rule>(h);
  });
}

TEST(Conventions, AChangingLearningRateMayNot) {
  const auto theta = [](fast::LearningRateSite site) {
    fast::MomentumHyperparameters h{.learning_rate_site = site};
    auto now = run<rules::Of<fast::Momentum>, Rational>(h, 2);
    h.learning_rate /= 2;
    return Rational(
        rules::Of<fast::Momentum>::formula<Rational>(h, 3).step(now.theta, now, 1).theta);
  };
  EXPECT_NE(theta(fast::LearningRateSite::buffer), theta(fast::LearningRateSite::step));
}

TEST(Conventions, RmspropCorrectedHasTheDenominatorOfAdam) {
  using enum fast::EpsilonPlace;
  fast::RmspropHyperparameters h{.rho = 0.999, .epsilon_place = outside};
  h.start = fast::Start::constant;
  h.corrected = true;
  const auto corrected = run<rules::Of<fast::Rmsprop>, Real>(h, many);
  h.corrected = false;
  const auto uncorrected = run<rules::Of<fast::Rmsprop>, Real>(h, many);
  const auto adam = run<rules::Of<fast::Adam>, Real>({.beta1 = 0}, many);
  EXPECT_EQ(corrected.s, adam.v);
  EXPECT_EQ(corrected.sigma, adam.denominator);
  EXPECT_NE(uncorrected.sigma, adam.denominator);
}

TEST(Conventions, AmsgradKeepsTheLargestSecondMoment) {
  fast::AdamHyperparameters h{.beta2 = 0.5};
  h.amsgrad = true;
  const auto formula = rules::Of<fast::Adam>::formula<Real>(h, 5);
  const auto fallen = formula.step(1, {0, 4, 8}, 1);
  EXPECT_EQ(fallen.v_max, 8);
  EXPECT_EQ(fallen.v_hat, Real(8 / (1 - reference::power(Real(0.5), 5))));
  const auto risen = formula.step(1, {0, 4, 2}, 1);
  EXPECT_EQ(risen.v_max, risen.v);
  EXPECT_EQ(risen.v, Real(2.5));
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
  const auto plain = h;
  const Real kappa = h.weight_decay = 0.125;
  const auto now = step(h, theta, g);
  using enum fast::WeightDecay;
  auto without = plain;
  without.weight_decay_place = none;
  const Real decayed = (1 - Real(h.learning_rate) * kappa) * theta, pulled = g + kappa * theta;
  switch (h.weight_decay_place) {
    case decoupled:
      EXPECT_EQ(now.theta, step(without, decayed, g).theta) << Rule::name;
      break;
    case gradient:
      EXPECT_EQ(now.theta, step(without, theta, pulled).theta) << Rule::name;
      break;
    default:
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

// DeepSpeed's: the sum sees g + kappa theta, the step g.
TEST(Conventions, WeightDecayInTheAccumulatorAlone) {
  auto h = convention<fast::AdagradHyperparameters>("deepspeed");
  h.weight_decay = 0.5;
  const Real theta = 2, g = 3;
  const auto now = rules::Of<fast::Adagrad>::formula<Real>(h, 1).step(theta, {}, g);
  EXPECT_EQ(now.sum, 16);
  EXPECT_EQ(now.update, Real(Real(h.learning_rate) * (g / now.denominator)));
}

}  // namespace
}  // namespace truestep::test
