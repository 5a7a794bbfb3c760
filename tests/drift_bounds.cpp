// SPDX-License-Identifier: Apache-2.0
// The drift theorems (proofs/theory/drift) on long runs: every state, and theta where a theorem
// has a constant for it, lies within its bound after each of 10^5 steps.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "support/convention_subject.hpp"
#include "support/generate.hpp"
#include "support/report.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

constexpr std::uint64_t steps = 100'000;

/// What the theorems call u, eta and kappa.
template <class T>
struct Format {
  Real u = Real(std::numeric_limits<T>::epsilon()) / 2;
  Real eta = Real(std::numeric_limits<T>::denorm_min()) / 2;
  Real kappa = 1 + Real(0x1p-40);
};

/// What else a bound may depend on.
struct Run {
  Real largest_g;  ///< the largest |gradient|
  std::uint64_t t = 0;
  Real exact = 0;
  Real largest_theta = 0;  ///< of those stored
};

/// A drift theorem: the bound of |computed - exact| after t steps from zero.
template <class T>
using Bound = Real (*)(const Format<T>&, const Hyperparameters&, const Run&);

template <class T>
Real momentum_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real alpha(h[0]), mu(h[1]);
  const Real k = (1 + f.kappa * f.u) * (1 + f.u) * (1 + f.u) - 1;
  return (k * alpha * run.largest_g / (1 - mu) + (3 + 2 * f.u) * f.eta) / (1 - mu * (1 + k));
}

template <class T>
Real adagrad_drift(const Format<T>& f, const Hyperparameters&, const Run& run) {
  return (pow(Real(1 + f.u), Real(run.t)) - 1) * (run.exact + f.eta / f.u);
}

template <class T, std::size_t beta>
Real first_moment_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real w = 1 - Real(h[beta]), c = 2 + f.u + 2 * f.kappa * w;
  return (c * f.u * run.largest_g + (2 + f.u) * f.eta) / (w - c * f.u);
}

template <class T, std::size_t beta>
Real second_moment_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real w = 1 - Real(h[beta]), c = 2 + f.u + f.kappa * w, g = run.largest_g;
  return (c * f.u * g * g + (2 + f.u + (1 + f.u) * g) * f.eta) / (w - c * f.u);
}

template <class T>
Real rmsprop_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real w = 1 - Real(h[1]), square = (1 + f.u) * (1 + f.u), g = run.largest_g;
  const Real largest_s = g * g + Real(h[2]) / w;
  const Real c = 2 + f.u + ((square + 1) * (1 + f.kappa * f.u) + 2 * f.kappa) * w;
  return (c * f.u * largest_s + (square * g + 3 + 2 * f.u) * f.eta) / (w - c * f.u);
}

// The theorems below are without underflow.

/// What a coefficient and its product add to u.
template <class T>
Real error_of_product(const Format<T>& f) {
  return (1 + f.kappa * f.u) * (1 + f.u) - 1;
}

/// The error of g / sqrt(sum), which is at most 1; its dividend is off by relative k.
template <class T>
Real adagrad_direction_error(const Format<T>& f, const Real& k, const Run& run) {
  const Real kept = 1 - f.u, shrunk = 2 - pow(Real(1 + f.u), Real(run.t));
  const Real a = kept * kept * (1 - f.kappa * f.u) * sqrt(shrunk);
  return (1 + f.u) * (1 + k) / a - 1;
}

template <class T>
Real adagrad_mean_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real w = 1 - Real(h[2]), c = 2 + f.u + 2 * f.kappa * w;
  const Real e = adagrad_direction_error(f, 0, run);
  return c * f.u * (1 + e) / (w - c * f.u) + e;
}

/// push g / sqrt(s) is at most `largest`, and off by at most `error`.
struct Push {
  Real largest, error;
};
template <class T>
Push rmsprop_push(Format<T> f, const Hyperparameters& h, const Run& run) {
  f.eta = 0;
  const Real largest = Real(h[0]) / sqrt(Real(1 - Real(h[1])));
  const Real a = (1 - f.u) * sqrt(Real(1 - rmsprop_drift<T>(f, h, run) / Real(h[2])));
  return {largest, ((1 + f.u) * (1 + error_of_product(f)) / a - 1) * largest};
}

