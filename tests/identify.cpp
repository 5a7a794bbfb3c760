// SPDX-License-Identifier: Apache-2.0
// Which convention a run follows: runs by every convention in random orders of operations, what is
// refused, and bad files. Recorded and wrong runs are those of a rule, in identify/RULE.cpp.

#include "identify/runs.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <unistd.h>

#include "identify/boxed.hpp"
#include "identify/interval.hpp"
#include "identify/judging.hpp"
#include "identify/narrowed.hpp"
#include "identify/numbers.hpp"
#include "identify/replay.hpp"
#include "identify/sought.hpp"
#include "identify/stopped.hpp"
#include "identify/telling.hpp"
#include "identify/text.hpp"
#include "identify/verdict.hpp"
#include "support/each_rule.hpp"
#include "support/outside.hpp"

namespace truestep::test {

Record recorded(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return identify::record(folder + "/params.npy", folder + "/grads.npy");
}

namespace {

/// Every convention's run against every convention: exactly those of its map are consistent.
template <class Rule, class T = float>
void expect_matrix(const Options& options, std::uint64_t orders) {
  std::vector<Numbers<Rule>> done;
  double most = 0;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(row.hyperparameters, options);
    const bool is_new = std::find(done.begin(), done.end(), h) == done.end();
    if (!takes<Rule>(row, options) || !applicable<Rule>(h) || !is_new) continue;
    done.push_back(h);
    const auto same = names_of_map<Rule, T>(h, options);
    const std::uint64_t runs = has_orders(h) ? orders : 1;
    for (std::uint64_t seed = 0; seed < runs; ++seed) {
      const Course course{.seed = seed + 1};
      const auto record = has_orders(h) ? run<Rule, T>(h, course, random_order(seed))
                                        : run_of_reference<Rule, T>(h, course);
      const auto report = identify::identify(Rule::name, record, options);
      EXPECT_EQ(consistent(report), same)
          << Rule::name << " as in " << row.name << ", seed " << seed << ": " << report.verdict;
      for (const auto& each : report.consistent) most = std::max(most, each.place.excess);
    }
  }
  std::printf("%s: at most at %.2f of the bound\n", Rule::name, most);
}

}  // namespace

// --- every convention against every other

template <class Rule>
class IdentifyMatrix : public testing::Test {};
TYPED_TEST_SUITE(IdentifyMatrix, EachRule, RuleName);

/// With the numbers that tell the conventions apart, more of them each time, weight decay last.
TYPED_TEST(IdentifyMatrix, ARunFitsTheConventionsOfItsMapAlone) {
  auto telling = Facts<TypeParam>::telling();
  telling.push_back({{"weight_decay", 0.5}});
  Options options;
  for (const auto& values : telling) {
    const bool first = options.given.empty();
    options.given.merge(given<TypeParam>(values));
    expect_matrix<TypeParam>(options, first ? 4 : 2);
    if (first) expect_matrix<TypeParam, double>(options, 1);
  }
}

// --- the bound itself

namespace {

template <class Rule>
void expect_moves_inside(const Options& options) {
  std::vector<Numbers<Rule>> done;
  for (const auto& [name, class_name, defaults, its_options, words] :
       fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(defaults, options);
    if (!applicable<Rule>(h) || !has_orders(h) ||
        std::find(done.begin(), done.end(), h) != done.end())
      continue;
    done.push_back(h);
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
      const Course course{.steps = 100, .coordinates = 8, .seed = seed};
      EXPECT_EQ((moves_outside<Rule, float>(h, course, random_order(seed))), 0u) << name;
      EXPECT_EQ((moves_outside<Rule, double>(h, course, random_order(seed))), 0u) << name;
    }
  }
}

template <class Rule>
class AnyOrderOf : public testing::Test {};
TYPED_TEST_SUITE(AnyOrderOf, EachRule, RuleName);

}  // namespace

TYPED_TEST(AnyOrderOf, EveryConventionIsCovered) {
  for (const auto& values : Facts<TypeParam>::moving())
    expect_moves_inside<TypeParam>({given<TypeParam>(values)});
}

