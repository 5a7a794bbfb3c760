// SPDX-License-Identifier: Apache-2.0
// Runs of Adam: recorded ones, wrong ones, habits of systems, and what a run does not tell.

#include <algorithm>

#include "deviations.hpp"
#include "identify/apart.hpp"
#include "identify/text.hpp"
#include "runs.hpp"

namespace truestep::test {
namespace {

const Options adam_numbers{{{"learning_rate", 1e-3},
                            {"beta1", 0.9},
                            {"beta2", 0.999},
                            {"epsilon", 1e-8},
                            {"weight_decay", 0.0}}};

/// The conventions of PyTorch's map at these numbers, some of which have to be among them.
Names torch_adam() {
  const auto names = names_of_map<rules::Of<fast::Adam>>(
      convention<rules::Of<fast::Adam>>("pytorch", adam_numbers), adam_numbers);
  for (const char* known :
       {"paper", "optax", "jax", "deepspeed", "apex", "burn", "paddle", "pytorch.AdamW"})
    EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"tensorflow1", "keras3", "mlx", "convnetjs"})
    EXPECT_FALSE(names.contains(other)) << other;
  return names;
}

}  // namespace

// --- the bound

TEST(AnyOrder, DoesNotCoverAWeightFromARoundedBeta) {
  EXPECT_GT(
      (moves_outside<rules::Of<fast::Adam>, float>({}, {}, {}, {.one_minus_float_beta = true})),
      0u);
  EXPECT_GT(
      (moves_outside<rules::Of<fast::Adam>, float>({}, {}, {}, {.running_float_product = true})),
      0u);
}

// --- recorded

// torch.optim.Adam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8)
TEST(IdentifyRecorded, Adam) {
  const auto run = recorded("torch-adam");
  const auto report = identify::identify("adam", run, adam_numbers);
  EXPECT_EQ(consistent(report), torch_adam());
  EXPECT_EQ(broken(report, "tensorflow1").step, 1u);
  EXPECT_TRUE(report.findings.empty());
  expect_reproduced<rules::Of<fast::Adam>>(
      convention<rules::Of<fast::Adam>>("pytorch", adam_numbers), run);
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

// --- runs that reports tell of, made by their description with numpy

namespace {

Names reported(const std::string& trace, const settings::Given& more) {
  Options options = adam_numbers;
  for (const auto& [name, value] : more) options.given[name] = value;
  return consistent(identify::identify("adam", recorded(trace), options));
}

}  // namespace

TEST(IdentifyReported, AnAdamWThatDecaysWhatItHasMoved) {
  EXPECT_EQ(reported("adamw-decaying-last", {{"weight_decay", 0.1}}),
            (Names{"bitsandbytes", "bitsandbytes.AdamW.cuda"}));
}

TEST(IdentifyReported, AmsgradOfTheUncorrectedMoment) {
  const auto names = reported("torch-amsgrad", {{"amsgrad", true}});
  for (const char* known : {"pytorch", "pytorch.AdamW", "paddle", "burn.AdamW"})
    EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"optax.amsgrad", "optax", "jax", "apex", "deepspeed", "keras3"})
    EXPECT_FALSE(names.contains(other)) << other;
}

TEST(IdentifyReported, GradientAscent) {
  const auto names = reported("torch-adam-maximize", {});
  EXPECT_TRUE(names.contains("pytorch,step_sign=gradient_negated"));
  for (const auto& name : names) EXPECT_TRUE(mentions(name, "step_sign=")) << name;
}

TEST(IdentifyReported, TheAdamWOfTfKeras) {
  const auto names = reported("tf-keras-adamw", {{"epsilon", 1e-7}, {"weight_decay", 0.01}});
  for (const char* known : {"tf_keras", "tf_keras.AdamW@2.11", "keras3", "keras3.AdamW"})
    EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"keras_legacy", "pytorch.AdamW", "optax.adamw"})
    EXPECT_FALSE(names.contains(other)) << other;
}

namespace {

std::string deviation(const std::string& trace, const Options& options = adam_numbers) {
  return first_deviation(identify::identify("adam", recorded(trace), options));
}

Report report_of(const std::string& trace, double rate) {
  auto options = adam_numbers;
  options.given["learning_rate"] = rate;
  return identify::identify("adam", recorded(trace), options);
}

}  // namespace

