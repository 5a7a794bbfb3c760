// No include guard in any *.lane.hpp: each SIMD target includes them once more, in its namespace.
#include "momentum.lane.hpp"
#include "nag.lane.hpp"
#include "adagrad.lane.hpp"
#include "adadelta.lane.hpp"
#include "rmsprop.lane.hpp"
#include "adam.lane.hpp"

/// Every lane that is compiled into a kernel.
using All = std::tuple<Momentum, Nag, NagLookAhead, Adagrad, Adadelta, Rmsprop, Adam>;