TEST(AnyOrder, ClaimsNothingWhereADivisorMayBeZero) {
  using Number = proofs::AnyOrder<float>;
  const Number one = Number::data(1), zero = Number::data(0), third = one / Number::data(3);
  EXPECT_FALSE((one / zero).bounded());
  EXPECT_FALSE((zero / zero).bounded());
  EXPECT_FALSE((one / (third - third)).bounded());
  EXPECT_FALSE(where_positive(third - third, one).bounded());
  EXPECT_TRUE(where_positive(zero, one).bounded());
  EXPECT_FALSE(where_alike(third - third, one, one).bounded());
  EXPECT_FALSE(where_alike(one, third - third, one).bounded());
  EXPECT_EQ(where_alike(zero, one, one), one);
  EXPECT_EQ(where_alike(-one, -third, one), one);
  EXPECT_EQ(where_alike(zero, -one, one), zero);
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

/// A float state times a float coefficient rounds twice, a coefficient times another once.
TEST(AnyOrder, TheStartOfAStateIsNoCoefficient) {
  using Number = proofs::AnyOrder<float>;
  std::size_t outside_as_coefficient = 0;
  for (int i = 1; i < 1000; ++i) {
    const double beta = i / 1000.0;
    const float kept = static_cast<float>(beta) * 0.7f;
    const auto excess = [&](const Number& start) {
      const Number product = Number(beta) * start;
      return std::fabs(kept - product.value) - (product + Number::data(0)).radius;
    };
    EXPECT_LE(excess(Number(0.7).stored()), 0) << beta;
    outside_as_coefficient += excess(Number(0.7)) > 0;
  }
  EXPECT_GT(outside_as_coefficient, 0u);
  EXPECT_EQ(Number(0.0).stored().radius, 0);
  EXPECT_EQ(Number(1.0).stored().radius, 0);
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

/// What two roundings of each sum or product, relative to the values that meet, would not cover.
TEST(AnyOrder, ATermMayMeetAsManyAdditionsAsThereAreTerms) {
  using Number = proofs::AnyOrder<float>;
  constexpr long double u = 0x1p-24L;
  const float lost = 0x1.fp-25f;
  const Number little = Number::data(lost),
               at_once = Number::data(1) + (little + (little + little));
  const float one_by_one = ((1 + lost) + lost) + lost;
  const long double off = at_once.value - one_by_one;
  EXPECT_GT(off, 2.9L * u * at_once.magnitude);
  EXPECT_LE(off, at_once.radius);
  EXPECT_GT(off + 0x1p-23L, at_once.radius);  // one ulp more is too much
  EXPECT_EQ(at_once.terms, 4);
  EXPECT_EQ(at_once.stored().terms, 1);
}

TEST(AnyOrder, AFactorMayBeRoundedOtherwiseBesideEachTerm) {
  using Number = proofs::AnyOrder<float>;
  constexpr int count = 6;
  const float lost = 0.97f * 0x1p-24f, gained = 1.03f * 0x1p-24f;
  Number sum_lost = Number::data(lost), sum_gained = Number::data(gained);
  float all_lost = lost, all_gained = gained;
  for (int i = 1; i < count; ++i) {
    sum_lost = sum_lost + Number::data(lost), sum_gained = sum_gained + Number::data(gained);
    all_lost += lost, all_gained += gained;
  }
  // (1 + ...) (1 - 1) as (1 + ...) - (1 + ...), once with what is lost last, once with what is not.
  float first = 1 + all_gained, second = 1 + all_lost;
  for (int i = 0; i < count; ++i) first += lost, second += gained;
  const Number one = Number::data(1), sum = one + (sum_lost + sum_gained), none = one - one;
  const Number product = sum * none;
  const long double off = second - first;
  EXPECT_GT(off, std::fabs(sum.value) * none.radius + 2.1L * 0x1p-24L * product.magnitude);
  EXPECT_LE(off, product.radius);
}

/// rate g is flushed and meets 1 / sigma then, where the formula has g / sigma first.
TEST(AnyOrder, AProductMayLeaveTheRangeInOneOrderAlone) {
  using Number = proofs::AnyOrder<float>;
  const Number g = Number::data(1e-36f), sigma = Number::data(1e-8f), rate = Number::data(1e-3f);
  const Number step = g / sigma * rate;
  EXPECT_GT(step.value, 16 * step.magnitude * 0x1p-24L);
  EXPECT_LE(step.value, step.radius);  // it may come to 0
  const Number usual = Number::data(1e-3f) / sigma * rate;
  EXPECT_LT(usual.radius, 6 * usual.value * 0x1p-24L);
  EXPECT_TRUE((Number::data(1e30f) / Number::data(1e20f)).bounded());
  EXPECT_FALSE((Number::data(1e30f) / Number::data(1e20f) * Number::data(1e15f)).bounded());
}

// --- never false

namespace {

/// How many runs of each rule and type are made: more where the environment says so.
std::uint64_t from_environment(const char* name, std::uint64_t usual) {
  const char* const typed = std::getenv(name);
  return typed == nullptr ? usual : std::stoull(typed);
}

/// What came of runs whose convention and numbers are known.
struct Tally {
  std::size_t runs = 0, named = 0, not_determined = 0, excluded = 0, named_others = 0;
  std::string seeds;  ///< of those that are wrong, with what was told and what was said

  void add(const Report& report, const std::string& truth, std::uint64_t seed,
           const Options& told) {
    ++runs;
    const bool is_named = names_in(report.verdict).contains(truth);
    const bool fits = !report.consistent.empty();
    named += fits && is_named;
    not_determined += !fits && !report.determined;
    const bool denied = !fits && report.determined;
    excluded += denied;
    named_others += fits && !is_named;
    if (denied || (fits && !is_named))
      seeds += " " + std::to_string(seed) + ", of which it was told that " +
               settings::text_of(told.given) + ", and said: " + report.verdict + "\n";
  }

  void add(const Tally& other) {
    runs += other.runs, named += other.named, not_determined += other.not_determined;
    excluded += other.excluded, named_others += other.named_others;
  }

  /// False sentences among so many runs: with none, at most 3 / runs of all are false, at 95 %.
  std::string text() const {
    std::ostringstream all;
    all << runs << " runs, " << named << " named, " << not_determined << " not determined, "
        << excluded << " excluded, " << named_others << " wrong names";
    if (runs > 0 && excluded + named_others == 0)
      all << "; false in at most " << 3.0 / double(runs) << " of all";
    return all.str();
  }

  /// The words of a verdict, in which a name stands whole.
  static Names names_in(const std::string& verdict) {
    Names names;
    std::istringstream words(verdict);
    for (std::string word; words >> word;) {
      while (!word.empty() && std::string(",;:.").find(word.back()) != word.npos) word.pop_back();
      names.insert(word.substr(0, word.find(',')));
    }
    return names;
  }
};

/// Each sentence of the true convention that says of a number outside which range nothing fits,
/// where the true one lies outside.
template <class Rule>
std::string false_ranges(const Report& report, const std::string& truth, const Numbers<Rule>& h,
                         const std::string& kind, const std::string& number) {
  std::string all;
  for (const auto& finding : report.findings) {
    const auto& detail = finding.detail;
    const auto at = detail.find(" outside ["), of = detail.rfind('(');
    if (finding.kind != kind || at == detail.npos || detail.substr(0, detail.find(' ')) != number)
      continue;
    if (!Tally::names_in(detail.substr(of + 1, detail.size() - of - 2)).contains(truth)) continue;
    double low = 0, high = 0;
    EXPECT_EQ(std::sscanf(detail.c_str() + at, " outside [%lf, %lf]", &low, &high), 2);
    identify::for_each_number<Rule>([&](const std::string& name, auto member) {
      if (name == number && !(low <= h.*member && h.*member <= high)) all += detail + "\n";
    });
  }
  return all;
}

/// A run by a convention at random numbers, in a random order of operations where it has some and,
/// in float, perhaps with a habit. Conventions take turns by the seed.
template <class Rule, class T>
struct TrueRun {
  std::string name;
  Numbers<Rule> h;
  Record record;

  TrueRun(std::mt19937_64& random, std::uint64_t seed) {
    const auto& rows = fast::conventions_of<Numbers<Rule>>;
    const auto& row = rows[seed % rows.size()];
    name = row.name;
    do {
      h = row.hyperparameters;
      fast::for_each_number<typename Rule::Fast>(
          [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
            if constexpr (std::is_same_v<Value, double>)
              if (number.part == fast::Part::every_version && random() % 3 != 0)
                h.*number.member = any(number.name, number.domain, random);
          });
      h = fast::without_idle_choices(h);
    } while (!applicable<Rule>(h));
    const Course course = any_course(random, seed);
    if (!has_orders(h)) {
      record = run_of_reference<Rule, T>(h, course);
      return;
    }
    Fault habit;
    if (std::is_same_v<T, float> && random() % 3 == 0) {
      habit.one_minus_float_beta = random() % 2 == 0;
      (random() % 2 == 0 ? habit.running_float_product : habit.float_power) = random() % 2 == 0;
    }
    auto g = gradients(course);
    if (random() % 4 == 0)  // sparse
      for (double& each : g)
        if (random() % 2 == 0) each = 0;
    record = run<Rule, T>(h, g, course, random_order(random()), habit);
  }

  /// Short or long, with gradients of usual sizes, or tiny or huge.
  static Course any_course(std::mt19937_64& random, std::uint64_t seed) {
    Course course{.steps = 3 + random() % 25, .coordinates = 2 + random() % 7, .seed = seed};
    if (random() % 16 == 0) course.steps *= 4;
    if (random() % 4 == 0)
      course.largest = std::pow(10, std::uniform_real_distribution<double>(-7, 5)(random));
    return course;
  }

  static double any(const std::string& name, fast::Domain domain, std::mt19937_64& random) {
    const auto uniform = [&](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    const bool rounded = random() % 2 == 0;
    const auto decimal = [&](double x) { return rounded ? identify::rounded(x, 2) : x; };
    if (domain == fast::Domain::weight) return 1 - decimal(std::pow(10, uniform(-3.3, -0.2)));
    return decimal(std::pow(10, name == "learning_rate" ? uniform(-4, -1) : uniform(-9, -2)));
  }

  /// Some of the numbers, as they are.
  Options told(std::mt19937_64& random) const {
    Options options;
    for (const auto& [its, member] : Rule::hyperparameters)
      if (random() % 4 != 0) options.given[its] = h.*member;
    if (h.weight_decay != 0) options.given["weight_decay"] = h.weight_decay;
    return options;
  }
};

/// Runs that are counted together: a convention's in one type, with numbers not told or one of them
/// told wrong.
struct Kind {
  std::string convention, type, told;

  auto operator<=>(const Kind&) const = default;
};
using Tallies = std::map<Kind, Tally>;

/// What earlier slices came to, in a file that each adds its lines to: the rule, the seed after the
/// slice's last, the kind and the counts. The next slice begins where they ended.
class Slices {
 public:
  Slices(std::string rule, const char* file) : rule_(std::move(rule)), file_(file) {
    if (file_ == nullptr) return;
    std::ifstream stream(file_);
    std::string rule_of_line;
    std::uint64_t after = 0;
    Kind kind;
    Tally tally;
    while (stream >> rule_of_line >> after >> kind.convention >> kind.type >> kind.told >>
           tally.runs >> tally.named >> tally.not_determined >> tally.excluded >>
           tally.named_others)
      if (rule_of_line == rule_) {
        next_ = std::max(next_, after);
        sums_[kind].add(tally);
      }
  }

  std::uint64_t next() const { return next_; }

  void add(std::uint64_t after, const Tallies& slice) {
    std::ostringstream lines;
    for (const auto& [kind, tally] : slice) {
      sums_[kind].add(tally);
      lines << rule_ << ' ' << after << ' ' << kind.convention << ' ' << kind.type << ' '
            << kind.told << ' ' << tally.runs << ' ' << tally.named << ' ' << tally.not_determined
            << ' ' << tally.excluded << ' ' << tally.named_others << '\n';
    }
    if (file_ != nullptr) std::ofstream(file_, std::ios::app) << lines.str();
  }

  /// The counts of all slices, and of which convention and type there are fewest runs.
  template <class Conventions>
  void print(const Conventions& conventions) const {
    std::map<std::string, Tally> by_told;
    for (const auto& [kind, tally] : sums_) by_told[kind.told].add(tally);
    for (const auto& [told, tally] : by_told)
      std::printf("%s, %s: %s\n", rule_.c_str(), told.c_str(), tally.text().c_str());
    Kind least;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const auto& convention : conventions)
      for (const char* const type : {"float", "double"}) {
        const auto found = sums_.find({std::string(convention.name), type, told_right});
        const std::size_t runs = found == sums_.end() ? 0 : found->second.runs;
        if (runs < fewest) fewest = runs, least = {std::string(convention.name), type, told_right};
      }
    std::printf("%s, %zu conventions in 2 types, at least %zu runs of each, as of %s in %s\n",
                rule_.c_str(), conventions.size(), fewest, least.convention.c_str(),
                least.type.c_str());
  }

  static constexpr const char *told_right = "told_right_or_not", *told_wrong = "one_told_wrong",
                              *decay_told_wrong = "decay_told_wrong";

 private:
  std::string rule_;
  const char* file_;
  std::uint64_t next_ = 1;
  Tallies sums_;
};

/// The rows whose class has weight decay.
template <class Rule>
std::vector<fast::Convention<Numbers<Rule>>> decaying_rows() {
  std::vector<fast::Convention<Numbers<Rule>>> all;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>)
    if (row.optimizer() != nullptr &&
        mentions(std::string(row.optimizer()->numbers), "weight_decay="))
      if (auto h = row.hyperparameters; h.weight_decay_place != fast::WeightDecay::none) {
        h.weight_decay = 0.25;
        if (applicable<Rule>(h)) all.push_back(row);
      }
  return all;
}

/// A run with a weight decay, or with none, of which another one was told, or none.
template <class Rule, class T>
void count_decay_told_wrong(Tallies& tallies, std::uint64_t seed) {
  static const auto rows = decaying_rows<Rule>();
  std::mt19937_64 random(seed + (std::uint64_t{1} << 32));
  const auto& row = rows[seed % rows.size()];
  auto h = row.hyperparameters;
  const double decays[]{0, 0.3, 0.01, 1e-4};
  h.weight_decay = decays[random() % 4];
  const Course course = TrueRun<Rule, T>::any_course(random, seed);
  const auto record = has_orders(h) ? run<Rule, T>(h, course, random_order(random()))
                                    : run_of_reference<Rule, T>(h, course);
  const double others[]{0, 0.1, h.weight_decay * (1 + 1e-5), h.weight_decay * 10};
  Options options;
  for (const auto& [its, member] : Rule::hyperparameters) options.given[its] = h.*member;
  options.given["weight_decay"] = others[random() % 4];
  Tally& tally = tallies[{std::string(row.name), std::is_same_v<T, float> ? "float" : "double",
                          Slices::decay_told_wrong}];
  try {
    tally.add(identify::identify(Rule::name, record, options), std::string(row.name), seed,
              options);
  } catch (const identify::NotDetermined&) {
    ++tally.runs, ++tally.not_determined;
  }
}

template <class Rule, class T>
void count_true_runs(Tallies& tallies, std::uint64_t seed) {
  if (seed % 4 == 0) count_decay_told_wrong<Rule, T>(tallies, seed);
  std::mt19937_64 random(seed);
  const TrueRun<Rule, T> truth(random, seed);
  const char* const type = std::is_same_v<T, float> ? "float" : "double";
  auto options = truth.told(random);
  const auto tried = [&](const char* told, const char* kind, const std::vector<std::string>& of) {
    Tally& tally = tallies[{truth.name, type, told}];
    try {
      const auto report = identify::identify(Rule::name, truth.record, options);
      tally.add(report, truth.name, seed, options);
      // In float a habit may be another than the one that was found.
      if (std::is_same_v<T, float>) return;
      for (const auto& number : of)
        EXPECT_EQ(false_ranges<Rule>(report, truth.name, truth.h, kind, number), "") << seed;
    } catch (const identify::NotDetermined&) {
      ++tally.runs, ++tally.not_determined;
    }
  };
  std::vector<std::string> numbers;
  for (const auto& [its, each] : Rule::hyperparameters) numbers.emplace_back(its);
  tried(Slices::told_right, "range", numbers);
  // One number told slightly, or grossly, wrong.
  const auto& [name, member] = Rule::hyperparameters[random() % Rule::hyperparameters.size()];
  const double factors[]{1 + 1e-5, 10, 0.1, 1 + 1e-8};
  const double wrong = (truth.h.*member) * factors[random() % 4];
  if (wrong == truth.h.*member || wrong >= 1) return;
  for (const auto& [its, each] : Rule::hyperparameters) options.given[its] = truth.h.*each;
  options.given[name] = wrong;
  tried(Slices::told_wrong, "told_otherwise", {name});
}

}  // namespace

template <class Rule>
class IdentifyNever : public testing::Test {};
TYPED_TEST_SUITE(IdentifyNever, EachRule, RuleName);

namespace {

void expect_true(const Tallies& tallies) {
  for (const auto& [kind, tally] : tallies) {
    EXPECT_EQ(tally.excluded, 0u) << kind.convention << ", " << kind.type << ":" << tally.seeds;
    EXPECT_EQ(tally.named_others, 0u) << kind.convention << ", " << kind.type << ":" << tally.seeds;
  }
}

}  // namespace

/// In each type, by the first class that puts it in each place; where none decays and none is told,
/// nothing is said of any.
TYPED_TEST(IdentifyNever, MissesAWeightDecayToldWrong) {
  std::set<fast::WeightDecay> places;
  for (const auto& row : decaying_rows<TypeParam>()) {
    auto h = row.hyperparameters;
    if (!places.insert(h.weight_decay_place).second) continue;
    Options options;
    for (const auto& [name, member] : TypeParam::hyperparameters) options.given[name] = h.*member;
    const std::string name(row.name), words = "weight_decay = 0.3, not the 0 told";
    const auto report_of = [&](bool in_double, double decay, double told) {
      h.weight_decay = decay;
      options.given["weight_decay"] = told;
      const Course course{.steps = 20, .coordinates = 6};
      const auto record =
          in_double ? run<TypeParam, double>(h, course) : run<TypeParam, float>(h, course);
      return identify::identify(TypeParam::name, record, options);
    };
    for (const bool in_double : {false, true}) {
      const auto wrong = report_of(in_double, 0.3, 0);
      EXPECT_TRUE(consistent(wrong).empty()) << wrong.verdict;
      EXPECT_TRUE(mentions(detail(wrong, "told_otherwise"), name)) << name << wrong.verdict;
      EXPECT_TRUE(mentions(wrong.verdict, words)) << wrong.verdict;
      const auto right = report_of(in_double, 0, 0);
      EXPECT_TRUE(consistent(right).contains(name)) << right.verdict;
      EXPECT_FALSE(mentions(detail(right, "told_otherwise"), "weight_decay")) << right.verdict;
    }
  }
  EXPECT_FALSE(places.empty());
}

/// Runs of which something false was said once.
TYPED_TEST(IdentifyNever, SaysAgainWhatWasFalseOnce) {
  std::ifstream seeds(TRUESTEP_TRACES "/../known_answers/identify_seeds.txt");
  ASSERT_TRUE(seeds);
  std::string rule;
  for (std::uint64_t seed = 0; seeds >> rule >> seed;) {
    if (rule != TypeParam::name) continue;
    Tallies tallies;
    count_true_runs<TypeParam, float>(tallies, seed);
    count_true_runs<TypeParam, double>(tallies, seed);
    expect_true(tallies);
  }
}

/// Runs with some numbers not told, or one told wrong: the convention that made them is never
/// excluded, and no other is named without it. A slice is kept as soon as it is done, so that a
/// run may be ended at any time.
TYPED_TEST(IdentifyNever, NamesAnotherOrExcludesTheTrueOne) {
  Slices slices(TypeParam::name, std::getenv("TRUESTEP_IDENTIFY_COUNTS"));
  const std::uint64_t runs = from_environment("TRUESTEP_IDENTIFY_RUNS", 2);
  const std::uint64_t first = from_environment("TRUESTEP_IDENTIFY_SEED", slices.next());
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    Tallies slice;
    count_true_runs<TypeParam, float>(slice, seed);
    count_true_runs<TypeParam, double>(slice, seed);
    expect_true(slice);
    slices.add(seed + 1, slice);
  }
  slices.print(fast::conventions_of<Numbers<TypeParam>>);
}

