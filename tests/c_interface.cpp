// SPDX-License-Identifier: Apache-2.0
// The kernels by way of C: the same bits as by way of C++, and what is refused is said.
#include <gtest/gtest.h>
#include <truestep/fast/c/truestep.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <truestep/fast/conventions.hpp>
#include <truestep/fast/rules.hpp>
#include <vector>

namespace truestep {
namespace {

constexpr std::size_t steps = 5;

/// A rule held by way of C.
class Held {
 public:
  explicit Held(const char* rule, const char* convention = nullptr) {
    EXPECT_EQ(truestep_fast_new(rule, convention, &rule_), TRUESTEP_FAST_DONE)
        << truestep_fast_error();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { truestep_fast_free(rule_); }
  operator truestep_fast_rule*() const { return rule_; }

 private:
  truestep_fast_rule* rule_ = nullptr;
};

int step(truestep_fast_rule* rule, std::uint64_t t, const std::vector<truestep_fast_float>& all) {
  return truestep_fast_step_float(rule, t, all.data(), all.size());
}
int step(truestep_fast_rule* rule, std::uint64_t t, const std::vector<truestep_fast_double>& all) {
  return truestep_fast_step_double(rule, t, all.data(), all.size());
}

template <class T>
using Given =
    std::conditional_t<std::is_same_v<T, float>, truestep_fast_float, truestep_fast_double>;

/// The arrays of a tensor.
template <class Rule, class T>
struct Arrays {
  explicit Arrays(std::size_t count) : theta(count, T{1}), gradient(count) {
    states.assign(std::size(Rule::template states<T>), std::vector<T>(count));
  }

  /// With those states alone that the hyperparameters have.
  typename Rule::template Tensor<T> tensor(const typename Rule::Hyperparameters& h) {
    typename Rule::template Tensor<T> made;
    made.theta = theta;
    made.gradient = gradient;
    std::size_t i = 0;
    for (const auto& each : Rule::template states<T>)
      if (each.is_used(h)) made.*each.member = states[i++];
    return made;
  }
  Given<T> given() {
    pointers.clear();
    for (auto& each : states) pointers.push_back(each.data());
    return {theta.size(), theta.data(), gradient.data(), pointers.data()};
  }

