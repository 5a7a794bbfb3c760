// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adadelta.hpp"
#include "adagrad.hpp"
#include "adam.hpp"
#include "momentum.hpp"
#include "nag.hpp"
#include "rmsprop.hpp"

namespace truestep::reference {

template <template <class Real> class... Formula>
struct FormulaList {};

/// The formulas of all rules, in their order everywhere.
using Formulas = FormulaList<Momentum, Nag, Adagrad, Adadelta, Rmsprop, Adam>;

}  // namespace truestep::reference
