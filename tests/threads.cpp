// SPDX-License-Identifier: Apache-2.0
// Teams of threads, and steps over lists of tensors: the bits are those of one call per tensor,
// whatever runs the tasks.

#include <gtest/gtest.h>

#include <truestep/fast/threads.hpp>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <functional>
#include <latch>
#include <new>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "support/allocations.hpp"
#include "support/each_rule.hpp"
#include "support/outside.hpp"
#include "support/tensor_rules.hpp"

namespace truestep::test {
namespace {

using fast::Executor;
using fast::Task;
using fast::Threads;

/// How often each of `count` tasks ran.
std::vector<int> runs(Executor executor, std::size_t count) {
  std::vector<std::atomic<int>> each(count);
  executor(count, [&](std::size_t i) { ++each[i]; });
  return {each.begin(), each.end()};
}

TEST(Threads, RunEachTaskOnce) {
  for (const std::size_t size : {1u, 2u, 3u, 7u}) {
    const Threads threads(size);
    EXPECT_EQ(threads.count(), size);
    for (const std::size_t count : {0u, 1u, 2u, 3u, 6u, 7u, 8u, 100u})
      EXPECT_EQ(runs(threads, count), std::vector<int>(count, 1)) << size;
  }
}

// Each task goes on when all have begun.
TEST(Threads, RunTasksAtTheSameTime) {
  const Threads threads(3);
  std::array<std::thread::id, 3> ids;
  std::latch begun(3);
  threads(3, [&](std::size_t i) {
    ids[i] = std::this_thread::get_id();
    begun.arrive_and_wait();
  });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_NE(ids[1], ids[0]);
  EXPECT_NE(ids[2], ids[0]);
  EXPECT_NE(ids[2], ids[1]);
}

TEST(Threads, SeeWhatWasWrittenBefore) {
  const Threads threads(2);
  std::array<std::uint64_t, 2> sums{};
  std::uint64_t term = 0;
  for (int call = 0; call < 10000; ++call) {
    ++term;
    threads(2, [&](std::size_t i) { sums[i] += term; });
  }
  EXPECT_EQ(sums[0], sums[1]);
  EXPECT_EQ(sums[0], term * (term + 1) / 2);
}

TEST(Threads, WakeAfterSleep) {
  const Threads threads(3);
  for (int call = 0; call < 20; ++call) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(runs(threads, 3), std::vector<int>(3, 1));
  }
}

TEST(Threads, WaitForAHelperThatTakesLong) {
  const Threads threads(2);
  std::latch begun(2);
  bool done = false;
  threads(2, [&](std::size_t i) {
    begun.arrive_and_wait();
    if (i == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    done = true;
  });
  EXPECT_TRUE(done);
}

TEST(Threads, AtWorkLetTheCallerRunItsTasks) {
  const Threads threads(3);
  std::array<std::vector<int>, 3> nested;
  threads(3, [&](std::size_t i) { nested[i] = runs(threads, 5); });
  for (const auto& each : nested) EXPECT_EQ(each, std::vector<int>(5, 1));

  std::vector<std::jthread> callers;
  std::atomic<int> wrong = 0;
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      for (int call = 0; call < 200; ++call)
        if (runs(threads, 4) != std::vector<int>(4, 1)) ++wrong;
    });
  callers.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, RefuseCounts) {
  for (const std::size_t count : {0u, 1025u}) {
    try {
      const Threads threads(count);
      ADD_FAILURE() << "not refused: " << count;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(),
                "threads: count = " + std::to_string(count) + " is outside [1, 1024]");
    }
  }
}

TEST(Threads, TheCallingThreadRunsAll) {
  EXPECT_EQ(fast::calling_thread().threads(), 1u);
  EXPECT_EQ(runs(fast::calling_thread(), 9), std::vector<int>(9, 1));
}

// Callers' executors, sound and faulty.

constexpr auto backwards = [](std::size_t count, Task task) {
  while (count > 0) task(--count);
};
constexpr auto without_the_last = [](std::size_t count, Task task) {
  for (std::size_t i = 0; i + 1 < count; ++i) task(i);
};
constexpr auto one_of_them_twice = [](std::size_t count, Task task) {
  for (std::size_t i = 0; i < count; ++i) task(i);
  task(count / 2);
};
constexpr auto the_first_for_all = [](std::size_t count, Task task) {
  for (std::size_t i = 0; i < count; ++i) task(0);
};

template <class R, class T>
std::vector<Arrays<R, T>> list(const typename R::Hyperparameters& h,
                               const std::vector<std::size_t>& lengths, std::size_t steps = 1) {
  std::vector<Arrays<R, T>> arrays;
  for (const std::size_t length : lengths) arrays.emplace_back(h, length, steps);
  return arrays;
}

