// SPDX-License-Identifier: Apache-2.0
#include "steps.hpp"

#include <Eigen/Core>

#include "speed/peers/every_rule.hpp"

namespace truestep::speed {
namespace {

template <class T>
using Numbers = ::Eigen::Map<::Eigen::ArrayX<T>>;
template <class T>
using Gradient = ::Eigen::Map<const ::Eigen::ArrayX<T>>;

template <class Rule, class T, class States = std::make_index_sequence<state_count<Rule>>>
struct Arrays;
template <class Rule, class T, std::size_t... state>
struct Arrays<Rule, T, std::index_sequence<state...>> {
  static void step(const typename Rule::Hyperparameters& h, std::uint64_t t, std::size_t count,
                   T* theta, StateArray<T, state>... states, const T* gradient) {
    const auto size = static_cast<::Eigen::Index>(count);
    const Gradient<T> g(gradient, size);
    const auto in_place = [&](auto... array) { array_step<T>(h, t, g, array...); };
    in_place(Numbers<T>(theta, size), Numbers<T>(states, size)...);
  }
};

template <class T, class... Rule>
std::tuple<PeerStep<Rule, T>...> expressions(std::type_identity<std::tuple<Rule...>>) {
  return {&Arrays<Rule, T>::step...};
}

}  // namespace

template <>
PeerSteps<float> peer_steps<EigenArrays, float>() {
  return expressions<float>(std::type_identity<fast::Rules>());
}
template <>
PeerSteps<double> peer_steps<EigenArrays, double>() {
  return expressions<double>(std::type_identity<fast::Rules>());
}

#define TRUESTEP_TEXT_OF(number) #number
#define TRUESTEP_VERSION(world, major, minor) \
  TRUESTEP_TEXT_OF(world) "." TRUESTEP_TEXT_OF(major) "." TRUESTEP_TEXT_OF(minor)
template <>
const char* made_by<EigenArrays>() {
  return "Eigen " TRUESTEP_VERSION(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
}

}  // namespace truestep::speed
