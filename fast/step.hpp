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
template <class T>
struct State {
  const char* name;
  std::span<T> span;
  bool used = true;
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

/// Whether all arrays have `count` elements and none comes within their length of another.
/// @param data  as numbers, so that they have an order
inline bool surely_apart(std::span<const std::uintptr_t> data, std::size_t bytes) {
  bool apart = true;
  for (std::size_t i = 0; i < data.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      apart &= data[i] - data[j] >= bytes && data[j] - data[i] >= bytes;
  return apart;
}

/// Refuses spans of unequal lengths, spans that overlap, and a state that the convention lacks.
template <class T>
[[gnu::cold, gnu::noinline]] void require_sound(const char* rule, std::span<T> theta,
                                                std::span<const State<T>> states,
                                                std::span<const T> gradient) {
  std::vector<NamedSpan> spans{NamedSpan("theta", theta)};
  for (const auto& each : states) {
    if (each.used)
      spans.emplace_back(each.name, each.span);
    else if (!each.span.empty())
      throw std::invalid_argument(std::string(rule) + ": " + each.name +
                                  " is given, but this convention has none");
  }
  spans.emplace_back("gradient", gradient);
  require_disjoint(rule, spans);
}

/// What every public step does: refuses what is wrong before it writes anything, then runs the
/// kernel that the hyperparameters ask for.
///
/// Inlined, because a short call is over sooner than spans are copied to another function.
template <class T, class Hyperparameters, std::size_t count>
[[gnu::always_inline]] inline void step(const char* rule, const Hyperparameters& h, std::uint64_t t,
                                        std::span<T> theta, const State<T> (&states)[count],
                                        std::span<const T> gradient) {
  const auto& coefficients = remembered_coefficients<T>(h, t);
  const auto number = [](const T* data) { return reinterpret_cast<std::uintptr_t>(data); };
  std::array<T*, count> state;
  std::array<std::uintptr_t, count + 2> address{number(theta.data()), number(gradient.data())};
  std::size_t used = 0;
  bool sound = gradient.size() == theta.size();
  for (const auto& each : states) {
    sound &= each.span.size() == (each.used ? theta.size() : 0);
    if (!each.used) continue;
    state[used] = each.span.data();
    address[2 + used++] = number(each.span.data());
  }
  // What is quick to see lets nearly every call through; the rest is looked at with care.
  sound &= surely_apart(std::span(address).first(2 + used), theta.size_bytes());
  if (!sound) [[unlikely]]
    require_sound(rule, theta, std::span<const State<T>>(states), gradient);
  const IeeeEnvironment environment;
  constexpr std::size_t first =
      lane_index<std::tuple_element_t<0, typename LanesOfRule<Hyperparameters>::type>>;
  kernel<T>(first + choice(h).index())(coefficients.values.data(), theta.data(), theta.data(),
                                       state.data(), gradient.data(), theta.size());
}

}  // namespace truestep::fast
