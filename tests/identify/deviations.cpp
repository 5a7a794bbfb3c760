// SPDX-License-Identifier: Apache-2.0
// Deviations that are planted in runs of every rule have to be found, and named first.

#include "deviations.hpp"

#include <algorithm>

#include "identify/edits.hpp"
#include "identify/groups.hpp"
#include "identify/text.hpp"
#include "support/each_rule.hpp"

namespace truestep::test {
namespace {

constexpr Course course{.steps = 40, .coordinates = 8};

template <class Rule>
class IdentifyDeviation : public testing::Test {
 protected:
  IdentifyDeviation() {
    options.given = given<Rule>(Facts<Rule>::telling().front());
    h = with<Rule>(fast::conventions_of<Numbers<Rule>>.front().hyperparameters, options);
  }

  Report report_of(const Deviating& deviating) {
    return identify::identify(Rule::name, deviating_run<Rule>(h, course, deviating), options);
  }
  std::string named(const Deviating& deviating) { return first_deviation(report_of(deviating)); }

  /// A class may do the same by itself, by an option, or by a number that was not told.
  void expect_named(const Deviating& deviating, const std::string& words) {
    expect_named(report_of(deviating), words);
  }
  void expect_named(const Report& report, const std::string& words) {
    if (report.consistent.empty()) {
      EXPECT_EQ(first_deviation(report), words) << report.verdict;
      return;
    }
    const std::string planted_in(fast::conventions_of<Numbers<Rule>>.front().name);
    EXPECT_TRUE(!consistent(report).contains(planted_in) ||
                mentions(detail(report, "estimated"), planted_in))
        << report.verdict;
  }

