// SPDX-License-Identifier: Apache-2.0
// Foreign kernels under test: each fault is found and named, and sane kernels are accused of
// nothing. What is known of one rule is in check/RULE_tests.cpp.

#include "check/foreign.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>

#include "check/c_setup.hpp"
#include "check/drive.hpp"
#include "check/fast_kernel.hpp"
#include "steps_in/every_rule.hpp"

namespace truestep::test {
namespace {

using trial::Format;

/// A convention of a rule that step_in has orders of operations for.
struct Sane {
  std::string rule, convention;
};

void PrintTo(const Sane& sane, std::ostream* out) { *out << sane.rule << " " << sane.convention; }

/// One for each map.
std::vector<Sane> sane_kernels() {
  std::vector<Sane> all;
  fast::for_each_rule([&]<class Rule>() {
    using H = typename Rule::Hyperparameters;
    std::vector<H> done;
    for (const auto& row : fast::conventions_of<H>) {
      const auto h = fast::without_idle_choices(row.hyperparameters);
      if (!has_orders(row.hyperparameters) || std::count(done.begin(), done.end(), h) > 0) continue;
      done.push_back(h);
      all.push_back({Rule::name, std::string(row.name)});
    }
  });
  return all;
}

/// The convention of a rule that is listed first.
std::string first_convention(const std::string& rule) {
  std::string name;
  fast::with_rule(rule, [&]<class Rule>() {
    name = fast::conventions_of<typename Rule::Hyperparameters>.front().name;
  });
  return name;
}

/// A number of a text, to take turns by.
std::size_t turn_of(const std::string& text) {
  std::size_t sum = 0;
  for (const char c : text) sum = 31 * sum + static_cast<unsigned char>(c);
  return sum;
}

/// The rule whose kernels show what any rule's would.
Map some_map() { return {std::tuple_element_t<0, fast::Rules>::name, "lecture_note"}; }

}  // namespace

// --- no false accusations

class SaneKernels : public testing::TestWithParam<Sane> {};

/// All sections in one order of operations, the map in others, as many as the environment variable
/// TRUESTEP_CHECK_ORDERS says.
TEST_P(SaneKernels, AreAccusedOfNothing) {
  const auto& rule = GetParam().rule;
  const auto& convention = GetParam().convention;
  const auto expect_nothing = [&](unsigned long order, const Request& request) {
    const auto report =
        checked({rule, convention}, "convention=" + convention + " order=" + std::to_string(order),
                request);
    EXPECT_TRUE(report.findings.empty() && report.undetermined.empty())
        << order << ": " << report.conclusion();
    EXPECT_GT(2 * report.teeth, report.claims);
  };
  const char* const more = std::getenv("TRUESTEP_CHECK_ORDERS");
  const unsigned long orders = more == nullptr ? 4 : std::stoul(more);
  expect_nothing(0, {.trials = 1, .only = convention == first_convention(rule) ? "" : "map"});
  expect_nothing(1, {.format = Format::float64, .trials = 1, .only = "map"});
  for (unsigned long order = 1; order <= orders; ++order)
    expect_nothing(order, {.seed = order + 1, .trials = 1, .only = "map"});
}

INSTANTIATE_TEST_SUITE_P(Check, SaneKernels, testing::ValuesIn(sane_kernels()));

// --- arrays in 16 bits

/// The first convention of each rule, and some of the others; all of them where the environment
/// variable TRUESTEP_CHECK_ORDERS is there.
std::vector<Sane> storing_kernels() {
  std::vector<Sane> some;
  for (const auto& sane : sane_kernels())
    if (std::getenv("TRUESTEP_CHECK_ORDERS") != nullptr || turn_of(sane.convention) % 6 == 0 ||
        sane.convention == first_convention(sane.rule))
      some.push_back(sane);
  return some;
}

class StoringKernels : public testing::TestWithParam<Sane> {};

/// Each in one format and one order; the first of a rule in more, and in all sections.
TEST_P(StoringKernels, AreAccusedOfNothing) {
  struct Kept {
    const char *format, *words;
  };
  constexpr std::array kept{Kept{"bfloat16", ""},
                            Kept{"float16", ""},
                            Kept{"bfloat16,rounding=stochastic", "store=stochastic"},
                            Kept{"bfloat16,states=float32", ""},
                            Kept{"float32,gradients=bfloat16,states=bfloat16", ""},
                            Kept{"float16,states=float32,rounding=stochastic", "store=stochastic"},
                            Kept{"float64,gradients=float32,states=float32", ""},
                            Kept{"bfloat16", "conduct=shows_nothing"}};
  const auto& rule = GetParam().rule;
  const auto& convention = GetParam().convention;
  const bool is_first = convention == first_convention(rule);
  const bool all = std::getenv("TRUESTEP_CHECK_ORDERS") != nullptr;
  auto next = turn_of(rule + convention);
  for (std::size_t k = 0; k < (all ? kept.size() : is_first ? 3 : 1); ++k, ++next) {
    const auto& [format, words] = kept[next % kept.size()];
    const auto report =
        checked({rule, convention},
                "convention=" + convention + " order=" + std::to_string(next) + " " + words,
                {.format = trial::storage_named(format),
                 .trials = 1,
                 .only = is_first && k == 0 ? "" : "map"});
    EXPECT_TRUE(report.findings.empty()) << format << " " << words << ": " << report.conclusion();
    EXPECT_GT(report.teeth, 0u) << format << " " << words << ": " << report.conclusion();
  }
}

INSTANTIATE_TEST_SUITE_P(Check, StoringKernels, testing::ValuesIn(storing_kernels()));

struct WrongStore {
  const char *format, *words, *kind, *text;
};

void PrintTo(const WrongStore& wrong, std::ostream* out) {
  *out << wrong.format << " " << wrong.words;
}

class WrongStores : public testing::TestWithParam<WrongStore> {};

/// In a rule each, in turn; in all where the environment variable TRUESTEP_CHECK_ORDERS is there.
TEST_P(WrongStores, AreFoundAndNamed) {
  const WrongStore& wrong = GetParam();
  const bool all = std::getenv("TRUESTEP_CHECK_ORDERS") != nullptr;
  std::size_t rule = 0;
  const auto turn =
      turn_of(std::string(wrong.format) + wrong.words) % std::tuple_size_v<fast::Rules>;
  fast::for_each_rule([&]<class Rule>() {
    if (rule++ != turn && !all) return;
    const auto convention = first_convention(Rule::name);
    const auto report = checked(
        {Rule::name, convention}, "convention=" + convention + " " + wrong.words,
        {.format = trial::storage_named(wrong.format),
         .trials = 1,
         .only = std::string(wrong.kind).find("drawn") != std::string::npos ? "storage" : "map"});
    EXPECT_NE(finding(report, wrong.kind).text.find(wrong.text), std::string::npos)
        << Rule::name << ": " << report.conclusion();
    EXPECT_EQ(finding(report, wrong.kind).kind, wrong.kind)
        << Rule::name << ": " << report.conclusion();
    EXPECT_EQ(report.verdict(), Report::Verdict::wrong) << report.conclusion();
  });
}

INSTANTIATE_TEST_SUITE_P(
    Check, WrongStores,
    testing::Values(
        WrongStore{"bfloat16", "store=none", "not_stored", "coordinates do not move"},
        WrongStore{"bfloat16", "store=cuts_off", "other_storage", "cut off, not rounded"},
        WrongStore{"float16", "store=cuts_off", "other_storage", "cut off, not rounded"},
        WrongStore{"bfloat16", "store=stochastic", "other_storage", "one of two neighbours"},
        WrongStore{"bfloat16", "store=twice", "other_storage", ""},
        WrongStore{"float32", "store=first_state_in_bfloat16", "other_storage", "kept in bfloat16"},
        WrongStore{"bfloat16,rounding=stochastic", "store=nearest", "not_drawn", "the nearest"},
        WrongStore{"bfloat16,rounding=stochastic", "store=cuts_off", "drawn_unevenly",
                   "too small"}));

/// One draw for all coordinates of a step is right in the mean as well.
TEST(Stores, OfOneDrawAStepAreAccusedOfNothing) {
  const auto report =
      checked(some_map(), "convention=lecture_note store=same_draw",
              {.format = trial::storage_named("bfloat16,rounding=stochastic"), .trials = 1});
  EXPECT_EQ(report.verdict(), Report::Verdict::right) << report.conclusion();
}

TEST(Stores, AreTypedAsTheyArePrinted) {
  for (const char* const typed :
       {"float32", "float64", "bfloat16", "float16", "bfloat16,states=float32",
        "float32,gradients=bfloat16,states=float16,m=float32,rounding=stochastic",
        "bfloat16,arithmetic=bfloat16"})
    EXPECT_EQ(word(trial::storage_named(typed)), typed);
  for (const char* const typed :
       {"", "float8", "bfloat16,states", "bfloat16,states=half", "float32,rounding=stochastic",
        "bfloat16,rounding=up", "float32,arithmetic=bfloat16", "bfloat16,arithmetic=float16",
        "bfloat16,states=float32,arithmetic=bfloat16"})
    EXPECT_THROW(trial::storage_named(typed), std::invalid_argument) << typed;
  auto request = Request{.format = trial::storage_named("float32,none=bfloat16")};
  EXPECT_THROW(checked(some_map(), "convention=lecture_note", request), std::invalid_argument);
}

/// Each number of 16 bits is read and stored as it was; one between two goes to the nearest, and
/// the middle to the even one.
TEST(Stores, AreOfTheNearest) {
  for (const Format format : {Format::bfloat16, Format::float16}) {
    double before = -std::numeric_limits<double>::infinity();
    std::uint16_t last = 0;
    const std::uint16_t infinite = format == Format::bfloat16 ? 0x7f80 : 0x7c00;
    for (std::uint16_t code = 0; code < infinite; ++code) {
      const double value = trial::load(format, &code);
      std::uint16_t again = 0;
      trial::store(format, value, &again);
      ASSERT_EQ(again, code);
      if (code > 0) {
        ASSERT_GT(value, before);
        const double middle = (before + value) / 2;
        EXPECT_EQ(trial::nearest(format, middle), last % 2 == 0 ? before : value);
        EXPECT_EQ(trial::nearest(format, std::nextafter(middle, 0)), before);
        EXPECT_EQ(trial::nearest(format, -std::nextafter(middle, value)), -value);
        EXPECT_EQ(2 * trial::half_ulp(format, before), static_cast<long double>(value - before));
      }
      before = value;
      last = code;
    }
    EXPECT_EQ(before, trial::largest(format));
    const double over = before + static_cast<double>(trial::half_ulp(format, before));
    EXPECT_EQ(trial::nearest(format, std::nextafter(over, 0)), before);
    EXPECT_TRUE(std::isinf(trial::nearest(format, over)));
    const std::uint16_t one = format == Format::bfloat16 ? 0x3f80 : 0x3c00;
    EXPECT_EQ(trial::load(format, &one), 1);
    EXPECT_TRUE(std::isinf(trial::load(format, &infinite)));
    const std::uint16_t nan = infinite + 1;
    EXPECT_TRUE(std::isnan(trial::load(format, &nan)));
  }
}

// --- every convention, said to be the first of its rule

TEST(OtherMaps, AreNamed) {
  std::map<std::string, std::size_t> named;
  constexpr std::size_t most = 6;  // of a rule
  for (const auto& [rule, convention] : sane_kernels()) {
    if (named[rule] == most) continue;
    const Map declared{rule, first_convention(rule)};
    const auto report =
        checked(declared, "convention=" + convention + " order=7", {.trials = 1, .only = "map"});
    if (report.verdict() == Report::Verdict::right) continue;
    EXPECT_EQ(finding(report, "other_map").kind, "other_map")
        << rule << " " << convention << ": " << report.conclusion();
    ++named[rule];
  }
  // One rule has no other map that is stated in several orders.
  EXPECT_GE(
      std::count_if(named.begin(), named.end(), [](const auto& each) { return each.second > 0; }),
      std::ptrdiff_t(std::tuple_size_v<fast::Rules>) - 1);
}

// --- our own kernels

/// Each convention that has a kernel: nothing is found, and nothing noted.
TEST(OwnKernels, AreAccusedOfNothing) {
  fast::for_each_rule([&]<class Rule>() {
    using H = typename Rule::Hyperparameters;
    std::vector<H> done;
    for (const auto& row : fast::conventions_of<H>) {
      const auto h = fast::without_idle_choices(row.hyperparameters);
      if (fast::without_lane(h) != nullptr || std::count(done.begin(), done.end(), h) > 0) continue;
      done.push_back(h);
      const std::string convention(row.name);
      trial::FastKernel<Rule> kernel(row.hyperparameters);
      for (const Format format : {Format::float32, Format::float64}) {
        const auto report = trial::examine(kernel, {.map = {Rule::name, convention},
                                                    .format = format,
                                                    .trials = 1,
                                                    .only = done.size() == 1 ? "" : "map"});
        EXPECT_TRUE(report.findings.empty() && report.undetermined.empty()) << report.conclusion();
      }
    }
  });
}

// --- faults of shape and conduct

struct Conduct {
  const char *words, *kind;
  bool wrong;
  const char* said = "";
};

void PrintTo(const Conduct& conduct, std::ostream* out) { *out << conduct.words; }

class Conducts : public testing::TestWithParam<Conduct> {};

TEST_P(Conducts, AreFoundAndNamed) {
  const auto& [words, kind, wrong, said] = GetParam();
  const auto report = checked(some_map(), std::string("convention=lecture_note conduct=") + words,
                              {.trials = 1, .limit = std::chrono::milliseconds(500)});
  const auto found = finding(report, kind);
  EXPECT_EQ(found.kind, kind) << report.conclusion();
  EXPECT_EQ(found.wrong, wrong);
  EXPECT_NE(found.text.find(said), std::string::npos) << found.text;
  EXPECT_EQ(report.verdict(), wrong ? Report::Verdict::wrong : Report::Verdict::right)
      << report.conclusion();
  EXPECT_EQ(report.verdict(true), Report::Verdict::wrong);
  // Bits that depend on one thing are not said to depend on another.
  if (std::string(words).starts_with("takes_another_order_") && found.kind != "run_to_run") {
    EXPECT_EQ(report.findings.size(), 1u) << report.conclusion();
  }
  if (found.section != "conduct") return;
  const auto again =
      checked(some_map(), std::string("convention=lecture_note conduct=") + words,
              {.trials = 1, .limit = std::chrono::milliseconds(500), .only = found.only});
  EXPECT_EQ(finding(again, kind).text, found.text) << found.only;
}

INSTANTIATE_TEST_SUITE_P(
    Check, Conducts,
    testing::Values(
        Conduct{"skips_the_tail", "not_stored", true},
        Conduct{"skips_the_store", "not_stored", true},
        Conduct{"writes_past_the_end", "written_outside", true,
                "1 byte past the end of theta was written (run "},
        Conduct{"writes_before", "crash", true,
                "crashes (SIGSEGV) in step 1: 4 bytes before theta was touched (run "},
        Conduct{"overwrites_the_gradient", "gradient_written", true},
        Conduct{"flushes_when_loaded", "control_word_loaded", true},
        Conduct{"flushes_in_a_step", "control_word_stepped", true},
        Conduct{"rounds_upward", "control_word_stepped", true},
        Conduct{"spreads_a_nan", "spread", true},
        Conduct{"crashes_at_17", "crash", true,
                "crashes (SIGSEGV) in step 1 (run length-17, length 17)"},
        Conduct{"crashes_when_loaded", "crash", true, "crashes (SIGABRT) while it is loaded (run "},
        Conduct{"hangs", "hang", true, "does not return in step 3: not within 0.5 s (run "},
        Conduct{"throws", "exception", true, "throws \"out of luck\" in step 3 (run "},
        Conduct{"leaves", "exit", true, "ends its process with status 3 in step 3 (run "},
        Conduct{"returns_7", "failed", true, "returns 7 in step 3 (run "},
        Conduct{"steps_twice_in_the_tail", "tail", true},
        Conduct{"forgets_states", "outside_bound", true},
        Conduct{"reads_past_the_end", "read_past_the_end", false,
                "crashes (SIGSEGV) in step 1: 1 byte past the end of theta was touched"},
        Conduct{"reads_a_vector_past_the_end", "read_past_the_end", true,
                "with length 16 and the array's end at the end of a page it crashes"},
        Conduct{"wants_alignment", "alignment", false, "it wants more alignment than an element's"},
        Conduct{"takes_one_tensor", "refused", false},
        Conduct{"takes_another_order_each_run", "run_to_run", false},
        Conduct{"takes_another_order_of_negatives", "sign", false},
        Conduct{"takes_another_order_of_large_thetas", "power_of_two", false},
        Conduct{"takes_another_order_at_first", "resumption", false},
        Conduct{"takes_another_order_of_tensors", "split", false},
        Conduct{"takes_another_order_of_short_ones", "length", false, "the length (1 or 203)"},
        Conduct{"takes_another_order_elsewhere", "alignment_bits", false}),
    [](const auto& instance) { return std::string(instance.param.words); });

using SomeRule = std::tuple_element_t<0, fast::Rules>;

/// A step of five coordinates from states of their own.
trial::Job one_step() {
  trial::Job job;
  job.setup = {SomeRule::name, Format::float32, {5}, {}};
  job.t = {1};
  job.theta = {1, 2, 3, 4, 5};
  job.gradients = {0.5, -0.5, 0.25, -0.25, 1};
  double value = 1;
  for (const auto& name : trial::states(some_map())) {
    job.shown.push_back(name);
    for (std::size_t i = 0; i < 5; ++i) job.states[name].push_back(value /= 2);
  }
  return job;
}

/// The states of several tensors are set and shown one after the other, of one step too.
TEST(Drives, OfSeveralTensorsAreThoseOfOne) {
  trial::FastKernel<SomeRule> kernel{SomeRule::Hyperparameters()};
  const std::chrono::seconds limit(60);
  auto job = one_step();
  ASSERT_FALSE(job.shown.empty());
  const auto whole = trial::drive(kernel, job, limit);
  EXPECT_TRUE(whole.took_states);
  for (const auto& name : job.shown) EXPECT_EQ(whole.states.at(name).size(), 5u) << name;
  job.setup.lengths = {2, 0, 3};
  const auto split = trial::drive(kernel, job, limit);
  EXPECT_TRUE(split.took_states);
  EXPECT_EQ(split.theta, whole.theta);
  EXPECT_EQ(split.states, whole.states);
  job.states.clear();
  EXPECT_NE(trial::drive(kernel, job, limit).theta, whole.theta);
}

using Change = std::function<void(trial::NumberList&)>;

/// Our kernel at other numbers than those that it is told.
class AtOtherNumbers : public trial::FastKernel<SomeRule> {
 public:
  explicit AtOtherNumbers(Change change) : FastKernel({}), change_(std::move(change)) {}