  std::vector<T> theta, gradient;
  std::vector<std::vector<T>> states;
  std::vector<T*> pointers = {};
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  // memcmp takes no null pointer, not even for no bytes.
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

template <class Rule, class T>
void expect_the_same(const typename Rule::Hyperparameters& h, truestep_fast_rule* rule,
                     const std::vector<std::size_t>& counts) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<Arrays<Rule, T>> a, b;
  for (const auto count : counts) {
    a.emplace_back(count);
    b.emplace_back(count);
  }
  for (std::uint64_t t = 1; t <= steps; ++t) {
    std::vector<typename Rule::template Tensor<T>> tensors;
    std::vector<Given<T>> given;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      for (auto& g : a[k].gradient) g = static_cast<T>(normal(random));
      b[k].gradient = a[k].gradient;
      tensors.push_back(a[k].tensor(h));
      given.push_back(b[k].given());
    }
    fast::step(h, t, tensors);
    ASSERT_EQ(step(rule, t, given), TRUESTEP_FAST_DONE) << truestep_fast_error();
  }
  for (std::size_t k = 0; k < counts.size(); ++k) {
    EXPECT_TRUE(same_bits(a[k].theta, b[k].theta)) << Rule::name;
    EXPECT_FALSE(counts[k] > 0 && same_bits(a[k].theta, Arrays<Rule, T>(counts[k]).theta));
    for (std::size_t i = 0; i < a[k].states.size(); ++i)
      EXPECT_TRUE(same_bits(a[k].states[i], b[k].states[i])) << Rule::name;
  }
}

template <class Action>
void for_each_convention(Action action) {
  fast::for_each_rule([&]<class Rule>() {
    for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>)
      action.template operator()<Rule>(each);
  });
}

TEST(CInterface, HasTheSameBits) {
  for_each_convention([]<class Rule>(const auto& convention) {
    const auto h = fast::convention<typename Rule::Hyperparameters>(convention.name);
    const Held rule(Rule::name, std::string(convention.name).c_str());
    Arrays<Rule, float> probe(1);
    const std::vector<truestep_fast_float> one{probe.given()};
    if (step(rule, 1, one) != TRUESTEP_FAST_DONE) {  // some have no kernel, also in C++
      EXPECT_THROW(fast::step(h, 1, probe.tensor(h)), std::invalid_argument) << convention.name;
      return;
    }
    expect_the_same<Rule, float>(h, rule, {203});
    expect_the_same<Rule, double>(h, rule, {203});
    expect_the_same<Rule, float>(h, rule, {0, 17, 64});
  });
}

TEST(CInterface, SetsEachNumberAndSwitch) {
  fast::for_each_rule([]<class Rule>() {
    const Held rule(Rule::name);
    fast::for_each_member<Rule>([&](const auto& member) {
      using Value = std::remove_cvref_t<decltype(typename Rule::Hyperparameters().*member.member)>;
      const auto set = [&](double x) { return truestep_fast_set(rule, member.name, x); };
      const std::string lead = std::string(Rule::name) + ": " + member.name;
      if constexpr (requires { member.domain; } || std::is_same_v<Value, bool>) {
        EXPECT_EQ(set(0), TRUESTEP_FAST_DONE) << truestep_fast_error();
        EXPECT_EQ(set(-1), TRUESTEP_FAST_REFUSED);
        EXPECT_EQ(std::string(truestep_fast_error()).find(lead + " = -1 is outside "), 0u)
            << truestep_fast_error();
        EXPECT_EQ(set(std::nan("")), TRUESTEP_FAST_REFUSED);
      } else {
        EXPECT_EQ(set(0), TRUESTEP_FAST_REFUSED);
        EXPECT_NE(std::string(truestep_fast_error()).find("choice of words"), std::string::npos);
      }
    });
  });
}

TEST(CInterface, ANumberThatIsSetActs) {
  fast::for_each_rule([]<class Rule>() {
    auto h = fast::convention<typename Rule::Hyperparameters>("lecture_note");
    h.learning_rate = 0.25;
    const Held rule(Rule::name);
    ASSERT_EQ(truestep_fast_set(rule, "learning_rate", 0.25), TRUESTEP_FAST_DONE);
    expect_the_same<Rule, float>(h, rule, {17});
  });
}

TEST(CInterface, StatesAreNamedInTheirOrder) {
  for_each_convention([]<class Rule>(const auto& convention) {
    const auto h = fast::convention<typename Rule::Hyperparameters>(convention.name);
    const Held rule(Rule::name, std::string(convention.name).c_str());
    std::size_t i = 0;
    for (const auto& each : Rule::template states<float>) {
      if (!each.is_used(h)) continue;
      EXPECT_STREQ(truestep_fast_state(rule, i++), each.name);
    }
    EXPECT_EQ(truestep_fast_state(rule, i), nullptr);
  });
}

TEST(CInterface, WhatIsRefusedIsSaidAndChangesNothing) {
  using Rule = std::tuple_element_t<0, fast::Rules>;
  truestep_fast_rule* none = nullptr;
  const auto expect = [](int status, const std::string& part) {
    EXPECT_EQ(status, TRUESTEP_FAST_REFUSED);
    EXPECT_NE(std::string(truestep_fast_error()).find(part), std::string::npos)
        << truestep_fast_error();
  };
  expect(truestep_fast_new("none", nullptr, &none), "rule = none is not one of {");
  expect(truestep_fast_new(Rule::name, "none", &none), "none");
  expect(truestep_fast_new(nullptr, nullptr, &none), "rule = NULL");
  expect(truestep_fast_new(Rule::name, nullptr, nullptr), "made = NULL");
  EXPECT_EQ(none, nullptr);
  truestep_fast_free(nullptr);
  EXPECT_EQ(truestep_fast_state(nullptr, 0), nullptr);

  const Held rule(Rule::name);
  const std::string lead = std::string(Rule::name) + ": ";
  expect(truestep_fast_set(rule, "none", 1), lead + "has no none");
  expect(truestep_fast_set(rule, nullptr, 1), "name = NULL");
  expect(truestep_fast_set(nullptr, "learning_rate", 1), "rule = NULL");
  expect(truestep_fast_step_float(rule, 1, nullptr, 1), lead + "tensors = NULL");
  expect(truestep_fast_step_float(nullptr, 1, nullptr, 0), "rule = NULL");
  Arrays<Rule, float> arrays(3);
  const auto before = arrays.theta;
  const auto refuse = [&](const std::string& part, auto spoil) {
    auto given = arrays.given();
    spoil(given);
    expect(step(rule, 1, std::vector{given}), lead + part);
  };
  refuse("theta = NULL", [](auto& given) { given.theta = nullptr; });
  refuse("gradient = NULL", [](auto& given) { given.gradient = nullptr; });
  refuse("states = NULL", [](auto& given) { given.states = nullptr; });
  refuse(std::string(truestep_fast_state(rule, 0)) + " = NULL",
         [&](auto&) { arrays.pointers[0] = nullptr; });
  expect(step(rule, 0, std::vector{arrays.given()}), "t = 0");
  EXPECT_EQ(arrays.theta, before);
}

}  // namespace
}  // namespace truestep
