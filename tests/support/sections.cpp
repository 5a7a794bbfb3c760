// SPDX-License-Identifier: Apache-2.0
// The sections that allow a running-error radius.

#include <map>
#include <optional>

#include "generate.hpp"
#include "property.hpp"

namespace truestep::test {
namespace {

template <class T>
bool has_teeth(const Ball<T>& ball) {
  return ball.bounded() && ball.radius <= 64 * unit_roundoff<T> * ball.magnitude;
}

/// What `excess` says. Most are within their radius so clearly that the exact number's nearest
/// double shows it: its own distance of half an ulp at most is charged, and the roundings made
/// here, which come to less than 2^-50.
template <class T, class... Part>
std::string outside(const Circumstances<T>& circumstances, const Ball<T>& computed,
                    const Real& exact, const Part&... quantity) {
  using Widest = long double;
  const auto near = static_cast<double>(exact);
  const Widest off = std::fabs(Widest(computed.value) - Widest(near));
  if ((off + Widest(proofs::half_ulp(near))) * Widest(1 + 0x1p-50) <= Widest(computed.radius))
    return "";
  return excess(circumstances, computed, exact, quantity...);
}

template <class T>
Coefficients<Ball<T>> with_radius(const Coefficients<T>& coefficients) {
  Coefficients<Ball<T>> balls;
  std::transform(coefficients.begin(), coefficients.end(), balls.begin(), Ball<T>::coefficient);
  return balls;
}

template <class To, class T>
Point<To> point_in(const Point<T>& point) {
  return {To(point.theta), convert<To>(point.state)};
}

template <class T>
Point<T> centre(const Point<Ball<T>>& point) {
  Point<T> centre{point.theta.value, {}};
  std::transform(point.state.begin(), point.state.end(), centre.state.begin(),
                 [](const Ball<T>& ball) { return ball.value; });
  return centre;
}

/// Where the states stand in Rule::quantities.
States<std::size_t> positions_of_states(const Rule& rule) {
  States<std::size_t> at{};
  for (std::size_t s = 0; s < rule.states.size(); ++s) at[s] = position(rule, rule.states[s].name);
  return at;
}

/// A subject at one step number, its kernel side in running-error arithmetic beside its reference.
template <class T>
class BothSides {
 public:
  BothSides(const Subject<T>& subject, const Hyperparameters& h, std::uint64_t t)
      : subject_(subject),
        h_(h),
        t_(t),
        coefficients_(with_radius(subject.coefficients(h, t))),
        reference_(subject.reference(h, t)),
        states_at_(positions_of_states(subject.rule)),
        theta_at_(position(subject.rule, "theta")) {}

  /// Steps both points of a coordinate.
  void step(std::size_t index, Point<Ball<T>>& computed, Point<Real>& exact, T gradient) {
    index_ = index;
    before_ = centre(computed);
    gradient_ = gradient;
    subject_.ball(coefficients_, computed, Ball<T>(gradient), seen);
    reference_(exact, Real(gradient), exact_seen);
    after_ = centre(computed);
  }

  /// Compares every quantity that the lane showed with the reference; what was shown of the states
  /// and theta has to be what was stored.
  std::string compare(Outcome& tally) const {
    const auto& rule = subject_.rule;
    bool teeth = true;
    for (std::size_t q = 0; q < rule.quantities.size(); ++q) {
      teeth = teeth && has_teeth(seen[q]);
      if (auto report = outside(here(), seen[q], exact_seen[q], rule.quantities[q]);
          !report.empty())
        return report;
    }
    auto report = stored(theta_at_, after_.theta);
    for (std::size_t s = 0; s < rule.states.size() && report.empty(); ++s)
      report = stored(states_at_[s], after_.state[s]);
    ++tally.checked;
    tally.teeth += teeth;
    return report;
  }

  /// Compares one quantity, on both sides, with what a closed form says.
  std::string compare(std::size_t quantity, const Real& closed_form, const char* formula,
                      bool& teeth) const {
    const auto& ball = seen[quantity];
    auto report =
        outside(here(), ball, closed_form, subject_.rule.quantities[quantity], " ", formula);
    if (report.empty() && ball.bounded() &&
        !(abs(exact_seen[quantity] - closed_form) <= Real(ball.radius)))
      report = text(describe(here()), "  ", subject_.rule.quantities[quantity], " ", formula,
                    ": the reference gives ", exact_seen[quantity].str(25), "\n    exact    ",
                    closed_form.str(25), "\n");
    teeth = teeth && has_teeth(ball);
    return report;
  }

