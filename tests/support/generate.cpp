// SPDX-License-Identifier: Apache-2.0
#include "generate.hpp"

namespace truestep::test {
namespace {

double hyperparameter(Random& random, Role role, Spread spread) {
  static constexpr std::array usual_decay{0.9, 0.95, 0.99, 0.999, 0.5};
  static constexpr std::array edge_decay{0.0, 0x1p-30, 0.25, 0.9999999, 1 - 0x1p-24, 1 - 0x1p-53};
  static constexpr std::array usual_epsilon{1e-10, 1e-8, 1e-7, 1e-6, 1e-3};
  static constexpr std::array edge_epsilon{0.0, 0x1p-1074, 0x1p-149, 0x1p-140, 1.0, 1e6, 0x1p64};
  static constexpr std::array edge_rate{0.0, 0x1p-1070, 0x1p-149, 0x1p-126, 1.0, 0x1p64};
  const bool edge = spread == Spread::stratified && random.one_in(8);
  const auto unit_interval = [&] {
    return std::ldexp(static_cast<double>(random.next() >> 11), -53);
  };
  switch (role) {
    case Role::decay:
      if (edge) return random.pick(edge_decay);
      return random.one_in(3) ? unit_interval() : random.pick(usual_decay);
    case Role::epsilon:
      if (edge) return random.pick(edge_epsilon);
      return random.one_in(3) ? std::fabs(random.ordinary<double>(-30, 0))
                              : random.pick(usual_epsilon);
    case Role::learning_rate:
      if (edge) return random.pick(edge_rate);
  }
  return std::fabs(random.ordinary<double>(-14, -1));
}

Hyperparameters hyperparameters(Random& random, const Rule& rule, Spread spread) {
  Hyperparameters h{};
  for (std::size_t i = 0; i < rule.hyperparameters.size(); ++i)
    h[i] = hyperparameter(random, rule.hyperparameters[i].role, spread);
  return h;
}

std::uint64_t step_number(Random& random) {
  switch (random.below(4)) {
    case 0:
      return 1 + random.below(10);
    case 1:
      return 1 + random.below(100'000);
    case 2:
      return std::uint64_t{1} << random.below(64);
    default:
      return 1 + (random.next() >> 1 >> random.below(63));
  }
}

/// A number of one stratum; theta, gradients and first moments have the exponents of training.
template <class T>
T stratum_value(Random& random, int stratum) {
  using Limits = std::numeric_limits<T>;
  switch (stratum) {
    case 1:  // near a power of two
      return std::ldexp(1 + static_cast<T>(random.between(-2, 2)) * Limits::epsilon() / 2,
                        random.between(-16, 3)) *
             static_cast<T>(random.one_in(2) ? -1 : 1);
    case 2:  // subnormal, or nearly
      return std::copysign(
          std::bit_cast<T>(static_cast<BitsOf<T>>(random.next() >> (random.between(11, 62)) &
                                                  ((BitsOf<T>{2} << (Limits::digits - 1)) - 1))),
          random.one_in(2) ? T(-1) : T(1));
    case 3:  // huge
      return random.ordinary<T>(Limits::max_exponent / 2 - 8, Limits::max_exponent - 1);
    case 4:
      return random.one_in(2) ? T(-0.0) : T(0);
    case 5: {
      const T value = random.any<T>();
      return std::isfinite(value) ? value : T(1);
    }
    default:
      return random.ordinary<T>(-16, 3);
  }
}

/// Replaces a coordinate by one in which the first state, or theta, cancels down to rounding
/// errors.
template <class T>
void make_cancel(Random& random, const Subject<T>& subject, const Block<T>& block,
                 const Coefficients<T>& coefficients, Coordinate<T>& c) {
  const auto nudge = [&](T x) {
    return x * (1 + static_cast<T>(random.between(-2, 2)) * std::numeric_limits<T>::epsilon());
  };
  Seen<T> seen;
  if (!subject.rule.states.empty() && !subject.rule.states[0].second_moment) {
    // From a zero state the first state becomes what the gradient adds; a decay to that undoes it.
    Point<T> fresh;
    subject.lane(coefficients, fresh, c.gradient, seen);
    double past = 0;
    for (std::size_t i = 0; i < subject.rule.hyperparameters.size() && past == 0; ++i)
      if (subject.rule.hyperparameters[i].role == Role::decay) past = block.h[i];
    if (past > 0)
      c.point.state[0] = nudge(static_cast<T>(-static_cast<double>(fresh.state[0]) / past));
  }
  Point<T> moved = c.point;
  moved.theta = 0;
  subject.lane(coefficients, moved, c.gradient, seen);
  if (random.one_in(2)) c.point.theta = nudge(-moved.theta);
  if (!std::isfinite(c.point.state[0])) c.point.state[0] = 0;
  if (!std::isfinite(c.point.theta)) c.point.theta = 0;
}

template <class T>
Coordinate<T> coordinate(Random& random, const Subject<T>& subject, const Block<T>& block,
                         const Coefficients<T>& coefficients, Spread spread) {
  // Weights in twentieths: 12 ordinary, then one or two for each of the rest.
  static constexpr std::array strata{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 6, 6, 2, 3, 4, 5};
  const int stratum = spread == Spread::moderate ? 0 : random.pick(strata);
  const auto value = [&] {
    return stratum_value<T>(random, stratum == 6 || random.one_in(4) ? 0 : stratum);
  };
  Coordinate<T> c;
  c.point.theta = value();
  c.gradient = value();
  for (std::size_t s = 0; s < subject.rule.states.size(); ++s) {
    c.point.state[s] = value();
    if (subject.rule.states[s].second_moment) {
      const T x = std::fabs(c.point.state[s]);
      c.point.state[s] = stratum == 0 && random.one_in(2) ? x * x : x;
    }
  }
  if (stratum == 6) make_cancel(random, subject, block, coefficients, c);
  return c;
}

/// Simpler numbers than x, each by a measure that cannot go on falling for ever.
template <class T>
std::vector<T> simpler(T x) {
  std::vector<T> candidates;
  if (x == 0 && !std::signbit(x)) return candidates;
  candidates.push_back(0);
  if (std::signbit(x)) candidates.push_back(-x);
  int exponent;
  const T fraction = std::frexp(x, &exponent);
  if (std::abs(exponent) > 1) candidates.push_back(std::ldexp(fraction, exponent / 2));
  const auto pattern = std::bit_cast<BitsOf<T>>(x);
  const auto significand = pattern & ((BitsOf<T>{1} << (std::numeric_limits<T>::digits - 1)) - 1);
  if (significand != 0) {
    const auto low = std::countr_zero(significand),
               high = static_cast<int>(std::bit_width(significand));
    const auto cleared = pattern & ~((BitsOf<T>{1} << (low + (high - low + 1) / 2)) - 1);
    candidates.push_back(std::bit_cast<T>(static_cast<BitsOf<T>>(cleared)));
    candidates.push_back(std::bit_cast<T>(static_cast<BitsOf<T>>(pattern & (pattern - 1))));
  }
  return candidates;
}

/// Every container with one element replaced by a simpler one.
template <class Whole, class Each>
void replace_each(std::vector<Whole>& candidates, const Whole& whole, Each&& element) {
  for (const auto& x : simpler(element(whole))) {
    candidates.push_back(whole);
    element(candidates.back()) = x;
  }
}

/// The halves of a list, and the list without its last element.
template <class Element>
std::vector<std::vector<Element>> shorter(const std::vector<Element>& list) {
  std::vector<std::vector<Element>> candidates;
  if (list.size() < 2) return candidates;
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
  candidates.emplace_back(list.begin(), middle);
  candidates.emplace_back(middle, list.end());
  candidates.emplace_back(list.begin(), list.end() - 1);
  return candidates;
}

template <class T>
rc::Seq<Block<T>> shrink(const Block<T>& block) {
  std::vector<Block<T>> candidates;
  for (auto& fewer : shorter(block.coordinates))
    candidates.push_back({block.h, block.t, std::move(fewer)});
  if (block.t > 1) {
    candidates.push_back({block.h, 1, block.coordinates});
    candidates.push_back({block.h, block.t / 2, block.coordinates});
  }
  if (block.coordinates.size() == 1) {
    const auto only = [](auto& b) -> auto& { return b.coordinates[0]; };
    replace_each(
        candidates, block, [&](auto& b) -> auto& { return only(b).point.theta; });
    replace_each(
        candidates, block, [&](auto& b) -> auto& { return only(b).gradient; });
    for (std::size_t s = 0; s < max_states; ++s)
      replace_each(
          candidates, block, [&](auto& b) -> auto& { return only(b).point.state[s]; });
  }
  return rc::seq::fromContainer(std::move(candidates));
}

rc::Seq<std::vector<Setting>> shrink(const std::vector<Setting>& settings) {
  auto candidates = shorter(settings);
  if (settings.size() == 1 && settings[0].t > 1)
    for (const std::uint64_t t : {std::uint64_t{1}, settings[0].t / 2})
      candidates.push_back({{settings[0].h, t}});
  return rc::seq::fromContainer(std::move(candidates));
}

template <class T>
rc::Seq<Sequence<T>> shrink(const Sequence<T>& sequence) {
  std::vector<Sequence<T>> candidates;
  for (const auto& half : shorter(sequence.gradients))
    candidates.push_back({sequence.h,
                          {sequence.theta.begin(),
                           sequence.theta.begin() + static_cast<std::ptrdiff_t>(half.size())},
                          half});
  if (sequence.gradients.size() == 1) {
    for (const auto& fewer : shorter(sequence.gradients[0]))
      candidates.push_back({sequence.h, sequence.theta, {fewer}});
    replace_each(
        candidates, sequence, [](auto& s) -> auto& { return s.theta[0]; });
    for (std::size_t i = 0; i < sequence.gradients[0].size(); ++i)
      replace_each(
          candidates, sequence, [&](auto& s) -> auto& { return s.gradients[0][i]; });
  }
  return rc::seq::fromContainer(std::move(candidates));
}

template <class Value, class Make>
rc::Gen<Value> generator(Make make) {
  return [make](const rc::Random& source, int) {
    Random random(rc::Random(source).next());
    return rc::shrinkable::shrinkRecur(make(random),
                                       [](const Value& value) { return shrink(value); });
  };
}

}  // namespace

template <class T>
rc::Gen<Block<T>> blocks(const Subject<T>& subject, Spread spread, std::size_t coordinates) {
  return generator<Block<T>>([&subject, spread, coordinates](Random& random) {
    Block<T> block{hyperparameters(random, subject.rule, spread), step_number(random), {}};
    const auto coefficients = subject.coefficients(block.h, block.t);
    for (std::size_t i = 0; i < coordinates; ++i)
      block.coordinates.push_back(coordinate(random, subject, block, coefficients, spread));
    return block;
  });
}

template <class T>
rc::Gen<Sequence<T>> sequences(const Subject<T>& subject, std::size_t coordinates,
                               std::size_t steps) {
  return generator<Sequence<T>>([&subject, coordinates, steps](Random& random) {
    Sequence<T> sequence{hyperparameters(random, subject.rule, Spread::stratified), {}, {}};
    for (std::size_t i = 0; i < coordinates; ++i) {
      sequence.theta.push_back(random.ordinary<T>(-10, 3));
      auto& gradients = sequence.gradients.emplace_back();
      const auto kind = random.below(6);
      const int low = random.one_in(8) ? std::numeric_limits<T>::min_exponent : -16;
      T g = random.ordinary<T>(low, 3);
      for (std::size_t n = 0; n < steps; ++n) {
        switch (kind) {
          case 0:  // random
            g = random.ordinary<T>(low, 3);
            break;
          case 1:  // constant
            break;
          case 2:  // alternating
            g = -g;
            break;
          case 3:  // sparse
            g = random.one_in(4) ? random.ordinary<T>(low, 3) : T(0);
            break;
          case 4:  // decaying
            g *= T(0.75);
            break;
          default:  // exploding
            g = std::clamp(g * T(1.5), -std::numeric_limits<T>::max(),
                           std::numeric_limits<T>::max());
        }
        gradients.push_back(g);
      }
    }
    return sequence;
  });
}

rc::Gen<std::vector<Setting>> settings(const Rule& rule, std::size_t count) {
  return generator<std::vector<Setting>>([&rule, count](Random& random) {
    std::vector<Setting> settings(count);
    for (auto& [h, t] : settings) {
      h = hyperparameters(random, rule, Spread::stratified);
      t = step_number(random);
    }
    return settings;
  });
}

template rc::Gen<Block<float>> blocks(const Subject<float>&, Spread, std::size_t);
template rc::Gen<Block<double>> blocks(const Subject<double>&, Spread, std::size_t);
template rc::Gen<Sequence<float>> sequences(const Subject<float>&, std::size_t, std::size_t);
template rc::Gen<Sequence<double>> sequences(const Subject<double>&, std::size_t, std::size_t);

}  // namespace truestep::test