template <class T>
Real rmsprop_buffer_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real mu(h[3]), k = error_of_product(f);
  const auto [largest, error] = rmsprop_push(f, h, run);
  const Real sum = largest + error;
  return (k * mu * sum / (1 - mu) + f.u * sum) / (1 - mu * (1 + k)) + error / (1 - mu);
}

/// The drift of parameters whose updates are off by at most `error`.
template <class T>
Real parameter_drift(const Format<T>& f, const Real& error, const Run& run) {
  return run.t * (error + (f.u * run.largest_theta + f.eta) / (1 - f.u));
}

template <class T>
Real momentum_theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return parameter_drift(f, momentum_drift(f, h, run), run);
}

template <class T>
Real adagrad_theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return parameter_drift(f, adagrad_direction_error(f, error_of_product(f), run) * h[0], run);
}

template <class T>
Real rmsprop_theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return parameter_drift(f, rmsprop_push(f, h, run).error, run);
}

/// Gradients of one coordinate over time, by the kinds that tell rounding errors apart: constant
/// ones let every error have the same sign.
template <class T>
class Gradients {
 public:
  explicit Gradients(std::uint64_t seed) : random_(seed), kind_(seed % 4) {
    constant_ = std::fabs(random_.ordinary<T>(0, 0));
  }
  T next() {
    switch (kind_) {
      case 0:
      case 1:
        return constant_;
      case 2:
        return random_.ordinary<T>(-8, 0);
      default:
        return random_.one_in(10) ? random_.ordinary<T>(0, 0) : T(0);
    }
  }
  static constexpr double largest = 2;

 private:
  Random random_;
  std::uint64_t kind_;
  T constant_;
};

/// A state, or theta, which comes after the states.
template <class Number>
const Number& quantity(const Point<Number>& point, const Rule& rule, std::size_t at) {
  return at < rule.states.size() ? point.state[at] : point.theta;
}

/// What is claimed of a quantity of a lane.
template <class T>
struct Claim {
  std::size_t at;
  Bound<T> bound;
  Real closest = 0;
};

template <class T>
struct Claims {
  Subject<T> subject;
  Hyperparameters h;
  std::vector<Claim<T>> of;
};

/// Runs the lane beside the reference, and after every step compares the quantities with their
/// bounds: "", or the circumstances in which one was first exceeded.
template <class T>
std::string first_excess(Claims<T> claims) {
  constexpr std::size_t coordinates = 8;
  const Subject<T>& subject = claims.subject;
  const Hyperparameters& h = claims.h;
  const Rule& rule = subject.rule;
  std::vector<Gradients<T>> gradients;
  std::vector<Point<T>> computed(coordinates);
  std::vector<Point<Real>> exact(coordinates);
  std::vector<Run> runs(coordinates, Run{Real(Gradients<T>::largest)});
  for (std::size_t i = 0; i < coordinates; ++i) gradients.emplace_back(i);

  const Format<T> format;
  Seen<T> seen;
  Seen<Real> exact_seen;
  for (std::uint64_t t = 1; t <= steps; ++t) {
    const auto coefficients = subject.coefficients(h, t);
    const auto reference = subject.reference(h, t);
    for (std::size_t i = 0; i < coordinates; ++i) {
      const T g = gradients[i].next();
      const Point<T> before = computed[i];
      subject.lane(coefficients, computed[i], g, seen);
      reference(exact[i], Real(g), exact_seen);
      Run& run = runs[i];
      run.t = t;
      run.largest_theta = std::max(run.largest_theta, Real(abs(Real(computed[i].theta))));
      for (auto& [at, bound, closest] : claims.of) {
        run.exact = quantity(exact[i], rule, at);
        const Real allowed = bound(format, h, run);
        const Real error = abs(Real(quantity(computed[i], rule, at)) - run.exact);
        if (!(error <= allowed)) return describe<T>({rule, h, t, i, before, g});
        closest = std::max(closest, Real(error / allowed));
      }
    }
  }
  for (const auto& claim : claims.of)
    std::cout << rule.name << " " << (sizeof(T) == 4 ? "float" : "double") << ", "
              << (claim.at < rule.states.size() ? rule.states[claim.at].name : "theta") << ": "
              << coordinates * steps << " coordinates within the proved drift, the closest at "
              << claim.closest.str(3) << " of it\n";
  return "";
}

