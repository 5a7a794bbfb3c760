// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <string_view>

#include "names.hpp"

/// Other names that people type; those of the systems are in fast/conventions.hpp.
namespace truestep::aliases {

/// Another name of a rule, which elsewhere may stand for a family: what it is here.
struct OfRule {
  std::string_view typed;
  std::string_view member, value;  ///< a choice that the name implies; "" where none
  std::string_view here;
};

/// Those of a rule: aliases/RULE.hpp, where it has any.
template <class Rule>
inline constexpr std::array<OfRule, 0> of_rule{};

inline constexpr std::array conventions{
    names::Alias{"seed", "lecture_note"}, names::Alias{"torch", "pytorch"},
    names::Alias{"keras2", "keras_legacy"}, names::Alias{"lua_torch", "torch7"},
    names::Alias{"sklearn", "scikit_learn"}};

inline constexpr std::array hyperparameters{
    names::Alias{"lr", "learning_rate"}, names::Alias{"eps", "epsilon"},
    names::Alias{"eps_root", "epsilon_root"}, names::Alias{"wd", "weight_decay"}};

inline constexpr std::array formats{
    names::Alias{"bf16", "bfloat16"},      names::Alias{"half", "fp16"},
    names::Alias{"float16", "fp16"},       names::Alias{"fp32", "float"},
    names::Alias{"float32", "float"},      names::Alias{"single", "float"},
    names::Alias{"fp64", "double"},        names::Alias{"float64", "double"},
    names::Alias{"e4m3", "fp8-e4m3"},      names::Alias{"e5m2", "fp8-e5m2"},
    names::Alias{"fp8_e4m3fn", "fp8-e4m3"}};

}  // namespace truestep::aliases
