// SPDX-License-Identifier: Apache-2.0
// What set-ups mean as they are typed, and how they are judged.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "audited.hpp"
#include "report.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

TEST(Setups, AreFloatButForWhatIsSaid) {
  const auto stored = typed_setup("pytorch_bf16");
  for (const Role& role : roles) {
    const bool is_stored = role.format == &drift::Setup::parameters ||
                           role.format == &drift::Setup::states ||
                           role.format == &drift::Setup::gradients;
    EXPECT_EQ((stored.*role.format).name, is_stored ? "bfloat16" : "float") << role.name;
  }
  EXPECT_EQ(stored.name(), "pytorch_bf16");
  const auto described = typed_setup("bfloat16");
  for (const Role& role : roles) EXPECT_EQ(described.*role.format, stored.*role.format);
  const auto one = typed_setup("states=fp16");
  EXPECT_EQ(one.name(), "float/states=fp16");
  EXPECT_EQ(one.bytes_per_parameter(2), 8);
  EXPECT_EQ(stored.bytes_per_parameter(2), 6);
}

TEST(Setups, AllOfAFormatIsAllOfIt) {
  for (const auto& [name, format_name] :
       {std::pair("all_bf16", "bfloat16"), std::pair("all_fp16", "fp16"),
        std::pair("float", "float"), std::pair("double", "double")}) {
    const auto typed = typed_setup(name), all = drift::Setup::all_in(format(format_name));
    for (const Role& role : roles) EXPECT_EQ(typed.*role.format, all.*role.format) << name;
  }
}

/// The states are kept like the weights that the optimizer reads, unless something is said of them.
TEST(Setups, StatesFollowTheMasterWeights) {
  const auto master = typed_setup("bf16_master");
  EXPECT_EQ(master.states.name, "float");
  EXPECT_EQ(master.parameters.name, "bfloat16");
  EXPECT_EQ(master.kept_parameters().name, "float");
  EXPECT_EQ(master.bytes_per_parameter(2), 14);
  EXPECT_EQ(typed_setup("bfloat16,master=float").states.name, "float");
  EXPECT_EQ(typed_setup("bfloat16,master=float,states=fp16").states.name, "fp16");
  EXPECT_EQ(typed_setup("bfloat16,master=float").arithmetic.name, "float");
}

TEST(Setups, RolesDifferAsTheyAreTyped) {
  const auto typed = typed_setup("bf16_kahan,states=float,counter=fp16");
  EXPECT_EQ(typed.name(), "bf16_kahan/states=float/counter=fp16");
  EXPECT_TRUE(typed.kahan);
  EXPECT_EQ(typed.states.name, "float");
  EXPECT_EQ(typed.counter.name, "fp16");
  const auto random = typed_setup("bf16_stochastic");
  EXPECT_EQ(random.rounding_of_parameters(), Rounding::stochastic);
  EXPECT_EQ(random.rounding_of_states(), Rounding::nearest_even);
  EXPECT_EQ(random.rounding, Rounding::nearest_even);
  EXPECT_EQ(typed_setup("rounding=zero").name(),
            "float/parameter_rounding=zero/state_rounding=zero");
  EXPECT_TRUE(typed_setup("amp_fp16").loss_scale->dynamic);
  EXPECT_EQ(typed_setup("amp_fp16,loss_scale=1024").loss_scale->initial, 1024);
  EXPECT_FALSE(typed_setup("amp_fp16,loss_scale=1").loss_scale);
  EXPECT_EQ(typed_setup("fp8_states").state_block, 256u);
  EXPECT_EQ(typed_setup("fp8_states").bytes_per_parameter(2), 4 + 2 * (1 + 4 / 256.0));
  EXPECT_EQ(typed_setup("fp8_states,state_block=0").bytes_per_parameter(2), 6);
}

TEST(Setups, RefuseWhatTheyAreNot) {
  for (const char* wrong : {"",
                            "pytorch_bf61",
                            "bf16_kahan,",
                            "bf16_kahan,states",
                            "states=",
                            "states=foo",
                            "state_block=32",
                            "state_block=100",
                            "state_block=32768",
                            "state_block=x",
                            "fp8_states,states=bfloat16",
                            "kahan=maybe",
                            "loss_scale=3",
                            "loss_scale=0.5",
                            "loss_scale=-2",
                            "loss_scale=x",
                            "states=float,states=fp16",
                            "sates=float",
                            "rounding=up",
                            "seed=-1"})
    EXPECT_THROW(typed_setup(wrong), std::invalid_argument) << wrong;
}

TEST(Setups, TakeTheBytesOfTheirFormats) {
  const std::pair<const char*, std::size_t> known[] = {
      {"double", 8}, {"float", 4},    {"tf32", 4},     {"bfloat16", 2},
      {"fp16", 2},   {"fp8-e4m3", 1}, {"fp8-e5m2", 1}, {"3:-1:1", 1}};
  for (const auto& [name, bytes] : known) EXPECT_EQ(format(name).bytes(), bytes) << name;
}

