// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage.hpp"

/// What is put under test: anything that makes optimizers and steps them.
namespace truestep::trial {

/// Hyperparameters by their names in the rule's description.
using NumberList = std::vector<std::pair<std::string, double>>;

/// What an optimizer is made for.
struct Setup {
  std::string rule;
  Storage format = {};
  std::vector<std::size_t> lengths;  ///< of its tensors
  NumberList numbers;

  /// The hyperparameter of this name, or `otherwise` where the setup has none.
  double number(std::string_view name, double otherwise = 0) const {
    for (const auto& [its, value] : numbers)
      if (its == name) return value;
    return otherwise;
  }
  std::size_t coordinates() const {
    return std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  }
};

/// The library is not there, or lacks a function: nothing was put under test.
struct NotLoaded : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Whoever asked for the test does not want it any more.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An optimizer. Arrays are of the setup's format, one for each tensor.
class Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  /// Other than 0 says that the step failed.
  virtual int step(std::uint64_t t, void* const* theta, const void* const* gradient) = 0;
  /// Whether it has the state, which is then copied to `out`.
  virtual bool state(std::size_t tensor, const char* name, void* out) = 0;
  /// Whether it took the state.
  virtual bool set_state(std::size_t tensor, const char* name, const void* in) = 0;
};

/// A kernel under test. Calls come from a process of the run's own, unless they say otherwise.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  /// What it is called in reports.
  virtual std::string name() const = 0;
  /// Throws NotLoaded.
  virtual void load() {}
  /// Null where it does not support the setup.
  virtual std::unique_ptr<Optimizer> make(const Setup& setup) = 0;
  /// After the last step, its optimizer being gone.
  virtual void unload() {}
  /// Whether it works on the arrays that it is given, so that what it writes elsewhere is seen.
  virtual bool shares_memory() const { return true; }

  /// These are called in the caller's process, the first two about the fork of each run.
  virtual void before_fork() {}
  virtual void after_fork() {}
  /// Whether the test is to end, asked while a run is waited for.
  virtual bool interrupted() { return false; }
};

/// A shared library that exports what truestep_kernel.h declares.
std::unique_ptr<Kernel> shared_library(const std::string& path);

/// A program that answers the lines of PROTOCOLS.md, started for each run. Throws
/// std::invalid_argument for a command without a word, or with an open quote.
std::unique_ptr<Kernel> command_kernel(const std::string& command);

}  // namespace truestep::trial
