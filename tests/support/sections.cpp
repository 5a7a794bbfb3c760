#include "sections.hpp"

#include <cfenv>
#include <set>
#include <sstream>
#include <truestep/fast/target.hpp>
#include <truestep/proofs/bounds.hpp>
#include <truestep/proofs/recorded_lanes.hpp>

#include "generate.hpp"
#include "guarded.hpp"
#include "report.hpp"

namespace truestep::test {
namespace {

/// Checks `property` on generated cases. It adds to the counts of a tally and returns "" or the
/// report of a failure, of which the last one seen is the smallest that RapidCheck's shrinking
/// found.
template <class Case, class Property>
Outcome check(const Effort& effort, std::size_t cases, const rc::Gen<Case>& generator,
              Property property) {
  Outcome outcome;
  auto params = rc::detail::configuration().testParams;
  if (effort.seed) params.seed = *effort.seed;
  params.maxSuccess = static_cast<int>(cases);
  const auto result = rc::detail::checkTestable(
      [&] {
        const Case generated = *generator;
        const std::string report = property(generated, outcome);
        if (report.empty()) return;
        outcome.report = report;
        RC_FAIL("");
      },
      rc::detail::TestMetadata(), params);
  outcome.held = result.template is<rc::detail::SuccessResult>();
  if (outcome.held) return outcome;
  std::ostringstream message;
  if (outcome.report.empty()) rc::detail::printResultMessage(result, message);
  message << outcome.report << "rerun with RC_PARAMS=\"seed=" << params.seed << "\"\n";
  outcome.report = message.str();
  return outcome;
}

/// The two outcomes as one; a section whose first part failed reports that.
Outcome operator&&(Outcome a, const Outcome& b) {
  a.checked += b.checked;
  a.teeth += b.teeth;
  if (a.held) a.report = b.report;
  a.held = a.held && b.held;
  return a;
}

/// Fails an outcome that checked too little to mean anything.
Outcome demand(Outcome outcome, const Effort& effort) {
  if (!effort.demanding || !outcome.held) return outcome;
  outcome.held = outcome.checked >= effort.coordinates &&
                 outcome.teeth >= effort.coordinates / toothless_limit;
  if (!outcome.held)
    outcome.report = text("checked ", outcome.checked, " coordinates, ", outcome.teeth,
                          " with teeth: too few\n");
  return outcome;
}

template <class T>
constexpr long double unit_roundoff = std::numeric_limits<T>::epsilon() / 2;

template <class T>
bool has_teeth(const Ball<T>& ball) {
  return ball.bounded() && ball.radius <= 64 * unit_roundoff<T> * ball.magnitude;
}

template <class T>
Coefficients<Ball<T>> with_radius(const Coefficients<T>& coefficients) {
  Coefficients<Ball<T>> balls;
  std::transform(coefficients.begin(), coefficients.end(), balls.begin(), Ball<T>::coefficient);
  return balls;
}

template <class To, class T>
Point<To> convert(const Point<T>& point) {
  return {To(point.theta), {To(point.state[0]), To(point.state[1])}};
}

template <class T>
Point<T> centre(const Point<Ball<T>>& point) {
  return {point.theta.value, {point.state[0].value, point.state[1].value}};
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
        reference_(subject.reference(h, t)) {}

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
      if (auto report = excess(here(), rule.quantities[q], seen[q], exact_seen[q]); !report.empty())
        return report;
    }
    auto report = stored("theta", after_.theta);
    for (std::size_t s = 0; s < rule.states.size() && report.empty(); ++s)
      report = stored(rule.states[s].name, after_.state[s]);
    ++tally.checked;
    tally.teeth += teeth;
    return report;
  }

  /// Compares one quantity, on both sides, with what a closed form says.
  std::string compare(std::size_t quantity, const Real& closed_form, const char* formula,
                      bool& teeth) const {
    const auto& ball = seen[quantity];
    auto report =
        excess(here(), text(subject_.rule.quantities[quantity], " ", formula), ball, closed_form);
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

  std::string stored(const std::string& name, T value) const {
    return difference(here(), name, "shown", value, seen[position(subject_.rule, name)].value);
  }

  const Subject<T>& subject_;
  const Hyperparameters& h_;
  std::uint64_t t_;
  Coefficients<Ball<T>> coefficients_;
  StepAt<Real> reference_;
  std::size_t index_ = 0;
  Point<T> before_, after_;
  T gradient_ = 0;
};

/// The points of a sequence on both sides, from zero states.
template <class T>
struct Trajectories {
  std::vector<Point<Ball<T>>> computed;
  std::vector<Point<Real>> exact;

