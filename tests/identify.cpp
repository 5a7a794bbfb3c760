// SPDX-License-Identifier: Apache-2.0
// Which convention a run follows: recorded runs, runs by every convention in random orders of
// operations, wrong runs, and bad files.

#include <gtest/gtest.h>

#include <truestep/proofs/numbers/any_order.hpp>
#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "identify/identify.hpp"
#include "identify/text.hpp"
#include "support/steps_in.hpp"

namespace truestep::test {
namespace {

using identify::Finding;
using identify::Matrix;
using identify::Options;
using identify::Record;
using identify::Report;
using Names = std::set<std::string>;

// --- reading a report

Names consistent(const Report& report) {
  Names names;
  for (const auto& each : report.consistent) names.insert(each.convention);
  return names;
}

identify::Place broken(const Report& report, const std::string& convention) {
  for (const auto& each : report.excluded)
    if (each.convention == convention) return each.place;
  ADD_FAILURE() << convention << " is not excluded";
  return {};
}

std::string detail(const Report& report, const std::string& kind) {
  std::string all;
  for (const auto& finding : report.findings)
    if (finding.kind == kind) all += finding.detail + "\n";
  return all;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// --- runs

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

/// Gradients of many sizes; the thetas start so small that the moves are not lost beside them.
struct Course {
  std::size_t steps = 40, coordinates = 24;
  std::uint64_t seed = 1;
  double largest = 1;
  float start = 0x1p-6f;
};

std::vector<double> gradients(const Course& course) {
  std::mt19937_64 random(course.seed);
  std::normal_distribution<double> normal;
  std::vector<double> all;
  for (std::size_t t = 0; t < course.steps; ++t)
    for (std::size_t i = 0; i < course.coordinates; ++i)
      all.push_back(course.largest * std::pow(10.0, -4.0 * double(i) / double(course.coordinates)) *
                    normal(random));
  return all;
}

/// In the arithmetic of T, float or double.
template <class Rule, class T = float>
Record run(const Numbers<Rule>& h, const std::vector<double>& g, const Course& course,
           const Order& order, const Fault& fault = {}) {
  std::mt19937_64 random(course.seed + 1);
  std::uniform_real_distribution<float> start(-course.start, course.start);
  std::vector<Coordinate<T>> coordinates(course.coordinates, started<T>(h));
  for (auto& each : coordinates) each.theta = start(random);
  Record record{std::is_same_v<T, double>, course.steps, course.coordinates, {}, {}};
  for (const double each : g) record.gradients.push_back(static_cast<T>(each));
  const auto keep = [&] {
    for (const auto& each : coordinates) record.parameters.push_back(each.theta);
  };
  keep();
  for (std::size_t t = 1; t <= course.steps; ++t) {
    for (std::size_t i = 0; i < course.coordinates; ++i)
      step_in(h, t, coordinates[i],
              static_cast<T>(record.gradients[(t - 1) * course.coordinates + i]), order, fault);
    keep();
  }
  return record;
}

template <class Rule, class T = float>
Record run(const Numbers<Rule>& h, const Course& course = {}, const Order& order = {},
           const Fault& fault = {}) {
  return run<Rule, T>(h, gradients(course), course, order, fault);
}

/// A convention's hyperparameters with the options that identify is given.
template <class Rule>
Numbers<Rule> with(Numbers<Rule> h, const Options& options) {
  const auto set = [&](const auto& named) {
    if (const auto at = options.given.find(named.name); at != options.given.end())
      h.*named.member = std::get<double>(at->second);
  };
  for (const auto& named : Rule::hyperparameters) set(named);
  for (const auto& named : Rule::further) set(named);
  if constexpr (requires { h.amsgrad; }) h.amsgrad = options.given.contains("amsgrad");
  if constexpr (requires { h.centered; }) h.centered = options.given.contains("centered");
  return h;
}

template <class Rule>
Numbers<Rule> convention(const std::string& name, const Options& options) {
  return with<Rule>(fast::convention<Numbers<Rule>>(name), options);
}

template <class Rule>
bool applicable(const Numbers<Rule>& h) {
  try {
    Rule::template formula<double>(h, 1);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

// --- which descriptions are one map, by hand

std::string decay_map(fast::WeightDecay place, double amount) {
  return amount == 0 ? "" : std::to_string(int(place));
}

std::string map_of(const fast::MomentumHyperparameters& h) {
  const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
  return std::to_string(h.dampening) + (undamped ? "undamped " : "") +
         decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::NagHyperparameters& h) {
  using enum fast::NesterovForm;
  const bool one = h.nesterov == unrolled || h.nesterov == difference;
  const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
  return std::to_string(int(one ? stored_point : h.nesterov)) + std::to_string(h.dampening) +
         (undamped ? "undamped " : "") + decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::AdagradHyperparameters& h) {
  const double start = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
  return std::to_string(int(h.epsilon_place)) + " " + std::to_string(start) + " " +
         std::to_string(h.momentum) + decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::AdadeltaHyperparameters& h) {
  return decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::RmspropHyperparameters& h) {
  using enum fast::EpsilonPlace;
  auto place = h.epsilon_place;
  if (place == inside_with_momentum) place = h.momentum > 0 ? inside : outside;
  if (place == inside_when_centered) place = h.centered ? inside : outside;
  return std::to_string(int(place)) + " " + std::to_string(int(h.start)) + " " +
         std::to_string(h.initial_accumulator) + " " + std::to_string(h.momentum) +
         decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::AdamHyperparameters& h) {
  return std::to_string(int(h.epsilon_frame)) + std::to_string(h.corrects_m) +
         std::to_string(h.corrects_v) + std::to_string(h.first_power) +
         decay_map(h.weight_decay_place, h.weight_decay);
}

/// Every convention's run against every convention: exactly those of its map are consistent.
template <class Rule, class T = float>
void expect_matrix(const Options& options, std::uint64_t orders) {
  for (const auto& [name, defaults, source] : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(defaults, options);
    if (!applicable<Rule>(h)) continue;
    // Torch 7's decay of beta1 by 1e-8 a step: only a run in double shows it.
    const auto shown_map = [](const Numbers<Rule>& its) {
      if constexpr (requires { its.beta1_decay; } && std::is_same_v<T, double>)
        return map_of(its) + (its.beta1_decay != 1 ? " decaying" : "");
      else
        return map_of(its);
    };
    Names same;
    for (const auto& other : fast::conventions_of<Numbers<Rule>>) {
      const auto its = with<Rule>(other.hyperparameters, options);
      if (applicable<Rule>(its) && shown_map(its) == shown_map(h))
        same.insert(std::string(other.name));
    }
    for (std::uint64_t seed = 0; seed < orders; ++seed) {
      const auto report = identify::identify(
          Rule::name, run<Rule, T>(h, {.seed = seed + 1}, random_order(seed)), options);
      EXPECT_EQ(consistent(report), same)
          << Rule::name << " as in " << name << ", seed " << seed << ": " << report.verdict;
    }
  }
}

}  // namespace

// --- every convention against every other

TEST(IdentifyMatrix, Momentum) {
  const Options plain{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  expect_matrix<rules::Of<fast::Momentum>>(plain, 4);
  expect_matrix<rules::Of<fast::Momentum>, double>(plain, 1);
  auto options = plain;
  options.given["dampening"] = 0.3;
  expect_matrix<rules::Of<fast::Momentum>>(options, 2);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Momentum>>(options, 2);
}

TEST(IdentifyMatrix, Nag) {
  Options options{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  expect_matrix<rules::Of<fast::Nag>>(options, 4);
  expect_matrix<rules::Of<fast::Nag>, double>(options, 1);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Nag>>(options, 2);
}

TEST(IdentifyMatrix, Adagrad) {
  Options options{{{"learning_rate", 0.01}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Of<fast::Adagrad>>(options, 4);
  expect_matrix<rules::Of<fast::Adagrad>, double>(options, 1);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Adagrad>>(options, 2);
}

TEST(IdentifyMatrix, Adadelta) {
  Options options{{{"learning_rate", 0.5}, {"rho", 0.9}, {"epsilon", 1e-4}}};
  expect_matrix<rules::Of<fast::Adadelta>>(options, 4);
  expect_matrix<rules::Of<fast::Adadelta>, double>(options, 1);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Adadelta>>(options, 2);
}

TEST(IdentifyMatrix, Rmsprop) {
  const Options plain{{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Of<fast::Rmsprop>>(plain, 4);
  expect_matrix<rules::Of<fast::Rmsprop>, double>(plain, 1);
  auto options = plain;
  options.given["momentum"] = 0.8;
  expect_matrix<rules::Of<fast::Rmsprop>>(options, 2);
  options.given["centered"] = true;
  expect_matrix<rules::Of<fast::Rmsprop>>(options, 2);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Rmsprop>>(options, 2);
}

TEST(IdentifyMatrix, Adam) {
  const Options plain{
      {{"learning_rate", 0.01}, {"beta1", 0.9}, {"beta2", 0.99}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Of<fast::Adam>>(plain, 4);
  expect_matrix<rules::Of<fast::Adam>, double>(plain, 1);
  auto options = plain;
  options.given["amsgrad"] = true;
  expect_matrix<rules::Of<fast::Adam>>(options, 2);
  options.given["weight_decay"] = 0.5;
  expect_matrix<rules::Of<fast::Adam>>(options, 2);
}

// --- the bound itself

namespace {

/// How often a run in T leaves the bound of the move, each step taken from theta = 0, where the sum
/// with theta hides nothing.
template <class Rule, class T>
std::size_t moves_outside(const Numbers<Rule>& h, const Course& course, const Order& order,
                          const Fault& fault = {}) {
  using Number = proofs::AnyOrder<T>;
  using Formula = typename Rule::template Formula<Number>;
  const auto g = gradients(course);
  std::vector<Coordinate<T>> computed(course.coordinates, started<T>(h));
  std::vector<typename Formula::State> states(course.coordinates, Formula::start(h));
  std::size_t outside = 0;
  for (std::size_t t = 1; t <= course.steps; ++t) {
    const Formula formula = Rule::template formula<Number>(h, t);
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      const auto gradient = static_cast<T>(g[(t - 1) * course.coordinates + i]);
      computed[i].theta = 0;
      step_in(h, t, computed[i], gradient, order, fault);
      const auto now = formula.step(0, states[i], Number::data(gradient));
      states[i] = now;
      EXPECT_TRUE(now.theta.bounded());
      outside += !(std::fabs(computed[i].theta - now.theta.value) <= now.theta.radius);
    }
  }
  return outside;
}

template <class Rule>
void expect_moves_inside(const Options& options) {
  for (const auto& [name, defaults, source] : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(defaults, options);
    if (!applicable<Rule>(h)) continue;
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
      const Course course{.steps = 100, .coordinates = 8, .seed = seed};
      EXPECT_EQ((moves_outside<Rule, float>(h, course, random_order(seed))), 0u) << name;
      EXPECT_EQ((moves_outside<Rule, double>(h, course, random_order(seed))), 0u) << name;
    }
  }
}

}  // namespace

TEST(AnyOrder, CoversEveryOrderOfEveryConvention) {
  expect_moves_inside<rules::Of<fast::Momentum>>({{{"dampening", 0.3}}});
  expect_moves_inside<rules::Of<fast::Nag>>({});
  expect_moves_inside<rules::Of<fast::Adagrad>>({});
  expect_moves_inside<rules::Of<fast::Adadelta>>({{{"learning_rate", 0.5}}});
  expect_moves_inside<rules::Of<fast::Rmsprop>>({});
  expect_moves_inside<rules::Of<fast::Rmsprop>>(
      {{{"epsilon", 1e-2}, {"momentum", 0.8}, {"centered", true}}});
  expect_moves_inside<rules::Of<fast::Adam>>({});
  expect_moves_inside<rules::Of<fast::Adam>>({{{"beta1", 0.3}, {"beta2", 0.4}, {"amsgrad", true}}});
}

TEST(AnyOrder, DoesNotCoverAWeightFromARoundedBeta) {
  EXPECT_GT(
      (moves_outside<rules::Of<fast::Adam>, float>({}, {}, {}, {.one_minus_float_beta = true})),
      0u);
  EXPECT_GT(
      (moves_outside<rules::Of<fast::Adam>, float>({}, {}, {}, {.running_float_product = true})),
      0u);
}

TEST(AnyOrder, ClaimsNothingWhereADivisorMayBeZero) {
  using Number = proofs::AnyOrder<float>;
  const Number one = Number::data(1), zero = Number::data(0), third = one / Number::data(3);
  EXPECT_FALSE((one / zero).bounded());
  EXPECT_FALSE((zero / zero).bounded());
  EXPECT_FALSE((one / (third - third)).bounded());
  EXPECT_FALSE(where_positive(third - third, one).bounded());
  EXPECT_TRUE(where_positive(zero, one).bounded());
  const Number large = Number::data(0x1p100f);
  EXPECT_FALSE((large * large).bounded());
  EXPECT_TRUE((zero / one).bounded());
}

TEST(AnyOrder, RoundsCoefficientsInDoubleAndThenToTheFormat) {
  using Number = proofs::AnyOrder<float>;
  const auto covered = [](const Number& number, long double computed) {
    return std::fabs(computed - number.value) <= number.radius;
  };
  EXPECT_TRUE(covered(Number(0.9) * Number::data(1), 0.9f));
  EXPECT_FALSE(covered(Number(0.9), 0.9f));
  double running = 1;
  for (int n = 0; n < 1000; ++n) running *= 0.9;
  EXPECT_TRUE(covered(pow(Number(0.9), Number(1000)), running));
  EXPECT_FALSE(covered(pow(Number(0.9), Number(1)), std::nextafter(0.9, 1)));
  EXPECT_TRUE(covered(1 / Number(3), 1.0 / 3));
}

TEST(AnyOrder, LeavesExactOperationsExact) {
  using Number = proofs::AnyOrder<float>;
  const Number third = Number::data(1) / Number::data(3), zero = Number::data(0);
  for (const Number& same : {third + zero, third * Number(1), Number(1) * third, third / Number(1),
                             (1 - Number(0.0)) * third, pow(Number(0.9), Number(0)) * third})
    EXPECT_TRUE(same.value == third.value && same.radius == third.radius);
  EXPECT_EQ((third * Number(-1)).value, -third.value);
  EXPECT_EQ((Number(0.0) * third).radius, 0);
  EXPECT_EQ((Number(0.5) + zero).radius, 0);
  EXPECT_GT((Number(0.9) + zero).radius, 0);
}

// --- recorded runs
//
// tests/traces: a network of 64 inputs, 16 ReLU and 10 outputs, trained by PyTorch 1.13.1 on the
// CPU on the digits of bench/data, batches of 64, float32, 100 steps:
//   torch-adam             torch.optim.Adam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8)
//   torch-rmsprop-bigeps   torch.optim.RMSprop(lr=1e-3, alpha=0.99, eps=1e-3)
//   torch-nesterov         torch.optim.SGD(lr=0.05, momentum=0.9, nesterov=True)

namespace {

Record recorded(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return identify::record(identify::read_npy(folder + "/params.npy"),
                          identify::read_npy(folder + "/grads.npy"), "params.npy", "grads.npy");
}

/// The run from its first parameters and its gradients alone: the bound of each step is that of the
/// whole way there.
template <class Rule>
void expect_reproduced(const Numbers<Rule>& h, const Record& run) {
  using Number = proofs::AnyOrder<float>;
  using Formula = typename Rule::template Formula<Number>;
  std::vector<Number> theta;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    theta.push_back(Number::data(static_cast<float>(run.parameters[i])));
  std::vector<typename Formula::State> states(run.coordinates, Formula::start(h));
  std::size_t outside = 0, with_teeth = 0;
  for (std::size_t t = 1; t <= run.steps; ++t) {
    const Formula formula = Rule::template formula<Number>(h, t);
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const auto g = static_cast<float>(run.gradients[(t - 1) * run.coordinates + i]);
      const auto now = formula.step(theta[i], states[i], Number::data(g));
      const long double travelled = now.theta.value - run.parameters[i];
      theta[i] = now.theta, states[i] = now;
      outside +=
          !(std::fabs(run.parameters[t * run.coordinates + i] - theta[i].value) <= theta[i].radius);
      with_teeth += theta[i].radius < std::fabs(travelled);
    }
  }
  EXPECT_EQ(outside, 0u);
  EXPECT_GT(2 * with_teeth, run.steps * run.coordinates);
}

const Names torch_adam{"seed",          "paper",     "pytorch", "optax", "jax",
                       "optimisers_jl", "deepspeed", "apex",    "burn"};
const Options adam_numbers{
    {{"learning_rate", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-8}}};
const Names torch_rmsprop{"paper",   "pytorch", "torch7", "keras2",        "ensmallen",
                          "chainer", "mxnet",   "caffe",  "optimisers_jl", "mlx"};
const Names torch_nag{"pytorch", "torch7",    "tensorflow1",   "keras2",      "keras3", "optax",
                      "jax",     "ensmallen", "mxnet",         "caffe",       "onnx",   "lasagne",
                      "apex",    "mlx",       "optimisers_jl", "scikit_learn"};

}  // namespace

TEST(IdentifyRecorded, Adam) {
  const auto run = recorded("torch-adam");
  const auto report = identify::identify("adam", run, adam_numbers);
  EXPECT_EQ(consistent(report), torch_adam);
  EXPECT_EQ(broken(report, "tensorflow1").step, 1u);
  EXPECT_TRUE(report.findings.empty());
  expect_reproduced<rules::Of<fast::Adam>>(
      convention<rules::Of<fast::Adam>>("pytorch", adam_numbers), run);
}

TEST(IdentifyRecorded, Rmsprop) {
  const Options numbers{{{"learning_rate", 1e-3}, {"rho", 0.99}, {"epsilon", 1e-3}}};
  const auto run = recorded("torch-rmsprop-bigeps");
  EXPECT_EQ(consistent(identify::identify("rmsprop", run, numbers)), torch_rmsprop);
  expect_reproduced<rules::Of<fast::Rmsprop>>(
      convention<rules::Of<fast::Rmsprop>>("pytorch", numbers), run);
}

TEST(IdentifyRecorded, Nag) {
  const Options numbers{{{"learning_rate", 0.05}, {"momentum", 0.9}}};
  const auto run = recorded("torch-nesterov");
  EXPECT_EQ(consistent(identify::identify("nag", run, numbers)), torch_nag);
  expect_reproduced<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers),
                                          run);
}

TEST(IdentifyRecorded, NumbersNotGiven) {
  const auto rmsprop = identify::identify("rmsprop", recorded("torch-rmsprop-bigeps"), {});
  EXPECT_EQ(consistent(rmsprop), torch_rmsprop);
  for (const auto* found : {"learning_rate = 0.001 (", "rho = 0.99 (", "epsilon = 0.001 ("})
    EXPECT_TRUE(mentions(detail(rmsprop, "estimated"), found)) << found;
  const auto nag = identify::identify("nag", recorded("torch-nesterov"), {});
  EXPECT_EQ(consistent(nag), torch_nag);
  EXPECT_TRUE(mentions(detail(nag, "estimated"), "learning_rate = 0.05 ("));
}

TEST(IdentifyRecorded, OneBadStepIsLocated) {
  auto run = recorded("torch-adam");
  auto& theta = run.parameters[37 * run.coordinates + 5];
  const auto spoilt = static_cast<float>(theta);
  theta = spoilt + 64 * (std::nextafter(spoilt, 2.0f) - spoilt);
  const auto report = identify::identify("adam", run, adam_numbers);
  EXPECT_EQ(consistent(report), Names{});
  const auto place = broken(report, "pytorch");
  EXPECT_EQ(place.step, 37u);
  EXPECT_EQ(place.coordinate, 5u);
  EXPECT_TRUE(mentions(report.verdict, "step 37, coordinate 5")) << report.verdict;
  EXPECT_TRUE(mentions(report.verdict, "2 of 121000 steps")) << report.verdict;
}

TEST(IdentifyRecorded, AScaledGradientIsLocated) {
  auto run = recorded("torch-adam");
  for (std::size_t i = 0; i < run.coordinates; ++i)
    run.gradients[49 * run.coordinates + i] = float(1.01 * run.gradients[49 * run.coordinates + i]);
  EXPECT_EQ(broken(identify::identify("adam", run, adam_numbers), "pytorch").step, 50u);
}

// --- wrong Adams

namespace {

const Options separating{
    {{"learning_rate", 0.01}, {"beta1", 0.9}, {"beta2", 0.99}, {"epsilon", 1e-3}}};

Report wrong_adam(const Fault& fault, fast::AdamHyperparameters h,
                  const std::vector<double>& g = gradients({})) {
  return identify::identify("adam", run<rules::Of<fast::Adam>>(h, g, {}, {}, fault), separating);
}

/// Nothing fits, and the first bad step of Adam as it should be is the one given.
void expect_wrong(const Report& report, std::size_t step, const char* what) {
  EXPECT_EQ(consistent(report), Names{}) << what;
  EXPECT_EQ(broken(report, "pytorch").step, step) << what;
  EXPECT_TRUE(mentions(report.verdict, "which breaks first at step ")) << what;
}

}  // namespace

TEST(IdentifyWrong, Adams) {
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  expect_wrong(wrong_adam({.correction_late = 1}, adam), 1, "exponent t + 1");
  expect_wrong(wrong_adam({.correction_late = -1}, adam), 1, "exponent t - 1");
  expect_wrong(wrong_adam({.epsilon_squared = true}, adam), 1, "epsilon squared inside the root");
  expect_wrong(wrong_adam({.moments_swapped = true}, adam), 2, "beta1 for beta2");
  expect_wrong(wrong_adam({.absolute = true}, adam), 1, "|g| for g^2");
  expect_wrong(wrong_adam({.corrections_fed_back = true}, adam), 2, "corrections fed back");
  expect_wrong(wrong_adam({.old_second_moment = true}, adam), 1, "v of the step before");
  auto m_alone = adam, v_alone = adam, inside = adam;
  m_alone.corrects_v = false, v_alone.corrects_m = false;
  expect_wrong(wrong_adam({}, m_alone), 1, "m alone corrected");
  expect_wrong(wrong_adam({}, v_alone), 1, "v alone corrected");
  inside.epsilon = 2 * adam.epsilon;
  expect_wrong(wrong_adam({}, inside), 1, "epsilon added twice");
}

TEST(IdentifyWrong, AmsgradUnannounced) {
  auto g = gradients({});
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = i / 24 < 20 ? 1 : 0x1p-4;
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  expect_wrong(wrong_adam({.unannounced_maximum = true}, adam, g), 21, "AMSGrad");
}

TEST(IdentifyWrong, AMissingCorrectionIsThatOfMlx) {
  EXPECT_EQ(consistent(wrong_adam({}, convention<rules::Of<fast::Adam>>("mlx", separating))),
            Names{"mlx"});
}

// --- habits

TEST(IdentifyHabits, AreNamed) {
  const Options numbers{adam_numbers};
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", numbers);
  const auto findings = [&](const Fault& habit) {
    const auto report = identify::identify(
        "adam", run<rules::Of<fast::Adam>>(adam, {.start = 0}, {.folded = true}, habit), numbers);
    EXPECT_TRUE(consistent(report).contains("pytorch")) << report.verdict;
    std::string kinds;
    for (const auto& [kind, detail] : report.findings)
      if (kind != "indistinguishable") kinds += kind + ", ";
    return kinds;
  };
  EXPECT_EQ(findings({}), "");
  EXPECT_EQ(findings({.one_minus_float_beta = true}), "one_minus_beta_in_float, ");
  EXPECT_EQ(findings({.running_float_product = true}), "running_float_product, ");
  EXPECT_EQ(findings({.float_power = true}), "float_power, ");
  EXPECT_EQ(findings({.one_minus_float_beta = true, .running_float_product = true}),
            "one_minus_beta_in_float, running_float_product, ");
}

// --- what a run cannot tell

TEST(IdentifyUndecided, ATinyEpsilonHidesItsPlaceAndALargerOneShowsIt) {
  const Course loud{.coordinates = 4, .largest = 0x1p10};
  auto options = adam_numbers;
  const auto names = [&] {
    return identify::identify(
        "adam",
        run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", options), loud),
        options);
  };
  const auto report = names();
  EXPECT_TRUE(consistent(report).contains("pytorch"));
  EXPECT_TRUE(consistent(report).contains("tensorflow1"));
  const auto said = detail(report, "indistinguishable");
  const std::string before = "with an epsilon of ";
  ASSERT_TRUE(mentions(said, before)) << said;
  options.given["epsilon"] = std::stod(said.substr(said.find(before) + before.size()));
  EXPECT_GT(std::get<double>(options.given["epsilon"]),
            std::get<double>(adam_numbers.given.at("epsilon")));
  EXPECT_FALSE(consistent(names()).contains("tensorflow1")) << said;
}

TEST(IdentifyUndecided, NoRecordTellsLookAheadFromMomentum) {
  const Options numbers{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  const auto momentum =
      run<rules::Of<fast::Momentum>>(convention<rules::Of<fast::Momentum>>("seed", numbers));
  for (const auto* rule : {"momentum", "nag"})
    EXPECT_FALSE(detail(identify::identify(rule, momentum, numbers), "look_ahead").empty()) << rule;
  const auto nag = run<rules::Of<fast::Nag>>(convention<rules::Of<fast::Nag>>("pytorch", numbers));
  EXPECT_TRUE(detail(identify::identify("nag", nag, numbers), "look_ahead").empty());
}

TEST(IdentifyUndecided, ARunThatShowsNothingIsRefused) {
  Record still{false, 2, 1, {1, 1, 1}, {0, 0}};
  EXPECT_THROW(identify::identify("momentum", still, {}), std::invalid_argument);
  still.gradients = {1e-12, 1e-12};
  EXPECT_THROW(identify::identify("momentum", still, {}), std::invalid_argument);
}

// --- estimates

TEST(IdentifyEstimates, NumbersThatNobodyListed) {
  const Options rare{{{"learning_rate", 0.037}, {"momentum", 0.85}}};
  const auto momentum =
      run<rules::Of<fast::Momentum>>(convention<rules::Of<fast::Momentum>>("seed", rare));
  const auto report = identify::identify("momentum", momentum, {});
  EXPECT_TRUE(consistent(report).contains("seed")) << report.verdict;
  EXPECT_TRUE(mentions(detail(report, "estimated"), "learning_rate = 0.037 ("));
  EXPECT_TRUE(mentions(detail(report, "estimated"), "momentum = 0.85 ("));

  Options known{{{"learning_rate", 0.01}, {"epsilon", 3e-3}, {"beta1", 0.9}, {"beta2", 0.99}}};
  const auto adam = run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", known));
  known.given.erase("epsilon");
  const auto with_epsilon = identify::identify("adam", adam, known);
  EXPECT_TRUE(consistent(with_epsilon).contains("pytorch")) << with_epsilon.verdict;
  EXPECT_FALSE(consistent(with_epsilon).contains("tensorflow1")) << with_epsilon.verdict;
  EXPECT_TRUE(mentions(detail(with_epsilon, "estimated"), "epsilon = 0.003 ("));
}

TEST(IdentifyEstimates, ShortestDecimals) {
  EXPECT_EQ(identify::shortest_between(0.04999, 0.0500003), 0.05);
  EXPECT_EQ(identify::shortest_between(0.123, 0.123), 0.123);
  EXPECT_EQ(identify::shortest_between(0.12, 0.3), 0.2);
}

TEST(IdentifyEstimates, WhatTheRunDoesNotDetermine) {
  Options known{{{"learning_rate", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-10}}};
  const auto loud = run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", known),
                                               {.largest = 0x1p20});
  known.given.erase("epsilon");
  const auto said = detail(identify::identify("adam", loud, known), "undetermined");
  EXPECT_TRUE(mentions(said, "epsilon may be 1e-08 or ")) << said;
  EXPECT_TRUE(mentions(said, "1e-10")) << said;
  EXPECT_FALSE(mentions(said, " 1 ")) << said;
}

TEST(IdentifyEstimates, AFlagThatWouldMakeItFit) {
  auto options = separating;
  options.given["amsgrad"] = true;
  const auto amsgrad =
      run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", options));
  EXPECT_TRUE(mentions(detail(identify::identify("adam", amsgrad, separating), "flag"),
                       "--amsgrad would make seed, paper, pytorch"));
  Options plain{{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}}};
  auto with_flag = plain;
  with_flag.given["centered"] = true;
  const auto centered =
      run<rules::Of<fast::Rmsprop>>(convention<rules::Of<fast::Rmsprop>>("optax", with_flag));
  EXPECT_TRUE(mentions(detail(identify::identify("rmsprop", centered, plain), "flag"),
                       "--centered would make keras3, optax"));
}

// --- bad usage

namespace {

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST(IdentifyUsage, NumbersAreChecked) {
  const auto run_ = run<rules::Of<fast::Adam>>({});
  const auto refused = [&](const std::string& rule, const Options& options) {
    return refusal([&] { identify::identify(rule, run_, options); });
  };
  EXPECT_EQ(refused("adam", {{{"beta2", 1.0}}}), "adam: beta2 = 1 is outside [0, 1)");
  EXPECT_EQ(refused("adam", {{{"learning_rate", -1.0}}}),
            "adam: learning_rate = -1 is outside [0, 2^64]");
  EXPECT_EQ(refused("momentum", {{{"dampening", 2.0}}}),
            "momentum: dampening = 2 is outside [0, 1]");
  EXPECT_EQ(refused("momentum", {{{"beta1", 0.9}}}),
            "momentum: beta1 is not one of {learning_rate, momentum, dampening, weight_decay, "
            "learning_rate_site, first_buffer, weight_decay_place}");
  EXPECT_EQ(refused("nag", {{{"amsgrad", true}}}).substr(0, 27), "nag: amsgrad is not one of ");
  EXPECT_EQ(refused("adam", {{{"learning_rate", 1e30}}}),
            "adam: learning_rate = 1e+30 is outside [0, 2^64]");
  EXPECT_EQ(refused("adamax", {}),
            "rule = adamax is not one of {momentum, nag, adagrad, adadelta, rmsprop, adam}");
}

TEST(IdentifyUsage, FilesHaveToBelongTogether) {
  const Matrix g{false, 2, 3, std::vector<double>(6)}, theta{false, 3, 3, std::vector<double>(9)};
  const auto refused = [](const Matrix& parameters, const Matrix& gradients) {
    return refusal([&] { identify::record(parameters, gradients, "p.npy", "g.npy"); });
  };
  EXPECT_EQ(refused(theta, g), "not refused");
  EXPECT_EQ(refused(g, g), "p.npy: is 2 x 3, where g.npy (2 x 3) asks for 3 x 3");
  auto doubles = g;
  doubles.in_double = true;
  EXPECT_EQ(refused(theta, doubles), "g.npy: has another number type than p.npy");
  EXPECT_EQ(refused(theta, {false, 0, 3, {}}), "g.npy: holds no gradient");
  auto spoilt = theta;
  spoilt.values[7] = std::nan("");
  EXPECT_EQ(refused(spoilt, g), "p.npy: row 2, column 1 is nan");
}

// --- files

namespace {

/// A file that a test wrote, gone afterwards.
class Written {
 public:
  explicit Written(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("truestep_identify_" + std::to_string(getpid()) + ".npy")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~Written() { std::filesystem::remove(path_); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Version 1 unless `version` says so.
std::string npy(const std::string& header, std::size_t bytes, char version = 1) {
  std::string file = "\x93NUMPY";
  file += version;
  file += '\0';
  const std::size_t length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += static_cast<char>(length >> (8 * i) & 0xff);
  file += header;
  for (std::size_t i = 0; i < bytes; ++i) file += i % 4 == 3 ? '\x3f' : '\0';
  return file;
}

std::string header(const std::string& format, const std::string& shape,
                   const std::string& fortran = "False") {
  return "{'descr': '" + format + "', 'fortran_order': " + fortran + ", 'shape': " + shape +
         ", }\n";
}

/// The message after the file's name.
std::string refused(const std::string& bytes) {
  const Written file(bytes);
  const auto message = refusal([&] { identify::read_npy(file.path()); });
  const auto prefix = file.path() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

TEST(IdentifyFiles, GoodOnesAreRead) {
  for (const char version : {'\1', '\2', '\3'}) {
    const Written file(npy(header("<f4", "(2, 3)"), 24, version));
    const auto matrix = identify::read_npy(file.path());
    EXPECT_EQ(matrix.rows, 2u);
    EXPECT_EQ(matrix.columns, 3u);
    EXPECT_FALSE(matrix.in_double);
    EXPECT_EQ(matrix.values, std::vector<double>(6, 0.5));
  }
  const Written column(npy(header("<f8", "(2,)"), 16));
  const auto matrix = identify::read_npy(column.path());
  EXPECT_EQ(matrix.rows, 2u);
  EXPECT_EQ(matrix.columns, 1u);
  EXPECT_TRUE(matrix.in_double);
}

TEST(IdentifyFiles, BadOnesAreRefused) {
  const auto good = npy(header("<f4", "(2, 3)"), 24);
  EXPECT_EQ(refused(good), "not refused");
  EXPECT_EQ(refused(""), "cannot be opened, or is empty");
  EXPECT_EQ(refused("0.5,0.5\n"), "is not a .npy file");
  EXPECT_EQ(refused("PK\x03\x04"), "is a zip archive, such as .npz, which is not read; unpack it");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 24, 4)),
            "is of .npy version 4.0; 1.0 to 3.0 are read");
  EXPECT_EQ(refused(npy(header(">f4", "(2, 3)"), 24)),
            "is big-endian ('>f4'); little-endian is read");
  EXPECT_EQ(refused(npy(header("<f2", "(2, 3)"), 12)),
            "has numbers of type '<f2'; float32 and float64 are read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)", "True"), 24)),
            "is in Fortran order; C order is read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)", "None"), 24)),
            "its fortran_order is neither True nor False");
  EXPECT_EQ(refused(npy(header("<f4", "(1, 2, 3)"), 24)),
            "has 3 dimensions; rows and columns are read");
  EXPECT_EQ(refused(npy(header("<f4", "()"), 4)), "has 0 dimensions; rows and columns are read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 20)),
            "has 20 bytes of numbers where its header says 24");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 28)),
            "has 28 bytes of numbers where its header says 24");
  EXPECT_EQ(refused(npy(header("<f4", "(9223372036854775808, 3)"), 24)),
            "says that it has more than 2^64 bytes");
  EXPECT_EQ(refused(npy(header("<f4", "(99999999999999999999, 3)"), 24)),
            "its shape has a length beyond 2^64");
  EXPECT_EQ(refused(npy(header("<f4", "(-2, 3)"), 24)),
            "its shape has a length that is no whole number");
  EXPECT_EQ(refused(npy("{'descr': '<f4', 'shape': (2, 3)}", 24)),
            "its header lacks descr, fortran_order or shape");
  EXPECT_EQ(refused(npy("{'descr': '<f4', 'descr': '<f4'}", 24)),
            "its header has an entry 'descr' too many");
  EXPECT_EQ(refused(npy("{'descr': [('a', '<f4')]}", 24)),
            "its header has no string where one belongs");
  EXPECT_EQ(refused(npy("{'descr': '<f4", 0)), "its header has a string without end");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)") + "1", 24)),
            "its header goes on after the dictionary");
  auto lying = good;
  lying[8] = '\xff';
  EXPECT_EQ(refused(lying), "says that its header has 255 bytes, which is more than follow");
  // Cut anywhere, the file is refused, and nothing beyond its end is looked at.
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(refused(good.substr(0, length)), "not refused") << length;
}

}  // namespace truestep::test
