// SPDX-License-Identifier: Apache-2.0
// Replay of recorded gradients: the bits are those of step after step.

#include <gtest/gtest.h>

#include <truestep/fast/call/tensors.hpp>

#include <stdexcept>

#include "support/allocations.hpp"
#include "support/each_rule.hpp"
#include "support/outside.hpp"
#include "support/tensor_rules.hpp"

namespace truestep::test {
namespace {

using fast::Executor;
using fast::Task;
using fast::Threads;

/// Coordinates that a replay takes in two blocks, the last of no round size.
constexpr std::size_t beyond_a_block = fast::call::block_bytes / sizeof(float) + 1015;

constexpr auto backwards = [](std::size_t count, Task task) {
  while (count > 0) task(--count);
};

constexpr std::uint64_t first_t = 1;

template <class R, class T>
Arrays<R, T> replayed(const typename R::Hyperparameters& h, Arrays<R, T> arrays,
                      Executor executor) {
  const auto gradients = arrays.gradients();
  fast::replay(h, first_t, arrays.tensor({}), std::span<const std::span<const T>>(gradients),
               executor);
  return arrays;
}

template <class R, class T>
Arrays<R, T> step_by_step(const typename R::Hyperparameters& h, Arrays<R, T> arrays) {
  for (std::size_t i = 0; i < arrays.gradients().size(); ++i) arrays.step(h, first_t + i, i);
  return arrays;
}

template <class R>
class Replay : public testing::Test {};
TYPED_TEST_SUITE(Replay, EachRule, RuleName);

template <class R, class T>
void expect_bits_of_single_steps() {
  const Threads two(2), seven(7);
  for (const auto& h : descriptions<typename R::Hyperparameters>())
    for (const std::size_t count : std::array<std::size_t, 4>{0, 1, 17, beyond_a_block})
      for (const std::size_t steps : {0u, 1u, 50u, 150u}) {
        if (steps == 150 && count != 17) continue;
        const Arrays<R, T> before(h, count, steps);
        const auto expected = step_by_step<R, T>(h, before);
        EXPECT_EQ(before == expected, count == 0 || steps == 0);
        EXPECT_TRUE((replayed<R, T>(h, before, fast::calling_thread()) == expected));
        EXPECT_TRUE((replayed<R, T>(h, before, two) == expected));
        EXPECT_TRUE((replayed<R, T>(h, before, seven) == expected));
        EXPECT_TRUE((replayed<R, T>(h, before, Executor(3, backwards)) == expected));
      }
}

TYPED_TEST(Replay, HasTheBitsOfSingleSteps) {
  expect_bits_of_single_steps<TypeParam, float>();
  expect_bits_of_single_steps<TypeParam, double>();
}

TYPED_TEST(Replay, OfALongTensor) {
  const Arrays<TypeParam, float> before({}, 300007, 70);
  const auto expected = step_by_step<TypeParam, float>({}, before);
  for (const std::size_t size : {1u, 2u, 3u, 7u})
    EXPECT_TRUE((replayed<TypeParam, float>({}, before, Threads(size)) == expected)) << size;
}

// What a replay could do wrong, each of which must be seen.

TYPED_TEST(Replay, IsNotThatOfAnotherStepNumber) {
  const Arrays<TypeParam, float> before({}, 5000, 50);
  auto wrong = before;
  for (std::size_t i = 0; i < 50; ++i) wrong.step({}, i == 37 ? first_t + i + 1 : first_t + i, i);
  EXPECT_NE((replayed<TypeParam, float>({}, before, fast::calling_thread()) == wrong),
            TypeParam::Fast::steps_differ);
}

TYPED_TEST(Replay, IsNotThatOfAnotherOrderOfGradients) {
  const Arrays<TypeParam, float> before({}, 5000, 50);
  auto wrong = before;
  for (std::size_t i = 0; i < 50; ++i) wrong.step({}, first_t + i, i == 20 ? 21 : i == 21 ? 20 : i);
  EXPECT_FALSE((replayed<TypeParam, float>({}, before, fast::calling_thread()) == wrong));
}

TYPED_TEST(Replay, IsNotThatOfBlocksThatMissOrRepeatACoordinate) {
  constexpr std::size_t end = fast::call::block_bytes / sizeof(float), size = end + 3000;
  const Arrays<TypeParam, float> before({}, size, 50);
  for (const std::size_t second : {end - 1, end + 1}) {
    auto wrong = before;
    for (std::size_t i = 0; i < 50; ++i) {
      wrong.step({}, first_t + i, i, 0, end);
      wrong.step({}, first_t + i, i, second, size - second);
    }
    EXPECT_FALSE((replayed<TypeParam, float>({}, before, fast::calling_thread()) == wrong))
        << second;
  }
}

/// Coordinates that a replay takes in as many parts as there are threads, if there are three.
template <class R>
constexpr std::size_t in_three_parts = 4 * R::Fast::least_part + 904;

TYPED_TEST(Replay, IsNotThatOfATaskMissedOrRepeated) {
  const Arrays<TypeParam, float> before({}, in_three_parts<TypeParam>, 50);
  const auto expected = step_by_step<TypeParam, float>({}, before);
  const auto without_the_last = [](std::size_t count, Task task) {
    for (std::size_t i = 0; i + 1 < count; ++i) task(i);
  };
  const auto the_last_twice = [](std::size_t count, Task task) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    task(count - 1);
  };
  EXPECT_FALSE((replayed<TypeParam, float>({}, before, Executor(3, without_the_last)) == expected));
  EXPECT_FALSE((replayed<TypeParam, float>({}, before, Executor(3, the_last_twice)) == expected));
}

TYPED_TEST(Replay, GradientsMayShareMemory) {
  Arrays<TypeParam, float> arrays({}, 5000, 1);
  auto expected = arrays;
  const std::vector<std::span<const float>> gradients(20, arrays.gradient(0));
  for (std::size_t i = 0; i < 20; ++i) expected.step({}, first_t + i, 0);
  fast::replay({}, first_t, arrays.tensor({}), std::span<const std::span<const float>>(gradients));
  EXPECT_TRUE(arrays == expected);
}

template <class R, class Spoil>
void expect_refusal(const std::string& message, std::uint64_t t, Spoil spoil) {
  Arrays<R, float> arrays({}, 6, 5);
  const auto before = arrays;
  auto tensor = arrays.tensor({});
  auto gradients = arrays.gradients();
  typename R::Hyperparameters h;
  spoil(h, tensor, gradients);
  try {
    fast::replay(h, t, tensor, std::span<const std::span<const float>>(gradients));
    ADD_FAILURE() << "not refused: " << message;
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), R::name + (": " + message));
  }
  EXPECT_TRUE(arrays == before);
}