namespace {

/// What is said of runs of a usual size by each convention in turn, each number told or not.
template <class Rule, class T>
Tally undetermined_runs(std::uint64_t runs) {
  Tally tally;
  const auto& rows = fast::conventions_of<Numbers<Rule>>;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const auto& row = rows[(seed * 7) % rows.size()];
    std::mt19937_64 random(seed);
    const auto h = fast::without_idle_choices(row.hyperparameters);
    if (!applicable<Rule>(h) || !has_orders(h)) continue;
    const Course course{.steps = 60, .coordinates = 200, .seed = seed};
    const auto record = run<Rule, T>(h, course, random_order(random()));
    Options options;
    for (const auto& [its, member] : Rule::hyperparameters)
      if (random() % 2 != 0) options.given[its] = h.*member;
    if (h.weight_decay != 0) options.given["weight_decay"] = h.weight_decay;
    try {
      tally.add(identify::identify(Rule::name, record, options), std::string(row.name), seed,
                options);
    } catch (const identify::NotDetermined&) {
      ++tally.runs, ++tally.not_determined;
    }
  }
  return tally;
}

}  // namespace

/// Runs of a usual size, 60 steps of 200 coordinates, with each number told or not: fewer than 5 %
/// may stay undetermined. None is made in the ordinary run.
TYPED_TEST(IdentifyNever, LeavesFewRunsOfAUsualSizeUndetermined) {
  const std::uint64_t runs = from_environment("TRUESTEP_IDENTIFY_USUAL", 0);
  if (runs == 0) GTEST_SKIP() << "TRUESTEP_IDENTIFY_USUAL tells how many runs of each type";
  Tally all = undetermined_runs<TypeParam, float>(runs);
  all.add(undetermined_runs<TypeParam, double>(runs));
  EXPECT_LE(20 * all.not_determined, all.runs) << all.seeds;
  EXPECT_EQ(all.excluded + all.named_others, 0u) << all.seeds;
  std::printf("%s, 60 steps of 200 coordinates: %s\n", TypeParam::name, all.text().c_str());
}