Run with(double median_relative, std::uint64_t lost, std::uint64_t not_finite) {
  const Spread relative{median_relative, median_relative, median_relative, median_relative,
                        median_relative};
  Run run{.rule = "a_rule",
          .workload = "<a|b>",
          .convention = {},
          .parameters = 1,
          .closed_loop = false};
  run.steps = 100;
  for (const char* name : {"float", "double", "bf16_master", "pytorch_bf16"}) {
    Series theta{.quantity = "theta"};
    theta.drift.push_back({.step = 100,
                           .ulp = relative,
                           .relative = relative,
                           .mean_absolute = 0,
                           .rounding = 0,
                           .coefficients = 0,
                           .radius = 0,
                           .closest = 0,
                           .theorem = 0,
                           .of_theorem = 0});
    theta.updates.exact = theta.updates.values = 1000;
    run.readings.push_back({typed_setup(name), run.readings.size() < 2, {theta}, {}, {}});
  }
  auto& updates = run.readings.back().series.front().updates;
  updates.lost = lost;
  updates.not_finite = not_finite;
  return run;
}

Verdict last_verdict(const Run& run, const Criteria& criteria = {}) {
  return judged({&run, 1}, criteria).of_setups.back().verdict;
}

TEST(Verdicts, FallByTheirCriteria) {
  EXPECT_EQ(last_verdict(with(1e-3, 1000, 0)), Verdict::safe);
  EXPECT_EQ(last_verdict(with(2e-3, 9, 0)), Verdict::safe);
  EXPECT_EQ(last_verdict(with(2e-3, 10, 0)), Verdict::loses_updates);
  EXPECT_EQ(last_verdict(with(2e-3, 10, 0), typed_criteria("lost=0.02")), Verdict::safe);
  EXPECT_EQ(last_verdict(with(2e-3, 10, 0), typed_criteria("off=0.002")), Verdict::safe);
  EXPECT_EQ(last_verdict(with(0.02, 0, 0)), Verdict::drifts);
  EXPECT_EQ(last_verdict(with(0.02, 0, 0), typed_criteria("drift=0.1,off=1")), Verdict::safe);
  EXPECT_EQ(last_verdict(with(0.01, 0, 0)), Verdict::safe);
  EXPECT_EQ(last_verdict(with(1e-9, 0, 1)), Verdict::breaks);
  auto state_breaks = with(1e-9, 0, 0);
  state_breaks.readings.back().series.push_back({.quantity = "v"});
  EXPECT_EQ(last_verdict(state_breaks), Verdict::safe);
  state_breaks.readings.back().series.back().updates.not_finite = 1;
  EXPECT_EQ(last_verdict(state_breaks), Verdict::breaks);
  for (const char* wrong : {"", "lost", "lost=", "lost=-1", "lost=x", "lots=1", "lost=1,"})
    EXPECT_THROW(typed_criteria(wrong), std::invalid_argument) << wrong;
}

/// Half of theta says nothing of its farthest coordinate.
TEST(Verdicts, SpeakOfTheFarthestCoordinate) {
  auto run = with(1e-9, 0, 0);
  const auto thrown = [&](double of_reach, const Criteria& criteria = {}) {
    run.readings.back().farthest = {131, 60, of_reach};
    return last_verdict(run, criteria);
  };
  EXPECT_EQ(thrown(0.5), Verdict::safe);
  EXPECT_EQ(thrown(1), Verdict::safe);
  EXPECT_EQ(thrown(std::nextafter(1, 2)), Verdict::strays);
  EXPECT_EQ(thrown(HUGE_VAL), Verdict::strays);
  EXPECT_EQ(thrown(190, typed_criteria("far=200")), Verdict::safe);
  EXPECT_EQ(thrown(0.5, typed_criteria("far=0.25")), Verdict::strays);
  const auto sentence = [&] { return judged({&run, 1}, {}).of_setups.back().sentence; };
  EXPECT_EQ(thrown(190), Verdict::strays);
  EXPECT_EQ(sentence(),
            "pytorch_bf16 strays: coordinate 131 of theta is off by 60, 190 times what it is or "
            "moved; half of theta by 1e-09 of itself or more, none of its updates lost.");
  EXPECT_NE(judged({&run, 1}, {}).recommendation().find("strays (60 at the farthest, 2 bytes)"),
            std::string::npos);
  EXPECT_EQ(thrown(0.25), Verdict::safe);
  EXPECT_NE(sentence().find(", the farthest by 0.25 of what it is or moved, "), std::string::npos)
      << sentence();
  run.readings.back().series.front().updates.not_finite = 1;
  EXPECT_EQ(thrown(190), Verdict::breaks);
}