  explicit Trajectories(const Sequence<T>& sequence) {
    for (T theta : sequence.theta) {
      computed.push_back({theta, {}});
      exact.push_back({theta, {}});
    }
  }
};

constexpr std::size_t per_case = 128;

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
      auto computed = convert<Ball<T>>(before);
      auto exact = convert<Real>(before);
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
    Trajectories<T> run(sequence);
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
    Trajectories<T> run(sequence);
    std::vector<std::vector<States<Real>>> accumulated(sequence.theta.size());
    for (std::size_t n = 0; n < sequence.gradients[0].size(); ++n) {
      BothSides<T> sides(subject, sequence.h, n + 1);
      for (std::size_t i = 0; i < sequence.theta.size(); ++i) {
        const T g = sequence.gradients[i][n];
        sides.step(i, run.computed[i], run.exact[i], g);
        auto& term = accumulated[i].emplace_back();
        for (std::size_t s = 0; s < rule.states.size(); ++s)
          term[s] = rule.states[s].accumulates.empty()
                        ? Real(g)
                        : sides.exact_seen[position(rule, rule.states[s].accumulates)];
        const auto sums = subject.closed_form(sequence.h, accumulated[i]);
        bool teeth = true;
        for (std::size_t s = 0; s < rule.states.size(); ++s)
          if (auto report = sides.compare(position(rule, rule.states[s].name), sums[s],
                                          "as a weighted sum", teeth);
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
                               Outcome& tally) {
  const auto rounded = subject.coefficients(h, t);
  const auto exact = subject.exact_coefficients(h, t);
  bool normal = true;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const auto ball = Ball<T>::coefficient(rounded[i]);
    normal = normal && (rounded[i] == 0 || std::isnormal(rounded[i]));
    if (auto report = excess({subject.rule, h, t, 0, Point<T>{}, T(0)}, text("coefficient ", i),
                             ball, exact[i]);
        !report.empty())
      return report;
  }
  ++tally.checked;
  tally.teeth += normal;
  return "";
}

/// The set of step numbers and decays on which a power or its complement is most likely to fail.
template <class T>
Outcome hard_coefficients(const Subject<T>& subject) {
  static constexpr std::array decays{0.0,   0x1p-60,   0.1,         0.5,         0.9,
                                     0.999, 0.9999999, 1 - 0x1p-24, 1 - 0x1p-30, 1 - 0x1p-53};
  Outcome outcome;
  const auto at = [&](double decay, std::uint64_t t) {
    Hyperparameters h{};
    for (std::size_t i = 0; i < subject.rule.hyperparameters.size(); ++i)
      h[i] = subject.rule.hyperparameters[i].role == Role::decay ? decay : 1e-3;
    outcome.report = check_coefficients(subject, h, t, outcome);
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
  // Adadelta has a closed form for its first step alone.
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
  auto outcome = hard_coefficients(subject);
  outcome = outcome && check(effort, effort.coordinates, settings(subject),
                             [&](const Block<T>& block, Outcome& tally) {
                               return check_coefficients(subject, block.h, block.t, tally);
                             });
  if (subject.rule.bias_corrected) outcome = outcome && constant_gradients(subject, effort, false);
  return demand(outcome, effort);
}

template <class T>
Outcome epsilon(const Subject<T>& subject, const Effort& effort) {
  return demand(constant_gradients(subject, effort, true), effort);
}

namespace {

/// Negates what a sign change of the gradient negates.
template <class T>
Point<T> negated(const Rule& rule, Point<T> point) {
  point.theta = -point.theta;
  for (std::size_t s = 0; s < rule.states.size(); ++s)
    if (!rule.states[s].second_moment) point.state[s] = -point.state[s];
  return point;
}

/// Every quantity in units that are 2^-a and 2^-b as large.
struct Scaling {
  int a, b;

  template <class Number>
  Number operator()(Number x, Unit unit) const {
    return std::ldexp(x, unit.a * a + unit.b * b);
  }
  template <class T>
  Point<T> operator()(const Rule& rule, Point<T> point) const {
    point.theta = (*this)(point.theta, rule.theta_unit);
    for (std::size_t s = 0; s < rule.states.size(); ++s)
      point.state[s] = (*this)(point.state[s], rule.states[s].unit);
    return point;
  }
  Hyperparameters operator()(const Rule& rule, Hyperparameters h) const {
    for (std::size_t i = 0; i < rule.hyperparameters.size(); ++i)
      h[i] = (*this)(h[i], rule.hyperparameters[i].unit);
    return h;
  }
};

/// "" if two points agree bit for bit.
template <class T>
std::string unequal(const Circumstances<T>& circumstances, const std::string& what,
                    const Point<T>& computed, const Point<T>& expected) {
  const auto& rule = circumstances.rule;
  auto report = difference(circumstances, "theta", what, computed.theta, expected.theta);
  for (std::size_t s = 0; s < rule.states.size() && report.empty(); ++s)
    report =
        difference(circumstances, rule.states[s].name, what, computed.state[s], expected.state[s]);
  return report;
}

/// Coordinates as the arrays that a kernel takes, guarded, each array at another misalignment.
template <class T>
class Arrays {
 public:
  Arrays(const std::vector<Coordinate<T>>& coordinates, std::size_t misalignment)
      : theta_(coordinates.size(), misalignment % 16),
        state_{Guarded<T>(coordinates.size(), (misalignment + 1) % 16),
               Guarded<T>(coordinates.size(), (misalignment * 3 + 2) % 16)},
        gradient_(coordinates.size(), (misalignment * 5 + 3) % 16) {
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
      theta_.span()[i] = coordinates[i].point.theta;
      for (std::size_t s = 0; s < max_states; ++s)
        state_[s].span()[i] = coordinates[i].point.state[s];
      gradient_.span()[i] = coordinates[i].gradient;
    }
  }

  void run(const Subject<T>& subject, const Hyperparameters& h, std::uint64_t t, std::size_t first,
           std::size_t count) {
    subject.kernel(h, t, theta_.span().subspan(first, count),
                   {state_[0].span().subspan(first, count), state_[1].span().subspan(first, count)},
                   gradient_.span().subspan(first, count));
  }

  Point<T> operator[](std::size_t i) {
    return {theta_.span()[i], {state_[0].span()[i], state_[1].span()[i]}};
  }

  bool intact() const {
    return theta_.intact() && state_[0].intact() && state_[1].intact() && gradient_.intact();
  }

 private:
  Guarded<T> theta_;
  std::array<Guarded<T>, max_states> state_;
  Guarded<T> gradient_;
};

/// The block on the target in use, whole or in two parts, against the lane one number at a time.
template <class T>
std::string compare_with_lane(const Subject<T>& subject, const Block<T>& block,
                              std::size_t misalignment, std::size_t split) {
  const std::size_t count = block.coordinates.size();
  Arrays<T> arrays(block.coordinates, misalignment);
  arrays.run(subject, block.h, block.t, 0, split);
  arrays.run(subject, block.h, block.t, split, count - split);
  const auto coefficients = subject.coefficients(block.h, block.t);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [before, gradient] = block.coordinates[i];
    Point<T> expected = before;
    Seen<T> seen;
    subject.lane(coefficients, expected, gradient, seen);
    if (auto report = unequal({subject.rule, block.h, block.t, i, before, gradient},
                              "the lane gives", arrays[i], expected);
        !report.empty())
      return report;
  }
  if (!arrays.intact())
    return text(subject.rule.name, ": ", fast::target(), " wrote outside a span of ", count,
                " elements, ", misalignment, " past a 64-byte boundary\n");
  return "";
}

/// All lengths up to three of the longest vectors and one, all misalignments, any bits at all.
template <class T>
Outcome small_spans(const Subject<T>& subject) {
  constexpr std::size_t longest = 64 / sizeof(T);
  Random random(1);
  Outcome outcome;
  for (std::size_t count = 0; count <= 3 * longest + 1; ++count)
    for (std::size_t misalignment = 0; misalignment < longest; ++misalignment) {
      Block<T> block{{0.25, 0.75, 0.875, 1e-8}, 1 + random.below(3), {}};
      for (const auto& kind : subject.rule.hyperparameters)
        block.h[static_cast<std::size_t>(&kind - subject.rule.hyperparameters.data())] =
            kind.role == Role::decay ? 0.9 : 0.01;
      for (std::size_t i = 0; i < count; ++i)
        block.coordinates.push_back(
            {{random.any<T>(), {random.any<T>(), random.any<T>()}}, random.any<T>()});
      outcome.report = compare_with_lane(subject, block, misalignment, random.below(count + 1));
      if (!(outcome.held = outcome.report.empty())) return outcome;
      outcome.checked += count;
    }
  return outcome;
}

}  // namespace

template <class T>
Outcome equal_bits(const Subject<T>& subject, const Effort& effort) {
  const auto all = fast::targets();
  Outcome outcome;
  for (const auto& target : all) {
    fast::use_target(target);
    outcome = outcome && small_spans(subject);
  }
  std::size_t turn = 0;
  const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
    for (const auto& target : all) {
      fast::use_target(target);
      ++turn;
      if (auto report =
              compare_with_lane(subject, block, turn % 16, turn % (block.coordinates.size() + 1));
          !report.empty())
        return report;
    }
    tally.checked += block.coordinates.size();
    tally.teeth += block.coordinates.size();
    return "";
  };
  outcome = outcome && check(effort, effort.coordinates / per_case + 1,
                             blocks(subject, Spread::stratified, per_case), property);
  fast::use_target(all.front());
  return demand(outcome, effort);
}

