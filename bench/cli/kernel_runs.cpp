// SPDX-License-Identifier: Apache-2.0
#include "kernel_runs.hpp"

#include <CLI/CLI.hpp>

#include <stdexcept>

#include "check/declared.hpp"

namespace truestep {

void KernelRuns::add_to(CLI::App& app) {
  app.add_option("--format", format,
                 "Of the arrays: float32, float64, bfloat16, float16 (see --explain)")
      ->type_name("WORD")
      ->group("The runs");
  app.add_option("--seed", seed, "What the inputs are made from")
      ->type_name("N")
      ->group("The runs");
  app.add_option("--trials", trials, "How many runs of each kind are drawn")
      ->type_name("N")
      ->group("The runs");
}

trial::Request KernelRuns::request() {
  subject.resolve();
  subject.require_rule();
  if (trials == 0) throw std::invalid_argument("trials = 0 is not an integer in [1, infinity)");
  auto made = trial::declared(subject.rule, subject.only_convention(), subject.given);
  made.format = trial::storage_named(format);
  made.seed = seed;
  made.trials = trials;
  return made;
}

}  // namespace truestep
