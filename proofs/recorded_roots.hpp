// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include <truestep/fast/loop/square_root.inl.hpp>

#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// A number of fast/loop/square_root.inl.hpp that writes down its arithmetic. What moves bits is
/// not arithmetic, and becomes a variable that says so: "seed_lowered_by_1040" is the seed moved by
/// so many numbers, "after" the number after the one that is tested. theory/arithmetic/
/// RecordedRoots.v says what these are.
///
/// @tparam Number  Expression, or a number type made from one that becomes one again
template <class Number>
struct RootNumber {
  Number value;
  /// A product with the number after another has that other here; a root has its test.
  Number beside = Number();

  friend RootNumber operator*(const RootNumber& a, const RootNumber& b) {
    return {a.value * b.value};
  }
  friend RootNumber fma(const RootNumber& a, const RootNumber& b, const RootNumber& c) {
    return {fma(a.value, b.value, c.value)};
  }
  friend RootNumber minus_product(const RootNumber& c, const RootNumber& a, const RootNumber& b) {
    return {fma(-a.value, b.value, c.value)};
  }
  friend RootNumber product_minus(const RootNumber& a, const RootNumber& b, const RootNumber& c) {
    return {fma(a.value, b.value, -c.value), b.beside};
  }
  /// Half of a normal number is that times 1/2, exactly.
  friend RootNumber halved(const RootNumber& a) { return {Number(0.5) * a.value}; }
  template <class T>
  friend RootNumber constant(const RootNumber&, T given) {
    return {Number(static_cast<double>(given))};
  }
  friend RootNumber moved(const RootNumber& a, int steps) {
    if (steps == 1) return {Number(Expression::variable("after")), a.value};
    const Expression seed(a.value);
    if (seed.operation() != Operation::variable || steps > 0)
      throw std::logic_error("something else is moved than a seed, or the other way");
    return {Number(Expression::variable(seed.name() + "_lowered_by_" + std::to_string(-steps)))};
  }
  friend RootNumber raised_if_negative(const RootNumber& q, const RootNumber& test) {
    if (!(Expression(q.value) == Expression(test.beside)))
      throw std::logic_error("another number is raised than the one that was tested");
    return {q.value, test.value};
  }
};

/// The root off the divider from one kind of seed, and the theorem that says what it is.
template <class Number>
struct RecordedRoot {
  std::string_view name, theorem;
  RootNumber<Number> (*run)(const RootNumber<Number>&, const RootNumber<Number>&);

  /// What is raised where the test is negative, and the test.
  struct Parts {
    Expression below, test;
  };
  Parts recorded() const {
    const auto named = [](const char* variable) {
      return RootNumber<Number>{Number(Expression::variable(variable))};
    };
    const auto root = run(named("x"), named("seed"));
    return {Expression(root.value), Expression(root.beside)};
  }
};

template <class Number>
constexpr auto recorded_roots() {
  using fast::lane::seed_of_11_bits, fast::lane::seed_of_14_bits, fast::lane::square_root;
  using Root = RootNumber<Number>;
  return std::to_array<RecordedRoot<Number>>({
      {"root_of_14_bits_binary32", "root_of_14_bits_in_binary32",
       square_root<float, seed_of_14_bits<float>, Root>},
      {"root_of_11_bits_binary32", "root_of_11_bits_in_binary32",
       square_root<float, seed_of_11_bits<float>, Root>},
      {"root_of_14_bits_binary64", "root_of_14_bits_in_binary64",
       square_root<double, seed_of_14_bits<double>, Root>},
      {"root_of_11_bits_binary64", "root_of_11_bits_in_binary64",
       square_root<double, seed_of_11_bits<double>, Root>},
  });
}

}  // namespace truestep::proofs