// --- what a run cannot tell

// A rule that divides makes a step of any gradient but 0.
TEST(IdentifyUndecided, ARunThatShowsNothingIsRefused) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    Record still{false, 2, 1, {1, 1, 1}, {0, 0}};
    EXPECT_THROW(identify::identify(Rule::name, still, {}), std::invalid_argument) << Rule::name;
    if (Facts<Rule>::divides) return;
    still.gradients = {1e-12, 1e-12};
    EXPECT_THROW(identify::identify(Rule::name, still, {}), std::invalid_argument) << Rule::name;
  });
}

TEST(IdentifyUndecided, NothingWouldTellADescriptionFromItself) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    const auto record = run<Rule>({}, {.steps = 4, .coordinates = 2});
    const auto& h = identify::any_rule<Rule>().defaults;
    EXPECT_TRUE(identify::what_would_tell(h, h, record).starts_with("no variation of it"))
        << Rule::name;
  });
}

/// Whatever was known of it before.
TEST(IdentifyStopped, LeavesOpenWhatItIsJudging) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    const auto record = run<Rule>({}, {.steps = 4, .coordinates = 2});
    auto candidate = identify::candidates_for(identify::any_rule<Rule>(), {}, record).front();
    candidate.end = identify::End::fits;
    identify::stop_asked = true;
    identify::judge(candidate, record, {}, identify::effort::to_fit_soon);
    identify::stop_asked = false;
    EXPECT_TRUE(candidate.open()) << Rule::name;
  });
}

// --- verdicts

TEST(IdentifyVerdict, SaysWhatWasNotFoundOutAndEachDeviation) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    const auto& rule = identify::any_rule<Rule>();
    const Record any{false, 2, 1, {1, 1, 1}, {0, 0}};
    identify::Rivals rivals;
    rivals.all_told_otherwise_excluded = false;
    EXPECT_EQ(identify::verdict(rule, {}, {}, rivals,
                                {{"it rains", {"one", "two"}}, {"it snows", {"three"}}}, any, {}),
              "not determined: no convention of " + rule.name +
                  " fits as told, and whether one does with a number otherwise than told was not "
                  "found out: none was tried at any numbers. With one deviation it is as in one, "
                  "two, if it rains; or as in three, if it snows");
  });
}

// --- rates

namespace {

/// Whether moves at some rate are that times those at 1, from the same thetas, in 50 digits.
template <class Rule>
bool moves_by_its_rate(Numbers<Rule> h) {
  using Formula = typename Rule::template Formula<reference::Real>;
  auto at_one = h;
  h.learning_rate = 0.25, at_one.learning_rate = 1;
  auto state = Formula::start(h), unit_state = Formula::start(at_one);
  reference::Real theta = 0.5;
  std::uint64_t t = 0;
  for (const double g : {0.5, -0.75, 0.5, 0.25}) {
    ++t;
    const auto now = Rule::template formula<reference::Real>(h, t).step(theta, state, g);
    const auto unit = Rule::template formula<reference::Real>(at_one, t).step(theta, unit_state, g);
    const reference::Real move = now.theta - theta, expected = (unit.theta - theta) * 0.25;
    if (static_cast<double>(move) != static_cast<double>(expected)) return false;
    state = now, unit_state = unit;
    theta = now.theta;
  }
  return true;
}

/// Calls action(h) with each of a choice's values where the rule has that choice.
template <class Hyperparameters, class Choice, class Action>
void with_each(Hyperparameters h, Choice Hyperparameters::*choice, Action action) {
  for (std::size_t i = 0; i < fast::count_of<Choice>; ++i) {
    h.*choice = static_cast<Choice>(i);
    action(h);
  }
}

/// A convention with its weight decay in each place, at each time, of each size and at each point.
template <class Rule, class Action>
void with_each_decay(const Numbers<Rule>& row, Action action) {
  using H = Numbers<Rule>;
  with_each(row, &H::weight_decay_place, [&](const H& placed) {
    with_each(placed, &H::weight_decay_time, [&](const H& timed) {
      with_each(timed, &H::weight_decay_scale, [&](H h) {
        h.weight_decay = h.weight_decay_place == fast::WeightDecay::none ? 0 : 0.125;
        if constexpr (requires { h.weight_decay_point; })
          with_each(h, &H::weight_decay_point, action);
        else
          action(h);
      });
    });
  });
}

}  // namespace

