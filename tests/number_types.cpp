// SPDX-License-Identifier: Apache-2.0
// The reference in its two floating-point number types, and outside its domain.

#include <gtest/gtest.h>

#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/momentum.hpp>
#include <truestep/reference/nag.hpp>
#include <truestep/reference/rmsprop.hpp>

#include "support/generate.hpp"

namespace truestep::test {
namespace {

/// The doubles nearest to every quantity of a hundred steps of a rule.
template <class Number, class Make, class Quantities>
std::vector<double> rounded_run(Make make, Quantities quantities) {
  Random random(7);
  std::vector<double> rounded;
  auto now = typename decltype(make(Number(), 1))::Step();
  now.theta = 1;
  for (std::uint64_t t = 1; t <= 100; ++t) {
    const Number g(random.ordinary<double>(-16, 3));
    now = make(Number(), t).step(now.theta, now, g);
    for (const Number& x : quantities(now)) rounded.push_back(static_cast<double>(x));
  }
  return rounded;
}

template <class Make, class Quantities>
void expect_same_doubles(Make make, Quantities quantities) {
  EXPECT_EQ(rounded_run<Real>(make, quantities),
            rounded_run<reference::BinaryReal>(make, quantities));
}

TEST(NumberTypes, BothRoundToTheSameDoubles) {
  using std::vector;
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Momentum<N>({0.01, 0.9}, t);
      },
      [](const auto& s) {
        return vector{s.v, s.theta};
      });
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Nag<N>({0.01, 0.9}, t);
      },
      [](const auto& s) {
        return vector{s.v, s.theta};
      });
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Adagrad<N>({0.01, 1e-8}, t);
      },
      [](const auto& s) {
        return vector{s.sum, s.denominator, s.update, s.theta};
      });
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Adadelta<N>({0.95, 1e-6}, t);
      },
      [](const auto& s) { return vector{s.s, s.u, s.rms_delta, s.rms_g, s.delta, s.theta}; });
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Rmsprop<N>({0.001, 0.9, 1e-8}, t);
      },
      [](const auto& s) {
        return vector{s.s, s.sigma, s.update, s.theta};
      });
  expect_same_doubles(
      []<class N>(N, std::uint64_t t) {
        return reference::Adam<N>({0.001, 0.9, 0.999, 1e-8}, t);
      },
      [](const auto& s) {
        return vector{s.m, s.v, s.m_hat, s.v_hat, s.denominator, s.update, s.theta};
      });
}

TEST(NumberTypes, PowersOfAHugeStepNumberAgree) {
  for (double beta : {0.0, 0.5, 0.999, 1 - 0x1p-24, 1 - 0x1p-53})
    for (int e = 0; e < 64; ++e) {
      const auto t = std::uint64_t{1} << e;
      const auto correction = [&]<class Number>(Number one) {
        return static_cast<double>(Number(one - reference::power(Number(beta), t)));
      };
      EXPECT_EQ(correction(Real(1)), correction(reference::BinaryReal(1))) << beta << " " << t;
    }
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

TEST(NumberTypes, TheReferenceRefusesWhatIsOutsideItsDomain) {
  using namespace reference;
  EXPECT_EQ(refusal([] { Adam<Real>({1, 0.9, 1, 0}, 1); }), "adam: beta2 = 1 is outside [0, 1)");
  EXPECT_EQ(refusal([] { Adam<Real>({1, 0.9, 0.5, 0}, 0); }), "adam: t = 0 is outside [1, 2^63]");
  EXPECT_EQ(refusal([] {
              Momentum<Real>({-1, 0.9}, 1);
            }),
            "momentum: learning_rate = -1 is outside [0, infinity)");
  EXPECT_EQ(refusal([] { Nag<Real>({1, NAN}, 1); }), "nag: momentum = nan is outside [0, 1)");
  EXPECT_EQ(refusal([] {
              Adagrad<Real>({1, INFINITY}, 1);
            }),
            "adagrad: epsilon = inf is outside [0, infinity)");
  EXPECT_EQ(refusal([] {
              Adadelta<Real>({-0.5, 0}, 1);
            }),
            "adadelta: rho = -0.5 is outside [0, 1)");
  EXPECT_EQ(refusal([] {
              Rmsprop<Real>({1, 0.9, 0}, (1ULL << 63) + 1);
            }),
            "rmsprop: t = 9223372036854775809 is outside [1, 2^63]");
}

}  // namespace
}  // namespace truestep::test
