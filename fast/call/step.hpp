// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include <truestep/fast/coefficients/coefficients.hpp>
#include "float_environment.hpp"
#include <truestep/fast/loop/kernels.hpp>

namespace truestep::fast::call {

template <class Tensor>
using RuleOf = typename Tensor::Hyperparameters::Rule;

/// A state's array, with the name that an error gives it; one that only some conventions have says
/// whether this one does.
///
/// Pointer and count are kept apart: a span is copied as one, which takes longer than a short call
/// if its parts have just been written.
template <class T>
struct State {
  const char* name;
  T* data;
  std::size_t count;
  bool used;

  std::span<T> span() const { return {data, count}; }
};

/// The states of a tensor, in the order of the rule's description.
template <class Tensor>
[[gnu::always_inline]] inline auto states(const typename Tensor::Hyperparameters& h,
                                          const Tensor& tensor) {
  using T = typename Tensor::Element;
  constexpr auto& described = RuleOf<Tensor>::template states<T>;
  const auto state = [&]<std::size_t i>(std::integral_constant<std::size_t, i>) {
    constexpr auto& each = described[i];
    const std::span<T>& span = tensor.*each.member;
    return State<T>{each.name, span.data(), span.size(), each.is_used(h)};
  };
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::array<State<T>, sizeof...(i)>{state(std::integral_constant<std::size_t, i>())...};
  }
  (std::make_index_sequence<described.size()>());
}

/// What a step needs to know besides its arrays.
template <class T>
struct Plan {
  std::size_t lane = 0;  ///< its index among the kernels of the rule
  CoefficientList<T> coefficients;
};

template <class Hyperparameters>
std::size_t lane_of(const Hyperparameters& h) {
  return choice(h).index();
}

template <class T, class Hyperparameters>
Plan<T> plan(const Hyperparameters& h, std::uint64_t t) {
  return {lane_of(h), coefficient_list<T>(h, t)};
}

/// Whether two structures are the same, byte by byte. In a short step a comparison of
/// floating-point numbers would wait for the arithmetic of the step before, and one branch for all
/// words, which compilers turn into a comparison of vectors, takes half as long as one for each.
template <class Value>
[[gnu::always_inline]] inline bool same_bytes(const Value& a, const Value& b) {
  static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) % 8 == 0);
  const auto word = [](const Value& value, std::size_t i) {
    std::uint64_t bits;
    std::memcpy(&bits, reinterpret_cast<const char*>(&value) + 8 * i, 8);
    return bits;
  };
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < sizeof(Value) / 8; ++i) difference |= word(a, i) ^ word(b, i);
  return difference == 0;
}

/// What the last call in a thread asked for, and got.
template <class T, class Hyperparameters>
struct Memory {
  Hyperparameters h;
  std::uint64_t from = 1;
  Plan<T> plan;

  bool spans(std::uint64_t t) const { return from <= t && t <= plan.coefficients.until; }
  [[gnu::always_inline]] bool answers(const Hyperparameters& asked, std::uint64_t t) const {
    return spans(t) && same_bytes(h, asked);
  }
};

/// coefficient_list of hyperparameters that it has taken before, so that only t is looked at.
template <class T, class Hyperparameters>
CoefficientList<T> list_of_known(const Hyperparameters& h, std::uint64_t t);

template <class Tensor>
using MemoryOf = Memory<typename Tensor::Element, typename Tensor::Hyperparameters>;

template <class Tensor>
[[gnu::always_inline]] inline MemoryOf<Tensor>& memory() {
  thread_local constinit MemoryOf<Tensor> last;
  return last;
}

template <class T, class Hyperparameters>
[[gnu::noinline]] void renew(Memory<T, Hyperparameters>& memory, const Hyperparameters& h,
                             std::uint64_t t) {
  // Made in their place: a copy of what has just been written, number by number, would wait until
  // all that the last step has stored is in the cache. First, because they may throw. A memory that
  // answers a t once has hyperparameters that were taken; before its first call it answers none.
  if (memory.from <= memory.plan.coefficients.until && same_bytes(memory.h, h)) {
    new (&memory.plan.coefficients) CoefficientList<T>(list_of_known<T>(h, t));
    memory.from = t;
    return;
  }
  if (!(memory.spans(t) && memory.h == h)) {
    new (&memory.plan.coefficients) CoefficientList<T>(coefficient_list<T>(h, t));
    memory.plan.lane = lane_of(h);
    memory.from = t;
  }
  // With what lies between its members, in which equal structures may differ.
  std::memcpy(&memory.h, &h, sizeof h);
}