/// A search divides moves by each other where it takes them to be linear in the rate.
TEST(IdentifyRates, MoveThetaLinearlyWhereASearchTakesThemTo) {
  std::size_t linear = 0, others = 0;
  fast::for_each_rule<rules::All>([&]<class Rule>() {
    for (const auto& row : fast::conventions_of<Numbers<Rule>>)
      with_each_decay<Rule>(row.hyperparameters, [&](const Numbers<Rule>& typed) {
        const auto h = fast::without_idle_choices(typed);
        if (!applicable<Rule>(h)) return;
        const bool moves = moves_by_its_rate<Rule>(h);
        (moves ? linear : others) += 1;
        if (identify::is_linear_in_rate(h)) {
          EXPECT_TRUE(moves) << Rule::name << " " << row.name << " with weight decay "
                             << word(h.weight_decay_place) << ", " << word(h.weight_decay_time);
        }
      });
  });
  EXPECT_GT(linear, 0u);
  EXPECT_GT(others, 0u);
}

/// At rate one a step moves theta by what is known without its rate, whatever the record tells.
TEST(IdentifyRates, AreOneWhereMovesAreDividedByEachOther) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    Record told{false, 2, 1, {1, 1, 1}, {0, 0}};
    told.learning_rate = {0.5, 0.25};
    EXPECT_EQ(identify::at_rate_one<Rule>({}, told, 2).learning_rate, 1) << Rule::name;
  });
}

// --- intervals

namespace {

/// A number of any size, the ends of double's range among them.
double any_size(std::mt19937_64& random) {
  const bool ordinary = random() % 2 == 0;
  const int exponent = int(random() % (ordinary ? 64 : 2098)) - (ordinary ? 32 : 1074);
  const double x = std::ldexp(1 + double(random() >> 12) * 0x1p-52, exponent);
  return random() % 16 == 0 ? 0 : random() % 2 == 0 ? -x : x;
}

bool holds(const identify::IntervalOf<double>& interval, long double x) {
  return interval.low <= x && x <= interval.high;
}

}  // namespace

/// What is excluded rests on this: no result of what two intervals hold is outside of theirs. The
/// results are those of long double, which has the range and 11 more bits.
TEST(IdentifyIntervals, HoldEveryResultOfWhatTheyHold) {
  using Interval = identify::IntervalOf<double>;
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const double x = any_size(random), y = any_size(random);
    const bool points = random() % 4 == 0;
    const auto around = [&](double value) {
      const double other = points ? value : any_size(random);
      return Interval(std::min(value, other), std::max(value, other));
    };
    const auto a = around(x), b = around(y);
    const long double wide_x = x, wide_y = y;
    ASSERT_TRUE(holds(a + b, wide_x + wide_y)) << x << " + " << y;
    ASSERT_TRUE(holds(a - b, wide_x - wide_y)) << x << " - " << y;
    ASSERT_TRUE(holds(a * b, wide_x * wide_y)) << x << " * " << y;
    if (y != 0) {
      ASSERT_TRUE(holds(a / b, wide_x / wide_y)) << x << " / " << y;
    }
    if (x < 0) continue;
    ASSERT_TRUE(holds(sqrt(at_least_zero(a)), std::sqrt(wide_x))) << x;
    for (const int n : {0, 1, 3, 60, 1000})
      ASSERT_TRUE(holds(pow(at_least_zero(a), n), std::pow(wide_x, n))) << x << "^" << n;
  }
}

/// Points give results no wider than their roundings, so that what is held is worth something.
TEST(IdentifyIntervals, AreNotMuchWiderThanTheirRoundings) {
  const auto three = identify::IntervalOf<double>::point(3);
  const auto third = identify::IntervalOf<double>::point(1) / three;
  EXPECT_LT(third.low, third.high);
  // A quotient and what widens it, in spacings of the numbers below 1/2; five factors likewise.
  const double spacing = std::numeric_limits<double>::epsilon() / 4;
  EXPECT_LE(third.width(), 4 * spacing);
  const auto fifth = pow(third, 5);
  EXPECT_LE(fifth.width() / fifth.high, 16 * std::numeric_limits<double>::epsilon());
  // Below 0 it is the same, and a divisor of 1 rounds nothing.
  const auto negative = -identify::IntervalOf<double>::point(1) / three;
  EXPECT_EQ(negative.width(), third.width());
  EXPECT_EQ(third / identify::IntervalOf<double>::point(1), third);
}

/// An end that is infinite is no number that was rounded too far, and stays where it is.
TEST(IdentifyIntervals, HoldInfinityWhereAnOperandDoes) {
  using Interval = identify::IntervalOf<double>;
  const auto all = Interval::everything(), three = Interval::point(3);
  for (const auto& result : {all * three, three * all, all / three, three / all})
    EXPECT_EQ(result, all);
}

// --- steps over a box of numbers

namespace {

/// A box that holds each number that every version of a rule has, as many as it has sides for.
/// What stands for them takes their places.
template <class Rule>
identify::Box box_about(Numbers<Rule>& h, long double width) {
  identify::Box box;
  fast::for_each_number<typename Rule::Fast>(
      [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
        if constexpr (std::is_same_v<Value, double>) {
          if (number.part != fast::Part::every_version || box.count == identify::Box::most) return;
          double& value = h.*number.member;
          const long double most = number.domain == fast::Domain::scale ? 0x1p10L : 1 - 0x1p-30L;
          auto& side = box.side[box.count];
          side = {value * (1 - width), std::min(value * (1 + 2 * width), most)};
          box.center[box.count] = side.middle();
          value = box.stands_in[box.count] = 0.3 + 0x1p-20 * double(box.count);
          ++box.count;
        }
      });
  return box;
}

/// Numbers of which some have been stored in another format, and some times a factor.
template <class Number>
Number datum(float x, std::size_t i) {
  auto number = Number::data(x);
  if (i % 4 == 1) number.widen(0x1p-12);
  if (i % 4 == 2) number.scale(0.3, 0x1p-20);
  return number;
}

/// One step after the other of a rule's formula in some number.
template <class Rule, class Number>
class Steps {
 public:
  explicit Steps(const Numbers<Rule>& h) : h_(h), state_(Formula::start(h)) {}

  Number theta(std::size_t t, const Number& theta, const Number& gradient) {
    const auto now = Rule::template formula<Number>(h_, t).step(theta, state_, gradient);
    state_ = proofs::stored<Formula>(now);
    return now.theta;
  }

 private:
  using Formula = typename Rule::template Formula<Number>;
  Numbers<Rule> h_;
  typename Formula::State state_;
};

}  // namespace

template <class Rule>
class IdentifyBoxes : public testing::Test {};
TYPED_TEST_SUITE(IdentifyBoxes, EachRule, RuleName);

