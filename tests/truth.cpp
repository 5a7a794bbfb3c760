// SPDX-License-Identifier: Apache-2.0
// What the exhaustive test stands on: the reference in certified double-doubles, where the theorems
// hold, and what the full runs found.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <truestep/proofs/recorded_lanes.hpp>
#include <truestep/proofs/statements.hpp>

#include "facts/every_rule.hpp"
#include "support/each_rule.hpp"
#include "support/generate.hpp"
#include "support/property.hpp"
#include "support/report.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"
#include "truth/committed.hpp"
#include "truth/sweep.hpp"
#include "truth/watched.hpp"

namespace truestep::test {
namespace {

const Subject<float>& shipped(const std::string& rule) {
  static const auto all = suites();
  return std::find_if(all.begin(), all.end(),
                      [&](const Suite& suite) { return suite.shipped.single.rule.name == rule; })
      ->shipped.single;
}

/// Finite gradients by bit pattern, and zero.
std::vector<float> drawn_gradients(std::size_t count) {
  Random random(count);
  std::vector<float> gradients{0};
  while (gradients.size() < count)
    if (const auto g = random.any<float>(); std::isfinite(g)) gradients.push_back(g);
  return gradients;
}

/// The states and theta that a formula over Number gives for one gradient.
template <class R, class Number>
std::vector<Number> stepped(const Situation& from, float gradient) {
  constexpr auto& states = R::template states<Number>;
  const auto rule = formula<R, Number>(from.h, from.t);
  typename R::template Formula<Number>::State before;
  for (std::size_t s = 0; s < states.size(); ++s) before.*states[s].member = from.before.state[s];
  const auto now = rule.step(Number(from.before.theta), before, Number(gradient));
  std::vector<Number> result;
  for (const auto& state : states) result.push_back(now.*state.member);
  result.push_back(now.theta);
  return result;
}

/// "" if x is within its radius of the exact number.
template <class Number>
std::string uncertified(const Number& x, const Real& exact) {
  const Real error = abs(Real(Real(x) - exact));
  if (error <= Real(x.radius) && std::isfinite(x.radius)) return "";
  return text("is ", exact.str(40), ", off by ", error.str(6), ", radius ", x.radius);
}

/// The first gradient for which a formula over Number is not within its radius, or "".
template <class R, class Number>
std::string first_uncertified(std::span<const float> gradients) {
  for (const auto& from : situations(R::name))
    for (const float g : gradients) {
      const auto exact = stepped<R, Real>(from, g);
      const auto certified = stepped<R, Number>(from, g);
      for (std::size_t row = 0; row < exact.size(); ++row)
        if (const auto report = uncertified(certified[row], exact[row]); !report.empty())
          return text(R::name, " ", from.name, ", gradient ", show(g), ": number ", row, " ",
                      report);
    }
  return "";
}

TEST(TruthNumbers, SelectionsKeepWhatTheirOperandsCarry) {
  const Certified near(1, 0, 0.25), exact(1.125);  // near may be 1.25
  for (const auto& larger : {maximum(near, exact), maximum(exact, near)}) {
    EXPECT_EQ(larger.high, 1.125);
    EXPECT_EQ(larger.radius, 0.25);
  }
  const Certified long_one(2, 0x1p-60, 0);
  EXPECT_EQ(maximum(long_one, exact).low, 0x1p-60);
  EXPECT_EQ(maximum(exact, long_one).low, 0x1p-60);
  EXPECT_EQ(where_positive(near, exact).radius, 0);
  EXPECT_EQ(where_positive(-near, exact).high, 0);
  EXPECT_TRUE(std::isinf(where_positive(Certified(0.125, 0, 0.25), exact).radius));

  const Watched small(0x1p-100f), two(2);
  EXPECT_EQ(maximum(two, small * small).lost, underflow);
  EXPECT_EQ(maximum(-two, small).magnitude, 2);
  EXPECT_EQ(at_least_zero(-two).magnitude, 2);
  EXPECT_EQ(where_positive(two, small).value, 0x1p-100f);
}

/// Whether a lane takes a root.
template <class Lane>
bool takes_root() {
  const auto recording = proofs::record<Lane>(proofs::inputs<Lane>());
  return recording.theta.term().find("Sqrt") != std::string::npos;
}

template <class R>
class Truth : public testing::Test {};
TYPED_TEST_SUITE(Truth, EachRule, RuleName);

TYPED_TEST(Truth, IsWithinItsRadiusOfTheReference) {
  const auto gradients = drawn_gradients(12'000);
  std::size_t checked = 0;
  for (const auto& from : situations(TypeParam::name)) {
    std::vector<std::vector<Real>> exact;
    for (const float g : gradients) exact.push_back(stepped<TypeParam, Real>(from, g));
    for (const auto instructions : available_instructions()) {
      const auto rows = truths(TypeParam::name, from, gradients, instructions);
      for (std::size_t row = 0; row < rows.size(); ++row)
        for (std::size_t i = 0; i < gradients.size(); ++i)
          ASSERT_EQ(uncertified(rows[row][i], exact[i][row]), "")
              << from.name << ", gradient " << show(gradients[i]) << ", number " << row;
    }
    checked += gradients.size();
  }
  EXPECT_GE(checked, 100'000u);
}

TYPED_TEST(Truth, IsNotWithinItsRadiusWithASlip) {
  using R = TypeParam;
  const auto gradients = drawn_gradients(100);
  EXPECT_EQ((first_uncertified<R, Certified>(gradients)), "");
  const auto caught = [&]<Slip slip>(std::integral_constant<Slip, slip>) {
    return first_uncertified<R, CertifiedWith<slip>>(gradients) != "";
  };
  using std::integral_constant;
  EXPECT_TRUE(caught(integral_constant<Slip, Slip::product_of_highs>()));
  EXPECT_EQ(caught(integral_constant<Slip, Slip::quotient_of_highs>()), Facts<R>::divides);
  EXPECT_EQ(caught(integral_constant<Slip, Slip::half_of_the_root>()),
            takes_root<typename R::Lane>());
}

/// Where nothing was lost the processor raised no flag, as in section 10; and the magnitudes are
/// those of the theorems, up to the roundings that the sweep allows for.
TYPED_TEST(Truth, KnowsWhereTheTheoremsHold) {
  using Lane = typename TypeParam::Lane;
  const auto& subject = shipped(TypeParam::name);
  std::size_t covered = 0;
  for (const auto& from : situations(TypeParam::name)) {
    const auto rounded = subject.coefficients(from.h, from.t);
    const auto exact = subject.exact_coefficients(from.h, from.t);
    Coefficients<Watched> watching{};
    Coefficients<Magnitude> sizing{};
    for (std::size_t i = 0; i < exact.size(); ++i) {
      watching[i] = Watched(rounded[i], static_cast<double>(exact[i]));
      sizing[i] = exact[i];
    }
    for (const float g : drawn_gradients(2'000)) {
      Seen<float> computed;
      Seen<Watched> watched;
      Seen<Magnitude> sizes;
      Point<float> point = from.before;
      Point<Watched> watched_point{from.before.theta, convert<Watched>(from.before.state)};
      Point<Magnitude> size{Real(from.before.theta),
                            convert<Magnitude>(convert<Real>(from.before.state))};
      auto* volatile lane = step_lane<Lane, float>;
      std::feclearexcept(FE_ALL_EXCEPT);
      lane(rounded, point, g, computed);
      const bool flagged = std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT);
      step_lane<Lane, Watched>(watching, watched_point, Watched(g), watched);
      step_lane<Lane, Magnitude>(sizing, size, Real(g), sizes);
      const auto expect = [&](const Watched& seen, float value, const Real& magnitude) {
        EXPECT_EQ(bits(seen.value), bits(value)) << from.name << " " << show(g);
        if (seen.lost == nothing) {
          ++covered;
          EXPECT_LE(abs(Real(Real(seen.magnitude) - magnitude)),
                    Real(Certified::inflation - 1) * magnitude)
              << from.name << " " << show(g);
        }
      };
      for (std::size_t s = 0; s < Lane::states; ++s)
        expect(watched_point.state[s], point.state[s], size.state[s].size);
      expect(watched_point.theta, point.theta, size.theta.size);
      if (watched_point.theta.lost == nothing &&
          std::all_of(watched_point.state.begin(), watched_point.state.end(),
                      [](const Watched& state) { return state.lost == nothing; })) {
        EXPECT_FALSE(flagged) << from.name << " " << show(g);
      }
    }
  }
  EXPECT_GE(covered, 10'000u);
}

std::vector<std::string> lines(const std::string& rule, const Situation& from,
                               const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const auto& finding : findings) all.push_back(line({rule, "7/65521", from.name, finding}));
  return all;
}

TYPED_TEST(Truth, IsTheSameForAllInstructionsAndParts) {
  const auto& subject = shipped(TypeParam::name);
  constexpr std::uint64_t stride = 65'521, count = 65'551, part = 30'001;
  for (const auto& from : situations(TypeParam::name)) {
    const auto best = available_instructions().back();
    const auto whole = lines(TypeParam::name, from, sweep(subject, from, {7, stride, count}, best));
    for (const auto instructions : available_instructions())
      EXPECT_EQ(
          lines(TypeParam::name, from, sweep(subject, from, {7, stride, count}, instructions)),
          whole);
    auto first = sweep(subject, from, {7, stride, part}, best);
    const auto second = sweep(subject, from, {7 + part * stride, stride, count - part}, best);
    for (std::size_t q = 0; q < first.size(); ++q) first[q].join(second[q]);
    EXPECT_EQ(lines(TypeParam::name, from, first), whole);
  }
}

/// A kernel whose theta is another for one gradient.
template <class Change>
Subject<float> with_changed_theta(const Subject<float>& shipped, std::uint32_t gradient,
                                  Change change) {
  Subject<float> faulty = shipped;
  faulty.kernel = [=, kernel = shipped.kernel](
                      const Hyperparameters& h, std::uint64_t t, std::span<float> theta,
                      const States<std::span<float>>& state, std::span<const float> g) {
    kernel(h, t, theta, state, g);
    for (std::size_t i = 0; i < g.size(); ++i)
      if (std::bit_cast<std::uint32_t>(g[i]) == gradient) theta[i] = change(theta[i]);
  };
  return faulty;
}

template <std::uint32_t bit>
constexpr auto flip =
    [](float x) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) ^ bit); };

constexpr std::uint32_t planted = std::bit_cast<std::uint32_t>(0.3f);

/// What the sweep finds of theta around the planted gradient, from the first situation.
Finding theta_around_planted(const Subject<float>& subject) {
  constexpr Patterns around{planted - 100'000, 1, 200'000};
  return sweep(subject, situations(subject.rule.name)[0], around, available_instructions().back())
      .back();
}

/// theta is about the gradient's size or larger here, so that the fifth bit, 16 ulp, is more than
/// any constant allows.
TYPED_TEST(Truth, FindsAWrongResultAndItsGradient) {
  const auto& subject = shipped(TypeParam::name);
  EXPECT_FALSE(theta_around_planted(subject).exceeds());
  const auto expect_found = [&](auto change) {
    const auto theta = theta_around_planted(with_changed_theta(subject, planted, change));
    EXPECT_TRUE(theta.exceeds());
    EXPECT_EQ(theta.in_bound.gradient, planted);
    EXPECT_EQ(theta.in_ulp.gradient, planted);
  };
  expect_found(flip<16>);
  expect_found([](float) { return NAN; });
  expect_found([](float) { return -INFINITY; });
}

/// The last bit shows in the ulps, and so in the comparison with what was committed.
TYPED_TEST(Truth, FindsAWrongLastBit) {
  const auto& subject = shipped(TypeParam::name);
  const auto theta = theta_around_planted(with_changed_theta(subject, planted, flip<1>));
  EXPECT_EQ(theta.in_ulp.gradient, planted);
  EXPECT_GT(theta.in_ulp.figure, theta_around_planted(subject).in_ulp.figure);
}

/// What one quantity of the kernel's step is off by, in 50 digits.
struct Replayed {
  Real error, magnitude, ulp;

