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
    given_ = {TRUESTEP_KERNEL_VERSION, setup.rule.c_str(), word(setup.format), setup.lengths.size(),
              setup.lengths.data(),    names_.size(),      names_.data(),      values_.data()};
  }
  CSetup(const CSetup&) = delete;
  CSetup& operator=(const CSetup&) = delete;

  const truestep_setup* get() const { return &given_; }

 private:
  std::vector<const char*> names_;
  std::vector<double> values_;
  truestep_setup given_;
};

}  // namespace truestep::trial
