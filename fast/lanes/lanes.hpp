// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

#include <truestep/fast/rules.hpp>

/// The lanes of all rules.
namespace truestep::fast {

using lane::KernelLanes;
using lane::LanesOfRule;

namespace lane {

/// The lanes in a tuple, and those of the others that it lacks.
template <class Lanes, class... Others>
struct Union {
  using type = Lanes;
};
template <class... Lane, class First, class... Others, class... Rest>
struct Union<std::tuple<Lane...>, std::tuple<First, Others...>, Rest...>
    : Union<std::conditional_t<(std::is_same_v<Lane, First> || ...), std::tuple<Lane...>,
                               std::tuple<Lane..., First>>,
            std::tuple<Others...>, Rest...> {};
template <class Lanes, class... Rest>
struct Union<Lanes, std::tuple<>, Rest...> : Union<Lanes, Rest...> {};

template <class Rules>
struct LanesOfRules;
template <class... Rule>
struct LanesOfRules<std::tuple<Rule...>> {
  using all = typename Union<std::tuple<>, KernelLanes<typename Rule::Hyperparameters>...>::type;
  using by_default =
      typename Union<std::tuple<>, DefaultLanes<typename Rule::Hyperparameters>...>::type;
  using every =
      typename Union<std::tuple<>,
                     typename Joined<typename LanesOfRule<typename Rule::Hyperparameters>::type,
                                     DefaultLanes<typename Rule::Hyperparameters>>::type...>::type;
};

/// Every lane that is compiled into a kernel, a rule's one after another. Two rules may share some.
using All = LanesOfRules<Rules>::all;

/// The lanes of the seed's convention, which is that of the defaults.
using Seed = LanesOfRules<Rules>::by_default;

/// All and Seed: a rule that shares another's lanes has a name of its own for its default.
using Every = LanesOfRules<Rules>::every;

}  // namespace lane

/// Calls action.template operator()<Lane>() with the lane that the hyperparameters ask for.
template <class Hyperparameters, class Action>
void with_lane(const Hyperparameters& h, Action action) {
  const std::size_t wanted = choice(h).index();
  [&]<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
    std::size_t index = 0;
    (void)((index++ == wanted && (action.template operator()<Lane>(), true)) || ...);
  }(std::type_identity<typename LanesOfRule<Hyperparameters>::type>());
}

}  // namespace truestep::fast
