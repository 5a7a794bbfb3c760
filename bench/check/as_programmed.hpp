// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "storage.hpp"

namespace truestep::trial {

/// How far a store may move a number of that size: half an ulp, or a whole one where either
/// neighbour is taken; instructions that make bfloat16 take subnormal numbers for zero. Infinite
/// where the number may be too large for the format, and 0 where the format is an operation's own.
inline long double moved_by_store(Format kept, bool is_stochastic, long double size) {
  if (!is_narrow(kept)) return 0;
  if (!(size <= largest(kept))) return std::numeric_limits<long double>::infinity();
  const long double flushed = kept == Format::bfloat16 ? std::numeric_limits<float>::min() : 0;
  return (is_stochastic ? 2 : 1) * half_ulp(kept, size) + flushed;
}

/// What programs do that AnyOrder does not know of, in a thread, while one of these lives there. It
/// is no part of a number's type, or each combination would be compiled anew.
class Program {
 public:
  /// A number that is kept in 16 bits, as a state is, by the operation that makes it.
  struct Store {
    std::size_t operation;
    Format kept;
    bool is_stochastic;
  };

  Program(bool approximates, bool multiplies)
      : approximates_(approximates), multiplies_(multiplies), before_(std::exchange(now_, this)) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { now_ = before_; }

  static Program& now() { return *now_; }

  bool approximates() const { return approximates_; }
  bool multiplies() const { return multiplies_; }

  /// Counts operations from 1 again.
  void begin(std::vector<Store> stores) {
    stores_ = std::move(stores);
    operations_ = 0;
  }
  std::size_t count() { return ++operations_; }
  const std::vector<Store>& stores() const { return stores_; }

 private:
  static inline thread_local Program* now_ = nullptr;

  bool approximates_, multiplies_;
  std::vector<Store> stores_;
  std::size_t operations_ = 0;
  Program* before_;
};

/// AnyOrder of a program that does as the thread's Program says.
///
/// Its quotients and roots of data are not rounded but approximated, as -ffast-math makes them of
/// float vectors on x86: a table's reciprocal r of b, or reciprocal root, within e = 1.5 x 2^-12
/// (RCPPS, RSQRTPS), and one step of Newton's after it. With u = 2^-24, where e^2 = 2.25 u, and to
/// first order in u:
///
///     a / b    r' = 2 r - b r r     e^2, two roundings of b r r, one of the difference
///              a r'                 one: 6.25 u in all
///     sqrt b   r' = r (3 - b r r) / 2   3/2 e^2, half of two roundings of b r r and one of the
///                                   difference, one of the product
///              b r'                 one: 3.4 u + 4 u in all
///
/// What is left out, higher powers of e and u, is less than the rest to 8 u.
///
/// It makes beta^n of float products in whatever order: n - 1 roundings at most, of which each is u
/// of the result to first order, and n u / (1 - n u) of it in all.
///
/// It stores some of its results in 16 bits, and goes on with what it stored or with what it had:
/// the radius holds both.
template <class Exact>
class AsProgrammed {
 public:
  using Format = typename Exact::Format;
  using Wide = typename Exact::Wide;

  Wide value = 0, radius = 0, magnitude = 0;

  AsProgrammed() = default;
  template <std::integral Integer>
  AsProgrammed(Integer exact) : AsProgrammed(Exact(exact), true) {}
  AsProgrammed(double exact) : AsProgrammed(Exact(exact), true) {}

  static AsProgrammed data(Format exact) { return made(Exact::data(exact), false); }
  static AsProgrammed unknown() { return {Exact::unknown(), false}; }

  /// A state as the next step finds it: no operation of that step makes it.
  AsProgrammed stored() const { return {exact_.stored(), false}; }

  void widen(double by) {
    exact_.widen(by);
    *this = AsProgrammed(exact_, constant_, operation_);
  }

  bool bounded() const { return exact_.bounded(); }
  /// The operation of the step that made it, counted from 1; 0 where none did.
  std::size_t operation() const { return operation_; }

  friend bool operator==(const AsProgrammed& a, const AsProgrammed& b) {
    return a.exact_ == b.exact_;
  }
  friend AsProgrammed operator-(const AsProgrammed& a) { return made(-a.exact_, a.constant_); }
  friend AsProgrammed operator+(const AsProgrammed& a, const AsProgrammed& b) {
    return made(a.exact_ + b.exact_, a.constant_ && b.constant_);
  }
  friend AsProgrammed operator-(const AsProgrammed& a, const AsProgrammed& b) {
    return made(a.exact_ - b.exact_, a.constant_ && b.constant_);
  }
  friend AsProgrammed operator*(const AsProgrammed& a, const AsProgrammed& b) {
    return made(a.exact_ * b.exact_, a.constant_ && b.constant_);
  }
  friend AsProgrammed operator/(const AsProgrammed& a, const AsProgrammed& b) {
    return approximated(a.exact_ / b.exact_, a.constant_ && b.constant_);
  }
  friend AsProgrammed sqrt(const AsProgrammed& a) {
    return approximated(sqrt(a.exact_), a.constant_);
  }
  friend AsProgrammed pow(const AsProgrammed& x, const AsProgrammed& n) {
    Exact power = pow(x.exact_, n.exact_);
    const Wide roundings = n.value * unit;
    if (Program::now().multiplies() && n.value > 1)
      power.radius = roundings < 1 ? roundings / (1 - roundings) * power.magnitude
                                   : std::numeric_limits<Wide>::infinity();
    return made(power, true);
  }
  friend AsProgrammed maximum(const AsProgrammed& a, const AsProgrammed& b) {
    return made(maximum(a.exact_, b.exact_), a.constant_ && b.constant_);
  }
  friend AsProgrammed where_positive(const AsProgrammed& x, const AsProgrammed& then) {
    return made(where_positive(x.exact_, then.exact_), x.constant_ && then.constant_);
  }
  friend AsProgrammed where_alike(const AsProgrammed& x, const AsProgrammed& y,
                                  const AsProgrammed& then) {
    return made(where_alike(x.exact_, y.exact_, then.exact_),
                x.constant_ && y.constant_ && then.constant_);
  }

 private:
  static constexpr Wide unit = std::numeric_limits<Format>::epsilon() / 2;

  AsProgrammed(const Exact& exact, bool constant, std::size_t operation = 0)
      : value(exact.value),
        radius(exact.radius),
        magnitude(exact.magnitude),
        exact_(exact),
        constant_(constant),
        operation_(operation) {}

  static AsProgrammed made(Exact result, bool constant) {
    const auto operation = Program::now().count();
    for (const auto& [its, kept, is_stochastic] : Program::now().stores())
      if (its == operation) {
        const Wide size = (result.value < 0 ? -result.value : result.value) + result.radius;
        // Whose rounding is less than what the radius leaves for those of its own operations.
        result.radius += static_cast<Wide>(moved_by_store(kept, is_stochastic, size));
        // What is flushed may be multiplied by what was stored as well.
        result.reach = std::max(result.reach, result.magnitude + result.radius);
      }
    return {result, constant, operation};
  }

  static AsProgrammed approximated(Exact result, bool constant) {
    if (Program::now().approximates() && !constant)
      result.radius += 8 * unit * (result.magnitude + result.radius);
    return made(result, constant);
  }

  Exact exact_ = {};
  bool constant_ = true;
  std::size_t operation_ = 0;
};

}  // namespace truestep::trial
