// SPDX-License-Identifier: Apache-2.0
// The sections that allow what was proved.

#include <cfenv>
#include <limits>
#include <set>
#include <truestep/proofs/bounds.hpp>

#include "generate.hpp"
#include "property.hpp"
#include "worst_cases.hpp"

namespace truestep::test {
namespace {

/// The subject's lane, run over expressions.
template <class T>
struct RecordedSubject {
  proofs::Inputs inputs;
  Point<Expression> after;
  Seen<Expression> seen;

  explicit RecordedSubject(const Subject<T>& subject) {
    for (const auto& shipped : recordings())
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
  const auto other = rule.other_lanes.find(quantity);
  const std::string& lane = other == rule.other_lanes.end() ? rule.name : other->second;
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
    // Made once, because a number of 50 digits costs as much to make as to add.
    Point<Real> exact;
    Point<Magnitude> size;
    Seen<Real> exact_seen;
    Seen<Magnitude> sizes;
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

      exact.theta = before.theta;
      size.theta.size = abs(exact.theta);
      for (std::size_t s = 0; s < rule.states.size(); ++s) {
        exact.state[s] = before.state[s];
        size.state[s].size = abs(exact.state[s]);
      }
      const Real exact_gradient(gradient);
      reference(exact, exact_gradient, exact_seen);
      subject.magnitude(exact_coefficients, size, exact_gradient, sizes);
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

template Outcome proved_lane(const Subject<float>&, const Effort&);
template Outcome proved_lane(const Subject<double>&, const Effort&);
template Outcome proved_bounds(const Subject<float>&, const Effort&);
template Outcome proved_bounds(const Subject<double>&, const Effort&);

}  // namespace truestep::test
