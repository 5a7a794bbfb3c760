#pragma once

#include <array>
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
#include "coefficients.hpp"
#include "float_environment.hpp"
#include "kernels.hpp"

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
  std::size_t lane = 0;  ///< its index in lane::All
  CoefficientList<T> coefficients;
};

template <class Hyperparameters>
std::size_t lane_of(const Hyperparameters& h) {
  constexpr std::size_t first =
      lane_index<std::tuple_element_t<0, typename LanesOfRule<Hyperparameters>::type>>;
  return first + choice(h).index();
}

template <class T, class Hyperparameters>
Plan<T> plan(const Hyperparameters& h, std::uint64_t t) {
  return {lane_of(h), coefficient_list<T>(h, t)};
}

/// What the last call in a thread asked for, and got.
template <class T, class Hyperparameters>
struct Memory {
  Hyperparameters h;
  std::uint64_t from = 1;
  Plan<T> plan;

  bool spans(std::uint64_t t) const { return from <= t && t <= plan.coefficients.until; }
};

/// Whether two numbers or structures are the same, byte by byte. In a short step a comparison of
/// floating-point numbers would wait for the arithmetic of the step before.
template <class Value>
[[gnu::always_inline]] inline bool same_bytes(const Value& a, const Value& b) {
  static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) % 8 == 0);
  const auto word = [](const Value& value, std::size_t i) {
    std::uint64_t bits;
    std::memcpy(&bits, reinterpret_cast<const char*>(&value) + 8 * i, 8);
    return bits;
  };
  for (std::size_t i = 0; i < sizeof(Value) / 8; ++i)
    if (word(a, i) != word(b, i)) return false;
  return true;
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
  thread_local constinit Memory<T, Hyperparameters> last;
  if (!(last.spans(t) && same_bytes(last.h, h))) [[unlikely]]
    renew(last, h, t);
  return last.plan;
}

/// Whether no array of so many bytes comes within their length of another. Branches are no burden,
/// since they always go the same way; what depends on comparisons without them is.
/// @param data  as numbers, so that they have an order
[[gnu::always_inline]] inline bool surely_apart(std::span<const std::uintptr_t> data,
                                                std::size_t bytes) {
  // One comparison for both orders: the difference is in (-bytes, bytes), modulo 2^64.
  for (std::size_t i = 0; i < data.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (data[i] - data[j] + (bytes - 1) <= 2 * (bytes - 1)) return false;
  return true;
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

/// Refuses a tensor that is wrong. A rule is a `name` and `states(h, tensor)`, an array of what the
/// tensor has besides theta and gradient.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void require_tensor(Subject subject, const Hyperparameters& h,
                                                  const Tensor<T>& tensor) {
  const auto states = Rule::states(h, tensor);
  const auto number = [](const T* data) { return reinterpret_cast<std::uintptr_t>(data); };
  std::array<std::uintptr_t, states.size() + 2> address{number(tensor.theta.data()),
                                                        number(tensor.gradient.data())};
  std::size_t known = 2;
  bool equal = tensor.gradient.size() == tensor.theta.size();
  for (const auto& each : states) {
    equal = equal && each.count == (each.used ? tensor.theta.size() : 0);
    if (each.used) address[known++] = number(each.data);
  }
  // What is quick to see lets nearly every call through; the rest is looked at with care.
  if (!(equal && surely_apart(std::span(address).first(known), tensor.theta.size_bytes())))
      [[unlikely]]
    require_sound<Rule>(subject, h, tensor);
}

/// The arrays of a tensor as a kernel wants them: of the states, those in use.
template <class T, std::size_t most_states>
struct Pointers {
  T* theta;
  std::array<T*, most_states> state;
  const T* gradient;

  /// From a coordinate on.
  Pointers operator+(std::size_t first) const {
    Pointers moved{theta + first, state, gradient + first};
    for (T*& each : moved.state)
      if (each) each += first;
    return moved;
  }
};

template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline auto pointers(const Hyperparameters& h, const Tensor<T>& tensor) {
  const auto states = Rule::states(h, tensor);
  Pointers<T, states.size()> pointers{tensor.theta.data(), {}, tensor.gradient.data()};
  std::size_t used = 0;
  for (const auto& each : states)
    if (each.used) pointers.state[used++] = each.data;
  return pointers;
}

/// Inlined, and with a copy of the states, so that the other pointers are never in memory: a short
/// step would wait for them to be stored and loaded again.
template <class T, std::size_t most_states>
[[gnu::always_inline]] inline void run(const Plan<T>& plan, const Pointers<T, most_states>& arrays,
                                       std::size_t count) {
  const auto state = arrays.state;
  kernel<T>(plan.lane)(plan.coefficients.values.data(), arrays.theta, arrays.theta, state.data(),
                       arrays.gradient, count);
}

/// What every public step does: refuses what is wrong before it writes anything, then runs the
/// kernel.
///
/// Inlined, because a short call is over sooner than spans are copied to another function.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void step(const Hyperparameters& h, std::uint64_t t,
                                        const Tensor<T>& tensor) {
  const auto& plan = remembered_plan<T>(h, t);
  require_tensor<Rule>({}, h, tensor);
  const IeeeEnvironment environment;
  run(plan, pointers<Rule>(h, tensor), tensor.theta.size());
}

}  // namespace truestep::fast
