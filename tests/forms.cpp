// SPDX-License-Identifier: Apache-2.0
// Every convention of every rule, and every choice that no convention makes, under the sections
// that the seed's convention has. Each pair of conventions is a planted fault: the kernel of one
// must not pass for the other.

#include <gtest/gtest.h>

#include "support/convention_subject.hpp"
#include "support/generate.hpp"
#include "support/proved_lane.hpp"
#include "support/sections.hpp"

namespace truestep::test {
namespace {

using fast::EpsilonFrame;
using fast::EpsilonPlace;
using fast::FirstBuffer;
using fast::LearningRateSite;
using fast::NesterovForm;
using fast::WeightDecay;
using fast::ZeroDenominator;

/// What is known of a rule apart from both statements: units, the coefficients' exact expressions,
/// and descriptions that no system ships.
template <class R>
struct Facts;

/// Gradient and theta have the units {0, 1} and {1, 0}.
template <class H>
Unit unit_of_weight_decay(const H& h, Unit learning_rate, Unit theta) {
  if (h.weight_decay_place == WeightDecay::decoupled) return {-learning_rate.a, -learning_rate.b};
  return {-theta.a, 1 - theta.b};
}

template <class H>
void add_weight_decay(std::vector<Real>& exact, const H& h) {
  if (h.weight_decay == 0) return;
  if (h.weight_decay_place == WeightDecay::gradient) exact.push_back(Real(h.weight_decay));
  if (h.weight_decay_place == WeightDecay::decoupled)
    exact.push_back(Real(h.learning_rate) * Real(h.weight_decay));
}

template <class H>
Unit unit_in_momentum(const H& h, std::string_view name) {
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  if (name == "learning_rate") return {1, -1};
  if (name == "weight_decay") return unit_of_weight_decay(h, {1, -1}, {1, 0});
  if (name == "v") return inside ? Unit{1, 0} : Unit{0, 1};
  return {};
}

template <>
struct Facts<rules::Of<fast::Momentum>> {
  using H = fast::MomentumHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view) { return false; }
  static Unit unit(const H& h, std::string_view name) { return unit_in_momentum(h, name); }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const bool begins = t == 1 && h.first_buffer == FirstBuffer::gradient;
    const Real momentum = begins ? Real(0) : Real(h.momentum);
    const Real gain = begins ? Real(1) : 1 - Real(h.dampening);
    std::vector<Real> exact{momentum};
    if (h.learning_rate_site == LearningRateSite::buffer)
      exact.push_back(Real(h.learning_rate) * gain);
    else
      exact.insert(exact.end(), {gain, Real(h.learning_rate)});
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Momentum>>> further() {
    return {{"dampened", {.dampening = 0.1}},
            {"dampened outside", {.dampening = 0.1, .learning_rate_site = LearningRateSite::step}},
            {"first gradient inside", {.dampening = 0.1, .first_buffer = FirstBuffer::gradient}},
            {"decay in the gradient",
             {.weight_decay_place = WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.learning_rate_site = LearningRateSite::step,
              .weight_decay_place = WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

template <>
struct Facts<rules::Of<fast::Nag>> {
  using H = fast::NagHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view) { return false; }
  static Unit unit(const H& h, std::string_view name) { return unit_in_momentum(h, name); }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    if (h.nesterov == NesterovForm::look_ahead)
      return Facts<rules::Of<fast::Momentum>>::coefficients(
          {.learning_rate = h.learning_rate,
           .momentum = h.momentum,
           .dampening = h.dampening,
           .learning_rate_site = h.learning_rate_site,
           .first_buffer = h.first_buffer,
           .weight_decay_place = h.weight_decay_place,
           .weight_decay = h.weight_decay},
          t);
    const bool begins = t == 1 && h.first_buffer == FirstBuffer::gradient;
    const Real momentum(h.momentum), rate(h.learning_rate);
    const Real gain = begins ? Real(1) : 1 - Real(h.dampening);
    const bool squared = h.nesterov == NesterovForm::squared_momentum;
    const Real p = squared ? momentum * momentum : momentum;
    const Real q = squared ? -(1 + momentum) * rate : -rate;
    const bool inside = h.learning_rate_site == LearningRateSite::buffer;
    std::vector<Real> exact{begins ? Real(0) : momentum, inside ? -rate * gain : gain};
    const bool plain = h.dampening == 0 && h.first_buffer == FirstBuffer::recurrence;
    if (squared || !inside || !plain) exact.insert(exact.end(), {inside ? p : -rate * p, q});
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Nag>>> further() {
    constexpr auto outside = LearningRateSite::step;
    return {{"look-ahead outside", {.learning_rate_site = outside}},
            {"Chainer's outside",
             {.nesterov = NesterovForm::squared_momentum, .learning_rate_site = outside}},
            {"dampened", {.dampening = 0.1, .nesterov = NesterovForm::stored_point}},
            {"decay in the gradient",
             {.nesterov = NesterovForm::stored_point,
              .weight_decay_place = WeightDecay::gradient,
              .weight_decay = 0.01}},
            {"decoupled decay",
             {.dampening = 0.1,
              .nesterov = NesterovForm::stored_point,
              .weight_decay_place = WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

template <>
struct Facts<rules::Of<fast::Adagrad>> {
  using H = fast::AdagradHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name == "sum"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon") return {0, h.epsilon_place == EpsilonPlace::inside ? 2 : 1};
    if (name == "sum") return {0, 2};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    std::vector<Real> exact{Real(h.learning_rate) / (1 + Real(t - 1) * Real(h.learning_rate_decay)),
                            Real(h.epsilon)};
    if (h.momentum != 0) exact.push_back(1 - Real(h.momentum));
    if (h.weight_decay != 0 && h.weight_decay_place == WeightDecay::accumulator)
      exact.push_back(Real(h.weight_decay));
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Adagrad>>> further() {
    constexpr auto outside = EpsilonPlace::outside;
    return {{"slowed", {.learning_rate_decay = 0.01}},
            {"no step at zero outside",
             {.epsilon_place = outside, .zero_denominator = ZeroDenominator::no_step}},
            {"averaged", {.momentum = 0.9}},
            {"decay in the gradient",
             {.weight_decay_place = WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.epsilon_place = outside,
              .momentum = 0.9,
              .weight_decay_place = WeightDecay::decoupled,
              .weight_decay = 0.01}},
            {"decay in the sum",
             {.epsilon_place = outside,
              .weight_decay_place = WeightDecay::accumulator,
              .weight_decay = 0.01}}};
  }
};

template <>
struct Facts<rules::Of<fast::Adadelta>> {
  using H = fast::AdadeltaHyperparameters;
  static constexpr Unit theta_unit{0, 1};
  static bool is_second_moment(std::string_view) { return true; }
  static Unit unit(const H&, std::string_view name) {
    return name == "s" || name == "u" || name == "epsilon" ? Unit{0, 2} : Unit{};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t) {
    std::vector<Real> exact{1 - Real(h.rho), Real(h.epsilon)};
    if (h.learning_rate != 1) exact.push_back(Real(h.learning_rate));
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Adadelta>>> further() {
    return {{"accumulates scaled", {.learning_rate = 0.5, .accumulates_scaled = true}},
            {"decay in the gradient",
             {.weight_decay_place = WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.learning_rate = 0.5,
              .weight_decay_place = WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

template <>
struct Facts<rules::Of<fast::Rmsprop>> {
  using H = fast::RmspropHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name == "s"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon") return {0, fast::choice(h).form.epsilon_outside ? 1 : 2};
    if (name == "s") return {0, 2};
    if (name == "mean") return {0, 1};
    if (name == "v") return {h.learning_rate_site == LearningRateSite::buffer ? 1 : 0, 0};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const Real w = 1 - Real(h.rho), correction = 1 - pow(Real(h.rho), Real(t));
    const bool buffered = h.momentum != 0;
    const bool inside = h.learning_rate_site == LearningRateSite::buffer;
    std::vector<Real> exact{t == 1 && h.start == fast::Start::first_square ? Real(1) : w,
                            inside || !buffered ? Real(h.learning_rate) : Real(1), Real(h.epsilon)};
    if (h.corrected) exact.insert(exact.end(), {1 / correction, 1 / sqrt(correction)});
    if (h.centered) exact.push_back(w);
    if (buffered)
      exact.insert(exact.end(), {Real(h.momentum), inside ? Real(1) : Real(h.learning_rate)});
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Rmsprop>>> further() {
    constexpr auto zero = fast::Start::constant;
    constexpr auto in_buffer = LearningRateSite::buffer;
    constexpr auto inside = EpsilonPlace::inside, outside = EpsilonPlace::outside;
    return {{"seed with momentum", {.momentum = 0.9}},
            {"first square outside", {.epsilon_place = outside}},
            {"corrected inside", {.epsilon_place = inside, .start = zero, .corrected = true}},
            {"corrected outside", {.epsilon_place = outside, .start = zero, .corrected = true}},
            {"centered inside", {.epsilon_place = inside, .start = zero, .centered = true}},
            {"centered outside", {.epsilon_place = outside, .start = zero, .centered = true}},
            {"centered and corrected inside",
             {.epsilon_place = inside, .start = zero, .corrected = true, .centered = true}},
            {"centered and corrected outside",
             {.epsilon_place = outside, .start = zero, .corrected = true, .centered = true}},
            {"momentum inside", {.epsilon_place = inside, .start = zero, .momentum = 0.9}},
            {"centered with momentum in the buffer",
             {.epsilon_place = outside,
              .start = zero,
              .centered = true,
              .momentum = 0.9,
              .learning_rate_site = in_buffer}},
            {"keras2 with momentum",
             {.epsilon_place = EpsilonPlace::inside_with_momentum,
              .start = zero,
              .momentum = 0.9,
              .learning_rate_site = in_buffer}},
            {"decay in the gradient",
             {.epsilon_place = outside,
              .start = zero,
              .weight_decay_place = WeightDecay::gradient,
              .weight_decay = 0.01}},
            {"decoupled decay",
             {.epsilon_place = inside,
              .start = zero,
              .weight_decay_place = WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

template <>
struct Facts<rules::Of<fast::Adam>> {
  using H = fast::AdamHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name != "m"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon" || name == "m") return {0, 1};
    if (name == "epsilon_root" || name == "v" || name == "v_max") return {0, 2};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const Real n = Real(t) - 1 + Real(h.first_power);
    const auto correction = [&](bool corrects, double beta) {
      return corrects && n > 0 ? 1 - pow(Real(beta), n) : Real(1);
    };
    const Real of_m = correction(h.corrects_m, h.beta1), of_v = correction(h.corrects_v, h.beta2);
    const bool before = h.epsilon_frame == EpsilonFrame::before_correction;
    const bool in_root = h.epsilon_root != 0;
    std::vector<Real> exact{1 - Real(h.beta1) * pow(Real(h.beta1_decay), Real(t) - 1),
                            1 - Real(h.beta2), Real(h.learning_rate) / of_m,
                            in_root ? 1 / of_v : 1 / sqrt(of_v),
                            before ? Real(h.epsilon) / sqrt(of_v) : Real(h.epsilon)};
    if (in_root) exact.push_back(before ? Real(h.epsilon_root) / of_v : Real(h.epsilon_root));
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Adam>>> further() {
    constexpr auto before = EpsilonFrame::before_correction;
    return {
        {"amsgrad", {.amsgrad = true}},
        {"amsgrad before the correction", {.epsilon_frame = before, .amsgrad = true}},
        {"two epsilons", {.epsilon_root = 1e-8}},
        {"two epsilons before the correction", {.epsilon_frame = before, .epsilon_root = 1e-8}},
        {"amsgrad with two epsilons", {.epsilon_root = 1e-8, .amsgrad = true}},
        {"m alone corrected", {.corrects_v = false}},
        {"v alone corrected", {.corrects_m = false}},
        {"first power 0", {.first_power = 0}},
        {"beta1 decaying", {.beta1_decay = 0.5}},
        {"decay in the gradient",
         {.weight_decay_place = WeightDecay::gradient, .weight_decay = 0.01}},
        {"decoupled decay", {.weight_decay_place = WeightDecay::decoupled, .weight_decay = 0.01}},
        {"amsgrad with decoupled decay",
         {.amsgrad = true, .weight_decay_place = WeightDecay::decoupled, .weight_decay = 0.01}}};
  }
};

/// The shapes that the rule's conventions have, each once, and the further ones.
template <class R>
std::vector<Variant<R>> variants() {
  std::vector<Variant<R>> distinct;
  const auto add = [&](const Variant<R>& variant) {
    for (const auto& known : distinct)
      if (shape<R>(known.base) == shape<R>(variant.base)) return;
    distinct.push_back(variant);
  };
  for (const auto& row : fast::conventions_of<typename R::Hyperparameters>)
    add({std::string(row.name), row.hyperparameters});
  for (const auto& variant : Facts<R>::further()) add(variant);
  return distinct;
}

template <class R>
class Forms : public testing::Test {};
struct RuleName {
  template <class R>
  static std::string GetName(int) {
    return R::name;
  }
};
using EachRule =
    testing::Types<rules::Of<fast::Momentum>, rules::Of<fast::Nag>, rules::Of<fast::Adagrad>,
                   rules::Of<fast::Adadelta>, rules::Of<fast::Rmsprop>, rules::Of<fast::Adam>>;
TYPED_TEST_SUITE(Forms, EachRule, RuleName);

constexpr std::size_t one_step_section = 3, many_steps_section = 4;

template <class R, class T>
void expect(const Variant<R>& variant, std::initializer_list<std::size_t> sections,
            const Effort& effort) {
  const auto subject = convention_subject<R, T, Facts>(variant);
  for (const std::size_t section : sections) {
    const auto outcome = *run_section(section, subject, effort);
    EXPECT_TRUE(outcome.held) << R::name << ", " << variant.name << ", " << section_names[section]
                              << ": " << outcome.report;
  }
}

template <class R>
void expect(std::initializer_list<std::size_t> sections, std::size_t coordinates) {
  const Effort effort{.coordinates = coordinates, .hard_coefficients = false};
  for (const auto& variant : variants<R>()) {
    expect<R, float>(variant, sections, effort);
    expect<R, double>(variant, sections, effort);
  }
}

TYPED_TEST(Forms, EqualBits) { expect<TypeParam>({2}, 10'000); }
TYPED_TEST(Forms, OneStep) { expect<TypeParam>({one_step_section}, 40'000); }
TYPED_TEST(Forms, ManySteps) { expect<TypeParam>({many_steps_section}, 40'000); }
TYPED_TEST(Forms, Coefficients) { expect<TypeParam>({6}, 10'000); }
TYPED_TEST(Forms, Symmetries) { expect<TypeParam>({8}, 40'000); }

/// Whether two references part on the way through a few gradients.
template <class R>
bool differ(const Variant<R>& a, const Variant<R>& b, const Hyperparameters& drawn) {
  const auto first = convention_subject<R, double, Facts>(a);
  auto second = first;
  use_reference<R>(second, b.base);
  Point<Real> x{1, first.exact_start(drawn)}, y{1, second.exact_start(drawn)};
  Seen<Real> seen;
  for (std::uint64_t t = 1; t <= 4; ++t) {
    const Real g = t % 2 == 0 ? Real(-0.75) : Real(0.5);
    first.reference(drawn, t)(x, g, seen);
    second.reference(drawn, t)(y, g, seen);
  }
  return static_cast<double>(x.theta) != static_cast<double>(y.theta);
}

/// The kernel of each convention against the reference of every other that is another map.
TYPED_TEST(Forms, NoConventionPassesForAnother) {
  using R = TypeParam;
  const Effort effort{.coordinates = 4'000, .demanding = false, .seed = 1};
  const auto all = variants<R>();
  const Hyperparameters drawn{0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.5625};
  std::size_t pairs = 0;
  for (const auto& a : all) {
    for (const auto& b : all) {
      if (!differ(a, b, drawn)) continue;
      ++pairs;
      auto subject = convention_subject<R, float, Facts>(a);
      use_reference<R>(subject, b.base);
      const bool caught = !run_section(one_step_section, subject, effort)->held ||
                          !run_section(many_steps_section, subject, effort)->held;
      EXPECT_TRUE(caught) << R::name << ": " << a.name << " passes for " << b.name;
    }
  }
  EXPECT_GE(pairs, all.size());
  std::cout << R::name << ": " << all.size() << " conventions, " << pairs << " pairs told apart\n";
}

/// One step of a convention's lane against the lane at the exact coefficients, within the constants
/// proved. Weight decay is a lane of its own: what it decayed is then an input.
template <class R, class T>
Outcome within_constants(const Variant<R>& variant, const Effort& effort) {
  const auto subject = convention_subject<R, T, Facts>(variant);
  Outcome outcome;
  fast::with_lane(variant.base, [&]<class Lane>() {
    if constexpr (!proofs::is_decayed<Lane>) {
      const ProvedStep<Lane, T> proved(Against::hyperparameters);
      const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
        const auto rounded = subject.coefficients(block.h, block.t);
        const auto expressions = subject.exact_coefficients(block.h, block.t);
        Coefficients<Real> exact{};
        std::copy(expressions.begin(), expressions.end(), exact.begin());
        if (!proved.hypotheses(rounded, exact)) return "";
        for (const auto& [before, gradient] : block.coordinates)
          if (const auto report = proved.excess(rounded, exact, before, gradient, tally);
              !report.empty())
            return report;
        return "";
      };
      outcome = check(effort, effort.coordinates / per_case + 1,
                      blocks(subject, Spread::stratified, per_case), property);
    }
  });
  return outcome;
}

/// In double a coefficient that a convention makes of several hyperparameters is rounded, which a
/// theorem that takes it for one of them does not allow: such a convention has no teeth there, and
/// the theorems at the rounded coefficients instead (proved_bounds.cpp).
TYPED_TEST(Forms, OneStepWithinProvedConstants) {
  using R = TypeParam;
  const Effort effort{.coordinates = 20'000};
  std::size_t single_teeth = 0, double_teeth = 0;
  for (const auto& variant : variants<R>()) {
    const auto single = within_constants<R, float>(variant, effort);
    const auto twice = within_constants<R, double>(variant, effort);
    EXPECT_TRUE(single.held) << R::name << ", " << variant.name << ": " << single.report;
    EXPECT_TRUE(twice.held) << R::name << ", " << variant.name << ": " << twice.report;
    single_teeth += single.teeth;
    double_teeth += twice.teeth;
  }
  EXPECT_GE(single_teeth, effort.coordinates);
  EXPECT_GE(double_teeth, effort.coordinates);
}

}  // namespace
}  // namespace truestep::test