template <class T>
Outcome symmetries(const Subject<T>& subject, const Effort& effort) {
  const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
    const auto& rule = subject.rule;
    const auto coefficients = subject.coefficients(block.h, block.t);
    Seen<T> seen;
    for (std::size_t i = 0; i < block.coordinates.size(); ++i) {
      const auto& [before, gradient] = block.coordinates[i];
      const Circumstances<T> circumstances{rule, block.h, block.t, i, before, gradient};
      Point<T> after = before;
      subject.lane(coefficients, after, gradient, seen);

      Point<T> mirrored = negated(rule, before);
      subject.lane(coefficients, mirrored, -gradient, seen);
      if (auto report =
              unequal(circumstances, "from the negated input", after, negated(rule, mirrored));
          !report.empty())
        return report;

      const Scaling scale{static_cast<int>(i % 7) - 3, static_cast<int>(i % 5) - 2};
      Point<T> scaled = scale(rule, before);
      subject.lane(subject.coefficients(scale(rule, block.h), block.t), scaled,
                   scale(gradient, Unit{0, 1}), seen);
      if (auto report = unequal(circumstances, "from the scaled input", scale(rule, after), scaled);
          !report.empty())
        return report;

      const auto normal = [](T x) { return x == 0 || std::isnormal(x); };
      ++tally.checked;
      tally.teeth += normal(after.theta) && normal(after.state[0]) && normal(after.state[1]);
    }

    auto reversed = block.coordinates;
    std::reverse(reversed.begin(), reversed.end());
    Arrays<T> forward(block.coordinates, 0), backward(reversed, 0);
    forward.run(subject, block.h, block.t, 0, reversed.size());
    backward.run(subject, block.h, block.t, 0, reversed.size());
    for (std::size_t i = 0; i < reversed.size(); ++i) {
      const auto& [before, gradient] = block.coordinates[i];
      if (auto report = unequal({rule, block.h, block.t, i, before, gradient},
                                "with the coordinates reversed", forward[i],
                                backward[reversed.size() - 1 - i]);
          !report.empty())
        return report;
    }
    return "";
  };
  return demand(check(effort, effort.coordinates / per_case + 1,
                      blocks(subject, Spread::moderate, per_case), property),
                effort);
}