  Seen<Ball<T>> seen;
  Seen<Real> exact_seen;

 private:
  Circumstances<T> here() const { return {subject_.rule, h_, t_, index_, before_, gradient_}; }

  std::string stored(std::size_t quantity, T value) const {
    return difference(here(), subject_.rule.quantities[quantity], "shown", value,
                      seen[quantity].value);
  }

  const Subject<T>& subject_;
  const Hyperparameters& h_;
  std::uint64_t t_;
  Coefficients<Ball<T>> coefficients_;
  StepAt<Real> reference_;
  States<std::size_t> states_at_;
  std::size_t theta_at_;
  std::size_t index_ = 0;
  Point<T> before_, after_;
  T gradient_ = 0;
};

/// The points of a sequence on both sides, before the first step.
template <class T>
struct Trajectories {
  std::vector<Point<Ball<T>>> computed;
  std::vector<Point<Real>> exact;

  Trajectories(const Subject<T>& subject, const Sequence<T>& sequence) {
    const auto start = subject.start(sequence.h);
    States<Ball<T>> rounded;
    std::transform(start.begin(), start.end(), rounded.begin(),
                   [](double x) { return Ball<T>::coefficient(static_cast<T>(x)); });
    for (T theta : sequence.theta) {
      computed.push_back({theta, rounded});
      exact.push_back({theta, subject.exact_start(sequence.h)});
    }
  }
};

}  // namespace

template <class T>
Outcome known_answers(const Subject<T>& subject, const Effort&) {
  return subject.known_answers(subject);
}

template <class T>
Outcome one_step(const Subject<T>& subject, const Effort& effort) {
  const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
    BothSides<T> sides(subject, block.h, block.t);
    const auto coefficients = subject.coefficients(block.h, block.t);
    for (std::size_t i = 0; i < block.coordinates.size(); ++i) {
      const auto& [before, gradient] = block.coordinates[i];
      auto computed = point_in<Ball<T>>(before);
      auto exact = point_in<Real>(before);
      sides.step(i, computed, exact, gradient);
      if (auto report = sides.compare(tally); !report.empty()) return report;
      // The radius speaks of the lane only if its centre is what the lane computes.
      Point<T> plain = before;
      Seen<T> plain_seen;
      subject.lane(coefficients, plain, gradient, plain_seen);
      for (std::size_t q = 0; q < subject.rule.quantities.size(); ++q)
        if (auto report = difference({subject.rule, block.h, block.t, i, before, gradient},
                                     subject.rule.quantities[q], "centre of the ball",
                                     plain_seen[q], sides.seen[q].value);
            !report.empty())
          return report;
    }
    return "";
  };
  return demand(check(effort, effort.coordinates / per_case + 1,
                      blocks(subject, Spread::stratified, per_case), property),
                effort);
}

template <class T>
Outcome many_steps(const Subject<T>& subject, const Effort& effort) {
  constexpr std::size_t coordinates = 16, steps = 64;
  const auto property = [&](const Sequence<T>& sequence, Outcome& tally) -> std::string {
    Trajectories<T> run(subject, sequence);
    for (std::size_t n = 0; n < sequence.gradients[0].size(); ++n) {
      BothSides<T> sides(subject, sequence.h, n + 1);
      for (std::size_t i = 0; i < sequence.theta.size(); ++i) {
        sides.step(i, run.computed[i], run.exact[i], sequence.gradients[i][n]);
        if (auto report = sides.compare(tally); !report.empty()) return report;
      }
    }
    return "";
  };
  return demand(check(effort, effort.coordinates / (coordinates * steps) + 1,
                      sequences(subject, coordinates, steps), property),
                effort);
}

