// SPDX-License-Identifier: Apache-2.0
//
// Writes down what every kernel takes and what it has to store, for proofs/machine_code/check.py.
//
//     lane TYPE|NAME|COEFFICIENT...|STATE...|GRADIENT|TERM OF THETA|TERM OF STATE|...
//     root BITS TYPE|TERM
//
// A line `lane` stands for a lane of fast::lane::All: its type as the compiler mangles it, the name
// that proofs/lanes/RULE.hpp gives it, its inputs in the order of the kernel's arrays, its recorded
// terms in Coq. A line `root` holds the square root off the divider, as square_root.inl.hpp is
// written, from a seed of so many bits.

#include <bit>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include <truestep/fast/loop/square_root.inl.hpp>
#include <truestep/proofs/recorded_lanes.hpp>

namespace truestep::proofs {
namespace {

/// A vector that remembers how it was computed, bits and integers included.
struct Vector {
  std::string term;
};

std::string applied(std::string_view operation, std::initializer_list<Vector> operands) {
  std::string term = "(" + std::string(operation);
  for (const auto& operand : operands) term += " " + operand.term;
  return term + ")";
}

Vector operator*(const Vector& a, const Vector& b) { return {applied("Mul", {a, b})}; }
Vector fma(const Vector& a, const Vector& b, const Vector& c) {
  return {applied("Fma", {a, b, c})};
}
Vector minus_product(const Vector& c, const Vector& a, const Vector& b) {
  return {applied("MinusProduct", {c, a, b})};
}
Vector product_minus(const Vector& a, const Vector& b, const Vector& c) {
  return {applied("ProductMinus", {a, b, c})};
}
Vector moved(const Vector& a, int steps) {
  return {applied("Moved", {a, {std::to_string(steps)}})};
}
Vector halved(const Vector& a) { return {applied("Halved", {a})}; }
Vector raised_if_negative(const Vector& q, const Vector& x) {
  return {applied("RaisedIfNegative", {q, x})};
}
template <class T>
Vector constant(const Vector&, T value) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return {applied("Bits", {{std::to_string(std::bit_cast<Bits>(value))}})};
}

std::string names(const std::vector<Expression>& variables) {
  std::string list;
  for (const auto& variable : variables) list += (list.empty() ? "" : " ") + variable.name();
  return list;
}

void write_lanes() {
  for_each_lane<fast::lane::All>([]<class Lane>() {
    const auto recording = record<Lane>(inputs<Lane>());
    const auto& in = recording.inputs;
    std::cout << "lane " << typeid(Lane).name() << "|" << in.lane << "|" << names(in.coefficients)
              << "|" << names(in.states) << "|" << in.gradient.name() << "|"
              << recording.theta.term();
    for (const auto& state : recording.states) std::cout << "|" << state.term();
    std::cout << "\n";
  });
}

template <class T>
void write_roots(const char* type) {
  using namespace fast::lane;
  const Vector x{"X"}, seed{"Seed"};
  std::cout << "root 14 " << type << "|" << square_root<T, seed_of_14_bits<T>>(x, seed).term
            << "\nroot 11 " << type << "|" << square_root<T, seed_of_11_bits<T>>(x, seed).term
            << "\n";
}

}  // namespace
}  // namespace truestep::proofs

int main() {
  truestep::proofs::write_lanes();
  truestep::proofs::write_roots<float>("float");
  truestep::proofs::write_roots<double>("double");
}
