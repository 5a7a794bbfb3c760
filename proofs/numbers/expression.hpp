// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace truestep::proofs {

enum class Operation {
  variable,
  negate,
  add,
  subtract,
  multiply,
  divide,
  root,
  fused,
  decay,
  maximum,
  at_least_zero,
  where_positive
};

/// What is known of a variable, or follows for an expression.
enum class Range { any, non_negative, unit_interval };

/// A number that remembers how it was computed. Run through a lane it becomes what the lane is: a
/// term in the syntax of theory/arithmetic/Expression.v, about which the theorems speak.
///
/// Two expressions are the same if their terms read the same. Copies share what they are made of.
class Expression {
 public:
  /// A literal stands in the term as a variable whose name is its value: the Coq syntax knows no
  /// constants, so that a theorem about it would have to say what it is.
  Expression(double literal = 0)
      : Expression(Operation::variable, {}, shortest(literal), range_of(literal)) {}

  static Expression variable(const std::string& name, Range range = Range::any) {
    return {Operation::variable, {}, name, range};
  }

  Operation operation() const { return node_->operation; }
  const std::vector<Expression>& operands() const { return node_->operands; }
  /// The name of a variable.
  const std::string& name() const { return node_->name; }
  /// Its values, while the variables keep within their ranges and no divisor is zero.
  Range range() const { return node_->range; }
  bool non_negative() const { return range() != Range::any; }

  /// The term, in Coq.
  const std::string& term() const { return node_->term; }
  friend bool operator==(const Expression& a, const Expression& b) { return a.term() == b.term(); }

  /// FNV-1a, 64 bits, over the term, in hexadecimal: by this a theorem knows its expression.
  std::string hash() const {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char character : term())
      hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    std::string digits(16, '0');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, hash >>= 4)
      *digit = "0123456789abcdef"[hash & 15];
    return digits;
  }

  friend Expression operator-(const Expression& a) { return {Operation::negate, {a}}; }
  friend Expression operator+(const Expression& a, const Expression& b) {
    return {Operation::add, {a, b}};
  }
  friend Expression operator-(const Expression& a, const Expression& b) {
    return {Operation::subtract, {a, b}};
  }
  friend Expression operator*(const Expression& a, const Expression& b) {
    return {Operation::multiply, {a, b}};
  }
  friend Expression operator/(const Expression& a, const Expression& b) {
    return {Operation::divide, {a, b}};
  }
  friend Expression sqrt(const Expression& a) { return {Operation::root, {a}}; }
  friend Expression fma(const Expression& a, const Expression& b, const Expression& c) {
    return {Operation::fused, {a, b, c}};
  }
  friend Expression decay(const Expression& weight, const Expression& value) {
    return {Operation::decay, {weight, value}};
  }
  friend Expression maximum(const Expression& a, const Expression& b) {
    return {Operation::maximum, {a, b}};
  }
  friend Expression at_least_zero(const Expression& x) { return {Operation::at_least_zero, {x}}; }
  friend Expression where_positive(const Expression& x, const Expression& value) {
    return {Operation::where_positive, {x, value}};
  }

 private:
  struct Node {
    Operation operation;
    std::vector<Expression> operands;
    std::string name;
    Range range;
    std::string term;
  };

  Expression(Operation operation, std::vector<Expression> operands, std::string name, Range range)
      : node_(std::make_shared<const Node>(
            Node{operation, operands, name, range, written(operation, operands, name)})) {}

  Expression(Operation operation, std::vector<Expression> operands)
      : Expression(operation, operands, "", range_of(operation, operands)) {}

  static std::string shortest(double literal) {
    std::array<char, 32> digits;
    return {digits.data(),
            std::to_chars(digits.data(), digits.data() + digits.size(), literal).ptr};
  }

  static Range range_of(double literal) {
    if (!(literal >= 0)) return Range::any;
    return literal <= 1 ? Range::unit_interval : Range::non_negative;
  }

  static std::string written(Operation operation, const std::vector<Expression>& operands,
                             const std::string& name) {
    static constexpr std::array constructors{"Var",   "Neg", "Add",      "Sub",
                                             "Mul",   "Div", "Sqrt",     "Fma",
                                             "Decay", "Max", "AtLeast0", "IfPositive"};
    std::string term = constructors[static_cast<std::size_t>(operation)];
    if (operation == Operation::variable) term += " \"" + name + "\"";
    for (const auto& operand : operands) term += " (" + operand.term() + ")";
    return term;
  }

  /// The sign of a product, as far as it can be told: factors that occur twice are a square.
  class Product {
   public:
    void multiply_by(const Expression& factor) {
      const auto& operands = factor.operands();
      switch (factor.operation()) {
        case Operation::negate:
          negated_ = !negated_;
          [[fallthrough]];
        case Operation::multiply:
        case Operation::divide:
          for (const auto& operand : operands) multiply_by(operand);
          return;
        case Operation::decay:
          if (operands[0].range() == Range::unit_interval) return multiply_by(operands[1]);
          break;
        default:
          break;
      }
      if (factor.non_negative()) return;
      if (!unpaired_.insert(factor.term()).second) unpaired_.erase(factor.term());
    }
    bool non_negative() const { return !negated_ && unpaired_.empty(); }

   private:
    bool negated_ = false;
    std::set<std::string> unpaired_;
  };

  static Range range_of(Operation operation, const std::vector<Expression>& operands) {
    Product product;
    switch (operation) {
      case Operation::root:
      case Operation::at_least_zero:
        return Range::non_negative;
      case Operation::maximum:
        return operands[0].non_negative() || operands[1].non_negative() ? Range::non_negative
                                                                        : Range::any;
      case Operation::where_positive:
        return operands[1].range();
      case Operation::add:
        return operands[0].non_negative() && operands[1].non_negative() ? Range::non_negative
                                                                        : Range::any;
      case Operation::subtract:
        return Range::any;
      case Operation::fused:
        if (!operands[2].non_negative()) return Range::any;
        product.multiply_by(operands[0]);
        product.multiply_by(operands[1]);
        break;
      case Operation::decay:
        if (operands[0].range() != Range::unit_interval) return Range::any;
        product.multiply_by(operands[1]);
        break;
      default:
        if (operation == Operation::negate) product.multiply_by(-1.0);
        for (const auto& operand : operands) product.multiply_by(operand);
    }
    return product.non_negative() ? Range::non_negative : Range::any;
  }

  std::shared_ptr<const Node> node_;
};

}  // namespace truestep::proofs
