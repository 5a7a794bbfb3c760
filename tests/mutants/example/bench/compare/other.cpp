// SPDX-License-Identifier: Apache-2.0
// A source that has no mutant.
#include "other.hpp"

int other() { return 0; }
