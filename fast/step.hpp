#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
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

/// The coefficients that the last call in this thread had, which are mostly those of the next one
/// too: of the next tensor at the same step, or, where no coefficient depends on t, of the next
/// step. Asking again would give the same bits.
template <class T, class Hyperparameters>
const CoefficientList<T>& remembered_coefficients(const Hyperparameters& h, std::uint64_t t) {
  struct Memory {
    Hyperparameters h;
    std::uint64_t from = 1;
    CoefficientList<T> list;
  };
  thread_local constinit Memory last;
  if (!(last.from <= t && t <= last.list.until && last.h == h))
    last = {h, t, coefficient_list<T>(h, t)};
  return last.list;
}

/// Whether no array of so many bytes comes within their length of another.
/// @param data  as numbers, so that they have an order
inline bool surely_apart(std::span<const std::uintptr_t> data, std::size_t bytes) {
  bool apart = true;
  for (std::size_t i = 0; i < data.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      apart &= data[i] - data[j] >= bytes && data[j] - data[i] >= bytes;
  return apart;
}

/// What an error is about: a rule's call, or a numbered part of it, "adam: tensor 3".
struct Subject {
  const char* rule;
  const char* part = nullptr;
  std::uint64_t number = 0;

  std::string name() const {
    return part ? std::string(rule) + ": " + part + " " + std::to_string(number) : rule;
  }
};

/// Refuses spans of unequal lengths, spans that overlap, and a state that the convention lacks.
template <class T>
[[gnu::cold, gnu::noinline]] void require_sound(const Subject& subject, std::span<T> theta,
                                                std::span<const State<T>> states,
                                                std::span<const T> gradient) {
  std::vector<NamedSpan> spans{NamedSpan("theta", theta)};
  for (const auto& each : states) {
    if (each.used)
      spans.emplace_back(each.name, each.span());
    else if (each.count != 0)
      throw std::invalid_argument(subject.name() + ": " + each.name +
                                  " is given, but this convention has none");
  }
  spans.emplace_back("gradient", gradient);
  require_disjoint(subject.name().c_str(), spans);
}

/// Refuses a tensor that is wrong. A rule is a `name` and `states(h, tensor)`, an array of what the
/// tensor has besides theta and gradient.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void require_tensor(const Subject& subject, const Hyperparameters& h,
                                                  const Tensor<T>& tensor) {
  const auto states = Rule::states(h, tensor);
  const auto number = [](const T* data) { return reinterpret_cast<std::uintptr_t>(data); };
  std::array<std::uintptr_t, states.size() + 2> address{number(tensor.theta.data()),
                                                        number(tensor.gradient.data())};
  std::size_t known = 2;
  bool sound = tensor.gradient.size() == tensor.theta.size();
  for (const auto& each : states) {
    sound &= each.count == (each.used ? tensor.theta.size() : 0);
    if (each.used) address[known++] = number(each.data);
  }
  // What is quick to see lets nearly every call through; the rest is looked at with care.
  sound &= surely_apart(std::span(address).first(known), tensor.theta.size_bytes());
  if (!sound) [[unlikely]]
    require_sound(subject, tensor.theta, std::span<const State<T>>(states), tensor.gradient);
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

/// The kernel that the hyperparameters ask for.
template <class T, class Hyperparameters>
Kernel<T> kernel_of(const Hyperparameters& h) {
  constexpr std::size_t first =
      lane_index<std::tuple_element_t<0, typename LanesOfRule<Hyperparameters>::type>>;
  return kernel<T>(first + choice(h).index());
}

template <class T, std::size_t most_states>
void run(Kernel<T> kernel, const CoefficientList<T>& coefficients,
         const Pointers<T, most_states>& arrays, std::size_t count) {
  kernel(coefficients.values.data(), arrays.theta, arrays.theta, arrays.state.data(),
         arrays.gradient, count);
}

/// What every public step does: refuses what is wrong before it writes anything, then runs the
/// kernel.
///
/// Inlined, because a short call is over sooner than spans are copied to another function.
template <class Rule, class Hyperparameters, template <class> class Tensor, class T>
[[gnu::always_inline]] inline void step(const Hyperparameters& h, std::uint64_t t,
                                        const Tensor<T>& tensor) {
  const auto& coefficients = remembered_coefficients<T>(h, t);
  require_tensor<Rule>({Rule::name}, h, tensor);
  const IeeeEnvironment environment;
  run(kernel_of<T>(h), coefficients, pointers<Rule>(h, tensor), tensor.theta.size());
}

}  // namespace truestep::fast
