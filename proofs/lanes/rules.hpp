// SPDX-License-Identifier: Apache-2.0
#pragma once

// The list of the rules here: what the lanes of each take is in the file of its name.
#include "adadelta.hpp"
#include "adagrad.hpp"
#include "adam.hpp"
#include "momentum.hpp"
#include "nag.hpp"
#include "rmsprop.hpp"