TEST(IdentifyReported, ProgramsThatDoOneThingOtherwise) {
  EXPECT_EQ(deviation("adam-t-from-2"), "if t starts at 2, not at 1");
  EXPECT_EQ(deviation("adam-t-stops-at-30"), "if t stands still at 30 from there on");
  EXPECT_EQ(deviation("adam-lazy"),
            "if a coordinate whose gradient is 0 is left as it is, with its states");
  EXPECT_EQ(deviation("adam-half-frozen"),
            "if coordinates 0-5 are as told, coordinates 6-11 are left as they are");
  auto without_rate = adam_numbers;
  without_rate.given.erase("learning_rate");
  EXPECT_EQ(deviation("adam-two-rates", without_rate),
            "if coordinates 0-5 have learning_rate = 0.001, coordinates 6-11 have learning_rate = "
            "0.0001");
  EXPECT_EQ(deviation("adam-rate-steps-down", without_rate),
            "if the learning rate changes: 0.001 at steps 1-30, 1e-04 at steps 31-60");
  const auto cosine = deviation("adam-cosine", without_rate);
  EXPECT_TRUE(cosine.starts_with("if the learning rate changes: 0.001")) << cosine;
}

TEST(IdentifyReported, ParametersInBfloat16) {
  for (const auto& [trace, words] : {std::pair("adam-stored-bfloat16", "each step read and wrote"),
                                     std::pair("adam-copied-bfloat16", "are copies in bfloat16")}) {
    const auto report = report_of(trace, 1e-2);
    EXPECT_TRUE(consistent(report).contains("pytorch")) << report.verdict;
    EXPECT_TRUE(mentions(detail(report, "stored_in_bfloat16"), words)) << report.verdict;
  }
}

TEST(IdentifyReported, RowsOfParametersThatAreMissing) {
  for (const char* trace : {"adam-every-tenth-row", "adam-rows-after-steps"}) {
    const auto names = consistent(report_of(trace, 1e-3));
    EXPECT_TRUE(names.contains("pytorch")) << trace;
    EXPECT_FALSE(names.contains("mlx")) << trace;
  }
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
  const auto report = wrong_adam({.unannounced_maximum = true}, adam, g);
  EXPECT_EQ(broken(report, "pytorch").step, 21u);
  EXPECT_TRUE(consistent(report).contains("pytorch,amsgrad=true")) << report.verdict;
  EXPECT_TRUE(mentions(report.verdict, "adam as in pytorch,amsgrad=true")) << report.verdict;
}

TEST(IdentifyWrong, AMissingCorrectionIsThatOfMlx) {
  const auto mlx = convention<rules::Of<fast::Adam>>("mlx", separating);
  const auto names = names_of_map<rules::Of<fast::Adam>>(mlx, separating);
  EXPECT_TRUE(names.contains("mlx"));
  EXPECT_FALSE(names.contains("pytorch"));
  EXPECT_EQ(consistent(wrong_adam({}, mlx)), names);
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
      if (kind != "indistinguishable" && kind != "range" && kind != "told_otherwise")
        kinds += kind + ", ";
    return kinds;
  };
  EXPECT_EQ(findings({}), "");
  EXPECT_EQ(findings({.one_minus_float_beta = true}), "one_minus_beta_in_float, ");
  EXPECT_EQ(findings({.running_float_product = true}), "running_float_product, ");
  EXPECT_EQ(findings({.float_power = true}), "float_power, ");
  EXPECT_EQ(findings({.one_minus_float_beta = true, .running_float_product = true}),
            "one_minus_beta_in_float, running_float_product, ");
}

