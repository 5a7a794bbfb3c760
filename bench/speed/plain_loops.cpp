// SPDX-License-Identifier: Apache-2.0
// Compiled once for each compiler and set of flags, TRUESTEP_PEER naming it.

#include "steps.hpp"

#include "speed/peers/every_rule.hpp"

namespace truestep::speed {
namespace {

template <class T, class... Rule>
std::tuple<PeerStep<Rule, T>...> loops(std::type_identity<std::tuple<Rule...>>) {
  return {static_cast<PeerStep<Rule, T>>(&loop_step<TRUESTEP_PEER, T>)...};
}

}  // namespace

template <>
PeerSteps<float> peer_steps<TRUESTEP_PEER, float>() {
  return loops<float>(std::type_identity<fast::Rules>());
}
template <>
PeerSteps<double> peer_steps<TRUESTEP_PEER, double>() {
  return loops<double>(std::type_identity<fast::Rules>());
}

template <>
const char* made_by<TRUESTEP_PEER>() {
#ifdef __clang__
  return __VERSION__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace truestep::speed
