// SPDX-License-Identifier: Apache-2.0
#include "sweep.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>

#include <truestep/proofs/statements.hpp>

#include "support/proved_lane.hpp"
#include "support/subject_of.hpp"
#include "watched.hpp"

namespace truestep::test {
namespace {

/// Gradients at a time: all that belongs to them stays in the cache.
constexpr std::size_t block_size = 512;

template <class Number>
using Row = std::array<Number, block_size>;

struct CertifiedRow {
  Row<double> high, low, radius;
};

struct WatchedRow {
  Row<double> magnitude;
  Row<std::int32_t> lost;
};

/// What a kernel stores of a rule: its states, then theta.
template <class R>
constexpr std::size_t stored = R::Lane::states + 1;

template <class R>
struct Block {
  Row<float> gradient;
  std::array<Row<float>, stored<R>> computed;
  std::array<CertifiedRow, stored<R>> truth;
  std::array<WatchedRow, stored<R>> watched;
};

/// Calls action.template operator()<0>() and so on. Members that a table names are looked up at
/// compile time in it; from a variable position the compiler could not see which one it is, and
/// would make no SIMD code.
template <std::size_t count, class Action>
void unrolled(Action action) {
  [&]<std::size_t... I>(std::index_sequence<I...>) { (action.template operator()<I>(), ...); }
  (std::make_index_sequence<count>());
}

/// The reference itself, by the seed's convention.
template <class R>
auto certified_formula(const Hyperparameters& h, std::uint64_t t) {
  typename R::Hyperparameters given;
  unrolled<R::hyperparameters.size()>([&]<std::size_t i>() {
    constexpr auto member = R::hyperparameters[i].member;
    given.*member = h[i];
  });
  return R::template formula<Certified>(given, t);
}

/// Evaluates it for a block. Sweeps and truths both call this, which is compiled once for each of
/// the instruction sets.
template <class R, class Formula>
void evaluate(Instructions instructions, const Formula& formula, const Point<float>& point,
              Block<R>& block) {
  constexpr auto& states = R::template states<Certified>;
  runs::run(instructions, [&] {
    typename Formula::State before;
    unrolled<states.size()>([&]<std::size_t s>() {
      constexpr auto member = states[s].member;
      before.*member = point.state[s];
    });
    const Certified theta = point.theta;
    for (std::size_t i = 0; i < block_size; ++i) {
      const auto now = formula.step(theta, before, block.gradient[i]);
      const auto keep = [&block, i](std::size_t row, const Certified& x) {
        block.truth[row].high[i] = x.high;
        block.truth[row].low[i] = x.low;
        block.truth[row].radius[i] = x.radius;
      };
      unrolled<states.size()>([&]<std::size_t s>() {
        constexpr auto member = states[s].member;
        keep(s, now.*member);
      });
      keep(states.size(), now.theta);
    }
  });
}

/// The lane, for what the theorems say of it and where.
template <class R, class Coefficients>
void watch(const Coefficients& coefficients, const Point<float>& point, Block<R>& block) {
  constexpr std::size_t states = R::Lane::states;
  for (std::size_t i = 0; i < block_size; ++i) {
    Watched theta = point.theta;
    std::array<Watched, states> state;
    for (std::size_t s = 0; s < states; ++s) state[s] = point.state[s];
    R::Lane::step(coefficients, theta, state, Watched(block.gradient[i]), fast::Unobserved());
    const auto keep = [&block, i](std::size_t row, const Watched& x) {
      block.watched[row].magnitude[i] = x.magnitude;
      block.watched[row].lost[i] = x.lost;
    };
    unrolled<states>([&]<std::size_t s>() { keep(s, state[s]); });
    keep(states, theta);
  }
}

/// The coefficients of the rule's lane; throws unless the theorems' hypotheses hold for them.
template <class R>
auto watched_coefficients(const Subject<float>& subject, const Situation& from) {
  const auto rounded = subject.coefficients(from.h, from.t);
  const auto expressions = subject.exact_coefficients(from.h, from.t);
  Coefficients<Real> exact{};
  std::copy(expressions.begin(), expressions.end(), exact.begin());
  const auto proved = ProvedStep<float>::of<typename R::Lane>(Against::hyperparameters);
  if (!proved.hypotheses(rounded, exact))
    throw std::domain_error(subject.rule.name + " " + from.name + ": nothing is proved from here");
  std::array<Watched, R::Lane::coefficients> watched;
  for (std::size_t i = 0; i < watched.size(); ++i)
    watched[i] = Watched(rounded[i], static_cast<double>(exact[i]));
  return watched;
}

/// The figures of a block, of which the largest is wanted.
struct Figures {
  Row<double> values;

