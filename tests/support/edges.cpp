// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cfenv>
#include <limits>
#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/target.hpp>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "generate.hpp"
#include "report.hpp"
#include "suite.hpp"

namespace truestep::test {
namespace {

Hyperparameters usual(const Rule& rule) {
  Hyperparameters h{};
  for (std::size_t i = 0; i < rule.hyperparameters.size(); ++i)
    h[i] = rule.hyperparameters[i].role == Role::decay ? 0.9 : 1e-3;
  return h;
}

/// Arrays for one step: theta, states, gradient.
template <class T>
struct Data {
  std::vector<T> theta, gradient;
  std::array<std::vector<T>, max_states> state;

  explicit Data(std::size_t count) {
    Random random(count);
    const auto fill = [&](std::vector<T>& array) {
      for (std::size_t i = 0; i < count; ++i)
        array.push_back(std::fabs(random.ordinary<T>(-10, 0)));
    };
    fill(theta);
    fill(gradient);
    std::for_each(state.begin(), state.end(), fill);
  }

  States<std::span<T>> states() {
    States<std::span<T>> spans;
    std::copy(state.begin(), state.end(), spans.begin());
    return spans;
  }

  void step(const Subject<T>& subject, const Hyperparameters& h, std::uint64_t t) {
    subject.kernel(h, t, theta, states(), gradient);
  }

  Point<T> at(std::size_t i) const {
    Point<T> point{theta[i], {}};
    for (std::size_t s = 0; s < max_states; ++s) point.state[s] = state[s][i];
    return point;
  }

  bool operator==(const Data&) const = default;
};

template <class T>
void same_bits(const Rule& rule, const Point<T>& a, const Point<T>& b) {
  EXPECT_EQ(bits(a.theta), bits(b.theta)) << rule.name;
  for (std::size_t s = 0; s < rule.states.size(); ++s)
    EXPECT_EQ(bits(a.state[s]), bits(b.state[s])) << rule.name << " " << rule.states[s].name;
}

/// The call throws std::invalid_argument with the message, and changes nothing.
template <class T, class Call>
void refuses(Data<T>& data, const std::string& message, Call call) {
  const Data<T> before = data;
  try {
    call();
    ADD_FAILURE() << "not refused: " << message;
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), message);
  }
  EXPECT_TRUE(data == before) << message;
}

template <class T>
void bad_hyperparameters(const Subject<T>& subject) {
  const auto& rule = subject.rule;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                   infinity = std::numeric_limits<double>::infinity();
  Data<T> data(5);
  for (std::size_t i = 0; i < rule.hyperparameters.size(); ++i) {
    const auto& [name, role, unit] = rule.hyperparameters[i];
    const bool decay = role == Role::decay;
    for (const auto& [value, shown] :
         {std::pair{nan, "nan"},
          {-1.0, "-1"},
          {infinity, "inf"},
          {-infinity, "-inf"},
          decay ? std::pair{1.0, "1"} : std::pair{0x1p65, "36893488147419103232"}}) {
      auto h = usual(rule);
      h[i] = value;
      refuses(
          data,
          text(rule.name, ": ", name, " = ", shown, " is outside ", decay ? "[0, 1)" : "[0, 2^64]"),
          [&] { data.step(subject, h, 1); });
    }
  }
}

template <class T>
void bad_step_numbers(const Subject<T>& subject) {
  const auto& rule = subject.rule;
  Data<T> data(5);
  constexpr auto last = std::uint64_t{1} << 63;
  for (auto t : {std::uint64_t{0}, last + 1, std::numeric_limits<std::uint64_t>::max()})
    refuses(data, text(rule.name, ": t = ", t, " is outside [1, 2^63]"),
            [&] { data.step(subject, usual(rule), t); });
  const auto before = data;
  EXPECT_NO_THROW(data.step(subject, usual(rule), last));
  EXPECT_FALSE(data == before);
}

template <class T>
void bad_spans(const Subject<T>& subject) {
  const auto& rule = subject.rule;
  const auto h = usual(rule);
  Data<T> data(5);
  const std::span<T> theta(data.theta);
  const auto state = data.states();
  refuses(data, text(rule.name, ": gradient has 4 elements where theta has 5"),
          [&] { subject.kernel(h, 1, theta, state, std::span<const T>(data.gradient).first(4)); });
  refuses(data, text(rule.name, ": ", rule.states[0].name, " has 4 elements where theta has 5"),
          [&] {
            auto shorter = state;
            shorter[0] = state[0].first(4);
            subject.kernel(h, 1, theta, shorter, data.gradient);
          });
  refuses(data, text(rule.name, ": gradient overlaps theta"),
          [&] { subject.kernel(h, 1, theta, state, theta); });
  refuses(data, text(rule.name, ": ", rule.states[0].name, " overlaps theta"), [&] {
    auto overlapping = first(state, 3);
    overlapping[0] = theta.last(3);
    subject.kernel(h, 1, theta.first(3), overlapping, std::span<const T>(data.gradient).first(3));
  });
  const std::span<T> nowhere(static_cast<T*>(nullptr), 5),
      endless(theta.data(), std::size_t{1} << 62);
  refuses(data, text(rule.name, ": theta is null, with 5 elements"),
          [&] { subject.kernel(h, 1, nowhere, state, data.gradient); });
  refuses(data, text(rule.name, ": gradient is null, with 5 elements"),
          [&] { subject.kernel(h, 1, theta, state, nowhere); });
  refuses(data, text(rule.name, ": theta is beyond memory, with ", endless.size(), " elements"),
          [&] { subject.kernel(h, 1, endless, state, data.gradient); });
  // Neighbours that touch do not overlap.
  auto touching = first(state, 2);
  touching[0] = theta.subspan(2, 2);
  EXPECT_NO_THROW(
      subject.kernel(h, 1, theta.first(2), touching, std::span<const T>(data.gradient).first(2)));
}

