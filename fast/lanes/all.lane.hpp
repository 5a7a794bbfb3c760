// No include guard in any *.lane.hpp: each SIMD target includes them once more, in its namespace.
//
// Each lane's comment says between which orders of operations it was chosen, by the figures that
// `truestep_orders RULE` prints: the largest error of one step, and the drift after 10^4 steps of
// random / of constant gradients, float in u = 2^-24; the time over the chosen order's for 16K
// floats (Zen 4, AVX2, g++ 12).
#include "momentum.lane.hpp"
#include "nag.lane.hpp"
#include "adagrad.lane.hpp"
#include "adadelta.lane.hpp"
#include "rmsprop.lane.hpp"
#include "adam.lane.hpp"
#include "weight_decay.lane.hpp"

/// The lanes of one rule, in the order of its forms (forms.hpp).
template <class Form, template <Form> class Lane,
          class = std::make_index_sequence<Choice<Form>::count>>
struct LanesOf;
template <class Form, template <Form> class Lane, std::size_t... Index>
struct LanesOf<Form, Lane, std::index_sequence<Index...>> {
  using type =
      std::tuple<WithDecay<Lane<Choice<Form>::at(Index).form>, Choice<Form>::at(Index).decay>...>;
};

using MomentumLanes = LanesOf<MomentumForm, MomentumLane>::type;
using AdagradLanes = LanesOf<AdagradForm, AdagradLane>::type;
using AdadeltaLanes = LanesOf<AdadeltaForm, AdadeltaLane>::type;
using RmspropLanes = LanesOf<RmspropForm, RmspropLane>::type;
using AdamLanes = LanesOf<AdamForm, AdamLane>::type;

/// The lanes of the seed's convention.
using Seed = std::tuple<Momentum, Nag, NagLookAhead, Adagrad, Adadelta, Rmsprop, Adam>;

/// Every lane that is compiled into a kernel; a rule's lanes are consecutive.
using All = decltype(std::tuple_cat(MomentumLanes(), std::tuple<NagLookAhead>(), AdagradLanes(),
                                    AdadeltaLanes(), RmspropLanes(), AdamLanes()));
