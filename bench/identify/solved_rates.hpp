// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "any_rule.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "text.hpp"

/// A learning rate for each step with which a description may explain a run.
namespace truestep::identify {

/// The rates as pieces, longest first come; nothing where some step has none that all coordinates
/// allow. What comes out is a guess until a replay has judged it: how far a step may be off is
/// taken at the rate found.
template <class Rule, class T>
std::optional<std::vector<Piece>> solved_rates(const Numbers<Rule>& h, const Record& run) {
  using Number = Judging<T>;
  using Formula = typename Rule::template Formula<Number>;
  auto states = starts_of<Rule, Number>(h, run, 0, run.coordinates);
  std::vector<Piece> pieces;
  std::size_t telling = 0;
  for (std::size_t t = 1; t <= run.steps; ++t) {
    const auto formula_at = [&](double rate) {
      auto its = run.at(t, h);
      its.learning_rate = rate;
      return Rule::template formula<Number>(its, run.count(t));
    };
    const Formula at_zero = formula_at(0), at_one = formula_at(1);
    const auto theta_by = [&](const Formula& formula, std::size_t i) {
      const std::size_t at = (t - 1) * run.coordinates + i;
      return formula.step(recorded<Number>(run, run.parameters[at]), states[i],
                          gradient<Number>(run, t, run.gradients[at]));
    };
    const auto after = [&](std::size_t i) { return run.parameters[t * run.coordinates + i]; };
    std::vector<double> base, slope;
    double guess = 0, most = 0;
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      base.push_back(static_cast<double>(theta_by(at_zero, i).theta.value));
      slope.push_back(static_cast<double>(theta_by(at_one, i).theta.value) - base[i]);
      if (const double tells = std::fabs(slope[i]) / std::fabs(after(i));
          after(i) != 0 && std::isfinite(tells) && tells > most)
        most = tells, guess = (after(i) - base[i]) / slope[i];
    }
    if (!(guess >= 0 && guess <= 0x1p10)) return {};
    double low = 0, high = 0x1p10;
    const Formula at_guess = formula_at(guess);
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const auto now = theta_by(at_guess, i).theta;
      if (!now.bounded() || slope[i] == 0) continue;
      const auto bound = static_cast<double>(bound_of_recorded(run, now.radius, after(i)));
      // Not to the very end, since the bound is not known at the rate that will be taken.
      constexpr double nearly = 0.95;
      const double middle = (after(i) - base[i]) / slope[i];
      const double reach = nearly * bound / std::fabs(slope[i]);
      telling += reach < guess / 8;
      low = std::max(low, middle - reach);
      high = std::min(high, middle + reach);
    }
    if (!(low <= high)) return {};
    if (!pieces.empty() && std::max(pieces.back().low, low) <= std::min(pieces.back().high, high)) {
      auto& piece = pieces.back();
      piece.last = t;
      piece.low = std::max(piece.low, low), piece.high = std::min(piece.high, high);
      piece.rate = shortest_between(piece.low, piece.high);
    } else {
      pieces.push_back({t, t, low, high, shortest_between(low, high)});
    }
    const Formula formula = formula_at(pieces.back().rate);
    for (std::size_t i = 0; i < run.coordinates; ++i)
      states[i] = proofs::stored<Formula>(theta_by(formula, i));
  }
  constexpr std::size_t enough = 2;  // one coordinate alone has a rate for any step
  if (telling < enough * run.steps) return {};
  return pieces;
}

}  // namespace truestep::identify