/// That nothing fits with coefficients formed as usual is no proof: with a habit, numbers that are
/// sought beside it may. They are such as nobody would try.
TEST(IdentifyHabits, AreAskedAboutBeforeAConventionIsExcluded) {
  Options options{{{"learning_rate", 1.3717e-3},
                   {"beta1", 0.8731},
                   {"beta2", 0.99737},
                   {"epsilon", 3.37e-6},
                   {"weight_decay", 0.0}},
                  {{"pytorch"}}};
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", options);
  options.given.erase("beta1");
  options.given.erase("beta2");
  const Course course{.steps = 8, .coordinates = 4, .seed = 4, .start = 0};
  for (const Fault& habit : {Fault{.running_float_product = true}, Fault{.float_power = true}}) {
    const auto record = run<rules::Of<fast::Adam>>(adam, course, {}, habit);
    const auto report = identify::identify("adam", record, options);
    EXPECT_TRUE(report.excluded.empty()) << report.verdict;
  }
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

/// At an epsilon of 0 its frame is no matter, though the two descriptions are not equal.
TEST(IdentifyUndecided, WhereAnEpsilonIsTellsNothingIfItIsZero) {
  using Adam = rules::Of<fast::Adam>;
  for (const double epsilon : {0.0, 0.125}) {
    Numbers<Adam> after, before;
    after.epsilon = before.epsilon = epsilon;
    before.epsilon_frame = fast::EpsilonFrame::before_correction;
    EXPECT_EQ(identify::same_map<Adam>(after, before), epsilon == 0);
    EXPECT_EQ(identify::would_tell<Adam>(after, before, run<Adam>(after)), epsilon != 0);
  }
}

/// From 0 a decay shows from the second step on, if the run that is imagined takes its first.
TEST(IdentifyUndecided, ADecayShowsWhereStepsLeadAwayFromZero) {
  using Adam = rules::Of<fast::Adam>;
  Numbers<Adam> plain, decayed;
  decayed.weight_decay = 0.125;
  decayed.weight_decay_place = fast::WeightDecay::decoupled;
  auto at_zero = run<Adam>(plain);
  std::fill(at_zero.parameters.begin(), at_zero.parameters.end(), 0);
  EXPECT_TRUE(identify::would_tell<Adam>(plain, decayed, at_zero));
}

// --- estimates

TEST(IdentifyEstimates, AnEpsilonThatNobodyListed) {
  Options known{{{"learning_rate", 0.01}, {"epsilon", 3e-3}, {"beta1", 0.9}, {"beta2", 0.99}}};
  const auto adam = run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", known));
  known.given.erase("epsilon");
  const auto with_epsilon = identify::identify("adam", adam, known);
  EXPECT_TRUE(consistent(with_epsilon).contains("pytorch")) << with_epsilon.verdict;
  EXPECT_FALSE(consistent(with_epsilon).contains("tensorflow1")) << with_epsilon.verdict;
  EXPECT_TRUE(mentions(detail(with_epsilon, "estimated"), "epsilon = 0.003 ("));
}

/// Runs with an epsilon that people take for deep Q-learning, and another that nobody listed.
TEST(IdentifyEstimates, RunsOfWhichNothingIsTold) {
  for (const auto& [rate, epsilon] : {std::pair(2.5e-4, 1.5e-4), std::pair(1e-3, 3e-5)}) {
    auto h = convention<rules::Of<fast::Adam>>("pytorch", {});
    h.learning_rate = rate, h.epsilon = epsilon;
    const auto record = run<rules::Of<fast::Adam>>(h, {.steps = 60, .coordinates = 12});
    const auto report = identify::identify("adam", record, {});
    EXPECT_TRUE(consistent(report).contains("pytorch")) << report.verdict;
    const auto expected = "epsilon = " + identify::shortest(epsilon) + " (";
    EXPECT_TRUE(mentions(detail(report, "estimated"), expected)) << detail(report, "estimated");
  }
}

/// Gradients recorded twice as large are an epsilon twice as large; that it was told wrong is said
/// before any habit that would do.
TEST(IdentifyEstimates, AnEpsilonToldWrongGoesBeforeAHabit) {
  auto options = adam_numbers;
  auto h = convention<rules::Of<fast::Adam>>("pytorch", options);
  h.epsilon = 2e-8;
  const auto report =
      identify::identify("adam", run<rules::Of<fast::Adam>>(h, {.coordinates = 12}), options);
  const auto at = report.verdict.find("epsilon = 2e-08, not the 1e-08 told");
  ASSERT_NE(at, report.verdict.npos) << report.verdict;
  EXPECT_TRUE(mentions(report.verdict.substr(0, at), " pytorch")) << report.verdict;
  EXPECT_LT(at, report.verdict.find("with coefficients formed in float")) << report.verdict;
}

/// What fits as told may be far less near. A run by PyTorch that was told an epsilon of 1e-8 fits
/// what puts that before the correction, so that it cannot be denied; its own comes first.
TEST(IdentifyEstimates, ANumberToldWrongGoesBeforeWhatBarelyFits) {
  auto options = adam_numbers;
  options.given.erase("weight_decay");
  auto h = convention<rules::Of<fast::Adam>>("pytorch", options);
  h.epsilon = 2e-8;
  const auto record =
      run<rules::Of<fast::Adam>>(h, {.steps = 60, .coordinates = 12, .start = 0.5f});
  const auto report = identify::identify("adam", record, options);
  const auto own = report.verdict.find("epsilon = 2e-08, not the 1e-08 told");
  ASSERT_NE(own, report.verdict.npos) << report.verdict;
  EXPECT_FALSE(consistent(report).empty()) << report.verdict;
  EXPECT_LT(own, report.verdict.find("; or, as told, as in ")) << report.verdict;
  // As told, the same run keeps its order.
  options.given["epsilon"] = 2e-8;
  const auto right = identify::identify("adam", record, options);
  EXPECT_FALSE(mentions(right.verdict, "or, as told")) << right.verdict;
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

TEST(IdentifyEstimates, ADecayThatTheSignsMask) {
  auto options = separating;
  options.given["weight_decay"] = 0.1;
  auto cautious = convention<rules::Of<fast::Adam>>("burn.AdamW", options);
  const auto usual = run<rules::Of<fast::Adam>>(cautious);
  cautious.weight_decay_mask = fast::DecayMask::signs_agree;
  const auto masked = run<rules::Of<fast::Adam>>(cautious);
  const auto of_masked = consistent(identify::identify("adam", masked, options));
  EXPECT_EQ(of_masked, (Names{"burn.AdamW,weight_decay_mask=signs_agree"}));
  const auto of_usual = consistent(identify::identify("adam", usual, options));
  EXPECT_TRUE(of_usual.contains("burn.AdamW"));
  EXPECT_FALSE(of_usual.contains("burn.AdamW,weight_decay_mask=signs_agree"));
}

TEST(IdentifyEstimates, ASwitchOfAClass) {
  auto options = separating;
  options.given["amsgrad"] = true;
  const auto amsgrad =
      run<rules::Of<fast::Adam>>(convention<rules::Of<fast::Adam>>("pytorch", options));
  const auto names = consistent(identify::identify("adam", amsgrad, separating));
  EXPECT_TRUE(names.contains("pytorch,amsgrad=true"));
  EXPECT_TRUE(names.contains("paddle,amsgrad=true"));
  EXPECT_FALSE(names.contains("optax.amsgrad"));
  EXPECT_FALSE(names.contains("keras3,amsgrad=true"));
}

// --- a counter that a program keeps otherwise

namespace {

std::string counted(const std::function<std::uint64_t(std::size_t)>& counter,
                    std::size_t states_lost = 0) {
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  const auto record = deviating_run<rules::Of<fast::Adam>>(
      adam, {.coordinates = 8}, {.counter = counter, .states_lost = states_lost});
  return first_deviation(identify::identify("adam", record, separating));
}

}  // namespace

TEST(IdentifyDeviation, Counters) {
  EXPECT_EQ(counted([](std::size_t t) { return t + 2; }), "if t starts at 3, not at 1");
  EXPECT_EQ(counted([](std::size_t t) { return 4 * t - 1; }),
            "if t counts in steps of 4 from 3, as where 4 tensors share it");
  EXPECT_EQ(counted([](std::size_t t) { return std::min<std::size_t>(t, 12); }),
            "if t stands still at 12 from there on");
  EXPECT_EQ(counted([](std::size_t t) { return t < 20 ? t : t - 19; }),
            "if t starts again at 1 at step 20, and the states go on");
  EXPECT_EQ(counted([](std::size_t t) { return t < 20 ? t : t - 19; }, 20),
            "if the states and t start again at step 20");
}

TEST(IdentifyDeviation, ACounterThatTensorsShareIsThatOfAClass) {
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  const auto record = deviating_run<rules::Of<fast::Adam>>(
      adam, {.coordinates = 8}, {.counter = [](std::size_t t) { return 3 * t; }});
  const auto report = identify::identify("adam", record, separating);
  const auto at = report.verdict.find(
      "t counts in steps of 3 from 3, as where 3 tensors share it; but for "
      "that it is ");
  ASSERT_NE(at, report.verdict.npos) << report.verdict;
  EXPECT_TRUE(mentions(report.verdict.substr(at), " pytorch,")) << report.verdict;
}

namespace {

/// What is said of a run whose record begins with states, and whose counter is at `first` then.
Report resumed(std::uint64_t first, bool tells_counter = true, bool tells_states = true) {
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  const Course course{.coordinates = 4};
  Record record{false, course.steps, course.coordinates, {}, gradients(course)};
  std::vector<Coordinate<float>> coordinates(course.coordinates);
  for (std::size_t i = 0; i < course.coordinates; ++i) {
    coordinates[i] = {.theta = 0.01f, .first = 0x1p-6f * float(i + 1), .second = 0x1p-9f};
    record.start["m"].push_back(coordinates[i].first);
    record.start["v"].push_back(coordinates[i].second);
    record.parameters.push_back(coordinates[i].theta);
  }
  for (std::size_t n = 0; n < course.steps; ++n) {
    record.t.push_back(first + n);
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      auto& g = record.gradients[n * course.coordinates + i];
      g = float(g);
      step_in(adam, first + n, coordinates[i], float(g), {}, {});
      record.parameters.push_back(coordinates[i].theta);
    }
  }
  if (!tells_counter) record.t.clear();
  if (!tells_states) record.start.clear();
  return identify::identify("adam", record, separating);
}

}  // namespace

TEST(IdentifyDeviation, ARunResumedWithoutItsCounter) {
  const std::string words = "as where a run was resumed without its counter";
  for (const auto& [first, tells_counter] : {std::pair(1u, false), {1u, true}, {41u, true}}) {
    const auto report = resumed(first, tells_counter);
    EXPECT_TRUE(consistent(report).contains("pytorch")) << report.verdict;
    EXPECT_EQ(mentions(report.verdict, words), first == 1) << report.verdict;
  }
}

/// Each coordinate would have two free numbers of its own: what is said is what the record lacks.
TEST(IdentifyDeviation, ARunResumedOfWhichNoStatesAreToldNamesNothing) {
  const auto report = resumed(1, false, false);
  EXPECT_TRUE(consistent(report).empty()) << report.verdict;
  EXPECT_EQ(first_deviation(report), "") << report.verdict;
  EXPECT_TRUE(mentions(report.verdict, "a record of one that had begun before has to hold m, v"))
      << report.verdict;
}

TEST(IdentifyDeviation, CoordinatesWithoutAGradientAreLeftAlone) {
  const auto adam = convention<rules::Of<fast::Adam>>("pytorch", separating);
  const Course course{.coordinates = 8};
  const auto silent = [](std::size_t t, std::size_t i) { return (t + i) % 3 == 0; };
  auto record = deviating_run<rules::Of<fast::Adam>>(
      adam, course,
      {.times = [&](std::size_t t, std::size_t i, double) { return std::size_t{!silent(t, i)}; }});
  for (std::size_t k = 0; k < record.gradients.size(); ++k)
    if (silent(k / 8 + 1, k % 8)) record.gradients[k] = 0;
  EXPECT_EQ(first_deviation(identify::identify("adam", record, separating)),
            "if a coordinate whose gradient is 0 is left as it is, with its states");
}

namespace {

/// What is said of a run by AdamW in double, whose weight decay is 0.25, with another one told.
Report decaying(double told, std::vector<settings::Chosen> conventions = {}) {
  Options options{separating.given};
  options.given.insert_or_assign("weight_decay", 0.25);
  const auto record = run<rules::Of<fast::Adam>, double>(
      convention<rules::Of<fast::Adam>>("pytorch.AdamW", options), {.coordinates = 4});
  options.conventions = std::move(conventions);
  options.given.insert_or_assign("weight_decay", told);
  return identify::identify("adam", record, options);
}

}  // namespace

/// Each place that weight decay may have is named with the amount that it would need there.
TEST(IdentifyEstimates, AWeightDecayToldWrongIsSoughtInEachPlace) {
  for (const double told : {0.0, 0.1}) {
    const auto report = decaying(told);
    EXPECT_TRUE(consistent(report).empty()) << report.verdict;
    EXPECT_FALSE(report.determined) << report.verdict;
    const std::string begins =
        "not determined: no convention of adam fits as told; what would: pytorch.AdamW, ";
    EXPECT_TRUE(report.verdict.starts_with(begins)) << report.verdict;
    const auto words = identify::text("weight_decay = 0.25, not the ", told,
                                      " told (weight_decay_place = decoupled)");
    EXPECT_TRUE(mentions(report.verdict, words)) << report.verdict;
    EXPECT_TRUE(
        mentions(detail(report, "told_otherwise"),
                 words + " would fit; all else being so, of those sought none outside [0.2"))
        << detail(report, "told_otherwise");
  }
}

/// Where no class has a number, no other value of it was looked for, and nothing is said of one.
TEST(IdentifyExcluded, SaysWhichNumbersWereTakenAsTold) {
  const auto report = decaying(0, {{"paper", {}}});
  ASSERT_TRUE(report.consistent.empty()) << report.verdict;
  EXPECT_TRUE(mentions(report.verdict, "as told are taken weight_decay")) << report.verdict;
}

}  // namespace truestep::test
