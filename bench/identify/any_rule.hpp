// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/classes.hpp>
#include <truestep/fast/description.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "box.hpp"
#include "description.hpp"
#include "excerpt.hpp"
#include "narrowing.hpp"
#include "outcome.hpp"
#include "record.hpp"
#include "runs/value.hpp"

/// A rule, whichever it is: all that an identification asks of it. What depends on the rule's
/// formula is compiled for each rule (any_rule_of.hpp); what is made of its answers, once.
namespace truestep::identify {

/// A number of a rule that is no count.
struct NamedNumber {
  std::string name;
  std::size_t member;  ///< its place in a description
  fast::Domain domain;
  fast::Part part;
};

/// A row of fast/conventions.hpp.
struct Convention {
  std::string name, class_name;
  Description hyperparameters;
  std::string_view options;
  const fast::OptimizerClass* optimizer;
};

/// Steps that have one rate, and between which ends it lies.
struct Piece {
  std::size_t first, last;
  double low, high, rate;
};

/// What the steps of an excerpt say of a box.
struct Told {
  std::vector<Row> rows = {};
  std::size_t unclaimed = 0;  ///< steps that no bound is known of
  std::size_t spent = 0;      ///< steps of a coordinate that were made, of all boxes
};

/// In which numbers the ends of intervals are.
enum class Ends { as_the_run_asks, in_double };

class AnyRule {
 public:
  AnyRule() = default;
  AnyRule(const AnyRule&) = delete;
  AnyRule& operator=(const AnyRule&) = delete;
  virtual ~AnyRule() = default;

  std::string name;
  std::vector<std::string> members;  ///< in the order of descriptions
  std::vector<NamedNumber> numbers;
  Description defaults;
  std::vector<Convention> conventions;

  /// A convention that there is, by its name or its class's.
  const Convention& convention(std::string_view typed) const;

  // As runs/given.hpp and runs/typed.hpp have them.
  virtual Description applied(const Description&, const settings::Given&) const = 0;
  virtual std::string lacking_option(const Convention&, const settings::Given&) const = 0;
  virtual settings::Given read_assignments(std::string_view) const = 0;

  virtual Description without_idle_choices(const Description&) const = 0;
  /// Whether the rule's formula takes it.
  virtual bool is_in_domain(const Description&) const = 0;
  virtual bool is_linear_in_rate(const Description&) const = 0;
  virtual std::vector<std::string> states(const Description&) const = 0;
  /// As look_ahead.hpp has it.
  virtual const char* what_no_record_tells(const Description&) const = 0;

  // As replay.hpp, coordinates.hpp, apart.hpp, solved_rates.hpp and narrowed.hpp have them.
  virtual Outcome replayed(const Description&, const Record&, Extent,
                           const proofs::Coefficients& how) const = 0;
  virtual std::vector<std::size_t> coordinates_that_fit(const Description&,
                                                        const Record&) const = 0;
  virtual bool same_map(const Description&, const Description&) const = 0;
  virtual bool would_tell(const Description&, const Description&,
                          const Record& gradients) const = 0;
  virtual std::optional<std::vector<Piece>> solved_rates(const Description&,
                                                         const Record&) const = 0;
  virtual bool narrowed(const Description&, const Excerpt&, Ends, bool is_rate_wide, Box&,
                        Told&) const = 0;
};

inline Description without_idle_choices(const Description& h) {
  return h.rule().without_idle_choices(h);
}

/// Compiled a rule in each file.
template <class Rule>
const AnyRule& any_rule();

}  // namespace truestep::identify