namespace {

/// The subject's lane, run over expressions.
template <class T>
struct RecordedSubject {
  proofs::Inputs inputs;
  Point<Expression> after;
  Seen<Expression> seen;

  explicit RecordedSubject(const Subject<T>& subject) {
    for (const auto& shipped : proofs::recorded_lanes())
      if (shipped.inputs.lane == subject.rule.name) inputs = shipped.inputs;
    Coefficients<Expression> coefficients;
    std::copy(inputs.coefficients.begin(), inputs.coefficients.end(), coefficients.begin());
    std::copy(inputs.states.begin(), inputs.states.end(), after.state.begin());
    after.theta = inputs.theta;
    subject.expression(coefficients, after, inputs.gradient, seen);
  }

  /// The positions of the coefficients that are the weight of a decay.
  std::set<std::size_t> weights() const {
    std::set<std::size_t> found;
    const auto visit = [&](const auto& self, const Expression& e) -> void {
      if (e.operation() == proofs::Operation::decay)
        for (std::size_t i = 0; i < inputs.coefficients.size(); ++i)
          if (inputs.coefficients[i] == e.operands()[0]) found.insert(i);
      for (const auto& operand : e.operands()) self(self, operand);
    };
    for (const auto& quantity : seen) visit(visit, quantity);
    return found;
  }
};

/// What is proved about a quantity; throws if nothing is.
template <class T>
const proofs::Bound& proved(const Rule& rule, const std::string& quantity) {
  // NAG shows the quantities of two lanes.
  const std::string lane = quantity == "look_ahead" ? "nag_look_ahead" : rule.name;
  return proofs::bound_of(lane, quantity, sizeof(T) == sizeof(float) ? "binary32" : "binary64");
}

}  // namespace

