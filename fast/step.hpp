#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "arguments.hpp"
#include "float_environment.hpp"
#include "kernels.hpp"

namespace truestep::fast {

/// A state's array, with the name that an error gives it.
template <class T>
struct State {
  const char* name;
  std::span<T> span;
};

/// What every public step does once its coefficients are known: refuses what is wrong before it
/// writes anything, then runs the kernel.
template <class Lane, class T>
void step(const char* rule, const std::array<T, Lane::coefficients>& coefficient,
          std::span<T> theta, const std::array<State<T>, Lane::states>& states,
          std::span<const T> gradient) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    const std::array spans{NamedSpan("theta", theta),
                           NamedSpan(states[Index].name, states[Index].span)...,
                           NamedSpan("gradient", gradient)};
    require_disjoint(rule, spans);
    const std::array<T*, Lane::states> state{states[Index].span.data()...};
    const IeeeEnvironment environment;
    kernel<T>(lane_index<Lane>)(coefficient.data(), theta.data(), theta.data(), state.data(),
                                gradient.data(), theta.size());
  }
  (std::make_index_sequence<Lane::states>());
}

}  // namespace truestep::fast