/// What is excluded rests on this: over a box a step is what it is at each of its points, and its
/// bound no less, also where it has to do for any way to form coefficients. Over one point the
/// bound is wider by the roundings of a radius alone, of fewer than 2^10 operations of at most 2^5
/// units.
TYPED_TEST(IdentifyBoxes, HoldTheStepAtEachPoint) {
  using Over = identify::Boxed<float, double>;
  using At = proofs::AnyOrder<float>;
  const Course course{.steps = 4, .coordinates = 8};
  const auto g = gradients(course);
  std::size_t bounded = 0;
  const auto expect_held = [&](const Numbers<TypeParam>& h, long double width, bool any) {
    auto standing = h;
    auto box = box_about<TypeParam>(standing, width);
    box.forming.any = any;
    const identify::Sides<double> sides(box);
    Over::box = &sides;
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      Steps<TypeParam, Over> over(standing);
      Steps<TypeParam, At> at(h);
      for (std::size_t t = 1; t <= course.steps; ++t) {
        const float theta = 0.125f * float(i % 3);
        const auto gradient = static_cast<float>(g[(t - 1) * course.coordinates + i]);
        const auto all = over.theta(t, datum<Over>(theta, i / 2), datum<Over>(gradient, i));
        const auto one = at.theta(t, datum<At>(theta, i / 2), datum<At>(gradient, i));
        if (!all.bounded()) continue;
        ++bounded;
        EXPECT_TRUE(holds(all.range, one.value));
        EXPECT_GE(all.radius, one.radius);
        if (width == 0 && !any) {
          EXPECT_LE(all.radius, one.radius * (1 + 0x1p-37L));
        }
      }
    }
    Over::box = nullptr;
  };
  for (const auto& row : fast::conventions_of<Numbers<TypeParam>>)
    if (applicable<TypeParam>(row.hyperparameters))
      for (const long double width : {0.0L, 0x1p-20L, 0x1p-4L})
        for (const bool any : {false, true}) {
          SCOPED_TRACE(row.name);
          expect_held(row.hyperparameters, width, any);
        }
  EXPECT_GT(bounded, 0u);
}

/// A number that varies is followed along its side, and its bound is in units of what it is there.
TEST(IdentifyBoxes, FollowANumberAlongItsSide) {
  using Over = identify::Boxed<float, double>;
  identify::Box box;
  box.count = 1;
  box.side[0] = {0.25L, 0.75L};
  box.center[0] = box.side[0].middle();
  box.stands_in[0] = 0.3;
  const identify::Sides<double> sides(box);
  Over::box = &sides;
  const auto root = sqrt(Over(0.3) * Over::data(1));
  EXPECT_LT(root.base.width(), root.range.width());
  const auto share = root / (root * root);
  EXPECT_LE(share.radius, share.relative * share.range.size() * (1 + 0x1p-37));
  Over::box = nullptr;
}

// --- estimates

TEST(IdentifyEstimates, ShortestDecimals) {
  EXPECT_EQ(identify::shortest_between(0.04999, 0.0500003), 0.05);
  EXPECT_EQ(identify::shortest_between(0.123, 0.123), 0.123);
  EXPECT_EQ(identify::shortest_between(0.12, 0.3), 0.2);
}

TEST(IdentifyEstimates, EveryPowerOfTenIsACustomaryEpsilon) {
  const auto& epsilons = identify::customary("epsilon", fast::Domain::scale);
  for (const double epsilon :
       {1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0})
    EXPECT_EQ(std::count(epsilons.begin(), epsilons.end(), epsilon), 1) << epsilon;
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

namespace {

/// What is said of a run of a rule if one number is given of it.
template <class Rule>
std::string with_number(const std::string& name, const settings::Value& value) {
  static const auto any = run<Rule>({});
  return refusal([&] { identify::identify(Rule::name, any, {{{name, value}}}); });
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

TEST(IdentifyUsage, NumbersAreChecked) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    fast::for_each_number<typename Rule::Fast>(
        [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
          const auto expected = [&](const std::string& value) {
            return Rule::name + (": " + (number.name + (" = " + value))) + " is outside " +
                   text(number.domain);
          };
          const int value = outside(number.domain);
          EXPECT_EQ(with_number<Rule>(number.name, static_cast<Value>(value)),
                    expected(std::to_string(value)));
          if (number.domain == fast::Domain::scale) {
            EXPECT_EQ(with_number<Rule>(number.name, 1e30), expected("1e+30"));
          }
        });
  });
}

TEST(IdentifyUsage, NamesAreChecked) {
  std::set<std::string> names;
  std::vector<std::string> rules;
  fast::for_each_rule([&]<class Rule>() {
    rules.push_back(Rule::name);
    fast::for_each_member<Rule>([&](const auto& described) { names.insert(described.name); });
  });
  fast::for_each_rule<rules::All>([&]<class Rule>() {
    std::vector<std::string> own;
    fast::for_each_member<typename Rule::Fast>(
        [&](const auto& described) { own.push_back(described.name); });
    for (const auto& name : names) {
      if (std::find(own.begin(), own.end(), name) != own.end()) continue;
      const auto message = Rule::name + (": " + name) + " is not one of {" + joined(own) + "}";
      const auto said = with_number<Rule>(name, 0.9);
      // A name that is nearly one of them is followed by that one.
      const auto rest = said.substr(std::min(said.size(), message.size()));
      EXPECT_EQ(said.substr(0, message.size()), message);
      EXPECT_TRUE(rest.empty() || rest.starts_with(": did you mean ")) << said;
    }
  });
  EXPECT_EQ(refusal([] { identify::identify("none", {}, {}); }),
            "rule = none is not one of {" + joined(rules) + "}");
}

namespace {

identify::Array array(std::vector<std::uint64_t> shape, std::vector<double> values,
                      identify::Type type = identify::Type::float32) {
  return {type, std::move(shape), std::move(values)};
}

}  // namespace

