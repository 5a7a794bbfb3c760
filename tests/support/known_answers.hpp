// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "subject.hpp"

namespace truestep::test {

// An answer from outside is a decimal string, correct to half a unit of its last digit, or a
// fraction "137/336", correct altogether. The reference and the kernel have to be within that and
// the kernel's running-error radius of it; there is no other tolerance.

/// The first steps theta_(t-1) - theta_t under a constant gradient of 1, from zero states.
template <class T>
Outcome constant_steps(const Subject<T>& subject, const Hyperparameters& h,
                       std::initializer_list<const char*> steps);

/// theta after each of the gradients, from theta and zero states.
template <class T>
Outcome trajectory(const Subject<T>& subject, const Hyperparameters& h, T theta,
                   std::initializer_list<T> gradients, std::initializer_list<const char*> thetas);

/// theta after each step on L = curvature theta^2 / 2, from 1 and zero states. Where the rule shows
/// a quantity "look_ahead", the gradient is taken there.
template <class T>
Outcome quadratic(const Subject<T>& subject, const Hyperparameters& h, double curvature,
                  std::initializer_list<const char*> thetas);

/// The rule's row of known_answers/torch7-quadratic.csv, `read_at` the quantity that it publishes:
/// "theta", or "look_ahead" of the step that would come next.
template <class T>
Outcome published(const Subject<T>& subject, const std::string& row, const std::string& read_at);

/// The first of the outcomes that failed, or their sum.
Outcome all_of(std::initializer_list<Outcome> outcomes);

}  // namespace truestep::test
