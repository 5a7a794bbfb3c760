// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <vector>

#include "any_rule.hpp"
#include "boxed.hpp"
#include "replay.hpp"
#include "sought.hpp"

/// What the steps of an excerpt leave of a box of a rule's numbers.
namespace truestep::identify {

/// The step that tells most of the rate. A rule that is linear in its rate moves theta by rate
/// times unit move, so that the quotient of two moves is that of their unit moves, whatever the
/// rate: what is left is a row of the other numbers alone.
template <class Number>
class Reference {
 public:
  std::optional<Row> compared(const Number& unit_move, const Interval& move) const {
    if (!known_ || unit_move_.range.contains(0) || unit_move_.base.contains(0)) return {};
    const Number quotient = Number::quotient_of_values(unit_move, unit_move_);
    Row row{Interval(quotient.base) * move_ - move, {}, move.width(), 0};
    for (std::size_t i = 0; i < Box::most; ++i) row.slope[i] = Interval(quotient.slope[i]) * move_;
    if (both(Interval(quotient.range) * move_, move).is_empty())
      row.offset = Interval::point(1), row.slope = {};
    return row;
  }

  void consider(const Number& unit_move, const Interval& move) {
    const Wide tells = move.contains(0) ? 0 : move.size() / move.width();
    if (tells <= tells_) return;
    known_ = true;
    tells_ = tells;
    unit_move_ = unit_move;
    move_ = move;
  }

 private:
  bool known_ = false;
  Wide tells_ = 0;
  Number unit_move_;
  Interval move_;
};

/// Whether a rule's formula takes a description.
template <class Rule>
bool is_in_domain(const Numbers<Rule>& h) {
  try {
    Rule::template formula<double>(h, 1);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

template <class Rule>
Numbers<Rule> at_rate_one(const Numbers<Rule>& h, const Record& run, std::size_t t) {
  auto its = run.at(t, h);
  its.learning_rate = 1;
  return its;
}

/// Whether each step moves theta by its rate times what is known without it.
template <class Rule>
bool is_rate_apart(const Numbers<Rule>& h, const Record& run) {
  return !run.carries() && is_linear_in_rate(h) && is_in_domain<Rule>(at_rate_one<Rule>(h, run, 1));
}

/// Narrowed by all steps of the excerpt; false if no point of the box explains them. Returns
/// early where the box has become much smaller.
///
/// @param is_rate_wide  whether moves are divided by each other, so that their rate does not matter
template <class Rule, class Number>
bool narrowed(const Numbers<Rule>& h, const Excerpt& excerpt, bool is_rate_wide, Box& box,
              Told& told) {
  using Formula = typename Rule::template Formula<Number>;
  const Box from = box;
  const Sides<typename Number::Wide> sides(from);
  Number::box = &sides;
  const Record& run = excerpt.record();
  auto states = starts_of<Rule, Number>(h, run, 0, run.coordinates);
  auto unit_states = states;
  std::vector<Number> carried(run.carries() ? run.coordinates : 0, Number::unknown());
  const bool rate_is_wide = is_rate_wide && is_rate_apart<Rule>(h, run);
  Reference<Number> reference;
  told.rows.clear();
  told.unclaimed = 0;
  Narrowing narrowing(from);
  for (std::size_t t = 1; t <= run.steps; ++t) {
    const Formula formula = Rule::template formula<Number>(run.at(t, h), run.count(t));
    const Formula unit_formula = Rule::template formula<Number>(
        rate_is_wide ? at_rate_one<Rule>(h, run, t) : h, run.count(t));
    for (std::size_t k = 0; k < run.coordinates; ++k) {
      if (!excerpt.has(k, t) || t > run.end(k)) continue;
      const std::size_t at = (t - 1) * run.coordinates + k;
      const auto theta =
          run.is_carried(t - 1) ? carried[k] : recorded<Number>(run, run.parameters[at]);
      const auto g = gradient<Number>(run, t, run.gradients[at]);
      const auto now = formula.step(theta, states[k], g);
      states[k] = proofs::stored<Formula>(now);
      if (run.carries()) carried[k] = now.theta.stored();
      ++told.spent;
      Number unit_move;
      if (rate_is_wide) {
        const auto at_one = unit_formula.step(theta, unit_states[k], g);
        unit_states[k] = proofs::stored<Formula>(at_one);
        unit_move = at_one.theta - theta;
        ++told.spent;
      }
      if (!now.theta.bounded()) {
        ++told.unclaimed;
        continue;
      }
      if (!run.is_recorded(t)) continue;
      const Wide after = run.parameters[at + run.coordinates];
      const Wide radius =
          bound_of_recorded(run, now.theta.radius, run.parameters[at + run.coordinates]);
      const Interval seen = Interval::outward(after - radius, after + radius);
      if (both(Interval(now.theta.range), seen).is_empty()) return false;
      told.rows.push_back({Interval(now.theta.base) - seen, now.theta.slope.all(), radius,
                           now.theta.range.width() / radius});
      if (!narrowing.by(told.rows.back())) return false;
      if (!rate_is_wide || !unit_move.bounded()) continue;
      const Interval move = seen - Interval::point(run.parameters[at]);
      if (const auto row = reference.compared(unit_move, move)) {
        if (!row->offset.is_finite()) continue;
        if (!narrowing.by(*row)) return false;
      }
      reference.consider(unit_move, move);
    }
    if (narrowing.is_much()) break;
  }
  return narrowing.by_combinations(told.rows) && narrowing.apply_to(box);
}

/// The same in numbers that suit the run.
template <class Rule>
bool narrowed(const Numbers<Rule>& h, const Excerpt& excerpt, Ends ends, bool is_rate_wide,
              Box& box, Told& told) {
  if (!excerpt.record().in_double)
    return narrowed<Rule, Boxed<float, double>>(h, excerpt, is_rate_wide, box, told);
  return ends == Ends::in_double
             ? narrowed<Rule, Boxed<double, double>>(h, excerpt, is_rate_wide, box, told)
             : narrowed<Rule, Boxed<double, long double>>(h, excerpt, is_rate_wide, box, told);
}

}  // namespace truestep::identify