/// A convention of a rule, with what the runs need.
template <class R, class T>
Subject<T> subject_with(const typename R::Hyperparameters& base) {
  Subject<T> subject;
  subject.rule.name = R::name;
  for_each_number<R>(base, [&](const auto& number, bool) {
    subject.rule.hyperparameters.push_back({number.name, Role::decay});
  });
  for (const auto& state : rules::states_of<R, Real>(base)) {
    subject.rule.states.push_back({state.name, false, {}});
    subject.rule.quantities.push_back(state.name);
  }
  subject.rule.quantities.push_back("theta");
  use_kernel<R>(subject, base);
  use_reference<R>(subject, base);
  return subject;
}

template <class T>
Subject<T> averaged_adagrad(fast::EpsilonPlace place) {
  return subject_with<rules::Of<fast::Adagrad>, T>({.epsilon_place = place, .momentum = 0.9});
}

template <class T>
Subject<T> buffered_rmsprop() {
  return subject_with<rules::Of<fast::Rmsprop>, T>(
      {.momentum = 0.9, .learning_rate_site = fast::LearningRateSite::buffer});
}

template <class T>
const Subject<T>& of(const Pair& pair) {
  if constexpr (sizeof(T) == 4)
    return pair.single;
  else
    return pair.twice;
}

template <class T>
std::vector<Claims<T>> all_claims() {
  const auto suite = suites();
  const auto shipped = [&](std::size_t rule) { return of<T>(suite[rule].shipped); };
  using enum fast::EpsilonPlace;
  return {
      {shipped(0), {0.01, 0.9}, {{0, momentum_drift<T>}, {1, momentum_theta_drift<T>}}},
      {shipped(1), {0.01, 0.99}, {{0, momentum_drift<T>}, {1, momentum_theta_drift<T>}}},
      {shipped(2), {0.01, 1e-8}, {{0, adagrad_drift<T>}, {1, adagrad_theta_drift<T>}}},
      {averaged_adagrad<T>(inside), {0.01, 1e-8, 0.9}, {{1, adagrad_mean_drift<T>}}},
      {averaged_adagrad<T>(outside), {0.01, 1e-8, 0.9}, {{1, adagrad_mean_drift<T>}}},
      {shipped(3), {0.95, 1e-6}, {{0, second_moment_drift<T, 0>}}},
      {shipped(4), {0.001, 0.99, 1e-2}, {{0, rmsprop_drift<T>}, {1, rmsprop_theta_drift<T>}}},
      {buffered_rmsprop<T>(), {0.001, 0.99, 1e-2, 0.9}, {{1, rmsprop_buffer_drift<T>}}},
      {shipped(5),
       {0.001, 0.9, 0.999, 1e-8},
       {{0, first_moment_drift<T, 1>}, {1, second_moment_drift<T, 2>}}},
  };
}

template <class T>
void expect_all() {
  for (const auto& claims : all_claims<T>()) EXPECT_EQ(first_excess(claims), "");
}

}  // namespace

TEST(DriftBounds, HoldOverManyStepsInFloat) { expect_all<float>(); }
TEST(DriftBounds, HoldOverManyStepsInDouble) { expect_all<double>(); }

TEST(DriftBounds, AreExceededByACoefficientFormedInFloat) {
  const auto suite = adam_suite();
  const auto fault = std::find_if(suite.faults.begin(), suite.faults.end(), [](const Fault& f) {
    return f.name == "1 - beta2 formed in float";
  });
  ASSERT_NE(fault, suite.faults.end());
  EXPECT_NE(
      first_excess<double>(
          {fault->faulty.twice, {0.001, 0.9, 0.999, 1e-8}, {{1, second_moment_drift<double, 2>}}}),
      "");
}

/// Each of them.
TEST(DriftBounds, AreExceededByDoublesKeptInFloat) {
  for (auto claims : all_claims<double>()) {
    claims.subject.lane = [lane = claims.subject.lane](const auto& coefficients, auto& point,
                                                       const double& g, auto& seen) {
      lane(coefficients, point, g, seen);
      point.theta = static_cast<float>(point.theta);
      for (double& state : point.state) state = static_cast<float>(state);
    };
    for (const auto& claim : claims.of)
      EXPECT_NE(first_excess<double>({claims.subject, claims.h, {claim}}), "")
          << claims.subject.rule.name << ", " << claim.at;
  }
}

}  // namespace truestep::test
