// The drift theorems (proofs/theory/Drift.v) on long runs: every state, after each of 10^5 steps,
// lies within the bound that is proved for all t at once.

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

/// A state's drift theorem: the bound of |computed - exact| after any number of steps from zero,
/// largest_g being the largest |gradient|; Adagrad's alone depends on t and on the exact sum.
template <class T>
using Bound = Real (*)(const Format<T>&, const Hyperparameters&, const Real& largest_g,
                       std::uint64_t t, const Real& exact);

template <class T>
Real momentum_drift(const Format<T>& f, const Hyperparameters& h, const Real& largest_g,
                    std::uint64_t, const Real&) {
  const Real alpha(h[0]), mu(h[1]);
  const Real k = (1 + f.kappa * f.u) * (1 + f.u) * (1 + f.u) - 1;
  return (k * alpha * largest_g / (1 - mu) + (3 + 2 * f.u) * f.eta) / (1 - mu * (1 + k));
}

template <class T>
Real adagrad_drift(const Format<T>& f, const Hyperparameters&, const Real&, std::uint64_t t,
                   const Real& exact) {
  return (pow(Real(1 + f.u), Real(t)) - 1) * (exact + f.eta / f.u);
}

template <class T, std::size_t beta>
Real first_moment_drift(const Format<T>& f, const Hyperparameters& h, const Real& largest_g,
                        std::uint64_t, const Real&) {
  const Real w = 1 - Real(h[beta]), c = 2 + f.u + 2 * f.kappa * w;
  return (c * f.u * largest_g + (2 + f.u) * f.eta) / (w - c * f.u);
}

template <class T, std::size_t beta>
Real second_moment_drift(const Format<T>& f, const Hyperparameters& h, const Real& largest_g,
                         std::uint64_t, const Real&) {
  const Real w = 1 - Real(h[beta]), c = 2 + f.u + f.kappa * w;
  return (c * f.u * largest_g * largest_g + (2 + f.u + (1 + f.u) * largest_g) * f.eta) /
         (w - c * f.u);
}

template <class T>
Real rmsprop_drift(const Format<T>& f, const Hyperparameters& h, const Real& largest_g,
                   std::uint64_t, const Real&) {
  const Real w = 1 - Real(h[1]), square = (1 + f.u) * (1 + f.u);
  const Real largest_s = largest_g * largest_g + Real(h[2]) / w;
  const Real c = 2 + f.u + ((square + 1) * (1 + f.kappa * f.u) + 2 * f.kappa) * w;
  return (c * f.u * largest_s + (square * largest_g + 3 + 2 * f.u) * f.eta) / (w - c * f.u);
}

/// A buffer's drift is that of the numbers that it is of, which are off by e themselves; without
/// underflow.
template <class T>
Real adagrad_mean_drift(const Format<T>& f, const Hyperparameters& h, const Real&, std::uint64_t t,
                        const Real&) {
  const Real w = 1 - Real(h[2]), c = 2 + f.u + 2 * f.kappa * w, kept = 1 - f.u;
  const Real a = kept * kept * (1 - f.kappa * f.u) * sqrt(Real(2 - pow(Real(1 + f.u), Real(t))));
  const Real e = (1 + f.u) / a - 1;
  return c * f.u * (1 + e) / (w - c * f.u) + e;
}

template <class T>
Real rmsprop_buffer_drift(const Format<T>& f, const Hyperparameters& h, const Real& largest_g,
                          std::uint64_t t, const Real& exact) {
  const Real push(h[0]), w = 1 - Real(h[1]), epsilon(h[2]), mu(h[3]);
  Format<T> without_underflow = f;
  without_underflow.eta = 0;
  const Real drift_of_s = rmsprop_drift<T>(without_underflow, h, largest_g, t, exact);
  const Real k = (1 + f.kappa * f.u) * (1 + f.u) - 1, largest = push / sqrt(w);
  const Real a = (1 - f.u) * sqrt(Real(1 - drift_of_s / epsilon));
  const Real e = ((1 + f.u) * (1 + k) / a - 1) * largest;
  return (k * mu * (largest + e) / (1 - mu) + f.u * (largest + e)) / (1 - mu * (1 + k)) +
         e / (1 - mu);
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

/// Runs the lane beside the reference, and after every step compares one state with its bound: "",
/// or the circumstances in which it was first exceeded.
template <class T>
std::string first_excess(const Subject<T>& subject, const Hyperparameters& h, std::size_t state,
                         Bound<T> bound) {
  constexpr std::size_t coordinates = 8;
  std::vector<Gradients<T>> gradients;
  std::vector<Point<T>> computed(coordinates);
  std::vector<Point<Real>> exact(coordinates);
  for (std::size_t i = 0; i < coordinates; ++i) gradients.emplace_back(i);

  const Format<T> format;
  const Real largest_g(Gradients<T>::largest);
  Real closest = 0;
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
      const Real& truth = exact[i].state[state];
      const Real allowed = bound(format, h, largest_g, t, truth);
      const Real error = abs(Real(computed[i].state[state]) - truth);
      if (!(error <= allowed)) return describe<T>({subject.rule, h, t, i, before, g});
      closest = std::max(closest, Real(error / allowed));
    }
  }
  std::cout << subject.rule.name << " " << (sizeof(T) == 4 ? "float" : "double") << ", "
            << subject.rule.states[state].name << ": " << coordinates * steps
            << " coordinates within the proved drift, the closest at " << closest.str(3)
            << " of it\n";
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
  return subject_with<rules::Adagrad, T>({.epsilon_place = place, .momentum = 0.9});
}

