// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_RULE_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_RULE_LANE
#undef TRUESTEP_FAST_LANES_RULE_LANE
#else
#define TRUESTEP_FAST_LANES_RULE_LANE
#endif

#include "weight_decay.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// The lanes of one rule, in the order of its forms (forms.hpp).
template <class Form, template <Form> class Lane,
          class Indices = std::make_index_sequence<Choice<Form>::count>>
struct LanesOf;
template <class Form, template <Form> class Lane, std::size_t... Index>
struct LanesOf<Form, Lane, std::index_sequence<Index...>> {
  using type =
      std::tuple<WithDecay<Lane<Choice<Form>::at(Index).form>, Choice<Form>::at(Index).decay>...>;
  /// Lanes of the rule that are no step of it.
  using besides = std::tuple<>;
};

/// The lanes of the rule that has these hyperparameters: `type`; `besides`; and of those
/// `by_default`, the lane of its defaults. A rule says so in the file of its name.
template <class Hyperparameters>
struct LanesOfRule;

/// The lanes of two tuples. std::tuple_cat would have tuples be compiled that nobody makes.
template <class, class>
struct Joined;
template <class... First, class... Second>
struct Joined<std::tuple<First...>, std::tuple<Second...>> {
  using type = std::tuple<First..., Second...>;
};

/// The lane of a rule's defaults, and those that are no step.
template <class Hyperparameters>
using DefaultLanes = typename Joined<std::tuple<typename LanesOfRule<Hyperparameters>::by_default>,
                                     typename LanesOfRule<Hyperparameters>::besides>::type;

/// All that is compiled into kernels for a rule.
template <class Hyperparameters>
using KernelLanes = typename Joined<typename LanesOfRule<Hyperparameters>::type,
                                    typename LanesOfRule<Hyperparameters>::besides>::type;

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