template <class T>
Outcome proved_lane(const Subject<T>& subject, const Effort&) {
  const auto& rule = subject.rule;
  const RecordedSubject<T> recorded(subject);
  Outcome outcome;
  const auto compare = [&](const std::string& quantity, const Expression& e, const char* what) {
    ++outcome.checked;
    ++outcome.teeth;
    const auto& bound = proved<T>(rule, quantity);
    if (e.hash() == bound.hash) return;
    outcome.held = false;
    outcome.report +=
        text(bound.lane, " ", quantity, ": theorem ", bound.theorem,
             " is about another lane than this one\n  hash of what was proved about  ", bound.hash,
             "\n  hash of what the lane ", what, "  ", e.hash(), ": ", e.term(), "\n");
  };
  for (std::size_t q = 0; q < rule.quantities.size(); ++q)
    compare(rule.quantities[q], recorded.seen[q], "shows ");
  for (std::size_t s = 0; s < rule.states.size(); ++s)
    compare(rule.states[s].name, recorded.after.state[s], "stores");
  compare("theta", recorded.after.theta, "stores");
  return outcome;
}

template <class T>
Outcome proved_bounds(const Subject<T>& subject, const Effort& effort) {
  const auto& rule = subject.rule;
  const auto weights = RecordedSubject<T>(subject).weights();
  std::vector<Real> allowed;
  for (const auto& quantity : rule.quantities)
    allowed.push_back(Real(std::string(proved<T>(rule, quantity).constant)) *
                      Real(unit_roundoff<T>));

  const auto property = [&](const Block<T>& block, Outcome& tally) -> std::string {
    const auto coefficients = subject.coefficients(block.h, block.t);
    Coefficients<Magnitude> exact_coefficients;
    bool hypotheses = true;
    const auto exact_expressions = subject.exact_coefficients(block.h, block.t);
    for (std::size_t i = 0; i < exact_expressions.size(); ++i) {
      const auto& exact = exact_expressions[i];
      exact_coefficients[i] = exact;
      hypotheses = hypotheses && (std::isnormal(coefficients[i]) || exact == 0) &&
                   (!weights.contains(i) || 2 * exact <= 1 || exact == 1);
    }
    const auto reference = subject.reference(block.h, block.t);
    for (std::size_t i = 0; i < block.coordinates.size(); ++i) {
      ++tally.checked;
      const auto& [before, gradient] = block.coordinates[i];
      Point<T> computed = before;
      Seen<T> seen;
      // What underflow and overflow the lane met, the processor knows best.
      std::feclearexcept(FE_ALL_EXCEPT);
      subject.lane(coefficients, computed, gradient, seen);
      if (!hypotheses || std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT)) continue;
      ++tally.teeth;

      auto exact = convert<Real>(before);
      auto size = convert<Magnitude>(convert<Real>(before));
      Seen<Real> exact_seen;
      Seen<Magnitude> sizes;
      reference(exact, Real(gradient), exact_seen);
      subject.magnitude(exact_coefficients, size, Real(gradient), sizes);
      for (std::size_t q = 0; q < rule.quantities.size(); ++q) {
        const Real error = abs(Real(seen[q]) - exact_seen[q]);
        if (!(error <= allowed[q] * sizes[q].size))
          return text(describe<T>({rule, block.h, block.t, i, before, gradient}), "  ",
                      rule.quantities[q], ": computed ", show(seen[q]), "\n    exact    ",
                      exact_seen[q].str(25), "\n    error    ",
                      Real(error / (Real(unit_roundoff<T>) * sizes[q].size)).str(6),
                      " u times what it would be if no sum cancelled\n    proved   ",
                      proved<T>(rule, rule.quantities[q]).constant, " by theorem ",
                      proved<T>(rule, rule.quantities[q]).theorem, "\n");
      }
    }
    return "";
  };
  return demand(check(effort, effort.coordinates / per_case + 1,
                      blocks(subject, Spread::stratified, per_case), property),
                effort);
}

template <class T>
std::optional<Outcome> run_section(std::size_t number, const Subject<T>& subject,
                                   const Effort& effort) {
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
      if (!subject.constant_gradient) return std::nullopt;
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