template <class T>
Subject<T> buffered_rmsprop() {
  return subject_with<rules::Rmsprop, T>(
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
void expect_all() {
  const auto all = suites();
  const auto& [momentum, nag, adagrad, adadelta, rmsprop, adam] =
      std::tie(all[0].shipped, all[1].shipped, all[2].shipped, all[3].shipped, all[4].shipped,
               all[5].shipped);
  EXPECT_EQ(first_excess<T>(of<T>(momentum), {0.01, 0.9}, 0, momentum_drift<T>), "");
  EXPECT_EQ(first_excess<T>(of<T>(nag), {0.01, 0.99}, 0, momentum_drift<T>), "");
  EXPECT_EQ(first_excess<T>(of<T>(adagrad), {0.01, 1e-8}, 0, adagrad_drift<T>), "");
  EXPECT_EQ(first_excess<T>(of<T>(adadelta), {0.95, 1e-6}, 0, second_moment_drift<T, 0>), "");
  EXPECT_EQ(first_excess<T>(of<T>(rmsprop), {0.001, 0.99, 1e-4}, 0, rmsprop_drift<T>), "");
  EXPECT_EQ(first_excess<T>(of<T>(adam), {0.001, 0.9, 0.999, 1e-8}, 0, first_moment_drift<T, 1>),
            "");
  EXPECT_EQ(first_excess<T>(of<T>(adam), {0.001, 0.9, 0.999, 1e-8}, 1, second_moment_drift<T, 2>),
            "");
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
  EXPECT_NE(first_excess<double>(fault->faulty.twice, {0.001, 0.9, 0.999, 1e-8}, 1,
                                 second_moment_drift<double, 2>),
            "");
}

template <class T>
void expect_buffers() {
  for (const auto place : {fast::EpsilonPlace::inside, fast::EpsilonPlace::outside})
    EXPECT_EQ(
        first_excess<T>(averaged_adagrad<T>(place), {0.01, 1e-8, 0.9}, 1, adagrad_mean_drift<T>),
        "");
  EXPECT_EQ(
      first_excess<T>(buffered_rmsprop<T>(), {0.001, 0.99, 1e-2, 0.9}, 1, rmsprop_buffer_drift<T>),
      "");
}

TEST(DriftBounds, HoldForBuffersOfDirectionsInFloat) { expect_buffers<float>(); }
TEST(DriftBounds, HoldForBuffersOfDirectionsInDouble) { expect_buffers<double>(); }

/// Coefficients of double that have been through float.
template <class T>
Subject<T> with_narrow_coefficients(Subject<T> subject) {
  subject.coefficients = [wide = subject.coefficients](const Hyperparameters& h, std::uint64_t t) {
    auto coefficients = wide(h, t);
    for (T& c : coefficients) c = static_cast<float>(c);
    return coefficients;
  };
  return subject;
}

TEST(DriftBounds, OfBuffersAreExceededByNarrowCoefficients) {
  EXPECT_NE(
      first_excess(with_narrow_coefficients(averaged_adagrad<double>(fast::EpsilonPlace::inside)),
                   {0.01, 1e-8, 0.9}, 1, adagrad_mean_drift<double>),
      "");
  EXPECT_NE(first_excess(with_narrow_coefficients(buffered_rmsprop<double>()),
                         {0.001, 0.99, 1e-2, 0.9}, 1, rmsprop_buffer_drift<double>),
            "");
}

}  // namespace truestep::test
