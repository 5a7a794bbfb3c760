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
#include <vector>

#include "arguments.hpp"
#include <truestep/fast/coefficients/coefficients.hpp>
#include "float_environment.hpp"
#include <truestep/fast/loop/kernels.hpp>

namespace truestep::fast {

/// A state's array, with the name that an error gives it; one that only some conventions have says
/// whether this one does.
///
/// In parts, because a span is copied as one, which takes longer than a short call if its parts
/// have just been written.
template <class T>
struct State {
  const char* name;
  T* data;
  std::size_t count;
  bool used;

  State(const char* n, const std::span<T>& span, bool in_use = true)
      : name(n), data(span.data()), count(span.size()), used(in_use) {}
  std::span<T> span() const { return {data, count}; }
};

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

template <class T, class Hyperparameters>
[[gnu::always_inline]] inline Memory<T, Hyperparameters>& memory() {
  thread_local constinit Memory<T, Hyperparameters> last;
  return last;
}

template <class T, class Hyperparameters>
[[gnu::noinline]] void renew(Memory<T, Hyperparameters>& memory, const Hyperparameters& h,
                             std::uint64_t t) {
  // Made in their place: a copy of what has just been written, number by number, would wait until
  // all that the last step has stored is in the cache. First, because they may throw.
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
template <class T, class Hyperparameters>
[[gnu::always_inline]] inline const Plan<T>& remembered_plan(const Hyperparameters& h,
                                                             std::uint64_t t) {
  auto& last = memory<T, Hyperparameters>();
  if (!last.answers(h, t)) [[unlikely]]
    renew(last, h, t);
  return last.plan;
}

/// What of a rule's call an error is about: all of it, or a numbered part, "adam: tensor 3".
struct Subject {
  const char* part = nullptr;
  std::uint64_t number = 0;

  std::string name(const char* rule) const {
    return part ? std::string(rule) + ": " + part + " " + std::to_string(number) : rule;
  }
};

/// Refuses spans of unequal lengths, spans that overlap, and a state that the convention lacks.
///
/// Takes copies: what a short call keeps in registers would else be stored for this one to read.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::cold, gnu::noinline]] void require_sound(Subject subject, const Hyperparameters& h,
                                                Tensor<T> tensor) {
  const auto name = subject.name(Rule::name);
  std::vector<NamedSpan> spans{NamedSpan("theta", tensor.theta)};
  for (const auto& each : Rule::states(h, tensor)) {
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
///
/// A rule is here a `name`; `states(h, tensor)`, an array of what the tensor has besides theta and
/// gradient; `steps_differ`, whether coefficients depend on t by default; and the `least_part` of
/// tensors.hpp.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline bool of_one_length(const Hyperparameters& h,
                                                 const Tensor<T>& tensor) {
  if (tensor.gradient.size() != tensor.theta.size()) return false;
  for (const auto& each : Rule::states(h, tensor))
    if (each.count != (each.used ? tensor.theta.size() : 0)) return false;
  return true;
}

/// Whether no array that is in use comes within its length of another: a quick look, which lets
/// nearly every call through. Branches are no burden, since they always go the same way; what
/// depends on comparisons without them is.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline bool surely_apart(const Hyperparameters& h, const Tensor<T>& tensor) {
  const auto states = Rule::states(h, tensor);
  const std::size_t within = tensor.theta.size_bytes() - 1;
  const auto near = [&](const T* a, const T* b) {
    // One comparison for both orders, modulo 2^64.
    return reinterpret_cast<std::uintptr_t>(a) - reinterpret_cast<std::uintptr_t>(b) + within <=
           2 * within;
  };
  if (near(tensor.theta.data(), tensor.gradient.data())) return false;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (!states[i].used) continue;
    if (near(states[i].data, tensor.theta.data())) return false;
    if (near(states[i].data, tensor.gradient.data())) return false;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < i; ++j)
      if (states[j].used && near(states[i].data, states[j].data)) return false;
  }
  return true;
}

