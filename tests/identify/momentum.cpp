// SPDX-License-Identifier: Apache-2.0
// Runs of Momentum: numbers that nobody listed, and one that it has not.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "deviations.hpp"
#include "identify/any_rule.hpp"
#include "identify/box_search.hpp"
#include "identify/numbers.hpp"
#include "identify/replay.hpp"
#include "identify/stopped.hpp"
#include "runs.hpp"

namespace truestep::test {

TEST(IdentifyEstimates, NumbersThatNobodyListed) {
  const Options rare{{{"learning_rate", 0.037}, {"momentum", 0.85}}};
  const auto momentum =
      run<rules::Of<fast::Momentum>>(convention<rules::Of<fast::Momentum>>("lecture_note", rare));
  const auto report = identify::identify("momentum", momentum, {});
  EXPECT_TRUE(consistent(report).contains("lecture_note")) << report.verdict;
  EXPECT_TRUE(mentions(detail(report, "estimated"), "learning_rate = 0.037 ("));
  EXPECT_TRUE(mentions(detail(report, "estimated"), "momentum = 0.85 ("));
}

/// Asked to stop after one judgement, after half of them and after the last, it says what is known.
TEST(IdentifyStopped, SaysWhatIsKnownSoFar) {
  using R = rules::Of<fast::Momentum>;
  const auto momentum = run<R>(convention<R>("lecture_note", {{{"momentum", 0.9}}}));
  std::size_t judged = 0;
  const auto identified = [&](std::size_t most) {
    judged = 0;
    identify::on_progress = [&, most](const char*, std::size_t, std::size_t) {
      if (++judged == most) identify::stop_asked = true;
    };
    const auto report = identify::identify("momentum", momentum, {});
    identify::on_progress = {};
    identify::stop_asked = false;
    return report;
  };
  EXPECT_TRUE(consistent(identified(0)).contains("lecture_note"));
  for (const std::size_t most : {std::size_t{1}, judged / 2, judged}) {
    const auto report = identified(most);
    for (const auto& each : report.excluded) EXPECT_NE(each.convention, "lecture_note") << most;
  }
}

/// theta - rate (lambda v + (g + kappa theta)) with its four terms apart, added one by one. Where
/// each of three is less than half an ulp of theta it stays where it is, three roundings off.
TEST(IdentifyMomentum, ATermThatMeetsThreeRoundingsIsSane) {
  using R = rules::Of<fast::Momentum>;
  constexpr float lost = 0.98f * 0x1p-14f, rate = 0x1p-10f;
  auto h = convention<R>("pytorch", {{{"learning_rate", 0x1p-10}, {"momentum", 0.33}}});
  h.weight_decay = lost;
  const auto kappa = static_cast<float>(h.weight_decay);
  // The second coordinate is what tells the conventions apart.
  Record record{false, 20, 2, {1 + 0x1p-10, 0.1}, {}};
  std::array<float, 2> theta{1 + 0x1p-10f, 0.1f}, v{};
  for (std::size_t t = 1; t <= record.steps; ++t)
    for (std::size_t i = 0; i < 2; ++i) {
      const float g = i == 0 ? lost : std::sin(float(t));
      record.gradients.push_back(g);
      const float before = theta[i];
      theta[i] = ((before - rate * (0.33f * v[i])) - rate * g) - rate * (kappa * before);
      v[i] = 0.33f * v[i] + (g + kappa * before);
      record.parameters.push_back(theta[i]);
    }
  EXPECT_EQ(theta[0], 1 + 0x1p-10f);

  using Number = proofs::AnyOrder<float>;
  using Formula = R::Formula<Number>;
  Formula::Step now{Formula::start(h), {}};
  for (std::size_t t = 1; t <= record.steps; ++t)
    now = R::formula<Number>(h, t).step(Number::data(theta[0]), proofs::stored<Formula>(now),
                                        Number::data(lost));
  const long double off = std::fabs(theta[0] - now.theta.value), u = 0x1p-24L;
  EXPECT_GT(off, 2.9L * u * now.theta.magnitude);  // a radius of two roundings accuses it
  EXPECT_LE(off, now.theta.radius);

  const Options options{{{"learning_rate", 0x1p-10},
                         {"momentum", 0.33},
                         {"weight_decay", h.weight_decay},
                         {"dampening", 0.0}}};
  const auto report = identify::identify("momentum", record, options);
  EXPECT_TRUE(consistent(report).contains("pytorch")) << report.verdict;
  // A rounding more is too many for any order.
  record.parameters[2 * record.steps] += 0x1p-23;
  EXPECT_FALSE(consistent(identify::identify("momentum", record, options)).contains("pytorch"));
}

namespace {

float in_bfloat16(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  std::memcpy(&x, &bits, sizeof bits);
  return x;
}

}  // namespace

/// As PyTorch makes it of parameters in bfloat16: states and each operation are in bfloat16 too.
TEST(IdentifyMomentum, ARunAllInBfloat16IsNotExcluded) {
  using R = rules::Of<fast::Momentum>;
  const Course narrow_course{.steps = 30, .coordinates = 40};
  Record record{false, narrow_course.steps, narrow_course.coordinates, {}, {}};
  std::vector<float> theta, v(narrow_course.coordinates);
  for (std::size_t i = 0; i < narrow_course.coordinates; ++i)
    theta.push_back(in_bfloat16(0.05f * std::sin(float(i))));
  record.parameters.assign(theta.begin(), theta.end());
  for (const double each : gradients(narrow_course))
    record.gradients.push_back(in_bfloat16(static_cast<float>(each)));
  for (std::size_t k = 0; k < record.gradients.size(); ++k) {
    const std::size_t i = k % narrow_course.coordinates;
    v[i] = in_bfloat16(in_bfloat16(0.9f * v[i]) + static_cast<float>(record.gradients[k]));
    theta[i] = in_bfloat16(theta[i] - in_bfloat16(0.01f * v[i]));
    record.parameters.push_back(theta[i]);
  }
  const auto report = identify::identify(
      R::name, record, {{{"learning_rate", 0.01}, {"momentum", 0.9}, {"dampening", 0.0}}});
  EXPECT_TRUE(report.consistent.empty());
  EXPECT_FALSE(report.determined);
  EXPECT_TRUE(report.verdict.starts_with("not determined: ")) << report.verdict;
}

TEST(IdentifyUsage, ANumberThatMomentumHasNot) {
  const auto any = run<rules::Of<fast::Momentum>>({});
  try {
    identify::identify("momentum", any, {{{"beta1", 0.9}}});
    ADD_FAILURE() << "not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "momentum: beta1 is not one of {learning_rate, momentum, dampening, weight_decay, "
                 "learning_rate_decay, learning_rate_site, first_buffer, weight_decay_place, "
                 "weight_decay_time, weight_decay_scale, step_sign}");
  }
}

// A run that a report tells of, made by its description with numpy.
TEST(IdentifyReported, DescentWithDecoupledWeightDecay) {
  const Options options{{{"learning_rate", 0.01}, {"momentum", 0.9}, {"weight_decay", 0.1}}};
  const auto names = consistent(identify::identify("momentum", recorded("sgdw"), options));
  for (const char* known : {"keras3", "tf_keras"}) EXPECT_TRUE(names.contains(known)) << known;
  for (const char* other : {"pytorch", "caffe", "mlx"})
    EXPECT_FALSE(names.contains(other)) << other;
}

// --- runs that reports tell of, made by their description with numpy

TEST(IdentifyReported, MomentumOnOtherGradientsOrRates) {
  Options options{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  EXPECT_EQ(first_deviation(identify::identify("momentum", recorded("momentum-clipped"), options)),
            "if the gradients are clipped to a norm of 1, over the norm plus 1e-06");
  options.given.erase("learning_rate");
  EXPECT_EQ(first_deviation(
                identify::identify("momentum", recorded("momentum-rate-steps-down"), options)),
            "if the learning rate changes: 0.1 at steps 1-30, 0.01 at steps 31-60");
}

/// One step of one coordinate leaves a line of rates and weight decays: what a search finds in a
/// part of the box says nothing of the other parts.
TEST(IdentifyEstimates, ARangeIsThatOfTheWholeBox) {
  using R = rules::Of<fast::Momentum>;
  const auto& pytorch = identify::any_rule<R>().convention("pytorch").hyperparameters;
  const auto start = pytorch.rule().applied(
      pytorch, {{"learning_rate", 0.01}, {"momentum", 0.9}, {"weight_decay", 0.01}});
  std::size_t fitted = 0;
  for (const double decay : {0.2, 3.0, 200.0}) {
    auto h = convention<R>("pytorch", {{{"learning_rate", 0.37}, {"momentum", 0.9}}});
    h.weight_decay = decay;
    const auto record = run<R, double>(h, {.steps = 1, .coordinates = 1});
    const auto found =
        identify::searched(start, {"learning_rate", "weight_decay"}, record, {}, 16'000);
    if (found.end != identify::End::fits) continue;
    ++fitted;
    for (const auto& [name, side] : found.ranges)
      EXPECT_TRUE(side.contains(name == "learning_rate" ? h.learning_rate : h.weight_decay))
          << name << " = " << *identify::number<R>(h, name) << ", decay " << decay;
  }
  EXPECT_GT(fitted, 0u);
}

/// Two steps of which one allows the greater of two neighboring doubles alone, the other the
/// lesser, and both what lies halfway: a rate is left that is no double, so that none fits and none
/// is excluded.
TEST(IdentifyEstimates, WhatIsLeftBetweenTwoDoublesIsNotExcluded) {
  using R = rules::Of<fast::Momentum>;
  auto lesser = convention<R>("pytorch", {{{"learning_rate", 0.37}, {"momentum", 0.9}}});
  auto greater = lesser;
  greater.learning_rate = std::nextafter(lesser.learning_rate, 1.0);
  const auto excess = [](const Numbers<R>& h, const Record& run) {
    return identify::replayed<R>(h, run, identify::Extent::whole_run).worst.excess;
  };
  // From theta = 0, to so many units in the last place from what the lesser makes.
  const auto one_step = [&](double gradient, int units) {
    double after = -lesser.learning_rate * gradient;
    for (int i = 0; i < std::abs(units); ++i) after = std::nextafter(after, units < 0 ? -1.0 : 1.0);
    return Record{true, 1, 1, {0, after}, {gradient}};
  };
  std::optional<Record> by_lesser, by_greater;
  for (int i = 0; i < 64; ++i)
    for (int units = -4; units <= 4; ++units) {
      const auto run = one_step(1 + i / 64.0, units);
      const double low = excess(lesser, run), high = excess(greater, run);
      if ((low + high) / 2 > 0.9) continue;  // halfway, the excess is no more than the mean
      if (low <= 1 && high > 1) by_lesser = run;
      if (low > 1 && high <= 1) by_greater = run;
    }
  ASSERT_TRUE(by_lesser && by_greater);
  const Record both{true,
                    1,
                    2,
                    {0, 0, by_lesser->parameters[1], by_greater->parameters[1]},
                    {by_lesser->gradients[0], by_greater->gradients[0]}};
  const auto& pytorch = identify::any_rule<R>().convention("pytorch").hyperparameters;
  const auto start = pytorch.rule().applied(pytorch, {{"learning_rate", 0.01}, {"momentum", 0.9}});
  const auto end = [&](const Record& run, std::size_t budget) {
    return identify::searched(start, {"learning_rate"}, run, {}, budget).end;
  };
  using enum identify::End;
  EXPECT_EQ(end(both, 16'000), open);
  // What contradicts itself by more is excluded, but not before it has been looked at.
  auto apart = both;
  apart.parameters[2] *= 1 + 0x1p-40;
  EXPECT_EQ(end(apart, 16'000), excluded);
  EXPECT_EQ(end(apart, 0), open);
}

}  // namespace truestep::test