template <class R, class T = float>
using Tensor = typename R::Fast::template Tensor<T>;

template <class R, class T>
std::vector<Tensor<R, T>> tensors_of(std::vector<Arrays<R, T>>& arrays) {
  std::vector<Tensor<R, T>> tensors;
  for (auto& each : arrays) tensors.push_back(each.tensor(each.gradient(0)));
  return tensors;
}

/// A step over the list in one call.
template <class R, class T>
std::vector<Arrays<R, T>> after_step(const typename R::Hyperparameters& h,
                                     std::vector<Arrays<R, T>> arrays, Executor executor) {
  const auto tensors = tensors_of(arrays);
  fast::step(h, std::uint64_t{2}, std::span<const Tensor<R, T>>(tensors), executor);
  return arrays;
}

/// The same, one call per tensor.
template <class R, class T>
std::vector<Arrays<R, T>> after_steps(const typename R::Hyperparameters& h,
                                      std::vector<Arrays<R, T>> arrays) {
  for (auto& each : arrays) each.step(h, 2, 0);
  return arrays;
}

template <class R>
class TensorList : public testing::Test {};
TYPED_TEST_SUITE(TensorList, EachRule, RuleName);

template <class R, class T>
void expect_bits_of_single_calls() {
  const std::vector<std::size_t> lengths{0, 1, 17, 5003, 16, 2048, 1000, 0};
  for (const auto& h : descriptions<typename R::Hyperparameters>()) {
    const auto before = list<R, T>(h, lengths);
    const auto expected = after_steps<R, T>(h, before);
    EXPECT_FALSE(before == expected);
    EXPECT_TRUE((after_step<R, T>(h, before, fast::calling_thread()) == expected));
    for (const std::size_t size : {1u, 2u, 3u, 7u})
      EXPECT_TRUE((after_step<R, T>(h, before, Threads(size)) == expected)) << size;
    EXPECT_TRUE((after_step<R, T>(h, before, Executor(5, backwards)) == expected));
    EXPECT_FALSE((after_step<R, T>(h, before, Executor(5, without_the_last)) == expected));
    EXPECT_FALSE((after_step<R, T>(h, before, Executor(5, one_of_them_twice)) == expected));
    EXPECT_FALSE((after_step<R, T>(h, before, Executor(5, the_first_for_all)) == expected));
  }
}

TYPED_TEST(TensorList, HasTheBitsOfSingleCalls) {
  expect_bits_of_single_calls<TypeParam, float>();
  expect_bits_of_single_calls<TypeParam, double>();
}

TYPED_TEST(TensorList, OfManyLengths) {
  using R = TypeParam;
  std::vector<std::size_t> lengths;
  for (const std::size_t length : {0u, 1u, 2u, 15u, 17u, 64u, 100u, 1000u, 4099u, 768u})
    lengths.insert(lengths.end(), 30, length);
  lengths[7] = 100003;
  const auto before = list<R, float>({}, lengths);
  const auto expected = after_steps<R, float>({}, before);
  for (const std::size_t size : {1u, 2u, 3u, 7u})
    EXPECT_TRUE((after_step<R, float>({}, before, Threads(size)) == expected)) << size;
}

TYPED_TEST(TensorList, MayBeEmpty) {
  const Threads threads(2);
  const std::span<const Tensor<TypeParam>> none;
  fast::step({}, 1, none, threads);
  EXPECT_THROW(fast::step({}, 0, none, threads), std::invalid_argument);
}

/// Into how many tasks a step over tensors of these lengths is cut.
template <class R>
std::size_t tasks(const std::vector<std::size_t>& lengths, std::size_t threads) {
  std::size_t tasks = 1;
  const auto counting = [&](std::size_t count, Task task) {
    tasks = count;
    backwards(count, task);
  };
  after_step<R, float>({}, list<R, float>({}, lengths), Executor(threads, counting));
  return tasks;
}

TYPED_TEST(TensorList, GivesAThreadEnoughToDo) {
  constexpr std::size_t least = TypeParam::Fast::least_part;
  EXPECT_EQ(tasks<TypeParam>({}, 4), 1u);
  EXPECT_EQ(tasks<TypeParam>({least}, 4), 1u);
  EXPECT_EQ(tasks<TypeParam>({2 * least}, 4), 2u);
  EXPECT_EQ(tasks<TypeParam>({least, least}, 4), 2u);
  EXPECT_EQ(tasks<TypeParam>({100 * least}, 4), 4u);
  EXPECT_EQ(tasks<TypeParam>({100 * least}, 0), 1u);
}

/// Runs one task alone, of as many as there are.
struct Alone {
  std::size_t index;
  void operator()(std::size_t, Task task) const { task(index); }
};

