// SPDX-License-Identifier: Apache-2.0
// No kernel ignores a number or a choice: what moves the reference moves the kernel, or is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

#include "support/each_rule.hpp"

namespace truestep::test {
namespace {

using reference::Real;

constexpr double gradients[] = {0.5, -0.25, 0.75};

/// theta by the reference, from 1 and the states of a start.
template <class R>
double referenced(const typename R::Hyperparameters& h) {
  using Formula = typename R::template Formula<Real>;
  Real theta = 1;
  typename Formula::State state = Formula::start(h);
  std::uint64_t t = 0;
  for (const double g : gradients) {
    const auto now = R::template formula<Real>(h, ++t).step(theta, state, Real(g));
    theta = now.theta;
    state = now;
  }
  return static_cast<double>(theta);
}

/// The same by the kernel.
template <class R>
double computed(const typename R::Hyperparameters& h) {
  double theta = 1;
  const auto start = R::template Formula<Real>::start(h);
  std::vector<double> values;
  for (const auto& state : rules::states_of<R, Real>(h))
    values.push_back(static_cast<double>(start.*state.member));
  std::vector<std::span<double>> states;
  for (double& value : values) states.emplace_back(&value, 1);
  std::uint64_t t = 0;
  for (const double& g : gradients)
    rules::run_kernel<R, double>(h, ++t, std::span(&theta, 1), states, std::span(&g, 1));
  return theta;
}

/// The values that a member may have besides its own.
template <class Value>
std::vector<Value> others(Value own) {
  std::vector<Value> values;
  if constexpr (fast::is_number<Value>)
    values = {static_cast<Value>(std::is_same_v<Value, double> ? 0.3 : 3)};
  else
    for (std::size_t i = 0; i < fast::count_of<Value>; ++i) values.push_back(static_cast<Value>(i));
  std::erase(values, own);
  return values;
}

struct Found {
  std::size_t tried = 0;
  std::vector<std::string> ignored;  ///< members that move the reference and not the kernel
};

/// What a kernel makes of each other value of each member.
template <class R, class Kernel>
Found try_members(const typename R::Hyperparameters& base, Kernel kernel) {
  Found found;
  fast::for_each_member<typename R::Fast>([&](const auto& described) {
    for (const auto& value : others(base.*described.member)) {
      auto h = base;
      h.*described.member = value;
      try {
        const bool moves = referenced<R>(h) != referenced<R>(base);
        const bool is_seen = kernel(h) != kernel(base);
        ++found.tried;
        if (moves && !is_seen) found.ignored.push_back(described.name);
      } catch (const std::invalid_argument&) {  // of no sense together, or without a lane
      }
    }
  });
  return found;
}

template <class R>
class Members : public testing::Test {};
TYPED_TEST_SUITE(Members, EachRule, RuleName);

TYPED_TEST(Members, AreNotIgnoredByAKernel) {
  using R = TypeParam;
  std::size_t tried = 0;
  for (const auto& each : fast::conventions_of<typename R::Hyperparameters>) {
    auto h = each.hyperparameters;
    if (h.weight_decay_place != fast::WeightDecay::none) h.weight_decay = 0.1;
    if (fast::without_lane(h) != nullptr) continue;
    const auto found = try_members<R>(h, computed<R>);
    EXPECT_EQ(found.ignored, std::vector<std::string>()) << R::name << " " << each.name;
    tried += found.tried;
  }
  EXPECT_GE(tried, 3u);
}

/// "" where it is not refused.
template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// What no formula has a sense for, no coefficients are made of: whatever two members are changed
/// in whichever convention.
TYPED_TEST(Members, AreRefusedByBothStatementsAlike) {
  using R = TypeParam;
  using H = typename R::Hyperparameters;
  std::size_t refused = 0;
  const auto expect_alike = [&](const H& h, const std::string& what) {
    const auto by_reference = refusal_of([&] { R::template formula<Real>(h, 1); });
    const auto by_kernel = refusal_of([&] { fast::coefficient_list<float>(h, 1); });
    // Without a kernel it may be refused for that alone; of no sense it is refused for that.
    const bool lacks_kernel = by_kernel.find("has no kernel") != by_kernel.npos;
    EXPECT_EQ(by_kernel.empty() || lacks_kernel, by_reference.empty())
        << R::name << " " << what << ": " << by_kernel << by_reference;
    EXPECT_LE(lacks_kernel, fast::without_lane(h) != nullptr) << R::name << " " << what;
    refused += !by_reference.empty();
  };
  const auto for_each_change = [](const H& base, auto with) {
    fast::for_each_member<typename R::Fast>([&](const auto& described) {
      for (const auto& value : others(base.*described.member)) {
        H h = base;
        h.*described.member = value;
        with(h, std::string(described.name));
      }
    });
  };
  for (const auto& each : fast::conventions_of<H>)
    for_each_change(each.hyperparameters, [&](const H& h, const std::string& first) {
      expect_alike(h, first);
      if (&each != &fast::conventions_of<H>.front()) return;
      for_each_change(h, [&](const H& both, const std::string& second) {
        expect_alike(both, first + ", " + second);
      });
    });
  EXPECT_GT(refused, 0u);
}

/// Planted: a kernel that knows of no change.
TYPED_TEST(Members, AreMissedWhereAKernelIgnoresThem) {
  using R = TypeParam;
  const typename R::Hyperparameters h;
  const auto found = try_members<R>(h, [&](const auto&) { return computed<R>(h); });
  EXPECT_NE(std::find(found.ignored.begin(), found.ignored.end(), "learning_rate"),
            found.ignored.end());
}

}  // namespace
}  // namespace truestep::test
