// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "rounded.hpp"

namespace truestep::drift {

/// What each source of error contributes to the distance of a number from the exact one, with its
/// sign. Their sum is that distance.
inline constexpr std::size_t most_sources = 40;
using Shares = std::array<double, most_sources>;

/// Numbers the operations of a step in the order in which they are done, and gives each a name: the
/// quantity that the lane shows next, and the kind of operation.
class Operations {
 public:
  /// @param first  source of the first operation
  explicit Operations(std::size_t first) : first_(first) {}

  void restart() { done_ = named_ = 0; }

  /// The source that the operation is.
  std::size_t next(const char* kind) {
    if (first_ + done_ == most_sources) throw std::length_error("a step has too many operations");
    if (done_ == kinds_.size()) kinds_.push_back(kind);
    return first_ + done_++;
  }

  /// Names the operations since the last call.
  void operator()(std::string_view quantity) {
    for (; named_ < done_; ++named_) {
      if (named_ < names_.size()) continue;
      const std::string name = std::string(quantity) + ": " + kinds_[named_];
      const auto before = std::count_if(names_.begin(), names_.end(),
                                        [&](const auto& n) { return n.starts_with(name); });
      names_.push_back(before == 0 ? name : name + " " + std::to_string(before + 1));
    }
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  std::size_t first_, done_ = 0, named_ = 0;
  std::vector<const char*> kinds_;
  std::vector<std::string> names_;
};

/// A number of an emulated run beside its exact counterpart, with the share that each source has in
/// the distance between the two.
///
/// Each operation adds its own local error, which is exact, as a source of its own. It passes the
/// shares of its operands on by the slopes of the chord from the exact operands to the computed
/// ones, not by those of the tangent: to first order they are the same, but by the chord
///     a' b' - a b = (b' + b) / 2 (a' - a) + (a' + a) / 2 (b' - b),
/// and its like for quotient and root, hold at any distance. What the shares do not explain is then
/// the rounding of the shares themselves, which are doubles, however far a run has drifted.
struct Traced {
  Rounded computed;
  double exact = 0;
  Shares shares{};
  Operations* operations = nullptr;

  double middle() const { return (computed.value() + exact) / 2; }

  friend Traced operator-(const Traced& a) {
    return Traced{-a.computed, -a.exact, {}, a.operations}.plus(-1, a);
  }

  friend Traced operator+(const Traced& a, const Traced& b) {
    return after("sum", a.computed + b.computed, a.exact + b.exact, a).plus(1, a).plus(1, b);
  }

  friend Traced operator-(const Traced& a, const Traced& b) {
    return after("difference", a.computed - b.computed, a.exact - b.exact, a)
        .plus(1, a)
        .plus(-1, b);
  }

  friend Traced operator*(const Traced& a, const Traced& b) {
    return after("product", a.computed * b.computed, a.exact * b.exact, a)
        .plus(b.middle(), a)
        .plus(a.middle(), b);
  }

  /// a'/b' - a/b = (1/b' + 1/b) / 2 (a' - a) - (a' + a) / (2 b' b) (b' - b).
  friend Traced operator/(const Traced& a, const Traced& b) {
    const auto over_both = [&](double x) { return x / b.computed.value() / b.exact; };
    return after("quotient", a.computed / b.computed, a.exact / b.exact, a)
        .plus(over_both(b.middle()), a)
        .plus(over_both(-a.middle()), b);
  }

  /// sqrt(a') - sqrt(a) = (a' - a) / (sqrt(a') + sqrt(a)).
  friend Traced sqrt(const Traced& a) {
    const double roots = std::sqrt(a.computed.value()) + std::sqrt(a.exact);
    return after("root", sqrt(a.computed), std::sqrt(a.exact), a)
        .plus(roots == 0 ? 0 : 1 / roots, a);
  }

  friend Traced fma(const Traced& a, const Traced& b, const Traced& c) {
    return after("fma", fma(a.computed, b.computed, c.computed),
                 std::fma(a.exact, b.exact, c.exact), a)
        .plus(b.middle(), a)
        .plus(a.middle(), b)
        .plus(1, c);
  }

  friend Traced decay(const Traced& w, const Traced& v) {
    return after("decay", decay(w.computed, v.computed), std::fma(-w.exact, v.exact, v.exact), w)
        .plus(1 - w.middle(), v)
        .plus(-v.middle(), w);
  }

  /// Where one of the two takes a and the other b, the slope s of a solves
  /// s (a' - a) + (1 - s) (b' - b) = max(a', b') - max(a, b).
  friend Traced maximum(const Traced& a, const Traced& b) {
    const auto takes_b = [](double x, double y) { return x < y || std::isnan(y); };
    const double computed_lead = a.computed.value() - b.computed.value();
    const double exact_lead = a.exact - b.exact;
    const bool b_computed = takes_b(a.computed.value(), b.computed.value());
    const bool b_exact = takes_b(a.exact, b.exact);
    double slope = b_computed ? 0 : 1;
    if (b_computed != b_exact)
      slope = b_exact ? computed_lead / (computed_lead - exact_lead)
                      : exact_lead / (exact_lead - computed_lead);
    Traced result{maximum(a.computed, b.computed), b_exact ? b.exact : a.exact, {}, a.operations};
    return result.plus(slope, a).plus(1 - slope, b);
  }

  friend Traced at_least_zero(const Traced& x) {
    return maximum(x, Traced{x.computed.zero(), 0, {}, x.operations});
  }

  /// The product of value and of a step from 0 to 1, by the chord.
  friend Traced where_positive(const Traced& x, const Traced& value) {
    const bool now = x.computed.value() > 0, ideally = x.exact > 0;
    Traced result{
        where_positive(x.computed, value.computed), ideally ? value.exact : 0, {}, x.operations};
    if (now && ideally) return result.plus(1, value);
    if (now == ideally) return result;
    const double step = (now ? 1 : -1) / (x.computed.value() - x.exact);
    return result.plus(0.5, value).plus(value.middle() * step, x);
  }

 private:
  /// The result of an operation, which has just been rounded, with its local error alone.
  static Traced after(const char* kind, const Rounded& computed, double exact, const Traced& a) {
    Traced result{computed, exact, {}, a.operations};
    result.shares[a.operations->next(kind)] = computed.error();
    return result;
  }

  /// Out of line: a lane passes shares on dozens of times.
  [[gnu::noinline]] Traced& plus(double slope, const Traced& operand) {
    for (std::size_t i = 0; i < most_sources; ++i) shares[i] += slope * operand.shares[i];
    return *this;
  }
};

}  // namespace truestep::drift
