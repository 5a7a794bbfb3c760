// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/description.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <variant>

/// Apart from what is made of them, which takes the rules' formulas.
namespace truestep::settings {

template <class Choices>
struct ValueOf;
template <class... Choice>
struct ValueOf<std::tuple<Choice...>> {
  using type = std::variant<double, std::uint64_t, Choice...>;
};

/// The value of a hyperparameter, of whichever rule.
using Value = ValueOf<axes::Choices>::type;

/// Hyperparameters that are given, by name.
using Given = std::map<std::string, Value>;

}  // namespace truestep::settings
