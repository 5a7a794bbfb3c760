// SPDX-License-Identifier: Apache-2.0
#include "known_answers.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "report.hpp"

namespace truestep::test {
namespace {

/// A printed answer and half a unit of its last digit.
struct Printed {
  Real value, half_unit;

  explicit Printed(const std::string& answer) : value(0), half_unit(0) {
    const auto bar = answer.find('/');
    if (bar != std::string::npos) {
      value = Real(answer.substr(0, bar)) / Real(answer.substr(bar + 1));
      return;
    }
    const auto point = answer.find('.');
    const auto decimals = point == std::string::npos ? 0 : answer.size() - point - 1;
    value = Real(answer);
    half_unit = Real(text("5e-", decimals + 1));
  }
};

/// The kernel side and the reference along one trajectory.
template <class T>
struct Both {
  const Subject<T>& subject;
  const Hyperparameters& h;
  Point<Ball<T>> computed;
  Point<Real> exact;
  Seen<Ball<T>> seen{};
  Seen<Real> exact_seen{};
  std::uint64_t t = 0;

  Both(const Subject<T>& s, const Hyperparameters& hyperparameters, T theta)
      : subject(s), h(hyperparameters), computed{theta, {}}, exact{theta, {}} {}

  void step(const Ball<T>& g, const Real& exact_g) { step(++t, g, exact_g, computed, exact); }

  /// What the next step would show if its gradient were zero, without taking it.
  void peek() {
    auto unmoved = computed;
    auto exact_unmoved = exact;
    step(t + 1, Ball<T>(0), Real(0), unmoved, exact_unmoved);
  }

  Outcome compare(const std::string& what, const Ball<T>& found, const Real& exact_found,
                  const std::string& printed) const {
    const Printed answer(printed);
    const Real allowed = Real(found.radius) + answer.half_unit;
    const auto off = [&](const Real& x) { return !(abs(x - answer.value) <= allowed); };
    if (!off(Real(found.value)) && !off(exact_found)) return {true, 1, 1};
    return {false, 1, 1,
            text(subject.rule.name, ", step ", t, ": ", what, " should be ", printed,
                 "; the kernel gives ", show(found.value), ", the reference ", exact_found.str(20),
                 "\n")};
  }

 private:
  void step(std::uint64_t at, const Ball<T>& g, const Real& exact_g, Point<Ball<T>>& point,
            Point<Real>& exact_point) {
    const auto rounded = subject.coefficients(h, at);
    Coefficients<Ball<T>> balls;
    std::transform(rounded.begin(), rounded.end(), balls.begin(), Ball<T>::coefficient);
    subject.ball(balls, point, g, seen);
    subject.reference(h, at)(exact_point, exact_g, exact_seen);
  }
};

/// Takes a step on curvature theta^2 / 2, at the look-ahead point where the rule has one.
template <class T>
void descend(Both<T>& both, double curvature) {
  const auto& quantities = both.subject.rule.quantities;
  auto at = both.computed.theta;
  auto exact_at = both.exact.theta;
  if (quantities[0] == "look_ahead") {
    both.peek();
    at = both.seen[0];
    exact_at = both.exact_seen[0];
  }
  both.step(Ball<T>::coefficient(static_cast<T>(curvature)) * at, Real(curvature) * exact_at);
}

}  // namespace

template <class T>
Outcome constant_steps(const Subject<T>& subject, const Hyperparameters& h,
                       std::initializer_list<const char*> steps) {
  Both<T> both(subject, h, 0);
  for (const char* step : steps) {
    const auto before = both.computed.theta;
    const auto exact_before = both.exact.theta;
    both.step(1, 1);
    const auto outcome = both.compare("theta before less theta after", before - both.computed.theta,
                                      exact_before - both.exact.theta, step);
    if (!outcome.held) return outcome;
  }
  return {true, steps.size(), steps.size()};
}

template <class T>
Outcome trajectory(const Subject<T>& subject, const Hyperparameters& h, T theta,
                   std::initializer_list<T> gradients, std::initializer_list<const char*> thetas) {
  Both<T> both(subject, h, theta);
  auto expected = thetas.begin();
  for (T g : gradients) {
    both.step(g, Real(g));
    const auto outcome = both.compare("theta", both.computed.theta, both.exact.theta, *expected++);
    if (!outcome.held) return outcome;
  }
  return {true, thetas.size(), thetas.size()};
}

template <class T>
Outcome quadratic(const Subject<T>& subject, const Hyperparameters& h, double curvature,
                  std::initializer_list<const char*> thetas) {
  Both<T> both(subject, h, 1);
  for (const char* theta : thetas) {
    descend(both, curvature);
    const auto outcome = both.compare("theta", both.computed.theta, both.exact.theta, theta);
    if (!outcome.held) return outcome;
  }
  return {true, thetas.size(), thetas.size()};
}

template <class T>
Outcome published(const Subject<T>& subject, const std::string& row, const std::string& read_at) {
  constexpr int steps = 10;
  std::ifstream file(TRUESTEP_KNOWN_ANSWERS "/torch7-quadratic.csv");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string rule, convention, settings;
    std::getline(fields, rule, ',');
    if (rule != row) continue;
    std::getline(fields, convention, ',');
    std::getline(fields, settings, ',');
    Hyperparameters h{};
    std::istringstream assignments(settings);
    for (std::string assignment; assignments >> assignment;)
      for (std::size_t i = 0; i < subject.rule.hyperparameters.size(); ++i)
        if (const auto& name = subject.rule.hyperparameters[i].name;
            assignment.starts_with(name + "="))
          h[i] = std::stod(assignment.substr(name.size() + 1));
    Outcome outcome;
    for (double curvature : {0.2, 0.4, 0.6}) {
      std::string answer;
      std::getline(fields, answer, ',');
      Both<T> both(subject, h, 1);
      for (int t = 0; t < steps; ++t) descend(both, curvature);
      both.peek();
      const auto at = position(subject.rule, read_at);
      outcome = all_of(
          {outcome, read_at == "theta"
                        ? both.compare("theta", both.computed.theta, both.exact.theta, answer)
                        : both.compare(read_at, both.seen[at], both.exact_seen[at], answer)});
    }
    return outcome;
  }
  throw std::runtime_error("torch7-quadratic.csv has no row " + row);
}

Outcome all_of(std::initializer_list<Outcome> outcomes) {
  Outcome sum;
  for (const auto& outcome : outcomes) {
    if (!outcome.held) return outcome;
    sum.checked += outcome.checked;
    sum.teeth += outcome.teeth;
  }
  return sum;
}

template Outcome constant_steps(const Subject<float>&, const Hyperparameters&,
                                std::initializer_list<const char*>);
template Outcome constant_steps(const Subject<double>&, const Hyperparameters&,
                                std::initializer_list<const char*>);
template Outcome trajectory(const Subject<float>&, const Hyperparameters&, float,
                            std::initializer_list<float>, std::initializer_list<const char*>);
template Outcome trajectory(const Subject<double>&, const Hyperparameters&, double,
                            std::initializer_list<double>, std::initializer_list<const char*>);
template Outcome quadratic(const Subject<float>&, const Hyperparameters&, double,
                           std::initializer_list<const char*>);
template Outcome quadratic(const Subject<double>&, const Hyperparameters&, double,
                           std::initializer_list<const char*>);
template Outcome published(const Subject<float>&, const std::string&, const std::string&);
template Outcome published(const Subject<double>&, const std::string&, const std::string&);

}  // namespace truestep::test