template <class T>
Outcome recurrences(const Subject<T>& subject, const Effort& effort) {
  // Fractions double their length with every step, so they take fewer.
  constexpr std::size_t coordinates = 16, steps = 8, exact_steps = 4;
  const auto& rule = subject.rule;
  const auto states_at = positions_of_states(rule);
  std::vector<std::optional<std::size_t>> accumulated_at;  // the gradient is no quantity
  for (const auto& state : rule.states)
    accumulated_at.push_back(state.accumulates.empty()
                                 ? std::nullopt
                                 : std::optional(position(rule, state.accumulates)));

  const auto exactly = [&](const Sequence<T>& sequence) -> std::string {
    States<Rational> state{};
    std::vector<States<Rational>> accumulated;
    for (std::size_t n = 0; n < std::min(exact_steps, sequence.gradients[0].size()); ++n) {
      const Rational g(sequence.gradients[0][n]);
      accumulated.push_back({g, g});
      state = subject.exact_states(sequence.h, n + 1, state, accumulated.back());
      if (state != subject.closed_form_exact(sequence.h, accumulated))
        return text(rule.name, ": the reference's states after ", n + 1,
                    " steps are not the weighted sums of ", show(sequence.gradients[0][0]),
                    ", ...\n");
    }
    return "";
  };

  const auto property = [&](const Sequence<T>& sequence, Outcome& tally) -> std::string {
    if (auto report = exactly(sequence); !report.empty()) return report;
    Trajectories<T> run(subject, sequence);
    std::vector<std::vector<States<Real>>> accumulated(sequence.theta.size());
    for (std::size_t n = 0; n < sequence.gradients[0].size(); ++n) {
      BothSides<T> sides(subject, sequence.h, n + 1);
      for (std::size_t i = 0; i < sequence.theta.size(); ++i) {
        const T g = sequence.gradients[i][n];
        sides.step(i, run.computed[i], run.exact[i], g);
        auto& term = accumulated[i].emplace_back();
        for (std::size_t s = 0; s < rule.states.size(); ++s)
          if (accumulated_at[s])
            term[s] = sides.exact_seen[*accumulated_at[s]];
          else
            term[s] = g;
        const auto sums = subject.closed_form(sequence.h, accumulated[i]);
        bool teeth = true;
        for (std::size_t s = 0; s < rule.states.size(); ++s)
          if (auto report = sides.compare(states_at[s], sums[s], "as a weighted sum", teeth);
              !report.empty())
            return report;
        ++tally.checked;
        tally.teeth += teeth;
      }
    }
    return "";
  };
  return demand(check(effort, effort.coordinates / (coordinates * steps) + 1,
                      sequences(subject, coordinates, steps), property),
                effort);
}

namespace {

/// Each coefficient against its exact expression, within what Ball::coefficient claims.
template <class T>
std::string check_coefficients(const Subject<T>& subject, const Hyperparameters& h, std::uint64_t t,
                               const std::vector<Real>& exact, Outcome& tally) {
  const auto rounded = subject.coefficients(h, t);
  bool normal = true;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const auto ball = Ball<T>::coefficient(rounded[i]);
    normal = normal && (rounded[i] == 0 || std::isnormal(rounded[i]));
    if (auto report = outside(Circumstances<T>{subject.rule, h, t, 0, Point<T>{}, T(0)}, ball,
                              exact[i], "coefficient ", i);
        !report.empty())
      return report;
  }
  ++tally.checked;
  tally.teeth += normal;
  return "";
}

/// The exact expressions that hard_coefficients asks for, in its order, as far as it has: they are
/// the same in float, in double and beside every fault, and take longer than all else there.
std::vector<std::vector<Real>>& hard_expressions(const std::string& rule) {
  static std::map<std::string, std::vector<std::vector<Real>>> known;
  return known[rule];
}