/// The plan that the last call in this thread had, which is mostly that of the next one too: of the
/// next tensor at the same step, or, where no coefficient depends on t, of the next step. Asking
/// again would give the same bits.
template <class Tensor>
[[gnu::always_inline]] inline const auto& remembered_plan(const typename Tensor::Hyperparameters& h,
                                                          std::uint64_t t) {
  auto& last = memory<Tensor>();
  if (!last.answers(h, t)) [[unlikely]]
    renew(last, h, t);
  return last.plan;
}

/// What of a rule's call an error is about: all of it, or a numbered part, "RULE: tensor 3".
struct Subject {
  const char* part = nullptr;
  std::uint64_t number = 0;

  std::string name(const char* rule) const {
    return part ? std::string(rule) + ": " + part + " " + std::to_string(number) : rule;
  }
};

/// Refuses spans of unequal lengths, spans that overlap, and a state that the convention lacks.
template <class Tensor>
[[gnu::cold, gnu::noinline]] void require_sound(Subject subject,
                                                const typename Tensor::Hyperparameters& h,
                                                const Tensor& tensor) {
  const auto name = subject.name(RuleOf<Tensor>::name);
  std::vector<NamedSpan> spans{NamedSpan("theta", tensor.theta)};
  for (const auto& each : states(h, tensor)) {
    if (each.used)
      spans.emplace_back(each.name, each.span());
    else if (each.count != 0)
      throw std::invalid_argument(name + ": " + each.name +
                                  " is given, but this convention has none");
  }
  spans.emplace_back("gradient", tensor.gradient);
  require_disjoint(name.c_str(), spans);
}

/// Whether all arrays in use have theta's length, and the others none.
template <class Tensor>
[[gnu::always_inline]] inline bool of_one_length(const typename Tensor::Hyperparameters& h,
                                                 const Tensor& tensor) {
  if (tensor.gradient.size() != tensor.theta.size()) return false;
  for (const auto& each : states(h, tensor))
    if (each.count != (each.used ? tensor.theta.size() : 0)) return false;
  return true;
}

/// Whether each array that is in use lies somewhere and comes not within its length of another: a
/// quick look, which lets nearly every call through. Branches are no burden, since they always go
/// the same way; what depends on comparisons without them is.
template <class Tensor>
[[gnu::always_inline]] inline bool surely_apart(const typename Tensor::Hyperparameters& h,
                                                const Tensor& tensor) {
  if (tensor.theta.data() == nullptr || tensor.gradient.data() == nullptr) return false;
  if (tensor.theta.size() > most_elements) return false;
  const auto described = states(h, tensor);
  const std::size_t within = tensor.theta.size_bytes() - 1;
  const auto near = [&](const auto* a, const auto* b) {
    // One comparison for both orders, modulo 2^64.
    return reinterpret_cast<std::uintptr_t>(a) - reinterpret_cast<std::uintptr_t>(b) + within <=
           2 * within;
  };
  if (near(tensor.theta.data(), tensor.gradient.data())) return false;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < described.size(); ++i) {
    if (!described[i].used) continue;
    if (described[i].data == nullptr) return false;
    if (near(described[i].data, tensor.theta.data())) return false;
    if (near(described[i].data, tensor.gradient.data())) return false;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < i; ++j)
      if (described[j].used && near(described[i].data, described[j].data)) return false;
  }
  return true;
}

/// Refuses a tensor that is wrong.
template <class Tensor>
[[gnu::always_inline]] inline void require_tensor(Subject subject,
                                                  const typename Tensor::Hyperparameters& h,
                                                  const Tensor& tensor) {
  if (!(of_one_length(h, tensor) && surely_apart(h, tensor))) [[unlikely]]
    require_sound(subject, h, tensor);
}

