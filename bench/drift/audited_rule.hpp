// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit.hpp"
#include "beginning.hpp"
#include "row_arithmetic.hpp"
#include "runs/workload.hpp"
#include "spelled.hpp"
#include "tally.hpp"

/// What an audit knows of a rule. Its own code is compiled once for all rules.
namespace truestep::drift {

/// Columns of a record.
struct Columns {
  std::size_t begin, end;
};

/// What a block does besides the truth, the kernels or emulations, and the distances.
struct Extent {
  bool radius = true;           ///< a radius for each error of float's and double's kernels
  bool attribution = true;      ///< and the share of each source, whatever the set-up
  bool others = true;           ///< and how far other conventions lie
  bool keeps_negative = false;  ///< a difference that rounding makes negative, which no kernel does
};

/// How many neighbouring blocks step together: as many as share the scale of a state somewhere.
inline std::size_t blocks_of_a_bundle(const std::vector<Setup>& setups) {
  std::size_t most = 1;
  for (const Setup& setup : setups) most = std::max(most, setup.state_block / row_size);
  return most;
}

/// Some columns of a run, from the first step to the last, in memory.
class Group {
 public:
  Group() = default;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  virtual ~Group() = default;

  virtual std::uint64_t steps() const = 0;
  /// Runs on until that step, or until one that is reported, whichever comes first.
  ///
  /// @param report_at  the next one that is
  virtual void take_steps(std::uint64_t until, std::uint64_t report_at) = 0;
  /// Adds what there is after the last step.
  virtual void report() = 0;
  /// Adds what is said in the end alone.
  virtual void conclude() = 0;

  virtual const RunTally& tally() const = 0;
  virtual const std::optional<Stuck>& stuck(std::size_t setup) const = 0;
  virtual std::optional<Skips> skips(std::size_t setup) const = 0;
  /// The sources of a set-up's errors by their names; none where no block attributes them.
  virtual std::optional<std::vector<std::string>> sources(std::size_t setup) const = 0;
  /// As the model reads them.
  virtual std::vector<double> parameters(std::size_t setup) const = 0;
};

/// A rule at its hyperparameters.
class AuditedRule {
 public:
  AuditedRule() = default;
  AuditedRule(const AuditedRule&) = delete;
  AuditedRule& operator=(const AuditedRule&) = delete;
  virtual ~AuditedRule() = default;

  /// Its extents are those of a block, by the number of its first coordinate over row_size.
  virtual std::unique_ptr<Group> group(const Request&, const std::vector<Setup>&, Workload&,
                                       const Beginning&, const Columns&, bool has_radius,
                                       const std::function<Extent(std::size_t)>&) const = 0;
  /// @param compensates  as a set-up with `kahan` does
  /// @param last         the step whose coefficients are told
  virtual SpelledStep spelled(bool compensates, std::uint64_t last) const = 0;

  std::string name, convention;
  std::vector<std::pair<std::string, double>> hyperparameters;
  std::vector<std::string> quantities;           ///< theta, then the states
  std::vector<std::vector<std::string>> others;  ///< the names of each other convention
  bool keeps_negative = false;  ///< a difference that rounding makes negative, which no kernel does
};

/// The audit of a rule that `audit` promises.
Run run_audit(const AuditedRule&, const Request&, const Progress&);

}  // namespace truestep::drift