  Replayed(const Subject<float>& subject, const Situation& from, const std::string& quantity,
           std::uint32_t pattern) {
    const float g = std::bit_cast<float>(pattern);
    const auto expressions = subject.exact_coefficients(from.h, from.t);
    Coefficients<Magnitude> coefficients;
    std::copy(expressions.begin(), expressions.end(), coefficients.begin());
    Point<float> computed = from.before;
    Point<Real> exact{computed.theta, convert<Real>(computed.state)};
    Point<Magnitude> size{exact.theta, convert<Magnitude>(exact.state)};
    States<std::span<float>> state;
    for (std::size_t s = 0; s < subject.rule.states.size(); ++s) state[s] = {&computed.state[s], 1};
    subject.kernel(from.h, from.t, {&computed.theta, 1}, state, {&g, 1});
    Seen<Real> seen;
    Seen<Magnitude> sizes;
    subject.reference(from.h, from.t)(exact, Real(g), seen);
    subject.magnitude(coefficients, size, Real(g), sizes);
    std::size_t s = 0;
    while (s < subject.rule.states.size() && subject.rule.states[s].name != quantity) ++s;
    const bool is_theta = s == subject.rule.states.size();
    const Real right = is_theta ? exact.theta : exact.state[s];
    error = abs(Real(Real(is_theta ? computed.theta : computed.state[s]) - right));
    magnitude = is_theta ? size.theta.size : size.state[s].size;
    ulp = ulp_of_float(static_cast<double>(right));
  }

