// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <string_view>

#include "names.hpp"

/// The one table of other names that people type; those of the systems are in
/// fast/conventions.hpp.
namespace truestep::aliases {

/// A rule under another name, which elsewhere may stand for a family: what it is here.
struct Rule {
  std::string_view typed, meant;
  std::string_view name, value;  ///< a hyperparameter that the name implies; "" where none
  std::string_view here;
};

inline constexpr std::array rules{
    Rule{"sgd", "momentum", "", "", "gradient descent with momentum; --momentum 0 for none"},
    Rule{"nesterov", "nag", "", "", "Nesterov's accelerated gradient"},
    Rule{"adamw", "adam", "weight_decay_place", "decoupled",
         "with decoupled weight decay, of 0 unless --weight-decay says otherwise"}};

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
