// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cstdint>
#include <span>

#include "row_arithmetic.hpp"

namespace truestep::drift {

inline constexpr std::size_t most_sources = 40;

/// A number that took part in a step, and the source that it came from.
struct Operand {
  static constexpr std::size_t nowhere = most_sources;

  double computed = 0, exact = 0;
  std::size_t source = nowhere;
};

/// An operation of a step, as it was done.
struct Operation {
  const char* kind = "";
  Operand result = {};
  std::array<Operand, 3> operands = {};
  std::size_t arity = 0;
};

/// Numbers the operations of a step in the order in which they are done, and gives each a name: the
/// quantity that the lane shows next, and the kind of operation. The last step is remembered where
/// that is asked for.
class Operations {
 public:
  /// @param first  source of the first operation
  explicit Operations(std::size_t first) : first_(first) {}

  std::size_t columns = row_size;  ///< in use
  bool attributes = true;          ///< whether numbers know where their errors come from
  bool remembers = false;          ///< what is done in the first column

  void restart() {
    done_ = named_ = 0;
    not_finite_.reset();
  }

  /// The source that the operation is.
  std::size_t next(const char* kind);
  /// Remembers what the operation did.
  void remember(std::size_t source, const Operation& operation);
  /// Names the operations since the last call.
  void operator()(std::string_view quantity);

  /// The first source of the last step that made an infinity or NaN of finite numbers.
  std::optional<std::size_t> not_finite() const { return not_finite_; }
  void found_not_finite(std::size_t source) {
    if (!not_finite_) not_finite_ = source;
  }

  std::size_t first() const { return first_; }
  const Operation& of(std::size_t source) const { return of_step_[source - first_]; }
  const std::vector<std::string>& names() const { return names_; }

  /// Whether `at_least_zero` leaves negative numbers as they are.
  bool keeps_negative = false;

 private:
  std::size_t first_, done_ = 0, named_ = 0;
  std::vector<Operation> of_step_;
  std::vector<std::string> names_;
  std::optional<std::size_t> not_finite_;
};

/// A number of an emulated run beside its exact counterpart, in many columns at once, with the
/// share that each source of error has in the distance between the two, with its sign: their sum is
/// that distance.
///
/// Each operation adds its own local error, which is exact, as a source of its own. It passes the
/// shares of its operands on by the slopes of the chord from the exact operands to the computed
/// ones, not by those of the tangent: to first order they are the same, but by the chord
///     a' b' - a b = (b' + b) / 2 (a' - a) + (a' + a) / 2 (b' - b),
/// and its like for quotient and root, hold at any distance. What the shares do not explain is then
/// the rounding of the shares themselves, which are doubles, however far a run has drifted.
///
/// Copies share their numbers until one of them is changed. All is out of line: a lane is inlined
/// for each form of a rule.
class Traced {
 public:
  Traced() = default;  ///< only to be assigned to
  /// Numbers that are read as they are, whose operations `arithmetic` rounds. Columns that are not
  /// given are 0.
  Traced(RowArithmetic& arithmetic, Operations& operations, std::span<const double> computed,
         std::span<const double> exact, std::size_t source = Operand::nowhere);
  /// The same number in all columns.
  Traced(RowArithmetic& arithmetic, Operations& operations, double computed, double exact,
         std::size_t source);

  const Row& computed() const { return values_->computed; }
  const Row& exact() const { return values_->exact; }
  double share(std::size_t source, std::size_t column) const {
    return has_share(source) ? shares_->share[source][column] : 0;
  }
  bool has_share(std::size_t source) const {
    return shares_ && (shares_->sources >> source & 1) != 0;
  }
  const Row& shares_of(std::size_t source) const { return shares_->share[source]; }
  std::size_t source() const { return source_; }
  Operations& operations() const { return *operations_; }

  void set_exact(std::span<const double> exact);
  void set_source(std::size_t source) { source_ = source; }
  /// Adds to what a source contributes.
  void add_share(std::size_t source, std::span<const double> more);
  /// The number as it is stored in an arithmetic: what that rounds is the source's.
  ///
  /// @param scale  of what is stored, if it is scaled
  Traced stored(RowArithmetic& in, std::size_t source, std::optional<float> scale = {}) const;
  /// One column of it, alone, in another environment.
  Traced column(std::size_t i, RowArithmetic& arithmetic, Operations& operations) const;

  friend Traced operator-(const Traced& a);
  friend Traced operator+(const Traced& a, const Traced& b);
  friend Traced operator-(const Traced& a, const Traced& b);
  friend Traced operator*(const Traced& a, const Traced& b);
  /// a'/b' - a/b = (1/b' + 1/b) / 2 (a' - a) - (a' + a) / (2 b' b) (b' - b).
  friend Traced operator/(const Traced& a, const Traced& b);
  /// sqrt(a') - sqrt(a) = (a' - a) / (sqrt(a') + sqrt(a)).
  friend Traced sqrt(const Traced& a);
  friend Traced fma(const Traced& a, const Traced& b, const Traced& c);
  friend Traced decay(const Traced& w, const Traced& v);
  /// Where one of the two takes a and the other b, the slope s of a solves
  /// s (a' - a) + (1 - s) (b' - b) = max(a', b') - max(a, b).
  friend Traced maximum(const Traced& a, const Traced& b);
  friend Traced at_least_zero(const Traced& x);
  /// The product of value and of a step from 0 to 1, by the chord.
  friend Traced where_positive(const Traced& x, const Traced& value);

 private:
  struct Values {
    alignas(64) Row computed, exact;
  };
  struct Shares {
    std::uint64_t sources;  ///< those that have any, a bit each
    alignas(64) std::array<Row, most_sources> share;
  };

  /// The operations that are done on rows of the operands' computed and exact numbers.
  struct Work;

  Operand operand() const { return {values_->computed[0], values_->exact[0], source_}; }
  void own_shares();
  Traced& plus(const Row& slope, const Traced& operand);

  Pooled<Values> values_;
  Pooled<Shares> shares_;  ///< none where nothing is attributed
  RowArithmetic* arithmetic_ = nullptr;
  Operations* operations_ = nullptr;
  std::size_t source_ = Operand::nowhere;
};

}  // namespace truestep::drift