TYPED_TEST(Replay, NamesTheStepThatIsWrongAndWritesNothing) {
  using R = TypeParam;
  expect_refusal<R>("step 12: gradient has 5 elements where theta has 6", 10,
                    [](auto&, auto&, auto& gradients) { gradients[2] = gradients[2].first(5); });
  for (const auto& state : R::Fast::template states<float>) {
    if (!state.is_used({})) continue;
    const std::string name = state.name;
    expect_refusal<R>(
        "step 14: gradient overlaps " + name, 10,
        [&](auto&, auto& tensor, auto& gradients) { gradients[4] = tensor.*state.member; });
    expect_refusal<R>("step 10: " + name + " has 3 elements where theta has 6", 10,
                      [&](auto&, auto& tensor, auto&) {
                        tensor.*state.member = (tensor.*state.member).first(3);
                      });
  }
  expect_refusal<R>("a tensor to replay has its gradients apart", 10,
                    [](auto&, auto& tensor, auto& gradients) { tensor.gradient = gradients[0]; });
  for_each_number_outside<typename R::Fast>({}, [](const auto& faulty, const auto& message) {
    expect_refusal<R>(message, 10, [&](auto& h, auto&, auto&) { h = faulty; });
  });
  constexpr auto valid = [](auto&, auto&, auto&) {};
  expect_refusal<R>("t = 0 is outside [1, 2^63]", 0, valid);
  expect_refusal<R>("t = 9223372036854775809 is outside [1, 2^63]", (std::uint64_t{1} << 63) - 3,
                    valid);
}

TYPED_TEST(Replay, AllocatesNothing) {
  Arrays<TypeParam, float> arrays({}, 5000, 150);
  const auto gradients = arrays.gradients();
  const Threads threads(3);
  const std::size_t before = allocations();
  fast::replay({}, first_t, arrays.tensor({}), std::span<const std::span<const float>>(gradients),
               threads);
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace truestep::test