template <class T>
void empty_spans(const Subject<T>& subject) {
  Data<T> data(0);
  EXPECT_NO_THROW(data.step(subject, usual(subject.rule), 1));
  EXPECT_THROW(data.step(subject, usual(subject.rule), 0), std::invalid_argument);
}

/// A NaN or infinity stays in its coordinate, and is what the lane makes of it.
template <class T>
void special_values(const Subject<T>& subject) {
  const auto h = usual(subject.rule);
  using Limits = std::numeric_limits<T>;
  for (T special : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    Data<T> plain(7), data(7);
    data.gradient[3] = special;
    const auto before = data;
    plain.step(subject, h, 2);
    data.step(subject, h, 2);
    for (std::size_t i = 0; i < 7; ++i) {
      if (i != 3) same_bits(subject.rule, data.at(i), plain.at(i));
    }
    Point<T> expected = before.at(3);
    Seen<T> seen;
    subject.lane(subject.coefficients(h, 2), expected, special, seen);
    same_bits(subject.rule, data.at(3), expected);
    EXPECT_FALSE(std::isfinite(data.at(3).state[0])) << subject.rule.name;
  }
}

/// No gradient, no past, no epsilon: IEEE's 0 / 0 where the rule divides, else no move.
template <class T>
void zero_denominator(const Subject<T>& subject) {
  auto h = usual(subject.rule);
  bool divides = false;
  for (std::size_t i = 0; i < subject.rule.hyperparameters.size(); ++i)
    if (subject.rule.hyperparameters[i].role == Role::epsilon) {
      h[i] = 0;
      divides = true;
    }
  Data<T> data(3);
  for (auto* array : {&data.gradient, &data.state[0], &data.state[1], &data.state[2]})
    std::fill(array->begin(), array->end(), T(0));
  const auto before = data;
  data.step(subject, h, 1);
  for (std::size_t i = 0; i < 3; ++i)
    if (divides)
      EXPECT_TRUE(std::isnan(data.theta[i])) << subject.rule.name;
    else
      EXPECT_EQ(data.theta[i], before.theta[i]);
}

/// The bits do not depend on the caller's rounding direction or flushing of subnormals, and both
/// are as before when the step returns.
template <class T>
void float_environment(const Subject<T>& subject) {
  const auto h = usual(subject.rule);
  const auto with_subnormals = [] {
    Data<T> data(40);
    for (std::size_t i = 0; i < 40; i += 2) {
      data.gradient[i] = std::numeric_limits<T>::denorm_min() * static_cast<T>(1000 + i);
      for (auto& array : data.state)
        array[i] = std::numeric_limits<T>::min() / static_cast<T>(2 + i);
    }
    return data;
  };
  auto expected = with_subnormals();
  expected.step(subject, h, 3);
  const auto expected_coefficients = subject.coefficients(h, 3);

  for (int direction : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    auto data = with_subnormals();
    std::fesetround(direction);
    const auto coefficients = subject.coefficients(h, 3);
    data.step(subject, h, 3);
    const int afterwards = std::fegetround();
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(afterwards, direction);
    EXPECT_TRUE(data == expected) << subject.rule.name;
    EXPECT_TRUE(coefficients == expected_coefficients) << subject.rule.name;
  }
#if defined(__SSE__)
  constexpr unsigned flush = 0x8040;
  for (const auto& target : fast::targets()) {
    fast::use_target(target);
    auto data = with_subnormals();
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(saved | flush);
    data.step(subject, h, 3);
    const unsigned afterwards = _mm_getcsr();
    _mm_setcsr(saved);
    EXPECT_EQ(afterwards & flush, flush);
    EXPECT_TRUE(data == expected) << subject.rule.name << " on " << target;
  }
  fast::use_target(fast::targets().front());
#endif
}

template <class T>
void edges(const Subject<T>& subject) {
  bad_hyperparameters(subject);
  bad_step_numbers(subject);
  bad_spans(subject);
  empty_spans(subject);
  special_values(subject);
  zero_denominator(subject);
  float_environment(subject);
}

}  // namespace

void expect_edges(const Pair& pair) {
  edges(pair.single);
  edges(pair.twice);
}

}  // namespace truestep::test