TEST(IdentifyUsage, FilesHaveToBelongTogether) {
  const auto g = array({2, 3}, std::vector<double>(6)),
             theta = array({3, 3}, std::vector<double>(9));
  const auto refused = [](const identify::Array& parameters, const identify::Array& gradients) {
    return refusal([&] {
      identify::read_record({{"params", parameters}, {"grads", gradients}}, "", 0,
                            {{"params", "p.npy"}, {"grads", "g.npy"}});
    });
  };
  EXPECT_EQ(refused(theta, g), "not refused");
  const auto wide = array({3, 4}, std::vector<double>(12));
  EXPECT_EQ(refused(wide, g), "p.npy: is 3 x 4, where g.npy (2 x 3) asks for 3 x 3");
  const auto long_one = array({4, 3}, std::vector<double>(12));
  EXPECT_EQ(refused(long_one, g), "p.npy: is 4 x 3, where g.npy (2 x 3) asks for 3 x 3");
  auto doubles = g;
  doubles.type = identify::Type::float64;
  EXPECT_EQ(refused(theta, doubles), "not refused");
  doubles.values[0] = 0.1;
  EXPECT_EQ(refused(theta, doubles),
            "g.npy: is float64 and p.npy is float32: some gradients are no float32 numbers");
  EXPECT_EQ(refused(theta, array({0, 3}, {})), "g.npy: holds no gradient");
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
  const auto message = refusal([&] { identify::read_npy_array(file.path()); });
  const auto prefix = file.path() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

TEST(IdentifyFiles, GoodOnesAreRead) {
  for (const char version : {'\1', '\2', '\3'}) {
    const Written file(npy(header("<f4", "(2, 3)"), 24, version));
    const auto array = identify::read_npy_array(file.path());
    EXPECT_EQ(array.rows(), 2u);
    EXPECT_EQ(array.columns(), 3u);
    EXPECT_EQ(array.type, identify::Type::float32);
    EXPECT_EQ(array.values, std::vector<double>(6, 0.5));
  }
  const Written column(npy(header("<f8", "(2,)"), 16));
  const auto array = identify::read_npy_array(column.path());
  EXPECT_EQ(array.rows(), 2u);
  EXPECT_EQ(array.columns(), 1u);
  EXPECT_EQ(array.type, identify::Type::float64);
}

namespace {

/// The values of a .npy file of two rows of two numbers whose bytes are given.
std::vector<double> values(const std::string& format, const std::string& bytes,
                           const std::string& fortran = "False") {
  return identify::npy_array({npy(header(format, "(2, 2)", fortran), 0) + bytes}).values;
}

}  // namespace

TEST(IdentifyFiles, EveryTypeAndOrderIsRead) {
  using namespace std::string_literals;
  const std::vector<double> expected{1, -2, 0.5, 0};
  EXPECT_EQ(values("<f2", "\x00\x3c\x00\xc0\x00\x38\x00\x00"s), expected);
  EXPECT_EQ(values(">f2", "\x3c\x00\xc0\x00\x38\x00\x00\x00"s), expected);
  EXPECT_EQ(values("|V2", "\x80\x3f\x00\xc0\x00\x3f\x00\x00"s), expected);
  EXPECT_EQ(values(">f4", "\x3f\x80\0\0\xc0\0\0\0\x3f\0\0\0\0\0\0\0"s), expected);
  EXPECT_EQ(values("<f2", "\x00\x3c\x00\x38\x00\xc0\x00\x00"s, "True"), expected);
  EXPECT_EQ(values("<f2", "\x01\x00\xff\x03\xff\x7b\x00\x7c"s),
            (std::vector<double>{0x1p-24, 0x1p-14 - 0x1p-24, 65504, HUGE_VAL}));
  EXPECT_EQ(values("|i1", "\x01\xff\x7f\x80"s), (std::vector<double>{1, -1, 127, -128}));
  EXPECT_EQ(values("|b1", "\x01\x00\x01\x01"s), (std::vector<double>{1, 0, 1, 1}));
  const auto cube_file = npy(header("<f4", "(2, 1, 3)"), 24);
  const auto cube = identify::npy_array({cube_file});
  EXPECT_EQ(cube.rows(), 2u);
  EXPECT_EQ(cube.columns(), 3u);
}

namespace {

std::string safetensors(const std::string& header, const std::string& data) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header + data;
}

std::string refused_safetensors(const std::string& bytes) {
  return refusal([&] { identify::safetensors_arrays({bytes}); });
}

}  // namespace

TEST(IdentifyFiles, SafetensorsAreRead) {
  const std::string data(12, '\x3f');
  const std::string about =
      R"({"__metadata__":{"a":"b"},"g":{"dtype":"BF16","shape":[2,2],"data_offsets":[4,12]},)"
      R"("t":{"dtype":"U16","shape":[2],"data_offsets":[0,4]}})";
  const auto file = safetensors(about, data);
  const auto arrays = identify::safetensors_arrays({file});
  EXPECT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays.at("g").rows(), 2u);
  EXPECT_EQ(arrays.at("g").values, std::vector<double>(4, 0.74609375));
  EXPECT_EQ(arrays.at("t").values, std::vector<double>(2, 0x3f3f));
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_NE(refused_safetensors(file.substr(0, length)), "not refused") << length;
}

TEST(IdentifyFiles, BadSafetensorsAreRefused) {
  const auto with = [](const std::string& entry) {
    return refused_safetensors(safetensors("{\"g\":" + entry + "}", std::string(8, '\0')));
  };
  EXPECT_EQ(with(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})"), "not refused");
  EXPECT_EQ(with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
            "array g has 8 bytes of numbers where its header says 12");
  EXPECT_EQ(with(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})"),
            "array g has numbers of type F8_E4M3; F64, F32, F16, BF16, integers and BOOL are read");
  EXPECT_EQ(with(R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})"),
            "array g lies outside the file");
  EXPECT_EQ(with(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"),
            "array g lies outside the file");
  EXPECT_EQ(with(R"({"shape":[2],"data_offsets":[0,8]})"),
            "array g lacks dtype, shape or data_offsets");
  EXPECT_EQ(with(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})"),
            "array g says that it has more than 2^64 bytes");
  for (const std::string count : {"1e+40", "1.5", "-1"})
    EXPECT_EQ(with(R"({"dtype":"F32","data_offsets":[0,8],"shape":[)" + count + "]}"),
              "array g has " + count + " where a whole number from 0 to 2^64 - 1 belongs");
  EXPECT_EQ(with(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"),
            "array g has number where a list belongs");
  EXPECT_EQ(refused_safetensors(safetensors("[]", "")), "has a header that is no JSON object");
}

// --- a run with what changes from step to step

namespace {

std::string refused_run(const identify::Arrays& arrays) {
  return refusal([&] { identify::record(arrays, "run"); });
}

}  // namespace

