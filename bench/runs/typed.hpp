// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "given.hpp"

/// Hyperparameters as they are typed. Each text is read once, into a value that has its type.
namespace truestep::settings {

/// The value of the hyperparameter of that name, which has one type in all rules that have it.
/// Throws std::invalid_argument "NAME = TYPED is not a number", or not one of the words.
Value read_value(const std::string& name, std::string_view typed);

// The templates below are compiled for each rule in one file, from settings_of.hpp.

/// Reads "NAME=VALUE,NAME=VALUE". Throws std::invalid_argument for a name that the rule does not
/// have, a name given twice, and a value that cannot be read.
template <class Rule>
Given read_assignments(std::string_view typed);

/// What is given of which a class has neither a number nor an option; "" if it has all.
template <class Rule>
std::string lacking_option(const fast::Convention<typename Rule::Hyperparameters>&,
                           const Given& own);

/// Refuses to give a class what it has neither a number nor an option for.
template <class Rule>
void require_options(const fast::Convention<typename Rule::Hyperparameters>&, const Given& own);

/// Reads "CONVENTION" or "CONVENTION,NAME=VALUE,...". Throws std::invalid_argument likewise, and
/// for what the optimizer class does not have.
template <class Rule>
Chosen chosen(std::string_view typed);

}  // namespace truestep::settings