  std::unique_ptr<trial::Optimizer> make(const trial::Setup& setup) override {
    auto told = setup;
    change_(told.numbers);
    return FastKernel::make(told);
  }

 private:
  Change change_;
};

void expect_called(const Change& change, Format format, const std::string& words) {
  AtOtherNumbers kernel(change);
  const auto report =
      trial::examine(kernel, {.map = some_map(), .format = format, .trials = 1, .only = "map"});
  EXPECT_NE(finding(report, "other_map").text.find(words), std::string::npos)
      << words << ": " << report.conclusion();
}

TEST(OtherMaps, OfOtherNumbersAreCalledByThem) {
  std::size_t own = 0, formed = 0;
  for (const auto& number : trial::hyperparameters(some_map())) {
    if (!number.acts) continue;
    const auto is_it = [&](const auto& each) { return each.first == number.name; };
    expect_called([&](trial::NumberList& told) { std::erase_if(told, is_it); }, Format::float32,
                  fmt::format("{} = {} whatever it is told", number.name, number.value));
    ++own;
    if (number.kind != trial::Hyperparameter::Kind::weight) continue;
    expect_called(
        [&](trial::NumberList& told) {
          for (auto& each : told)
            if (is_it(each)) each.second = 1 - double{1 - static_cast<float>(each.second)};
        },
        Format::float64, fmt::format("that with 1 - {} formed in float", number.name));
    ++formed;
  }
  EXPECT_GE(own, 2u);
  EXPECT_GE(formed, 1u);
}

/// Version 1 has arrays of one format; what each array is in is told in any case.
TEST(CSetups, SayTheFormatOfEachArray) {
  const auto expect = [](const char* format, unsigned version, const char* of_all,
                         const std::map<std::string, std::string>& of) {
    const trial::Setup setup{SomeRule::name, trial::storage_named(format), {3, 4}, {{"one", 1}}};
    const trial::CSetup told(setup);
    const truestep_setup& its = *told.get();
    EXPECT_EQ(its.version, version) << format;
    EXPECT_STREQ(its.format, of_all) << format;
    EXPECT_EQ(std::vector<std::size_t>(its.lengths, its.lengths + its.tensors), setup.lengths);
    EXPECT_EQ(truestep_number(&its, "one", 0), 1);
    EXPECT_EQ(truestep_number(&its, "two", 7), 7);
    for (const auto& [array, word] : of)
      EXPECT_EQ(truestep_format(&its, array.c_str()), word) << format << " " << array;
  };
  expect("float32", 1, "float32", {{"theta", "float32"}, {"gradients", "float32"}});
  expect("float64", 1, "float64", {{"theta", "float64"}, {"v", "float64"}});
  expect("bfloat16", 2, "bfloat16", {{"theta", "bfloat16"}, {"v", "bfloat16"}});
  expect("bfloat16,gradients=float16,states=float32,v=float64", 2, "mixed",
         {{"theta", "bfloat16"}, {"gradients", "float16"}, {"m", "float32"}, {"v", "float64"}});
}

/// Not faults: what such a kernel cannot show is not held against it.
class Peculiar : public testing::TestWithParam<const char*> {};

TEST_P(Peculiar, KernelsAreAccusedOfNothing) {
  fast::for_each_rule([&]<class Rule>() {
    const auto first = first_convention(Rule::name);
    const auto report = checked({Rule::name, first},
                                "convention=" + first + " conduct=" + GetParam(), {.trials = 1});
    EXPECT_EQ(report.verdict(true), Report::Verdict::right) << report.conclusion();
  });
}

INSTANTIATE_TEST_SUITE_P(Check, Peculiar,
                         testing::Values("counts_itself", "shows_nothing", "is_float32_alone"));

TEST(Check, AnUnsupportedFormatIsNotDetermined) {
  const auto report = checked(some_map(), "convention=lecture_note conduct=is_float32_alone",
                              {.format = Format::float64});
  EXPECT_EQ(report.verdict(), Report::Verdict::undetermined) << report.conclusion();
}

TEST(Check, WhatIsNoKernelIsRefused) {
  const auto kernel = trial::shared_library("/none/none.so");
  EXPECT_THROW(trial::examine(*kernel, {.map = some_map()}), trial::NotLoaded);
}

/// More of them than a tail has are no other map.
TEST(Check, CoordinatesThatBecomeNaNAreCounted) {
  const auto report =
      checked(some_map(), "convention=lecture_note conduct=makes_every_other_a_nan", {.trials = 1});
  const auto text = finding(report, "not_finite").text;
  EXPECT_TRUE(text.starts_with("101 of 203 coordinates become NaN or infinite"))
      << report.conclusion();
}

/// The case of a finding alone is outside again.
TEST(Check, AFindingIsRerunAlone) {
  const auto report =
      checked(some_map(), "convention=lecture_note conduct=steps_twice_in_the_tail", {.trials = 1});
  const auto only = finding(report, "tail").only;
  const auto again = checked(some_map(), "convention=lecture_note conduct=steps_twice_in_the_tail",
                             {.trials = 1, .only = only});
  EXPECT_EQ(finding(again, "outside_bound").only, only) << again.conclusion();
  EXPECT_THROW(checked(some_map(), "convention=lecture_note", {.only = "none/1"}),
               std::invalid_argument);
}

}  // namespace truestep::test
