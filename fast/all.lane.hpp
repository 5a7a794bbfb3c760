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

/// Every lane that is compiled into a kernel.
using All = std::tuple<Momentum, Nag, NagLookAhead, Adagrad, Adadelta, Rmsprop, Adam>;