/// The set of step numbers and decays on which a power or its complement is most likely to fail.
template <class T>
Outcome hard_coefficients(const Subject<T>& subject) {
  static constexpr std::array decays{0.0,   0x1p-60,   0.1,         0.5,         0.9,
                                     0.999, 0.9999999, 1 - 0x1p-24, 1 - 0x1p-30, 1 - 0x1p-53};
  auto& expressions = hard_expressions(subject.rule.name);
  std::size_t next = 0;
  Outcome outcome;
  const auto at = [&](double decay, std::uint64_t t) {
    Hyperparameters h{};
    for (std::size_t i = 0; i < subject.rule.hyperparameters.size(); ++i)
      h[i] = subject.rule.hyperparameters[i].role == Role::decay ? decay : 1e-3;
    if (next == expressions.size()) expressions.push_back(subject.exact_coefficients(h, t));
    outcome.report = check_coefficients(subject, h, t, expressions[next++], outcome);
    return outcome.held = outcome.report.empty();
  };
  for (double decay : decays) {
    for (std::uint64_t t = 1; t <= 10'000; ++t)
      if (!at(decay, t)) return outcome;
    for (int e = 14; e < 64; ++e)
      for (std::uint64_t t : {(std::uint64_t{1} << e) - 1, std::uint64_t{1} << e})
        if (!at(decay, t)) return outcome;
  }
  return outcome;
}

/// A constant gradient from zero states, step by step against the closed form.
template <class T>
Outcome constant_gradients(const Subject<T>& subject, const Effort& effort, bool with_epsilon) {
  // A rule may have a closed form for its first step alone.
  const std::size_t steps = subject.constant_gradient({}, 2, 1).empty() ? 1 : 4;
  const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
    Hyperparameters h = block.h;
    for (std::size_t i = 0; i < subject.rule.hyperparameters.size(); ++i)
      if (subject.rule.hyperparameters[i].role == Role::epsilon && !with_epsilon) h[i] = 0;
    std::vector<Point<Ball<T>>> computed;
    std::vector<Point<Real>> exact;
    for (const auto& c : block.coordinates) {
      computed.push_back({c.point.theta, {}});
      exact.push_back({c.point.theta, {}});
    }
    for (std::uint64_t t = 1; t <= steps; ++t) {
      BothSides<T> sides(subject, h, t);
      for (std::size_t i = 0; i < block.coordinates.size(); ++i) {
        const T g = block.coordinates[i].gradient;
        sides.step(i, computed[i], exact[i], g);
        const auto closed = subject.constant_gradient(h, t, Real(g));
        bool teeth = !closed.empty();
        for (const auto& [q, value] : closed)
          if (auto report = sides.compare(q, value, "after a constant gradient", teeth);
              !report.empty())
            return report;
        tally.checked += !closed.empty();
        tally.teeth += teeth;
      }
    }
    return "";
  };
  return check(effort, effort.coordinates / (steps * per_case) + 1,
               blocks(subject, Spread::stratified, per_case), property);
}

}  // namespace

template <class T>
Outcome bias_correction(const Subject<T>& subject, const Effort& effort) {
  auto outcome = effort.hard_coefficients ? hard_coefficients(subject) : Outcome();
  outcome =
      outcome && check(effort, effort.coordinates / per_case + 1, settings(subject.rule, per_case),
                       [&](const std::vector<Setting>& drawn, Outcome& tally) -> std::string {
                         for (const auto& [h, t] : drawn)
                           if (auto report = check_coefficients(
                                   subject, h, t, subject.exact_coefficients(h, t), tally);
                               !report.empty())
                             return report;
                         return "";
                       });
  if (subject.rule.bias_corrected) outcome = outcome && constant_gradients(subject, effort, false);
  return demand(outcome, effort);
}

template <class T>
Outcome epsilon(const Subject<T>& subject, const Effort& effort) {
  return demand(constant_gradients(subject, effort, true), effort);
}

template <class T>
std::optional<Outcome> run_section(std::size_t number, const Subject<T>& subject,
                                   const Effort& effort) {
  if (!applies(number, subject)) return std::nullopt;
  switch (number) {
    case 1:
      return known_answers(subject, effort);
    case 2:
      return equal_bits(subject, effort);
    case 3:
      return one_step(subject, effort);
    case 4:
      return many_steps(subject, effort);
    case 5:
      return recurrences(subject, effort);
    case 6:
      return bias_correction(subject, effort);
    case 7:
      return epsilon(subject, effort);
    case 8:
      return symmetries(subject, effort);
    case 9:
      return proved_lane(subject, effort);
    default:
      return proved_bounds(subject, effort);
  }
}

template std::optional<Outcome> run_section(std::size_t, const Subject<float>&, const Effort&);
template std::optional<Outcome> run_section(std::size_t, const Subject<double>&, const Effort&);

}  // namespace truestep::test
