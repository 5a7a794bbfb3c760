#pragma once

#include <array>
#include <cstdint>

#include "adadelta.hpp"
#include "adagrad.hpp"
#include "adam.hpp"
#include "lanes.hpp"
#include "momentum.hpp"
#include "nag.hpp"
#include "rmsprop.hpp"

namespace truestep::fast {

/// What a lane needs of the hyperparameters and of t, in the lane's order, for T float or
/// double, or for the DoubleDouble of double_double.hpp, which leaves the rounding to the caller.
///
/// Each coefficient is its exact expression in the hyperparameters, which are the doubles given,
/// rounded to T once. The expression is evaluated as a double-double to a relative error of at most
/// 2^-94 (double_double.hpp), so the result is within (1/2 + 2^-41) ulp for every t and beta in the
/// domain; a double is within 1 ulp where it is subnormal or the smallest normal number, up to
/// which a second rounding may have carried it.
///
/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" outside the domain that the
/// rule's header states.
template <class T>
std::array<T, lane::Momentum::coefficients> coefficients(const MomentumHyperparameters&,
                                                         std::uint64_t t);
template <class T>
std::array<T, lane::Nag::coefficients> coefficients(const NagHyperparameters&, std::uint64_t t);
template <class T>
std::array<T, lane::Adagrad::coefficients> coefficients(const AdagradHyperparameters&,
                                                        std::uint64_t t);
template <class T>
std::array<T, lane::Adadelta::coefficients> coefficients(const AdadeltaHyperparameters&,
                                                         std::uint64_t t);
template <class T>
std::array<T, lane::Rmsprop::coefficients> coefficients(const RmspropHyperparameters&,
                                                        std::uint64_t t);
template <class T>
std::array<T, lane::Adam::coefficients> coefficients(const AdamHyperparameters&, std::uint64_t t);

}  // namespace truestep::fast