/// The arrays of a tensor as a kernel wants them: of the states, those in use.
template <class T, std::size_t most_states>
struct Pointers {
  T* theta;
  std::array<T*, most_states> state;
  const T* gradient;
};

template <class Tensor>
[[gnu::always_inline]] inline auto pointers(const typename Tensor::Hyperparameters& h,
                                            const Tensor& tensor) {
  const auto described = states(h, tensor);
  Pointers<typename Tensor::Element, described.size()> pointers{
      tensor.theta.data(), {}, tensor.gradient.data()};
  // From the last on, each before those after it: with no index that depends on h, all of this
  // stays in registers.
#pragma GCC unroll 4
  for (std::size_t i = described.size(); i > 0; --i) {
    const auto& each = described[i - 1];
#pragma GCC unroll 4
    for (std::size_t k = described.size() - 1; k > 0; --k)
      pointers.state[k] = each.used ? pointers.state[k - 1] : pointers.state[k];
    pointers.state[0] = each.used ? each.data : pointers.state[0];
  }
  return pointers;
}

/// Runs the kernel on [first, first + count). Always inlined: if the pointers went through memory,
/// a short step would wait for the store.
template <class T, std::size_t most_states>
[[gnu::always_inline]] inline void run(const Kernel<T>* known, const Plan<T>& plan,
                                       const Pointers<T, most_states>& arrays, std::size_t first,
                                       std::size_t count) {
  const auto run_with = [&](T* const* others) {
    known[plan.lane](plan.coefficients.values.data(), arrays.theta + first, arrays.gradient + first,
                     count, arrays.state[0] + first, others);
  };
  if constexpr (most_states == 1) {
    run_with(nullptr);
  } else {
    std::array<T*, most_states - 1> others;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < others.size(); ++i)
      others[i] = arrays.state[i + 1] ? arrays.state[i + 1] + first : nullptr;
    run_with(others.data());
  }
}

/// A step whose plan is known: refuses a wrong tensor before it writes anything, then runs the
/// kernel.
template <class Tensor>
[[gnu::always_inline]] inline void planned_step(const MemoryOf<Tensor>& last,
                                                const Tensor& tensor) {
  require_tensor({}, last.h, tensor);
  const IeeeEnvironment environment;
  using T = typename Tensor::Element;
  run(kernels<T, typename Tensor::Hyperparameters>(), last.plan, pointers(last.h, tensor), 0,
      tensor.theta.size());
}

/// The same as a function of its own.
template <class Tensor>
[[gnu::noinline]] void careful_step(const MemoryOf<Tensor>& last, const Tensor& tensor) {
  planned_step(last, tensor);
}

/// A step whose plan is not that of the last.
template <class Tensor>
[[gnu::noinline]] void renewed_step(const typename Tensor::Hyperparameters& h, std::uint64_t t,
                                    const Tensor& tensor) {
  auto& last = memory<Tensor>();
  renew(last, h, t);
  planned_step(last, tensor);
}

/// What every public step does. Where steps have their coefficients in common, one like the last
/// goes to its kernel at once: the shortest have no time to store anything. So nothing may be left
/// to do after it, and no more than registers hold is kept for the other cases.
template <class Tensor>
[[gnu::always_inline]] inline void step(const typename Tensor::Hyperparameters& h, std::uint64_t t,
                                        const Tensor& tensor) {
  using T = typename Tensor::Element;
  auto& last = memory<Tensor>();
  if constexpr (RuleOf<Tensor>::steps_differ) {
    if (!last.answers(h, t)) [[unlikely]]
      renew(last, h, t);
    planned_step(last, tensor);
  } else {
    if (!last.answers(h, t)) [[unlikely]]
      return renewed_step(h, t, tensor);
    if (!(of_one_length(last.h, tensor) && surely_apart(last.h, tensor) &&
          IeeeEnvironment::prevails())) [[unlikely]]
      return careful_step(last, tensor);
    const Kernel<T>* known =
        known_kernels<T, typename Tensor::Hyperparameters>.load(std::memory_order_acquire);
    if (known == nullptr) [[unlikely]]
      return careful_step(last, tensor);
    run(known, last.plan, pointers(last.h, tensor), 0, tensor.theta.size());
  }
}

}  // namespace truestep::fast::call
