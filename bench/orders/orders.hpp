// SPDX-License-Identifier: Apache-2.0
#pragma once

// The candidates over plain numbers, which come before any SIMD target's.
#include "orders.lane.hpp"
