// SPDX-License-Identifier: Apache-2.0
// What the audit of a run says: the emulation is the kernel bit for bit, and what is known of
// narrow set-ups comes out.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/conventions.hpp>

#include "audited.hpp"
#include "drift/every_rule.hpp"
#include "report.hpp"
#include "runs/workload.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

/// Nor is anything said of them that they have not deserved: rounding alone throws off no
/// coordinate, whatever bfloat16 loses.
TEST(Audit, FloatAndDoubleAreTheKernelsWithinTheirRadius) {
  for (const auto& rule : settings::rule_names())
    for (const auto& workload : workload_names()) {
      const auto run = audited(rule, {typed_setup("pytorch_bf16")}, 20, workload);
      const auto judgements = judged({&run, 1}, {});
      for (const auto& each : judgements.of_setups) {
        EXPECT_LT(each.verdict, each.is_asked_for ? Verdict::strays : Verdict::drifts)
            << rule << " on " << workload << ": " << each.sentence;
        EXPECT_LT(run.readings[each.reading].farthest.of_reach, 1) << each.sentence;
      }
      EXPECT_TRUE(run.checks().passed()) << rule << " on " << workload;
      EXPECT_EQ(run.checks().compared,
                2 * run.readings[0].series.size() * run.parameters * run.steps);
    }
}

/// Each that has a kernel, with and without weight decay, from the states that it starts with;
/// those that are one description once.
TEST(Audit, EveryConventionIsItsKernelWithinItsRadius) {
  const auto expect_sound = []<class Rule>(Rule) {
    std::vector<typename Rule::Hyperparameters> done;
    for (const auto& convention : fast::conventions_of<typename Rule::Hyperparameters>)
      for (const settings::Given& given :
           {settings::Given{}, settings::Given{{"weight_decay", 0.01}}}) {
        const bool decays =
            convention.hyperparameters.weight_decay_place != fast::WeightDecay::none;
        if (!given.empty() && !decays) continue;
        auto h = convention.hyperparameters;
        if (!given.empty()) h.weight_decay = 0.01;
        if (fast::without_lane(h) != nullptr ||
            std::find(done.begin(), done.end(), h) != done.end())
          continue;
        done.push_back(h);
        const auto run = audit({.rule = Rule::name,
                                .workload = "sparse",
                                .steps = 10,
                                .setups = {drift::Setup::all_in(format("bfloat16"))},
                                .convention = std::string(convention.name),
                                .given = given},
                               go_on);
        EXPECT_TRUE(run.checks().passed()) << Rule::name << " " << convention.name;
        EXPECT_GT(run.checks().compared, 0u);
      }
  };
  std::apply([&](auto... rule) { (expect_sound(rule), ...); }, rules::All());
}

/// Calls call(h) for each convention, and for each that differs from it in one choice or in two; a
/// number is 0 instead of another one, or another one instead of 0.
template <class Rule, class Call>
void for_each_description(Call call) {
  using Hyperparameters = typename Rule::Hyperparameters;
  const auto for_each_other = [](const Hyperparameters& of, const auto& then) {
    settings::for_each_member<Hyperparameters>(
        [&]<class Type>(const rules::Named<Hyperparameters, Type>& named) {
          Hyperparameters h = of;
          if constexpr (std::is_enum_v<Type>) {
            for (std::size_t i = 0; i < fast::count_of<Type>; ++i) {
              h.*named.member = static_cast<Type>(i);
              then(h);
            }
          } else if constexpr (std::is_same_v<Type, bool>) {
            h.*named.member = !(of.*named.member);
            then(h);
          } else {
            h.*named.member = static_cast<Type>(of.*named.member == 0);
            then(h);
          }
        });
  };
  for (const auto& convention : fast::conventions_of<Hyperparameters>) {
    const auto pass = [&](const Hyperparameters& h) { call(convention, h); };
    pass(convention.hyperparameters);
    for_each_other(convention.hyperparameters, [&](const Hyperparameters& one) {
      pass(one);
      for_each_other(one, pass);
    });
  }
}

/// What of a description is not the convention's.
template <class Hyperparameters>
settings::Given given_of(const Hyperparameters& h, const Hyperparameters& convention) {
  settings::Given given;
  settings::for_each_member<Hyperparameters>([&](const auto& named) {
    if (h.*named.member != convention.*named.member)
      given.emplace(named.name, settings::Value(h.*named.member));
  });
  return given;
}