  std::string in_bound() const {
    const Real unit = Real(unit_roundoff<float>) * magnitude;
    return digits(error == 0 ? 0 : static_cast<double>(Real(error / unit)));
  }
  std::string in_ulp() const { return digits(static_cast<double>(Real(error / ulp))); }
};

/// What is committed is within its bound, and its gradients attain in 50 digits what the
/// double-doubles said.
TYPED_TEST(Truth, AttainsWhatIsCommitted) {
  const auto& subject = shipped(TypeParam::name);
  for (const auto& record : committed_records()) {
    if (record.rule != TypeParam::name) continue;
    const auto& from = situations(record.rule);
    const auto at = std::find_if(from.begin(), from.end(), [&](const Situation& situation) {
      return situation.name == record.situation;
    });
    ASSERT_NE(at, from.end()) << line(record);
    const Finding& finding = record.finding;
    EXPECT_FALSE(finding.exceeds()) << line(record);
    const auto replay = [&](const Worst& worst) {
      return Replayed(subject, *at, finding.quantity, worst.gradient);
    };
    EXPECT_EQ(replay(finding.in_bound).in_bound(), digits(finding.in_bound.figure)) << line(record);
    EXPECT_EQ(replay(finding.in_ulp).in_ulp(), digits(finding.in_ulp.figure)) << line(record);
    if (finding.underflowed > 0) {
      EXPECT_EQ(replay(finding.in_ulp_below).in_ulp(), digits(finding.in_ulp_below.figure))
          << line(record);
    }
  }
}

/// The slice that each run of the tests tries is committed whole, in order; so are all gradients of
/// each situation.
TYPED_TEST(Truth, IsCommittedForAllSituations) {
  const auto records = committed_records();
  auto next = records.begin();
  for (const auto& from : situations(TypeParam::name))
    for (const auto& state :
         sweep(shipped(TypeParam::name), from, {0, 1, 1}, Instructions::baseline)) {
      next = std::find_if(next, records.end(), [&](const Record& record) {
        return record.rule == TypeParam::name && record.slice == "0/997";
      });
      ASSERT_NE(next, records.end()) << from.name << " " << state.quantity;
      EXPECT_EQ(next->situation + " " + next->finding.quantity, from.name + " " + state.quantity);
      EXPECT_EQ(next->finding.proved, state.proved);
      ++next;
    }
  const auto lines_of = [&](const std::string& slice) {
    return std::count_if(records.begin(), records.end(), [&](const Record& record) {
      return record.rule == TypeParam::name && record.slice == slice;
    });
  };
  EXPECT_EQ(lines_of("0/1"), lines_of("0/997"))
      << "not all gradients of " << TypeParam::name << " were tried: tests/run --update";
  for (const auto& record : records)
    if (record.slice == "0/1") {
      EXPECT_EQ(record.finding.covered + record.finding.underflowed + record.finding.overflowed,
                std::uint64_t{1} << 32)
          << line(record);
    }
}

TEST(Committed, LinesAreContradictedByAnyChange) {
  Record record = committed_records().front();
  const auto committed = line(record);
  EXPECT_EQ(contradiction(record), "");
  record.finding.in_ulp.gradient ^= 1;
  EXPECT_EQ(contradiction(record), committed);
  record.finding.in_ulp.gradient ^= 1;
  --record.finding.covered;
  EXPECT_EQ(contradiction(record), committed);
  record.slice = "1/997";
  EXPECT_EQ(contradiction(record), "");
}

}  // namespace
}  // namespace truestep::test
