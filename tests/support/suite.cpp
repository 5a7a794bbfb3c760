// SPDX-License-Identifier: Apache-2.0
#include "suite.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "facts/every_rule.hpp"

#include "generate.hpp"

namespace truestep::test {
namespace {

template <class T>
bool differs(const Subject<T>& shipped, const Subject<T>& faulty, const Witness& w) {
  const auto k = shipped.coefficients(w.h, w.t), faulty_k = faulty.coefficients(w.h, w.t);
  if (k != faulty_k) return true;

  const Point<T> start{static_cast<T>(w.point.theta), convert<T>(w.point.state)};
  const auto g = static_cast<T>(w.gradient);
  Point<T> a = start, b = start;
  Seen<T> seen_a{}, seen_b{};
  shipped.lane(k, a, g, seen_a);
  faulty.lane(k, b, g, seen_b);
  if (seen_a != seen_b || a.state != b.state) return true;

  Point<Real> real_a{start.theta, convert<Real>(start.state)}, real_b = real_a;
  Seen<Real> real_seen_a, real_seen_b;
  shipped.reference(w.h, w.t)(real_a, Real(g), real_seen_a);
  faulty.reference(w.h, w.t)(real_b, Real(g), real_seen_b);
  if (real_seen_a != real_seen_b) return true;

  const auto run = [&](const Subject<T>& subject) {
    std::array<std::vector<T>, 2 + max_states> array;
    array[0].assign(w.count, start.theta);
    array[1].assign(w.count, g);
    for (std::size_t s = 0; s < max_states; ++s) array[2 + s].assign(w.count, start.state[s]);
    States<std::span<T>> states;
    std::copy_n(array.begin() + 2, max_states, states.begin());
    subject.kernel(w.h, w.t, array[0], states, array[1]);
    return array;
  };
  return run(shipped) != run(faulty);
}

template <class T>
void expect_section(std::size_t number, const Subject<T>& subject, const char* type) {
  // The sections match what the lane shows with what the reference gives by position alone.
  EXPECT_EQ(subject.shown, subject.rule.quantities) << subject.rule.name << " " << type;
  const auto outcome = run_section(number, subject, Effort());
  ASSERT_TRUE(outcome) << subject.rule.name << " has no section " << number;
  std::cout << subject.rule.name << " " << type << ", " << section_names[number] << ": "
            << outcome->checked << " coordinates, " << outcome->teeth << " with teeth\n";
  const auto& test = *testing::UnitTest::GetInstance()->current_test_info();
  EXPECT_TRUE(outcome->held) << outcome->report
                             << "build/bin/truestep_tests --gtest_filter=" << test.test_suite_name()
                             << "." << test.name();
}

}  // namespace

bool differs(const Pair& shipped, const Fault& fault) {
  return differs(shipped.single, fault.faulty.single, fault.witness) ||
         differs(shipped.twice, fault.faulty.twice, fault.witness);
}

void expect_section(std::size_t number, const Pair& pair) {
  expect_section(number, pair.single, "float");
  expect_section(number, pair.twice, "double");
}

std::vector<Suite> suites() {
  std::vector<Suite> all;
  fast::for_each_rule<rules::All>([&]<class Rule>() { all.push_back(Facts<Rule>::suite()); });
  return all;
}

}  // namespace truestep::test