TYPED_TEST(TensorList, GivesEachThreadAnEqualPart) {
  constexpr std::size_t threads = 4, least = TypeParam::Fast::least_part;
  const auto before = list<TypeParam, float>({}, {30001, 1, 29998});
  std::array<std::size_t, threads> parts;
  for (std::size_t i = 0; i < threads; ++i) {
    const Alone alone{i};
    const auto after = after_step<TypeParam, float>({}, before, Executor(threads, alone));
    parts[i] = std::transform_reduce(
        before.begin(), before.end(), after.begin(), std::size_t{0}, std::plus(),
        [](const auto& x, const auto& y) { return x.coordinates_changed(y); });
  }
  EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::size_t{0}), 60000u);
  // The first has as many more. A cut is rounded down to 16, and each tensor counts as some more.
  parts[0] -= least;
  const auto [fewest, most] = std::minmax_element(parts.begin(), parts.end());
  EXPECT_LE(*most - *fewest, 3 * (least / 16) + 2 * 16);
}

/// A step over four tensors, the last of them spoilt, throws this and leaves the arrays as they
/// were.
template <class R, class Spoil>
void expect_refusal(const typename R::Hyperparameters& h, const std::string& message, Spoil spoil) {
  auto arrays = list<R, float>({}, {6, 6, 6, 6});
  const auto before = arrays;
  auto tensors = tensors_of(arrays);
  spoil(tensors[3]);
  const Threads threads(2);
  try {
    fast::step(h, 1, std::span<const Tensor<R>>(tensors), threads);
    ADD_FAILURE() << "not refused: " << message;
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), R::name + (": " + message));
  }
  EXPECT_TRUE(arrays == before);
}

TYPED_TEST(TensorList, NamesTheTensorThatIsWrongAndWritesNothing) {
  using R = TypeParam;
  constexpr auto sound = [](Tensor<R>&) {};
  std::span<float> Tensor<R>::*before = &Tensor<R>::theta;
  std::string name_before = "theta";
  for (const auto& state : R::Fast::template states<float>) {
    const std::string name = state.name;
    if (!state.is_used({})) {
      expect_refusal<R>({}, "tensor 3: " + name + " is given, but this convention has none",
                        [&](auto& tensor) { tensor.*state.member = tensor.theta; });
      continue;
    }
    expect_refusal<R>(
        {}, "tensor 3: " + name + " has 5 elements where theta has 6",
        [&](auto& tensor) { tensor.*state.member = (tensor.*state.member).first(5); });
    expect_refusal<R>({}, "tensor 3: " + name + " overlaps " + name_before,
                      [&](auto& tensor) { tensor.*state.member = tensor.*before; });
    before = state.member;
    name_before = name;
  }
  expect_refusal<R>({}, "tensor 3: gradient has 0 elements where theta has 6",
                    [](auto& tensor) { tensor.gradient = {}; });
  for (const auto& h : descriptions<typename R::Hyperparameters>())
    for (const auto& state : R::Fast::template states<float>)
      if (state.is_used(h) && !state.is_used({})) {
        expect_refusal<R>(
            h, std::string("tensor 0: ") + state.name + " has 0 elements where theta has 6", sound);
        break;
      }
  for_each_number_outside<typename R::Fast>({}, [&](const auto& faulty, const auto& message) {
    expect_refusal<R>(faulty, message, sound);
  });
}

TYPED_TEST(TensorList, SetsTheRoundingModeInEachTask) {
  const std::vector<std::size_t> lengths{5003, 17};
  const auto before = list<TypeParam, float>({}, lengths);
  const auto expected = after_steps<TypeParam, float>({}, before);
  const auto upwards = [](std::size_t count, Task task) {
    const int mode = std::fegetround();
    std::fesetround(FE_UPWARD);
    backwards(count, task);
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::fesetround(mode);
  };
  EXPECT_TRUE((after_step<TypeParam, float>({}, before, Executor(4, upwards)) == expected));
}

TYPED_TEST(TensorList, AllocatesNothing) {
  std::vector<std::size_t> lengths(300, 100);
  auto arrays = list<TypeParam, float>({}, lengths);
  const auto tensors = tensors_of(arrays);
  const Threads threads(3);
  const std::size_t before = allocations();
  fast::step({}, 1, std::span<const Tensor<TypeParam>>(tensors), threads);
  fast::step({}, 2, std::span<const Tensor<TypeParam>>(tensors));
  EXPECT_EQ(allocations(), before);
  // Not by a new expression, which clang++ leaves out.
  ::operator delete(::operator new(1));
  EXPECT_EQ(allocations(), before + 1);
}

}  // namespace
}  // namespace truestep::test