TEST(IdentifyRun, StepsThatWereSkippedAreLeftOut) {
  using identify::Type;
  identify::Arrays arrays{{"params", array({4, 1}, {1, 2, 2, 3})},
                          {"grads", array({3, 1}, {5, std::nan(""), 6})},
                          {"learning_rate", array({3}, {0.5, 0.25, 0.125}, Type::float64)},
                          {"skipped", array({3}, {0, 1, 0}, Type::truth)}};
  const auto run = identify::record(arrays, "run");
  EXPECT_EQ(run.steps, 2u);
  EXPECT_EQ(run.parameters, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(run.gradients, (std::vector<double>{5, 6}));
  EXPECT_EQ(run.learning_rate, (std::vector<double>{0.5, 0.125}));
  EXPECT_EQ(run.count(2), 2u);
  arrays.at("params").values[2] = 2.5;
  EXPECT_EQ(refused_run(arrays), "run: step 2 is said to be skipped, and moves the parameters");
}

TEST(IdentifyRun, NumbersThatAreNotFiniteEndTheirCoordinate) {
  const double nan = std::nan("");
  const auto read =
      identify::read_record({{"params", array({4, 3}, {1, 1, 1, 2, 2, 2, 3, nan, 3, 4, 4, 4})},
                             {"grads", array({3, 3}, {1, 1, 1, 1, 1, 1, 1, 1, HUGE_VAL})}},
                            "run");
  EXPECT_EQ(read.record.ends, (std::vector<std::size_t>{3, 1, 2}));
  ASSERT_EQ(read.not_finite.size(), 1u);
  EXPECT_EQ(read.not_finite.front(),
            "2 of 3 coordinates are read up to their first number that is not finite: step 2 makes "
            "the parameter of coordinate 1 nan of finite gradients");
  const auto by_gradient = identify::read_record(
      {{"params", array({3, 1}, {1, 2, nan})}, {"grads", array({2, 1}, {1, nan})}}, "run");
  EXPECT_EQ(by_gradient.record.ends, std::vector<std::size_t>{1});
  EXPECT_EQ(by_gradient.not_finite.front(),
            "1 of 1 coordinates are read up to their first number that is not finite: the gradient "
            "of coordinate 0 is nan at step 2");
}

TEST(IdentifyRun, RowsThatAreMissingAreCarriedOn) {
  const auto after = identify::read_record(
      {{"params", array({2, 1}, {2, 3})}, {"grads", array({2, 1}, {5, 6})}}, "run");
  EXPECT_EQ(after.record.recorded, (std::vector<bool>{false, true, true}));
  EXPECT_EQ(after.note,
            "2 rows of parameters for 2 of gradients are taken as those after each step");
  const auto sparse = identify::read_record(
      {{"params", array({3, 1}, {1, 2, 3})}, {"grads", array({4, 1}, {5, 6, 7, 8})}}, "run");
  EXPECT_EQ(sparse.record.recorded, (std::vector<bool>{true, false, true, false, true}));
  EXPECT_EQ(sparse.note, "parameters were recorded every 2 steps");
}

namespace {

/// A run of three rows, held, or lying in its arrays.
identify::Read large_run(bool lies, std::size_t most) {
  const std::size_t columns = 3000;
  std::vector<double> params, grads;
  for (std::size_t k = 0; k < 3 * columns; ++k) params.push_back(double(k % 97) / 64);
  for (std::size_t k = 0; k < 2 * columns; ++k) grads.push_back(double(k % 89) / 128);
  const identify::Arrays arrays{{"params", array({3, columns}, params)},
                                {"grads", array({2, columns}, grads)}};
  auto read = identify::read_record(arrays, "run", most);
  if (lies)
    read.record.lying = std::make_shared<const identify::Lying>(
        identify::Lying{arrays.at("params"), arrays.at("grads")});
  return read;
}

}  // namespace

/// At 1 a bfloat16 is within 2^-8 of what was rounded to it.
TEST(IdentifyRun, ACopyInBfloat16IsAsFarAsItsRoundingFromTheMaster) {
  Record run{false, 2, 1, {1, 1, 1}, {0, 0}};
  for (const auto& [storage, radius] : {std::pair(identify::Storage::as_computed, 0.0),
                                        {identify::Storage::bfloat16_copy, 0x1p-8}}) {
    run.storage = storage;
    EXPECT_GE(identify::recorded<proofs::AnyOrder<float>>(run, 1).radius, radius);
    EXPECT_LE(identify::recorded<proofs::AnyOrder<float>>(run, 1).radius, 2 * radius);
  }
}

TEST(IdentifyRun, LyingInAFileItIsTheSame) {
  const auto held = large_run(false, 3000).record;
  auto lying = large_run(true, 3000).record;
  lying.parameters.clear(), lying.gradients.clear();
  std::vector<double> buffer;
  for (const std::size_t first : {0u, 1u, 2047u}) {
    const double* const row = lying.parameters_from(1, first, 900, buffer);
    EXPECT_TRUE(std::equal(row, row + 900, held.parameters.begin() + 3000 + long(first)));
    const double* const g = lying.gradients_from(1, first, 900, buffer);
    EXPECT_TRUE(std::equal(g, g + 900, held.gradients.begin() + 3000 + long(first)));
  }
  const std::vector<std::size_t> some{5, 17, 2999};
  EXPECT_EQ(identify::with_columns(lying, some, 2).parameters,
            identify::with_columns(held, some, 2).parameters);
}

TEST(IdentifyRun, ASampleIsSaid) {
  const auto read = large_run(false, 40);
  EXPECT_EQ(read.record.coordinates, 40u);
  EXPECT_EQ(read.note, "judged on 40 of 3000 coordinates, a sample by seed 1");
}

TEST(IdentifyRun, GroupsHaveNumbersOfTheirOwn) {
  using identify::Type;
  identify::Arrays arrays{
      {"params", array({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})},
      {"grads", array({2, 3}, {10, 20, 30, 40, 50, 60})},
      {"group", array({3}, {7, 2, 7}, Type::integer)},
      {"learning_rate", array({2, 2}, {0.5, 0.25, 0.125, 0.0625}, Type::float64)}};
  const auto parts = identify::by_group(identify::record(arrays, "run"));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].numbers, std::vector<std::size_t>{1});
  EXPECT_EQ(parts[0].learning_rate, (std::vector<double>{0.5, 0.125}));
  EXPECT_EQ(parts[1].parameters, (std::vector<double>{1, 3, 4, 6, 7, 9}));
  EXPECT_EQ(parts[1].learning_rate, (std::vector<double>{0.25, 0.0625}));
  arrays.at("learning_rate").values[3] = -1;
  EXPECT_EQ(refused_run(arrays), "run: learning_rate = -1 is outside [0, 2^64]");
  arrays.at("learning_rate") = array({2, 3}, {1, 1, 1, 1, 1, 1}, Type::float64);
  EXPECT_EQ(refused_run(arrays), "run: learning_rate has 6 numbers for 2 steps");
  arrays.at("group") = array({2}, {7, 2}, Type::integer);
  EXPECT_EQ(refused_run(arrays), "run: group has 2 numbers for 3 coordinates");
  arrays.at("group") = array({3}, {7, 0.5, 7});
  EXPECT_EQ(refused_run(arrays), "run: group is not of at most 64 whole numbers in [0, 2^53]");
}

TEST(IdentifyRun, WhatDoesNotBelongTogetherIsRefused) {
  const auto params = array({3, 1}, {1, 2, 3}), grads = array({2, 1}, {5, 6});
  EXPECT_EQ(refused_run({{"params", params}, {"grads", grads}}), "not refused");
  EXPECT_EQ(refused_run({{"params", params}, {"gradients", grads}}),
            "run: has no array grads; it has {gradients, params}");
  EXPECT_EQ(refused_run({{"params", params}, {"grads", grads}, {"t", array({1}, {1})}}),
            "run: t has 1 numbers for 2 steps");
  EXPECT_EQ(refused_run({{"params", params}, {"grads", grads}, {"t", array({2}, {0, 1})}}),
            "run: t = 0 is outside [1, 2^53]");
  EXPECT_EQ(refused_run(
                {{"params", array({3, 1}, {1, 2, 3}, identify::Type::float16)}, {"grads", grads}}),
            "run: params: is float16; steps are judged in float32, float64, and float32 stored as "
            "bfloat16: record the float32 master weights");
  EXPECT_EQ(
      identify::record(
          {{"params", array({3, 1}, {1, 2, 3}, identify::Type::bfloat16)}, {"grads", grads}}, "run")
          .storage,
      identify::Storage::bfloat16);
}

/// What the record tells of a step goes before what is told of all.
TYPED_TEST(IdentifyMatrix, ARateOfEachStepIsThatOfTheRecord) {
  const auto& row = fast::conventions_of<Numbers<TypeParam>>[2];
  auto h = row.hyperparameters;
  auto record = run<TypeParam>(h, {.steps = 1});
  Options options;
  for (const auto& [name, member] : TypeParam::hyperparameters) options.given[name] = h.*member;
  options.given["learning_rate"] = h.learning_rate / 2;
  const auto fits = [&] {
    return consistent(identify::identify(TypeParam::name, record, options))
        .contains(std::string(row.name));
  };
  EXPECT_FALSE(fits());
  record.learning_rate = {h.learning_rate};
  EXPECT_TRUE(fits());
}

TEST(IdentifyFiles, BadOnesAreRefused) {
  const auto good = npy(header("<f4", "(2, 3)"), 24);
  EXPECT_EQ(refused(good), "not refused");
  EXPECT_EQ(refused(""), "cannot be opened, or is empty");
  EXPECT_EQ(refused("0.5,0.5\n"), "is not a .npy file");
  EXPECT_EQ(refused("PK\x03\x04"), "is a zip archive, such as .npz, which identify takes as --run");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 24, 4)),
            "is of .npy version 4.0; 1.0 to 3.0 are read");
  EXPECT_EQ(refused(npy(header("<c8", "(2, 3)"), 48)),
            "has numbers of type '<c8'; floats of 16, 32 and 64 bits, integers and bools are read");
  EXPECT_EQ(refused(npy(header("<i4", "(2, 3)"), 24)), "holds no floating-point numbers");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)", "None"), 24)),
            "its fortran_order is neither True nor False");
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
