// SPDX-License-Identifier: Apache-2.0
// Every convention against answers that neither of its statements made: classes.csv, which
// known_answers/classes.py computes from the sources of each optimizer class, conventions.csv,
// which conventions.py does for the lecture note and the papers, and the end points that Lua Torch
// arrived at. A row is planted under other conventions too, and has to refuse them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>
#include <type_traits>
#include <vector>

#include "facts/every_rule.hpp"
#include "support/class_runs.hpp"
#include "support/each_rule.hpp"

namespace truestep::test {
namespace {

using proofs::Ball;
using reference::Real;

// What is in the files

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// The fields of each line that is no comment.
std::vector<std::vector<std::string>> table(const std::string& name) {
  std::vector<std::vector<std::string>> lines;
  std::ifstream file(TRUESTEP_KNOWN_ANSWERS "/" + name);
  for (std::string line; std::getline(file, line);)
    if (!line.starts_with('#')) lines.push_back(split(line, ','));
  return lines;
}

/// A decimal as printed; the number that it was printed from is within half a unit of its last
/// digit.
struct Printed {
  Real value, half_unit;

  explicit Printed(const std::string& decimal) : value(decimal) {
    const auto e = decimal.find('e'), point = decimal.find('.');
    const int exponent = e == std::string::npos ? 0 : std::stoi(decimal.substr(e + 1));
    const auto decimals = static_cast<int>(std::min(e, decimal.size()) - point) - 1;
    half_unit = Real("5e" + std::to_string(exponent - decimals - 1));
  }
};

struct Row {
  std::string rule, convention, settings;
  std::vector<double> gradients;
  std::vector<std::string> thetas;
  std::string options = {};  ///< of a class

