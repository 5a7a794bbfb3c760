// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>

#include "cli/exit_status.hpp"
#include "cli/lines.hpp"

namespace truestep::cli {

/// A run of PyTorch's, and its numbers.
inline std::string recorded_adam() {
  return trace("torch-adam") + " --learning-rate 1e-3 --beta1 0.9 --beta2 0.999 --epsilon 1e-8";
}

/// A budget that any drift exceeds.
inline std::string strict_budget() {
  const auto path = (scratch() / "budget").string();
  std::ofstream(path) << "adam float theta largest_ulp 0\n";
  return path;
}

template <>
inline RuleLines rule_lines<fast::Adam>() {
  const std::string identify = "identify adam " + recorded_adam(),
                    unlike =
                        "identify adam --learning-rate 1e-3 --beta1 0.9 --beta2 0.999 "
                        "--epsilon 0.5 " +
                        trace("torch-adam");
  return {
      .of_before =
          {"rules adam", "rules adam --convention keras3",
           "rules adam --convention onnx,epsilon_frame=after_correction",
           "rules adam --convention pytorch,epsilon=1e-3,amsgrad=true --json",
           "compare adam pytorch pytorch,epsilon_frame=before_correction --steps 1 --csv",
           "compare adam seed jax --workload constant --steps 2 --json",
           "compare adam pytorch keras3 --both epsilon=1e-3,amsgrad=true --steps 1",
           "compare adam pytorch mlx --beta1 0.8 --beta2 0.9 --workload quadratic --steps 1",
           "compare adam pytorch keras3 " + small_run(), "identify --rule adam " + recorded_adam(),
           "identify --rule adam " + recorded_adam() + " --json",
           "audit --rule adam --workload constant --steps 2",
           "audit --rule adam --convention pytorch --format bfloat16 " + small_run(),
           "audit --rule adam --epsilon-root 0 --beta1-decay 0.5 --workload constant --steps 1",
           "audit --rule adam --workload constant --steps 1 --csv " +
               (scratch() / "f.csv").string()},
      .alike = {{"rules adam keras3", "rules --rule adam --convention keras3",
                 "rules adam --convention keras3", "rules --rule=ADAM Keras3"},
                {"rules adam pytorch,epsilon=1e-3", "rules adam pytorch --epsilon 1e-3",
                 "rules Adam torch --eps 1E-3", "rules adam torch,EPS=1e-3"},
                {"rules adam keras3 --learning-rate 0.5 --amsgrad",
                 "rules adam keras3 --lr 0.5 --amsgrad=true",
                 "rules adam keras3 --Learning_Rate=0.5 --amsgrad",
                 "rules adam keras3,lr=0.5,amsgrad=true"},
                {"audit adam pytorch --workload constant --steps 2",
                 "audit --rule adam --convention pytorch --workload constant --steps 2",
                 "audit --steps 2 --workload constant adam torch"},
                {"audit adam --workload constant --steps 2 --format bfloat16",
                 "audit adam --workload constant --steps 2 --format BF16"},
                {"compare adam pytorch keras3 --workload constant --steps 2",
                 "compare --rule adam pytorch --workload constant --steps 2 keras3",
                 "compare adam torch KERAS3 --workload constant --steps 2"},
                {identify, "identify --rule adam " + recorded_adam(),
                 "identify " + recorded_adam() + " ADAM"}},
      .twice = {{"rules adam nag", "rules: rule is given twice: adam, then nag"},
                {"rules adam --rule nag", "rules: rule is given twice: nag, then adam"},
                {"audit --rule adam --rule nag", "audit: rule is given twice: adam, then nag"},
                {"identify --rule adam --rule adam " + small_run(),
                 "identify: rule is given twice: adam, then adam"},
                {"rules adam pytorch keras3",
                 "rules: convention is given twice: pytorch, then keras3; truestep compare takes "
                 "several"},
                {"audit adam --convention pytorch torch7",
                 "audit: convention is given twice: torch7, then pytorch; truestep compare takes "
                 "several"},
                {"rules adam pytorch,epsilon=1,eps=2", "rules: epsilon is given twice: 1, then 2"},
                {"rules adam pytorch,epsilon=1 --epsilon 2",
                 "rules: epsilon is given twice: 1, then 2"},
                {"compare adam pytorch keras3 --both beta1=0.5 --beta1 0.6",
                 "compare: beta1 is given twice: 0.5, then 0.6"},
                {"audit adam --lr 1 --learning-rate 2",
                 "audit: learning-rate is given twice: 1, then 2"},
                {"identify adam --json --json " + small_run(), "identify: json is given twice"},
                {"rules adamw --weight-decay-place gradient",
                 "rules: weight_decay_place is given twice: gradient, then decoupled"}},
      .meant = {{"rules adm", "did you mean adam?"},
                {"rules adam pytroch", "did you mean pytorch?"},
                {"rules adam keras",
                 "did you mean keras_legacy or keras1 or keras3 or keras3.AdamW?"},
                {"rules adam ,epsilon=1", "convention =  is not one of {lecture_note, "},
                {"rules adam pytorch,epsilom=1", "did you mean epsilon?"},
                {"compare adam pytorch keras3 --epsilom 1",
                 "compare: --epsilom is not an option of compare: did you mean --epsilon?"},
                {"compare adam pytorch keras3 --workload netwrok", "did you mean network?"},
                {"identify adam --epsilon-frame after " + small_run(),
                 "did you mean after_correction?"}},
      .refused = {{"--beta2 1", "adam: beta2 = 1 is outside [0, 1)"},
                  {"--learning-rate 1e30", "adam: learning_rate = 1e+30 is outside [0, 2^64]"},
                  {"--epsilon=-1", "adam: epsilon = -1 is outside [0, 2^64]"},
                  {"--beta1 x", "beta1 = x is not a number"},
                  {"--weight-decay-place here",
                   "weight_decay_place = here is not one of {none, gradient, decoupled, "
                   "accumulator}"},
                  {"--amsgrad=maybe", "amsgrad = maybe is not one of {false, true}"}},
      .aliases = {{"rules adamw", "adamw is adam here: with decoupled"},
                  {"rules adamw pytorch", "adamw is adam here: with decoupled"},
                  {"audit adamw --workload constant --steps 1",
                   "adamw is adam here: with decoupled"},
                  {"compare adamw pytorch keras3 --workload constant --steps 1",
                   "adamw is adam here: with decoupled"},
                  {"identify AdamW " + recorded_adam(), "adamw is adam here: with decoupled"}},
      .ended = {{"compare adam pytorch keras3 --workload constant --steps 1", yes},
                {"compare adam pytorch", bad_usage},
                {identify, yes},
                {unlike, undetermined},
                {"identify adam --params none.npy --grads none.npy", bad_usage},
                {"identify adam", bad_usage},
                {"identify adam " + small_run(), undetermined},
                {"identify adam " + still_run(), undetermined},
                {"audit adam --workload constant --steps 1", yes},
                {"audit adam --workload constant --steps 1 --budget " + strict_budget(),
                 undetermined}},
      .printed = {
          "audit adam --workload constant --steps 20 --format fp8-e4m3 --state-format float "
          "--details",
          identify}};
}

}  // namespace truestep::cli
