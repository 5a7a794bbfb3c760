// SPDX-License-Identifier: Apache-2.0
// The sections that tolerate nothing: equal bits and exact symmetries.

#include <truestep/fast/target.hpp>

#include "generate.hpp"
#include "guarded.hpp"
#include "property.hpp"

namespace truestep::test {
namespace {

/// The point with positive zeros: a sum that cancels is +0 whatever the signs of its terms, so no
/// symmetry speaks of the sign of a zero.
template <class T>
Point<T> without_negative_zeros(Point<T> point) {
  if (point.theta == 0) point.theta = 0;
  for (T& x : point.state)
    if (x == 0) x = 0;
  return point;
}

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
std::string unequal(const Circumstances<T>& circumstances, std::string_view what,
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
               Guarded<T>(coordinates.size(), (misalignment * 3 + 2) % 16),
               Guarded<T>(coordinates.size(), (misalignment * 7 + 4) % 16)},
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
    States<std::span<T>> states;
    std::transform(state_.begin(), state_.end(), states.begin(),
                   [&](Guarded<T>& state) { return state.span().subspan(first, count); });
    subject.kernel(h, t, theta_.span().subspan(first, count), states,
                   gradient_.span().subspan(first, count));
  }

  Point<T> operator[](std::size_t i) {
    Point<T> point{theta_.span()[i], {}};
    for (std::size_t s = 0; s < max_states; ++s) point.state[s] = state_[s].span()[i];
    return point;
  }

  bool intact() const {
    return theta_.intact() && gradient_.intact() &&
           std::all_of(state_.begin(), state_.end(),
                       [](const Guarded<T>& state) { return state.intact(); });
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

/// All lengths up to seven of the longest vectors and one, all misalignments, any bits at all.
template <class T>
Outcome small_spans(const Subject<T>& subject) {
  constexpr std::size_t longest = 64 / sizeof(T);
  Random random(1);
  Outcome outcome;
  for (std::size_t count = 0; count <= 7 * longest + 1; ++count)
    for (std::size_t misalignment = 0; misalignment < longest; ++misalignment) {
      Block<T> block{{0.25, 0.75, 0.875, 1e-8}, 1 + random.below(3), {}};
      for (const auto& kind : subject.rule.hyperparameters)
        block.h[static_cast<std::size_t>(&kind - subject.rule.hyperparameters.data())] =
            kind.role == Role::decay ? 0.9 : 0.01;
      for (std::size_t i = 0; i < count; ++i)
        block.coordinates.push_back(
            {{random.any<T>(), {random.any<T>(), random.any<T>(), random.any<T>()}},
             random.any<T>()});
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
              unequal(circumstances, "from the negated input", without_negative_zeros(after),
                      without_negative_zeros(negated(rule, mirrored)));
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
      tally.teeth +=
          normal(after.theta) && std::all_of(after.state.begin(), after.state.end(), normal);
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

template Outcome equal_bits(const Subject<float>&, const Effort&);
template Outcome equal_bits(const Subject<double>&, const Effort&);
template Outcome symmetries(const Subject<float>&, const Effort&);
template Outcome symmetries(const Subject<double>&, const Effort&);

}  // namespace truestep::test
