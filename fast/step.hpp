#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

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

/// What every public step does: refuses what is wrong before it writes anything, then runs the
/// kernel that the hyperparameters ask for.
template <class T, class Hyperparameters>
void step(const char* rule, const Hyperparameters& h, std::uint64_t t, std::span<T> theta,
          std::initializer_list<State<T>> states, std::span<const T> gradient) {
  const auto coefficients = coefficient_list<T>(h, t);
  constexpr std::size_t most_states = 3;
  std::array<T*, most_states> state{};
  std::array<NamedSpan, most_states + 2> spans{NamedSpan("theta", theta)};
  std::size_t used = 0;
  for (const auto& each : states) {
    if (each.used) {
      state[used] = each.span.data();
      spans[1 + used++] = NamedSpan(each.name, each.span);
    } else if (!each.span.empty()) {
      throw std::invalid_argument(std::string(rule) + ": " + each.name +
                                  " is given, but this convention has none");
    }
  }
  spans[1 + used] = NamedSpan("gradient", gradient);
  require_disjoint(rule, std::span(spans).first(used + 2));
  const IeeeEnvironment environment;
  constexpr std::size_t first =
      lane_index<std::tuple_element_t<0, typename LanesOfRule<Hyperparameters>::type>>;
  kernel<T>(first + choice(h).index())(coefficients.values.data(), theta.data(), theta.data(),
                                       state.data(), gradient.data(), theta.size());
}

}  // namespace truestep::fast