  std::string name() const { return rule + " " + convention + " {" + settings + "} " + options; }
  /// Without the steps that are not a number, such as the root of a negative variance.
  std::size_t finite_steps() const {
    const auto nan = [](const std::string& theta) { return theta.find('N') != theta.npos; };
    return static_cast<std::size_t>(std::find_if(thetas.begin(), thetas.end(), nan) -
                                    thetas.begin());
  }
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const auto& fields : table("conventions.csv")) {
    Row row{fields[0], fields[1], fields[2], {}, {fields.begin() + 4, fields.end()}};
    for (const auto& g : split(fields[3], ' ')) row.gradients.push_back(std::stod(g));
    all.push_back(row);
  }
  return all;
}

/// The runs of the classes that the table models, and how many of which it does not.
std::vector<Row> rows_of_classes(std::map<std::string, std::size_t>& left_out) {
  std::vector<Row> all;
  for (const auto& run : classes::runs())
    fast::with_rule<rules::All>(run.rule, [&]<class R>() {
      if (const auto why = classes::left_out<typename R::Hyperparameters>(run); !why.empty()) {
        ++left_out[run.class_name + ": " + why];
        return;
      }
      all.push_back({run.rule, run.class_name, run.numbers, run.gradients, run.theta, run.options});
      for (double& g : all.back().gradients) g /= classes::batch_of(run.options);
    });
  return all;
}
std::vector<Row> rows_of_classes() {
  std::map<std::string, std::size_t> left_out;
  return rows_of_classes(left_out);
}

template <class R>
typename R::Hyperparameters described(const Row& row) {
  using H = typename R::Hyperparameters;
  const auto* const of_class = classes::row_of<H>(row.convention);
  if (of_class == nullptr) throw std::invalid_argument(row.name() + " is in no row");
  return classes::hyperparameters(*of_class,
                                  {row.convention, row.rule, row.options, row.settings, {}, {}});
}

template <class R>
typename R::Hyperparameters described(std::string_view convention, const std::string& settings) {
  Values values;
  for (const auto& setting : split(settings, ' ')) {
    const auto equals = setting.find('=');
    values[setting.substr(0, equals)] = std::stod(setting.substr(equals + 1));
  }
  return with_values<R>(fast::convention<typename R::Hyperparameters>(convention), values);
}

// What each statement makes of a row

template <class R>
using Step = typename R::template Formula<Real>::Step;

template <class R>
Step<R> start(const typename R::Hyperparameters& h) {
  Step<R> now{};
  static_cast<typename R::template Formula<Real>::State&>(now) =
      R::template Formula<Real>::start(h);
  now.theta = 1;
  return now;
}

/// Where the reference departs from the row's digits, or "".
template <class R>
std::string off_by_reference(const typename R::Hyperparameters& h, const Row& row) {
  auto now = start<R>(h);
  for (std::size_t i = 0; i < row.gradients.size(); ++i) {
    now = R::template formula<Real>(h, i + 1).step(now.theta, now, row.gradients[i]);
    const auto digits = now.theta.str(29, std::ios_base::scientific);
    if (i >= row.finite_steps() ? now.theta == now.theta : Real(digits) != Real(row.thetas[i]))
      return row.name() + ", step " + std::to_string(i + 1) + ": the row has " + row.thetas[i] +
             ", the reference " + digits + "\n";
  }
  return "";
}

/// x rounded to T.
template <class T>
Ball<T> rounded(double x) {
  const T value = static_cast<T>(x);
  return value == x ? Ball<T>(value) : Ball<T>::coefficient(value);
}

/// What the states start from: at most the first from anything but 0.
template <class H>
double first_state(const H& h) {
  if constexpr (requires { h.start; })
    return h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
  return 0;
}

/// What the others start from.
template <class H>
double further_state(const H& h) {
  if constexpr (requires { h.moments_start; })
    return h.moments_start == fast::Start::epsilon ? h.epsilon : 0;
  return 0;
}

/// theta after each step, by the lane over Balls.
template <class R, class T>
std::vector<Ball<T>> enclosed(const typename R::Hyperparameters& h, const Row& row) {
  std::vector<Ball<T>> thetas;
  fast::with_lane(h, [&]<class Lane>() {
    std::array<Ball<T>, Lane::states> state;
    state.fill(rounded<T>(further_state(h)));
    if (first_state(h) != 0) state[0] = rounded<T>(first_state(h));
    Ball<T> theta(1);
    for (const double g : row.gradients) {
      std::array<Ball<T>, Lane::coefficients> k;
      const auto list = fast::coefficient_list<T>(h, thetas.size() + 1);
      std::transform(list.values.begin(), list.values.begin() + Lane::coefficients, k.begin(),
                     Ball<T>::coefficient);
      Lane::step(k, theta, state, Ball<T>(static_cast<T>(g)), fast::Unobserved());
      thetas.push_back(theta);
    }
  });
  return thetas;
}

/// theta after each step, by the public function.
template <class R, class T>
std::vector<T> computed(const typename R::Hyperparameters& h, const Row& row) {
  std::vector<T> state(rules::states_of<R, Real>(h).size()), thetas;
  std::fill(state.begin(), state.end(), static_cast<T>(further_state(h)));
  if (first_state(h) != 0) state[0] = static_cast<T>(first_state(h));
  std::vector<std::span<T>> spans;
  for (T& each : state) spans.emplace_back(&each, 1);
  T theta = 1;
  for (const double each : row.gradients) {
    const T g = static_cast<T>(each);
    rules::run_kernel<R, T>(h, thetas.size() + 1, {&theta, 1}, spans, std::span(&g, 1));
    thetas.push_back(theta);
  }
  return thetas;
}

/// Where the kernel is farther from the row's digits than its own rounding explains, or "".
template <class R, class T>
std::string off_by_kernel(const typename R::Hyperparameters& h, const Row& row) {
  const auto thetas = computed<R, T>(h, row);
  const auto balls = enclosed<R, T>(h, row);
  for (std::size_t i = 0; i < thetas.size(); ++i) {
    if (i >= row.finite_steps()) {
      if (thetas[i] == thetas[i]) return row.name() + ": the row has NaN, the kernel has not\n";
      continue;
    }
    const Printed answer(row.thetas[i]);
    const Real error = abs(Real(thetas[i]) - answer.value);
    if (!balls[i].bounded() || !(error <= Real(balls[i].radius) + answer.half_unit))
      return row.name() + ", step " + std::to_string(i + 1) + ": the row has " + row.thetas[i] +
             ", the kernel " + Real(thetas[i]).str(20) + " within " + Real(balls[i].radius).str(3) +
             "\n";
  }
  return "";
}

TEST(KnownAnswers, ReferenceAndKernelsComputeWhatTheSystemsSay) {
  for (const auto& row : rows())
    fast::with_rule<rules::All>(row.rule, [&]<class R>() {
      const auto h = described<R>(row.convention, row.settings);
      EXPECT_EQ(off_by_reference<R>(h, row), "");
      EXPECT_EQ((off_by_kernel<R, float>(h, row)), "");
      EXPECT_EQ((off_by_kernel<R, double>(h, row)), "");
    });
}

/// The kernels, where the row has one.
TEST(KnownAnswers, ReferenceAndKernelsComputeWhatTheSourcesOfTheClassesSay) {
  std::map<std::string, std::size_t> left_out;
  std::size_t held = 0, by_kernels = 0;
  for (const auto& row : rows_of_classes(left_out))
    fast::with_rule<rules::All>(row.rule, [&]<class R>() {
      const auto h = described<R>(row);
      ++held;
      EXPECT_EQ(off_by_reference<R>(h, row), "");
      if (fast::without_lane(h) != nullptr) return;
      ++by_kernels;
      EXPECT_EQ((off_by_kernel<R, float>(h, row)), "");
      EXPECT_EQ((off_by_kernel<R, double>(h, row)), "");
    });
  std::cout << held << " runs, " << by_kernels << " by kernels too\n";
  for (const auto& [what, count] : left_out)
    std::cout << "left out: " << count << ", " << what << "\n";
  EXPECT_GE(held, 1000u);
}

TEST(KnownAnswers, EveryConventionHasARow) {
  std::map<std::string, int> answered;
  for (const auto& row : rows()) ++answered[row.rule + " " + row.convention];
  for (const auto& row : rows_of_classes()) ++answered[row.rule + " " + row.convention];
  fast::for_each_rule<rules::All>([&]<class R>() {
    for (const auto& each : fast::conventions_of<typename R::Hyperparameters>) {
      const std::string name(each.class_name.empty() ? each.name : each.class_name);
      EXPECT_GT(answered[R::name + (" " + name)], 0) << R::name << " " << name;
    }
  });
}

/// Two rows that print the same thetas are one map as far as the file can tell.
bool lead_apart(const Row& a, const Row& b) {
  return a.rule == b.rule && a.gradients == b.gradients && a.thetas != b.thetas;
}

// Each planted fault: a row is held against the description of another. An epsilon of 1e-8 is below
// float's rounding, so that float has to tell a row from one other at least, and double from all.
TEST(KnownAnswers, ARowRefusesEveryOtherMap) {
  const auto all = rows();
  std::size_t refused_in_float = 0;
  for (const auto& row : all)
    fast::with_rule<rules::All>(row.rule, [&]<class R>() {
      bool refused = false;
      for (const auto& other : all) {
        if (!lead_apart(row, other)) continue;
        const auto h = described<R>(other.convention, other.settings);
        EXPECT_NE(off_by_reference<R>(h, row), "") << row.name() << " under " << other.name();
        EXPECT_NE((off_by_kernel<R, double>(h, row)), "")
            << row.name() << " under " << other.name();
        refused |= !off_by_kernel<R, float>(h, row).empty();
      }
      refused_in_float += refused;
    });
  EXPECT_EQ(refused_in_float, all.size());
}

/// Whether two rows are so far apart that no kernel within its radius of one can fit the other.
template <class R>
bool apart_in_double(const typename R::Hyperparameters& of_other, const Row& row,
                     const Row& other) {
  const auto balls = enclosed<R, double>(of_other, other);
  for (std::size_t i = 0; i < balls.size(); ++i) {
    if (i >= std::min(row.finite_steps(), other.finite_steps()))
      return row.finite_steps() != other.finite_steps();
    const Printed a(row.thetas[i]), b(other.thetas[i]);
    if (abs(a.value - b.value) > 2 * Real(balls[i].radius) + a.half_unit + b.half_unit) return true;
  }
  return false;
}

/// The same of the classes, at the same numbers, by the reference and in double.
TEST(KnownAnswers, ARunOfAClassRefusesEveryOtherMap) {
  std::map<std::string, std::vector<Row>> alike;
  for (const auto& row : rows_of_classes()) {
    auto& group = alike[row.rule + row.settings + std::to_string(row.gradients[0])];
    const auto same = [&](const Row& known) { return known.thetas == row.thetas; };
    if (std::none_of(group.begin(), group.end(), same)) group.push_back(row);
  }
  std::size_t pairs = 0;
  for (const auto& each : alike) {
    const auto& group = each.second;
    fast::with_rule<rules::All>(group.front().rule, [&]<class R>() {
      for (const auto& row : group)
        for (const auto& other : group) {
          if (row.thetas == other.thetas) continue;
          ++pairs;
          const auto h = described<R>(other);
          EXPECT_NE(off_by_reference<R>(h, row), "") << row.name() << " under " << other.name();
          if (fast::without_lane(h) == nullptr && apart_in_double<R>(h, row, other)) {
            EXPECT_NE((off_by_kernel<R, double>(h, row)), "")
                << row.name() << " under " << other.name();
          }
        }
    });
  }
  std::cout << pairs << " pairs told apart\n";
}

// What Lua Torch arrived at

/// The stored point, or the look-ahead point of a rule that takes its gradient there.
template <class R>
Real gradient_point(const typename R::Hyperparameters& h, std::uint64_t t, const Step<R>& now) {
  if constexpr (requires { h.nesterov; })
    if (h.nesterov == fast::NesterovForm::look_ahead)
      return R::template formula<Real>(h, t).look_ahead(now.theta, now);
  return now.theta;
}

/// Ten steps on curvature theta^2 / 2 from 1, read where the next gradient would be taken.
template <class R>
Real descended(const typename R::Hyperparameters& h, double curvature) {
  constexpr std::uint64_t steps = 10;
  auto now = start<R>(h);
  for (std::uint64_t t = 1; t <= steps; ++t)
    now = R::template formula<Real>(h, t).step(now.theta, now,
                                               curvature * gradient_point<R>(h, t, now));
  return gradient_point<R>(h, steps + 1, now);
}

/// Whether a convention arrives where a published row says, with its numbers.
template <class R>
bool arrives(std::string_view convention, const std::vector<std::string>& row) {
  const auto h = described<R>(convention, row[2]);
  constexpr double curvatures[] = {0.2, 0.4, 0.6};
  bool all = true;
  for (std::size_t i = 0; i < 3; ++i) {
    const Printed answer(row[3 + i]);
    const Real off = abs(descended<R>(h, curvatures[i]) - answer.value);
    all = all && off <= answer.half_unit;
  }
  return all;
}

template <class R>
class Torch7 : public testing::Test {};
TYPED_TEST_SUITE(Torch7, EachRule, RuleName);

TYPED_TEST(Torch7, IsReachedByTheConventionsOfItsMapAlone) {
  using R = TypeParam;
  std::size_t compared = 0;
  for (const auto& row : table("torch7-quadratic.csv")) {
    if (row[0] != Facts<R>::torch7_row) continue;
    for (const auto& each : fast::conventions_of<typename R::Hyperparameters>) {
      ++compared;
      EXPECT_EQ(arrives<R>(each.name, row), Facts<R>::reaches_torch7(each.name)) << each.name;
    }
  }
  EXPECT_EQ(compared == 0, Facts<R>::torch7_row.empty());
}

}  // namespace
}  // namespace truestep::test
