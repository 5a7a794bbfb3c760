// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "audit.hpp"
#include "figures.hpp"
#include "recorded_file.hpp"
#include "runs/given.hpp"

/// What tests of audits have in common.
namespace truestep::drift {

inline Format format(const std::string& name) { return named_format("format", name); }

inline bool go_on(std::uint64_t) { return true; }

inline Run audited(const std::string& rule, std::vector<Setup> setups, std::uint64_t steps = 30,
                   const std::string& workload = "sparse") {
  return audit({.rule = rule, .workload = workload, .steps = steps, .setups = std::move(setups)},
               go_on);
}

/// The figures of all series of one reading, but for those that only a kernel has.
inline std::vector<double> all_figures(const Run& run, std::size_t reading) {
  std::vector<double> all;
  for (const Series& series : run.readings[reading].series)
    for (const Drift& drift : series.drift)
      for (const Figure& figure : figures) {
        const std::string name = figure.name;
        if (name.find("radius") == name.npos && name.find("theorem") == name.npos)
          all.push_back(figure.of(drift));
      }
  return all;
}

/// How many values of theta are infinite or NaN after ten steps of the rule, all in fp16, in a
/// column whose gradients are 0 and in one whose are not.
inline std::uint64_t not_finite_in_fp16(const std::string& rule, const std::string& convention) {
  std::vector<double> gradients;
  for (int step = 0; step < 10; ++step) gradients.insert(gradients.end(), {0, 0.25});
  const RecordedFile file("grads.npy", 2, gradients);
  const auto run = audit({.rule = rule,
                          .steps = 10,
                          .setups = {Setup::all_in(format("fp16"))},
                          .convention = convention,
                          .gradients = file.path()},
                         go_on);
  return run.readings[2].series[0].updates.not_finite;
}

/// Whether theta of float and of double has a bound by its theorem of a run, and is within it.
inline bool theta_stays_within_its_theorem(const std::string& rule, const std::string& convention) {
  const auto run = audit(
      {.rule = rule, .workload = "constant", .steps = 100, .setups = {}, .convention = convention},
      go_on);
  for (std::size_t reading = 0; reading < 2; ++reading)
    if (!(run.readings[reading].series[0].drift.back().of_theorem <= 1)) return false;
  return run.checks().passed();
}

inline Setup with_parameters(const std::string& name) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.parameters = format(name);
  return setup;
}

}  // namespace truestep::drift