  Options options;
  Numbers<Rule> h;
};
TYPED_TEST_SUITE(IdentifyDeviation, EachRule, RuleName);

/// What an edit, of those for a run that breaks at its second step, makes of it.
Record edited(const Record& run, const std::string& words) {
  for (const auto& edit : identify::edits_of(run, 2))
    if (edit.words == words) return edit.edited(run);
  ADD_FAILURE() << "no edit says: " << words;
  return run;
}

}  // namespace

// --- what is tried

TEST(IdentifyEdits, DoWhatTheirWordsSay) {
  const Record run{.in_double = true,
                   .steps = 3,
                   .coordinates = 2,
                   .parameters = {0, 0, 1, 2, 3, 4, 5, 6},
                   .gradients = {0.5, -3, 6, 1, 2, -0.25}};
  using Row = std::vector<double>;
  EXPECT_EQ(edited(run, "the gradients come one step late").gradients, (Row{0, 0, 0.5, -3, 6, 1}));
  EXPECT_EQ(edited(run, "each gradient is clipped to [-1, 1]").gradients,
            (Row{0.5, -1, 1, 1, 1, -0.25}));
  EXPECT_EQ(edited(run, "t starts at 11, not at 1").t, (std::vector<std::uint64_t>{11, 12, 13}));
  EXPECT_EQ(
      edited(run, "the parameters recorded are an exponential mean of them, with decay 0.9999")
          .mean_decay,
      0.9999);
  // The root halves the error of a sum of two squares; eight roundings more are allowed.
  EXPECT_EQ(edited(run, "the gradients are clipped to a norm of 1").gradient_error, 9 * 0x1p-53);
}

TEST(IdentifyEdits, NameRangesAndCutLongLists) {
  std::vector<std::size_t> numbers{1, 2, 3, 7, 8};
  EXPECT_EQ(identify::ranges(numbers), "1-3, 7-8");
  numbers.pop_back();
  // The 8 may still lie behind the last number, and belongs to no range.
  EXPECT_EQ(identify::ranges(numbers), "1-3, 7");
  // The first 25 numbers take 121 characters.
  numbers = {1};
  for (std::size_t next = 100; numbers.size() < 26; next += 2) numbers.push_back(next);
  EXPECT_TRUE(identify::ranges(numbers).ends_with(", 146, ...")) << identify::ranges(numbers);
}

TYPED_TEST(IdentifyDeviation, NoGroupsAreNamedOfARunThatFitsOrStandsStill) {
  auto run = deviating_run<TypeParam>(this->h, course, {});
  const auto& rule = identify::any_rule<TypeParam>();
  auto candidate = identify::candidates_for(rule, this->options, run).front();
  EXPECT_EQ(identify::grouped(candidate, run).count, 0u);
  std::fill(run.parameters.begin(), run.parameters.end(), 1);
  candidate.unknown = {"learning_rate"};
  EXPECT_EQ(identify::grouped(candidate, run).count, 0u);
}

// --- what is named

TYPED_TEST(IdentifyDeviation, NoneIsNamedOfARunThatFits) {
  EXPECT_EQ(this->named(Deviating{}), "");
}

TYPED_TEST(IdentifyDeviation, ASign) {
  const Deviating turned{.gradient_used = [](std::size_t, std::size_t, double g) { return -g; }};
  this->expect_named(turned, "if the gradient's sign is turned");
  // It is a choice of the description too.
  if (const auto report = this->report_of(turned); report.consistent.empty()) {
    EXPECT_TRUE(mentions(detail(report, "deviation"), "if step_sign = ")) << report.verdict;
  }
}

TYPED_TEST(IdentifyDeviation, AScale) {
  this->expect_named({.gradient_used = [](std::size_t, std::size_t, double g) { return g / 1024; }},
                     "if the gradients are scaled by 0.0009765625");
}

TYPED_TEST(IdentifyDeviation, ASkippedStep) {
  const auto skips = [](std::size_t t, std::size_t, double) { return std::size_t{t != 20}; };
  EXPECT_EQ(this->named({.counter = [](std::size_t t) { return t - (t > 20); }, .times = skips}),
            "if step 20 was skipped, and t stands still meanwhile");
}

TYPED_TEST(IdentifyDeviation, ADoubledStep) {
  const auto doubles = [](std::size_t t, std::size_t, double) { return std::size_t{t == 20} + 1; };
  EXPECT_EQ(this->named({.counter = [](std::size_t t) { return t + (t > 20); }, .times = doubles}),
            "if step 20 is made twice");
}

TYPED_TEST(IdentifyDeviation, LostStates) {
  const auto words = this->named({.states_lost = 20});
  // Where t = 1 alone begins the states, both are one.
  EXPECT_TRUE(words == "if the states start again at step 20, and t goes on" ||
              words == "if t starts again at 1 at step 20, and the states go on")
      << words;
}

TYPED_TEST(IdentifyDeviation, ALateGradient) {
  const auto g = gradients(course);
  const auto late = [&](std::size_t t, std::size_t i, double) {
    return t == 1 ? 0.0 : double{static_cast<float>(g[(t - 2) * course.coordinates + i])};
  };
  this->expect_named({.gradient_used = late}, "if the gradients come one step late");
}

TYPED_TEST(IdentifyDeviation, AClippedNorm) {
  const auto g = gradients(course);
  EXPECT_EQ(this->named({.gradient_used =
                             [&](std::size_t t, std::size_t, double its) {
                               double sum = 0;
                               for (std::size_t i = 0; i < course.coordinates; ++i)
                                 sum += std::pow(float(g[(t - 1) * course.coordinates + i]), 2);
                               const double factor = std::min(1.0, 0.5 / (std::sqrt(sum) + 1e-6));
                               return double{float(its) * static_cast<float>(factor)};
                             }}),
            "if the gradients are clipped to a norm of 0.5, over the norm plus 1e-06");
}

TYPED_TEST(IdentifyDeviation, Coordinates) {
  const auto report = this->report_of(
      {.rate = [](std::size_t, std::size_t i, double rate) { return i < 4 ? rate : rate / 8; }});
  // A search for the other rate that is given up names nothing.
  const auto words = first_deviation(report);
  EXPECT_TRUE(words == identify::text("if coordinates 0-3 are as told, coordinates 4-7 have "
                                      "learning_rate = ",
                                      identify::shortest(this->h.learning_rate / 8)) ||
              (words.empty() && !report.determined))
      << words << report.verdict;
  EXPECT_EQ(
      this->named({.times = [](std::size_t, std::size_t i, double) { return std::size_t{i < 5}; }}),
      "if coordinates 0-4 are as told, coordinates 5-7 are left as they are");
}

TYPED_TEST(IdentifyDeviation, ASchedule) {
  const auto rate = this->h.learning_rate;
  EXPECT_EQ(this->named({.rate = [](std::size_t t, std::size_t,
                                    double its) { return t <= 20 ? its : its / 10; }}),
            identify::text("if the learning rate changes: ", identify::shortest(rate),
                           " at steps 1-20, ", identify::shortest(rate / 10), " at steps 21-40"));
}

TYPED_TEST(IdentifyDeviation, AMeanOfTheParameters) {
  auto record = deviating_run<TypeParam>(this->h, course, {});
  constexpr float decay = 0.99f;
  for (std::size_t k = course.coordinates; k < record.parameters.size(); ++k)
    record.parameters[k] = decay * static_cast<float>(record.parameters[k - course.coordinates]) +
                           (1 - decay) * static_cast<float>(record.parameters[k]);
  this->expect_named(identify::identify(TypeParam::name, record, this->options),
                     "if the parameters recorded are an exponential mean of them, with decay 0.99");
}

/// Two at once are not looked for: none is named alone that does not explain the run.
TYPED_TEST(IdentifyDeviation, OfTwoAtOnceNoneIsNamedFalsely) {
  const auto skips = [](std::size_t t, std::size_t, double) { return std::size_t{t != 20}; };
  const auto doubles = [](std::size_t t, std::size_t, double) { return std::size_t{t == 25} + 1; };
  const Deviating two_at_once[]{
      {.gradient_used = [](std::size_t, std::size_t, double its) { return -its; },
       .counter = [](std::size_t t) { return t + (t > 25); },
       .times = doubles},
      {.gradient_used = [](std::size_t, std::size_t, double its) { return its / 1024; },
       .counter = [](std::size_t t) { return t - (t > 20); },
       .times = skips},
      {.counter = [](std::size_t t) { return t + (t > 25); }, .times = doubles, .states_lost = 12}};
  const std::string planted_in(fast::conventions_of<Numbers<TypeParam>>.front().name);
  for (const auto& deviating : two_at_once) {
    const auto report = this->report_of(deviating);
    EXPECT_FALSE(consistent(report).contains(planted_in)) << report.verdict;
    EXPECT_EQ(first_deviation(report), "") << report.verdict;
  }
}

/// Groups whose rates the record tells are no deviation, unless it tells them wrong.
TYPED_TEST(IdentifyDeviation, GroupsThatTheRecordTells) {
  const double rate = this->h.learning_rate;
  auto record = deviating_run<TypeParam>(
      this->h, course,
      {.rate = [](std::size_t, std::size_t i, double its) { return i % 2 == 0 ? its : its / 8; }});
  for (std::size_t i = 0; i < course.coordinates; ++i) record.group.push_back(i % 2);
  record.learning_rate_of = {std::vector(course.steps, rate), std::vector(course.steps, rate / 8)};
  auto without_rate = this->options;
  without_rate.given.erase("learning_rate");
  const std::string planted_in(fast::conventions_of<Numbers<TypeParam>>.front().name);
  const auto report = identify::identify(TypeParam::name, record, without_rate);
  EXPECT_TRUE(consistent(report).contains(planted_in)) << report.verdict;
  EXPECT_TRUE(report.verdict.starts_with("coordinates 0, 2, 4, 6: ")) << report.verdict;
  std::swap(record.learning_rate_of[0], record.learning_rate_of[1]);
  const auto swapped = identify::identify(TypeParam::name, record, without_rate);
  EXPECT_FALSE(consistent(swapped).contains(planted_in)) << swapped.verdict;
}

}  // namespace truestep::test