  /// What is not negative is ordered like its bits, infinity above the numbers.
  void join_into(Worst& worst, const Row<float>& gradient) const {
    std::int64_t most = 0;
    for (double value : values) most = std::max(most, std::bit_cast<std::int64_t>(value));
    if (most < std::bit_cast<std::int64_t>(worst.figure)) return;
    for (std::size_t i = 0; i < block_size; ++i)
      if (std::bit_cast<std::int64_t>(values[i]) == most)
        worst.join({values[i], std::bit_cast<std::uint32_t>(gradient[i])});
  }
};

/// x, and what is no number counts as infinite, lest an error that cannot be told go unnoticed.
double or_infinite(double x) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return x < infinity ? x : infinity;
}

/// Joins what a block shows of one quantity. The error is the kernel's at most: within 3 roundings
/// of double, and beyond the radius of the truth.
template <class R>
void tally(const Block<R>& block, std::size_t row, std::size_t count, Finding& finding) {
  const auto& computed = block.computed[row];
  const auto& truth = block.truth[row];
  const auto& watched = block.watched[row];
  constexpr double u = unit_roundoff<float>;
  Figures in_bound, in_ulp, in_ulp_below;
  for (std::size_t i = 0; i < block_size; ++i) {
    const double difference = (double{computed[i]} - truth.high[i]) - truth.low[i];
    const double error = (std::fabs(difference) + truth.radius[i]) * Certified::inflation;
    const double share = or_infinite(error / (u * watched.magnitude[i]) * Certified::inflation);
    const double ulps = or_infinite(error / ulp_of_float(truth.high[i]));
    const std::int32_t lost = watched.lost[i];
    in_bound.values[i] = ((lost != nothing) | (error == 0)) ? 0 : share;
    in_ulp.values[i] = lost != nothing ? 0 : ulps;
    in_ulp_below.values[i] = lost != underflow ? 0 : ulps;
  }
  in_bound.join_into(finding.in_bound, block.gradient);
  in_ulp.join_into(finding.in_ulp, block.gradient);
  in_ulp_below.join_into(finding.in_ulp_below, block.gradient);
  std::uint32_t covered = 0, overflowed = 0;
  for (std::size_t i = 0; i < count; ++i) {
    covered += watched.lost[i] == nothing;
    overflowed += (watched.lost[i] & overflow) != 0;
  }
  finding.covered += covered;
  finding.overflowed += overflowed;
  finding.underflowed += count - covered - overflowed;
}

/// The kernel as its users call it.
template <class R>
void compute(const Subject<float>& subject, const Situation& from, Block<R>& block) {
  constexpr std::size_t states = R::Lane::states;
  States<std::span<float>> state;
  for (std::size_t s = 0; s < states; ++s) {
    block.computed[s].fill(from.before.state[s]);
    state[s] = block.computed[s];
  }
  block.computed[states].fill(from.before.theta);
  subject.kernel(from.h, from.t, block.computed[states], state, block.gradient);
}

template <class R, class Coefficients>
void sweep_rule(Instructions instructions, const Subject<float>& subject,
                const Coefficients& coefficients, const Situation& from, const Patterns& patterns,
                std::span<Finding> findings) {
  const auto formula = certified_formula<R>(from.h, from.t);
  alignas(64) Block<R> block;
  for (std::uint64_t begin = 0; begin < patterns.count; begin += block_size) {
    const std::size_t count = std::min<std::uint64_t>(block_size, patterns.count - begin);
    // The last block is filled up with its last gradient.
    for (std::size_t i = 0; i < block_size; ++i)
      block.gradient[i] = std::bit_cast<float>(patterns[begin + std::min(i, count - 1)]);
    compute(subject, from, block);
    evaluate<R>(instructions, formula, from.before, block);
    runs::run(instructions, [&] {
      watch<R>(coefficients, from.before, block);
      for (std::size_t row = 0; row < stored<R>; ++row) tally(block, row, count, findings[row]);
    });
  }
}

template <class R>
void evaluate_rule(Instructions instructions, const Situation& from,
                   std::span<const float> gradients, std::vector<std::vector<Certified>>& rows) {
  const auto formula = certified_formula<R>(from.h, from.t);
  Block<R> block;
  for (std::size_t begin = 0; begin < gradients.size(); begin += block_size) {
    const std::size_t count = std::min(block_size, gradients.size() - begin);
    for (std::size_t i = 0; i < block_size; ++i)
      block.gradient[i] = gradients[begin + std::min(i, count - 1)];
    evaluate<R>(instructions, formula, from.before, block);
    for (std::size_t row = 0; row < stored<R>; ++row)
      for (std::size_t i = 0; i < count; ++i)
        rows[row].emplace_back(block.truth[row].high[i], block.truth[row].low[i],
                               block.truth[row].radius[i]);
  }
}

/// Calls action.template operator()<R>() for the rule of that name.
template <class Action>
void with_rule(const std::string& name, Action action) {
  [&]<class... R>(std::type_identity<std::tuple<R...>>) {
    ((R::name == name ? action.template operator()<R>() : void()), ...);
  }(std::type_identity<rules::All>());
}

template <class R>
std::vector<Finding> nothing_found(const Rule& rule) {
  std::vector<Finding> findings;
  const std::string lane = proofs::inputs<typename R::Lane>().lane;
  const auto add = [&](const std::string& quantity) {
    findings.push_back(
        {quantity, std::string(proofs::bound_of(lane, quantity, "binary32").constant)});
  };
  for (const auto& state : rule.states) add(state.name);
  add("theta");
  return findings;
}

}  // namespace

void Finding::join(const Finding& other) {
  covered += other.covered;
  underflowed += other.underflowed;
  overflowed += other.overflowed;
  in_bound.join(other.in_bound);
  in_ulp.join(other.in_ulp);
  in_ulp_below.join(other.in_ulp_below);
}

bool Finding::exceeds() const { return !(in_bound.figure <= std::stod(proved)); }

std::vector<Finding> sweep(const Subject<float>& subject, const Situation& situation,
                           const Patterns& patterns, Instructions instructions) {
  std::vector<Finding> findings;
  with_rule(subject.rule.name, [&]<class R>() {
    findings = nothing_found<R>(subject.rule);
    const auto coefficients = watched_coefficients<R>(subject, situation);
    sweep_rule<R>(instructions, subject, coefficients, situation, patterns, findings);
  });
  return findings;
}

std::vector<std::vector<Certified>> truths(const std::string& rule, const Situation& situation,
                                           std::span<const float> gradients,
                                           Instructions instructions) {
  std::vector<std::vector<Certified>> rows;
  with_rule(rule, [&]<class R>() {
    rows.resize(stored<R>);
    evaluate_rule<R>(instructions, situation, gradients, rows);
  });
  return rows;
}

}  // namespace truestep::test