/// Whatever has a lane is audited: of each lane the first description that asks for it.
TEST(Audit, EveryLaneIsItsKernelWithinItsRadius) {
  std::size_t lanes = 0;
  const auto expect_sound = [&]<class Rule>(Rule) {
    using Hyperparameters = typename Rule::Hyperparameters;
    std::set<std::size_t> seen;
    for_each_description<Rule>([&](const auto& convention, const Hyperparameters& h) {
      if (fast::without_lane(h) != nullptr || seen.contains(fast::choice(h).index())) return;
      const Request request{.rule = Rule::name,
                            .workload = "sparse",
                            .steps = 3,
                            .convention = std::string(convention.name),
                            .given = given_of(h, convention.hyperparameters)};
      try {
        settings::described<Rule>({request.convention, request.given});
      } catch (const std::invalid_argument&) {
        return;  // A choice that means nothing beside the others.
      }
      seen.insert(fast::choice(h).index());
      const auto run = audit(request, go_on);
      EXPECT_TRUE(run.checks().passed())
          << Rule::name << " " << convention.name << " " << settings::text_of(request.given);
      EXPECT_GT(run.checks().compared, 0u);
    });
    lanes += seen.size();
  };
  std::apply([&](auto... rule) { (expect_sound(rule), ...); }, rules::All());
  EXPECT_GT(lanes, 100u);
}

TEST(Audit, ASeedGivesTheSameRunAgain) {
  const auto with_seed = [](const std::string& rule, std::uint64_t seed) {
    drift::Setup setup = drift::Setup::all_in(format("bfloat16"));
    setup.rounding = Rounding::stochastic;
    setup.seed = seed;
    return all_figures(audited(rule, {setup}), 2);
  };
  for (const auto& rule : settings::rule_names()) {
    EXPECT_EQ(with_seed(rule, 1), with_seed(rule, 1));
    EXPECT_NE(with_seed(rule, 1), with_seed(rule, 2));
  }
}

/// A reading that is described twice is the same twice.
TEST(Audit, ASetupOfFloatIsFloat) {
  for (const auto& rule : settings::rule_names()) {
    const auto run = audited(rule, {drift::Setup::all_in(format("24:-126:127"))});
    EXPECT_EQ(all_figures(run, 2), all_figures(run, 0)) << rule;
  }
}

/// And theta within its rule's theorem of a run.
TEST(Audit, StatesStayWithinTheirDriftTheorems) {
  for (const auto& rule : settings::rule_names()) {
    const auto run = audited(rule, {Setup::all_in(format("fp16"))}, 100, "constant");
    for (std::size_t reading = 0; reading < 3; ++reading)
      for (const Series& series : run.readings[reading].series) {
        const Drift& last = series.drift.back();
        const bool stated = reading < 2 && series.quantity != "u";
        EXPECT_EQ(!std::isnan(last.of_theorem), stated) << rule << " " << series.quantity;
        if (!stated) continue;
        EXPECT_GE(last.theorem, last.mean_absolute);
        EXPECT_LE(last.of_theorem, 1);
      }
  }
}

/// The exact run's own gradient is that of double's to double's precision: were it another, float
/// and double would be equally far from it.
TEST(Audit, AClosedLoopHasOneModelInEveryPrecision) {
  const auto rule = settings::rule_names().back();
  for (const char* workload : {"softmax", "network", "rosenbrock", "quadratic"}) {
    const auto run =
        audit({.rule = rule, .workload = workload, .steps = 10, .closed_loop = true}, go_on);
    const auto error = [&](std::size_t reading) {
      return run.readings[reading].series[0].drift.back().mean_absolute;
    };
    EXPECT_GT(error(0), 1'000'000 * error(1)) << workload;
    EXPECT_GT(error(1), 0) << workload;
  }
}

TEST(Audit, IsValidWhereItWasInterrupted) {
  const auto rule = settings::rule_names().back();
  const auto run =
      audit({.rule = rule, .workload = "constant"}, [](std::uint64_t done) { return done < 300; });
  EXPECT_TRUE(run.interrupted);
  EXPECT_LT(run.steps, 1000u);
  EXPECT_EQ(run.readings[0].series[0].drift.back().step, run.steps);
  const auto whole = audited(rule, {}, run.steps, "constant");
  EXPECT_EQ(all_figures(run, 0).back(), all_figures(whole, 0).back());
  EXPECT_FALSE(whole.interrupted);
}

TEST(Audit, DescribesAFormat) {
  const Format fp16 = format("11:-14:15");
  EXPECT_EQ(fp16.largest(), format("fp16").largest());
  EXPECT_FALSE(format("8:-126:127:flush").subnormals);
  EXPECT_EQ(format("2:0:1").least_exponent, 0);
  EXPECT_EQ(format("53:-1022:1023").largest(), format("double").largest());
  for (const char* wrong :
       {"", "fp17", "11-14:15", "11;-14:15", "1:-14:15", "54:-14:15", "11:1:15", "11:-14:0",
        "11:-14", "11:-14:15:", "11:-14:15:flash", "11:-1023:15", " 11:-14:15"})
    EXPECT_THROW(format(wrong), std::invalid_argument) << wrong;
}

TEST(Audit, NamesASetupByWhatDiffers) {
  drift::Setup setup = with_parameters("bfloat16");
  EXPECT_EQ(drift::Setup::all_in(format("fp16")).name(), "fp16");
  setup.master_weights = format("float");
  setup.counter = format("fp16");
  setup.kahan = true;
  setup.rounding = Rounding::stochastic;
  EXPECT_EQ(
      setup.name(),
      "float/parameters=bfloat16/counter=fp16/master-weights=float/kahan/rounding=stochastic");
}

}  // namespace
}  // namespace truestep::drift