/// The run in which it is farther decides between two in which it strays.
TEST(Verdicts, AreThoseOfTheRunInWhichItStraysFarther) {
  std::vector<drift::Run> runs{with(0.5, 0, 0), with(1e-9, 0, 0), with(1e-9, 0, 0)};
  runs[1].readings.back().farthest = {1, 60, 190};
  runs[2].readings.back().farthest = {2, 600, 19};
  EXPECT_EQ(judged(runs, {}).of_setups.back().run, &runs[1]);
}

/// The worst run decides.
TEST(Verdicts, AreThoseOfTheWorstRun) {
  const std::vector<drift::Run> runs{with(1e-9, 0, 0), with(2e-3, 500, 0), with(1e-9, 0, 0)};
  const auto judgements = judged(runs, {});
  EXPECT_EQ(judgements.of_setups.back().run, &runs[1]);
  EXPECT_EQ(judgements.worst(), Verdict::loses_updates);
  EXPECT_EQ(judgements.sentences().size(), 2u);
}

/// The run in which most is lost, most broken, or theta is farthest off, among those of a verdict.
TEST(Verdicts, AreToldOfTheRunThatIsWorstInWhatTheySay) {
  const auto named_of = [](const std::vector<drift::Run>& runs) {
    return judged(runs, {}).of_setups.back().run - runs.data();
  };
  EXPECT_EQ(named_of({with(5e-3, 20, 0), with(2e-3, 500, 0), with(4e-3, 30, 0)}), 1);
  EXPECT_EQ(named_of({with(0.02, 0, 0), with(0.03, 5, 0), with(0.025, 9, 0)}), 1);
  EXPECT_EQ(named_of({with(0.5, 900, 2), with(1e-9, 0, 3), with(0.4, 0, 1)}), 1);
  EXPECT_EQ(named_of({with(1e-9, 0, 0), with(3e-9, 5, 0), with(2e-9, 9, 0)}), 1);
  EXPECT_EQ(named_of({with(1e-9, 0, 0), with(1e-9, 0, 0)}), 0);
  auto in_its_state = with(1e-9, 0, 2);
  in_its_state.readings.back().series.push_back({.quantity = "v"});
  in_its_state.readings.back().series.back().updates.not_finite = 2;
  EXPECT_EQ(named_of({with(1e-9, 0, 3), in_its_state}), 1);
}

TEST(Verdicts, SayWhatIsSo) {
  const auto sentence = [](const drift::Run& run) {
    return judged({&run, 1}, {}).of_setups.back().sentence;
  };
  EXPECT_EQ(
      sentence(with(1e-9, 3, 0)),
      "pytorch_bf16 is safe: half of theta is off by at most 1e-09 of itself, the farthest by 0 "
      "of what it is or moved, 0.3 % of its updates lost.");
  EXPECT_EQ(sentence(with(2e-3, 500, 0)),
            "pytorch_bf16 loses updates: 50 % of theta's did not move it, and half of it is off by "
            "0.002 of itself or more, the farthest by 0 of what it is or moved.");
  EXPECT_EQ(
      sentence(with(0.02, 0, 0)),
      "pytorch_bf16 drifts: half of theta is off by 0.02 of itself or more, the farthest by 0 of "
      "what it is or moved.");
  EXPECT_EQ(sentence(with(1e-9, 0, 250)),
            "pytorch_bf16 breaks: 25 % of theta's values are infinite or NaN.");
  auto kept = with(2e-3, 500, 0);
  for (const auto& [name, words] : {std::pair("bf16_kahan", "50 % of its updates moved it later."),
                                    std::pair("bf16_stochastic", "left out by chance.")}) {
    kept.readings.back().setup = typed_setup(name);
    EXPECT_TRUE(sentence(kept).ends_with(words)) << sentence(kept);
  }
  kept.readings.back().series.front().updates.lost = 0;
  EXPECT_TRUE(sentence(kept).ends_with(", none of its updates lost.")) << sentence(kept);
  const std::vector<drift::Run> two{with(1e-9, 0, 0), with(2e-3, 500, 0)};
  EXPECT_TRUE(judged(two, {}).of_setups.back().sentence.ends_with(
      "of what it is or moved (a_rule, <a|b>)."));
}

