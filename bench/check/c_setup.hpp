// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernel.hpp"
#include "truestep_kernel.h"

namespace truestep::trial {

/// A setup as truestep_kernel.h has it. It refers to the setup that it is made of.
class CSetup {
 public:
  explicit CSetup(const Setup& setup) {
    for (const auto& [name, value] : setup.numbers) {
      names_.push_back(name.c_str());
      values_.push_back(value);
    }
    const auto& format = setup.format;
    const auto add = [&](const char* name, Format its) {
      arrays_.push_back(name);
      formats_.push_back(word(its));
    };
    add("theta", format.theta);
    add("gradients", format.gradients);
    for (const auto& [name, its] : format.apart) add(name.c_str(), its);
    add("states", format.states);
    const bool is_of_version_1 = format == Format::float32 || format == Format::float64;
    const bool is_mixed =
        format.gradients != format.theta || format.states != format.theta || !format.apart.empty();
    given_ = {is_of_version_1 ? 1u : 2u,
              setup.rule.c_str(),
              is_mixed ? "mixed" : word(format.theta),
              setup.lengths.size(),
              setup.lengths.data(),
              names_.size(),
              names_.data(),
              values_.data(),
              arrays_.size(),
              arrays_.data(),
              formats_.data(),
              format.is_stochastic ? "stochastic" : "nearest"};
  }
  CSetup(const CSetup&) = delete;
  CSetup& operator=(const CSetup&) = delete;

  const truestep_setup* get() const { return &given_; }

 private:
  std::vector<const char*> names_, arrays_, formats_;
  std::vector<double> values_;
  truestep_setup given_;
};

}  // namespace truestep::trial
