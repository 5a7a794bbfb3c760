// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/real.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "score.hpp"

namespace truestep::drift {

class Recorded;

/// Where gradients come from: a function of the parameters and of the step.
class Workload {
 public:
  using Real = reference::Real;

  explicit Workload(std::string name) : name_(std::move(name)) {}
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;

  /// With what it is in words.
  const std::string& name() const { return name_; }

  /// Floats, so that every precision starts at one point.
  virtual std::vector<float> initial_parameters() const = 0;

  /// The same in double; of recorded parameters as they were recorded.
  virtual std::vector<double> start() const {
    const auto floats = initial_parameters();
    return {floats.begin(), floats.end()};
  }

  /// Gradients that were computed elsewhere, and are taken as they are; null where they were not.
  virtual const Recorded* recorded() const { return nullptr; }

  /// What of the input is not taken as it is by so many steps, a sentence each.
  virtual std::vector<std::string> notes(std::uint64_t) const { return {}; }

  /// Goes on to the next step's examples, to the first ones when called first.
  virtual void next_step() {}

  /// The gradient of the step at a point, computed in the point's own type.
  virtual std::vector<double> gradient(std::span<const double> parameters) const = 0;
  virtual std::vector<Real> gradient(std::span<const Real> parameters) const = 0;

  /// Empty where there is no loss.
  virtual std::optional<Score> score(std::span<const double>) const { return {}; }

 private:
  std::string name_;
};

/// The names that `workload` knows.
std::span<const std::string> workload_names();

/// A workload at its beginning.
///
/// @param name  one of workload_names()
std::unique_ptr<Workload> workload(std::string_view name);

}  // namespace truestep::drift