TEST(Verdicts, SayBesidesWhatIsToBeKnown) {
  auto run = with(1e-9, 0, 0);
  run.first_step = 11;  // the last one is 110
  Reading& last = run.readings.back();
  const auto plain = judged({&run, 1}, {}).of_setups.back().sentence;
  const auto said = [&] {
    const auto sentence = judged({&run, 1}, {}).of_setups.back().sentence;
    EXPECT_TRUE(sentence.starts_with(plain)) << sentence;
    return sentence.substr(std::min(plain.size(), sentence.size()));
  };
  last.stuck = Stuck{110, 2048};
  EXPECT_EQ(said(), " The counter stays at 2048 from step 110 on.");
  last.stuck->step = 111;
  EXPECT_EQ(said(), "");
  last.skips = Skips{};
  EXPECT_EQ(said(), "");
  last.skips->count = 1;
  EXPECT_EQ(
      said(),
      " 1 of 100 steps were left out, as a scaled gradient overflowed; that counts as drift.");
  last.skips.reset();
  last.not_finite = NotFinite{{12, 3, 0, 0}, "v", 0.25, ""};
  EXPECT_EQ(said(), " The first is v of coordinate 3 at step 12, where the gradient is 0.25.");
  last.not_finite->why = "root of -1";
  EXPECT_EQ(said(),
            " The first is v of coordinate 3 at step 12, where the gradient is 0.25: root of -1.");
}

/// What a parameter does not show of an update is beside it, or in it by chance.
TEST(Verdicts, KnowOfUpdatesThatAreNotLost) {
  for (const char* kept : {"bf16_kahan", "bf16_stochastic"}) {
    auto run = with(2e-3, 500, 0);
    run.readings.back().setup = typed_setup(kept);
    EXPECT_EQ(last_verdict(run), Verdict::safe) << kept;
    run.readings.back().series.front().drift.back().relative.median = 0.02;
    EXPECT_EQ(last_verdict(run), Verdict::drifts) << kept;
  }
}

TEST(Verdicts, RecommendTheSafeOneInTheFewestBytes) {
  const auto losing = with(2e-3, 500, 0), sound = with(1e-9, 0, 0);
  const auto recommended = [](const drift::Run& run) {
    return judged({&run, 1}, {}).recommendation();
  };
  EXPECT_TRUE(recommended(losing).starts_with("Recommended: bf16_master,")) << recommended(losing);
  EXPECT_NE(recommended(losing).find("pytorch_bf16 loses updates"), std::string::npos);
  EXPECT_TRUE(recommended(sound).starts_with("Recommended: pytorch_bf16,")) << recommended(sound);
  // 2 bytes of theta here, 2 + 4 with master weights, no state.
  EXPECT_EQ(
      recommended(sound),
      "Recommended: pytorch_bf16, safe in the fewest bytes of these, 2 a parameter without "
      "gradients, half of theta off by at most 1e-09 of itself; bf16_master is safe (1e-09, 6 "
      "bytes).");
  auto broken = with(1e-9, 0, 1);
  EXPECT_TRUE(recommended(broken).ends_with("; pytorch_bf16 breaks (2 bytes)."))
      << recommended(broken);
  broken.readings[2].series.front().updates.not_finite = 1;
  EXPECT_EQ(recommended(broken),
            "None of these is safe. float is safe and takes 4 bytes a parameter.");
  // What is nearer comes first among those of as many bytes.
  auto even = with(1e-9, 0, 0);
  even.readings[2].setup = typed_setup("fp16");
  even.readings[2].series.front().drift.back().relative.median = 1e-10;
  EXPECT_TRUE(recommended(even).starts_with("Recommended: float/parameters=fp16/"))
      << recommended(even);
  std::vector<drift::Run> of_two_rules{with(2e-3, 500, 0), with(1e-9, 0, 0)};
  EXPECT_NE(judged(of_two_rules, {}).recommendation(), "");
  of_two_rules[1].rule = "another_rule";
  of_two_rules[1].readings[2].series.front().drift.back().relative.median = 3e-3;
  EXPECT_EQ(judged(of_two_rules, {}).recommendation(), "");
  auto alone = losing;
  alone.readings.pop_back();
  EXPECT_EQ(recommended(alone), "");
}

TEST(Verdicts, AreWrittenForCI) {
  const auto losing = with(2e-3, 500, 0);
  const auto xml = [&](std::optional<Verdict> fails_on) {
    return junit({&losing, 1}, {}, fails_on, {});
  };
  EXPECT_NE(xml(Verdict::breaks).find("tests=\"5\" failures=\"0\""), std::string::npos);
  const auto failing = xml(Verdict::loses_updates);
  EXPECT_NE(failing.find("tests=\"5\" failures=\"1\""), std::string::npos) << failing;
  EXPECT_NE(failing.find("pytorch_bf16 on &lt;a|b&gt;"), std::string::npos) << failing;
  EXPECT_NE(xml({}).find("failures=\"0\""), std::string::npos);
  const auto table = markdown({&losing, 1}, judged({&losing, 1}, {}), {}, "truestep audit");
  EXPECT_NE(table.find("| a_rule | <a\\|b> | pytorch_bf16 | loses updates | 0.002 |"),
            std::string::npos)
      << table;
}

}  // namespace
}  // namespace truestep::drift