/// Refuses a tensor that is wrong.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void require_tensor(Subject subject, const Hyperparameters& h,
                                                  const Tensor<T>& tensor) {
  if (!(of_one_length<Rule>(h, tensor) && surely_apart<Rule>(h, tensor))) [[unlikely]]
    require_sound<Rule>(subject, h, tensor);
}

/// The arrays of a tensor as a kernel wants them: of the states, those in use.
template <class T, std::size_t most_states>
struct Pointers {
  T* theta;
  std::array<T*, most_states> state;
  const T* gradient;
};

template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline auto pointers(const Hyperparameters& h, const Tensor<T>& tensor) {
  const auto states = Rule::states(h, tensor);
  Pointers<T, states.size()> pointers{tensor.theta.data(), {}, tensor.gradient.data()};
  // From the last on, each before those after it: with no index that depends on h, all of this
  // stays in registers.
#pragma GCC unroll 4
  for (std::size_t i = states.size(); i > 0; --i) {
    const auto& each = states[i - 1];
#pragma GCC unroll 4
    for (std::size_t k = states.size() - 1; k > 0; --k)
      pointers.state[k] = each.used ? pointers.state[k - 1] : pointers.state[k];
    pointers.state[0] = each.used ? each.data : pointers.state[0];
  }
  return pointers;
}

/// Coordinates from `first` on. Inlined, and with no pointer in memory that it does not have to
/// be in: a short step would wait for it to be stored and loaded again.
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
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void planned_step(const Memory<T, Hyperparameters>& last,
                                                const Tensor<T>& tensor) {
  require_tensor<Rule>({}, last.h, tensor);
  const IeeeEnvironment environment;
  run(kernels<T, Hyperparameters>(), last.plan, pointers<Rule>(last.h, tensor), 0,
      tensor.theta.size());
}

/// The same as a function of its own, whose spans lie where the caller's own caller has put them.
template <class Rule, template <class> class Tensor, class T, class Hyperparameters, class... Spans>
[[gnu::noinline]] void careful_step(const Memory<T, Hyperparameters>& last, Spans... spans) {
  planned_step<Rule>(last, Tensor<T>{spans...});
}

/// A step whose plan is not that of the last.
template <class Rule, template <class> class Tensor, class T, class Hyperparameters, class... Spans>
[[gnu::noinline]] void renewed_step(const Hyperparameters& h, std::uint64_t t, Spans... spans) {
  auto& last = memory<T, Hyperparameters>();
  renew(last, h, t);
  planned_step<Rule>(last, Tensor<T>{spans...});
}

/// What every public step does. Where steps have their coefficients in common, one like the last
/// goes to its kernel at once: the shortest have no time to store anything. So nothing may be left
/// to do after it, and no more than registers hold is kept for the other cases.
template <class Rule, template <class> class Tensor, class T, class Hyperparameters, class... Spans>
[[gnu::always_inline]] inline void step(const Hyperparameters& h, std::uint64_t t, Spans... spans) {
  auto& last = memory<T, Hyperparameters>();
  const Tensor<T> tensor{spans...};
  if constexpr (Rule::steps_differ) {
    if (!last.answers(h, t)) [[unlikely]]
      renew(last, h, t);
    planned_step<Rule>(last, tensor);
  } else {
    if (!last.answers(h, t)) [[unlikely]]
      return renewed_step<Rule, Tensor, T>(h, t, spans...);
    if (!(of_one_length<Rule>(last.h, tensor) && surely_apart<Rule>(last.h, tensor) &&
          IeeeEnvironment::prevails())) [[unlikely]]
      return careful_step<Rule, Tensor, T>(last, spans...);
    const Kernel<T>* known = known_kernels<T, Hyperparameters>.load(std::memory_order_relaxed);
    if (known == nullptr) [[unlikely]]
      return careful_step<Rule, Tensor, T>(last, spans...);
    run(known, last.plan, pointers<Rule>(last.h, tensor), 0, tensor.theta.size());
  }
}

}  // namespace truestep::fast
