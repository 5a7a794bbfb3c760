// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace truestep::proofs {

/// A number that remembers how it was computed, for people to read: run through a formula of the
/// reference it becomes that formula, so that what is printed cannot differ from what is computed.
///
/// Nothing is evaluated and no term is moved. Only x 1, x / 1, x^1, x^0, 1^x, sqrt(1), x + 0, x -
/// 0, x - -y and x 0 are shortened: what is left of a choice that a convention does not make. Two
/// symbols are equal if they were computed alike.
class Symbol {
 public:
  /// The step at which a formula has to be run to stay general: this whole number prints as t, and
  /// its neighbours and multiples as t - 1, t + 1, 2 * t - 1.
  static constexpr std::uint64_t t = std::uint64_t{1} << 40;

  Symbol(double value = 0) : Symbol(Operation::number, {}, shortest(value), value) {}
  Symbol(int value) : Symbol(static_cast<double>(value)) {}
  Symbol(std::uint64_t value)
      : Symbol(value < t / 2 ? Symbol(static_cast<double>(value)) : counted(value)) {}

  static Symbol named(std::string name) { return {Operation::name, {}, std::move(name)}; }

  /// What to print, or to compute with, in a symbol's place.
  using Name = std::function<std::optional<std::string>(const Symbol&)>;
  using Replacement = std::function<std::optional<Symbol>(const Symbol&)>;

  /// The formula, in which * and / go from left to right.
  std::string text(const Name& name) const { return written(name).text; }

  /// The formula with its symbols replaced, and `step` for t.
  Symbol replaced(const Replacement& replacement, std::uint64_t step) const {
    if (auto other = replacement(*this)) return *other;
    if (node_->operation == Operation::step) return node_->steps * step + node_->offset;
    if (node_->operands.empty()) return *this;
    std::vector<Symbol> operands;
    for (const auto& operand : node_->operands)
      operands.push_back(operand.replaced(replacement, step));
    return applied(node_->operation, operands);
  }

  friend bool operator==(const Symbol& a, const Symbol& b) {
    return a.node_ == b.node_ ||
           (a.node_->operation == b.node_->operation && a.node_->text == b.node_->text &&
            a.node_->operands == b.node_->operands);
  }
  bool is_name() const { return node_->operation == Operation::name; }

  // What it was computed from, for whoever writes it down in another language.

  enum class Operation {
    number,
    step,
    name,
    negate,
    add,
    subtract,
    multiply,
    divide,
    power,
    root,
    maximum,
    where_positive,
    where_alike
  };
  Operation operation() const { return node_->operation; }
  const std::vector<Symbol>& operands() const { return node_->operands; }
  const std::string& name() const { return node_->text; }  ///< of a name
  double value() const { return node_->value.value(); }    ///< of a number
  /// A step is steps() t + offset().
  std::uint64_t steps() const { return node_->steps; }
  std::int64_t offset() const { return static_cast<std::int64_t>(node_->offset); }

  bool contains(const Symbol& part) const {
    if (*this == part) return true;
    for (const auto& operand : node_->operands)
      if (operand.contains(part)) return true;
    return false;
  }

  friend Symbol operator-(const Symbol& a) { return {Operation::negate, {a}}; }
  friend Symbol operator+(const Symbol& a, const Symbol& b) {
    return a.is(0) ? b : b.is(0) ? a : Symbol(Operation::add, {a, b});
  }
  friend Symbol operator-(const Symbol& a, const Symbol& b) {
    if (b.node_->operation == Operation::negate) return a + b.node_->operands[0];
    return b.is(0) ? a : Symbol(Operation::subtract, {a, b});
  }
  friend Symbol operator*(const Symbol& a, const Symbol& b) {
    if (a.is(0) || b.is(0)) return 0;
    return a.is(1) ? b : b.is(1) ? a : Symbol(Operation::multiply, {a, b});
  }
  friend Symbol operator/(const Symbol& a, const Symbol& b) {
    return b.is(1) ? a : Symbol(Operation::divide, {a, b});
  }
  friend Symbol pow(const Symbol& a, const Symbol& n) {
    if (a.is(1) || n.is(0)) return 1;
    return n.is(1) ? a : Symbol(Operation::power, {a, n});
  }
  friend Symbol sqrt(const Symbol& a) { return a.is(1) ? a : Symbol(Operation::root, {a}); }
  friend Symbol maximum(const Symbol& a, const Symbol& b) { return {Operation::maximum, {a, b}}; }
  friend Symbol where_positive(const Symbol& x, const Symbol& value) {
    return {Operation::where_positive, {x, value}};
  }
  friend Symbol where_alike(const Symbol& x, const Symbol& y, const Symbol& value) {
    return value.is(0) ? value : Symbol(Operation::where_alike, {x, y, value});
  }

 private:
  struct Node {
    Operation operation;
    std::vector<Symbol> operands;
    std::string text;
    std::optional<double> value;
    std::uint64_t steps = 0, offset = 0;  ///< of a step: steps t + offset, modulo 2^64
  };

  /// What binds how strongly, the weakest first.
  enum Binding { sum, product, raised, whole };
  struct Written {
    std::string text;
    Binding binding;

    std::string at_least(Binding least) const { return binding < least ? "(" + text + ")" : text; }
  };

  Symbol(Operation operation, std::vector<Symbol> operands, std::string text = {},
         std::optional<double> value = {})
      : node_(std::make_shared<const Node>(
            Node{operation, std::move(operands), std::move(text), value})) {}

  /// A whole number that was computed from t.
  static Symbol counted(std::uint64_t value) {
    Node node{Operation::step, {}, "t", {}};
    node.steps = (value + t / 2) / t;
    node.offset = value - node.steps * t;
    if (node.steps != 1) node.text = std::to_string(node.steps) + " * t";
    const auto offset = static_cast<std::int64_t>(node.offset);
    if (offset != 0)
      node.text += (offset < 0 ? " - " : " + ") + std::to_string(offset < 0 ? -offset : offset);
    Symbol symbol;
    symbol.node_ = std::make_shared<const Node>(std::move(node));
    return symbol;
  }

  bool is(double value) const { return node_->value == value; }

  static std::string shortest(double value) {
    std::array<char, 32> digits;
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
  }

  static Symbol applied(Operation operation, const std::vector<Symbol>& x) {
    switch (operation) {
      case Operation::negate:
        return -x[0];
      case Operation::add:
        return x[0] + x[1];
      case Operation::subtract:
        return x[0] - x[1];
      case Operation::multiply:
        return x[0] * x[1];
      case Operation::divide:
        return x[0] / x[1];
      case Operation::power:
        return pow(x[0], x[1]);
      case Operation::root:
        return sqrt(x[0]);
      case Operation::maximum:
        return maximum(x[0], x[1]);
      case Operation::where_positive:
        return where_positive(x[0], x[1]);
      default:
        return where_alike(x[0], x[1], x[2]);
    }
  }

  /// a + -b is written a - b, and a - -b is written a + b.
  static std::string added(const std::string& a, bool minus, const std::string& b) {
    const bool negative = b.front() == '-';
    return a + (minus != negative ? " - " : " + ") + (negative ? b.substr(1) : b);
  }

  Written written(const Name& name) const {
    if (const auto known = name(*this)) return {*known, whole};
    std::vector<Written> x;
    for (const auto& operand : node_->operands) x.push_back(operand.written(name));
    switch (node_->operation) {
      case Operation::negate:
        return {"-" + x[0].at_least(raised), product};
      case Operation::add:
      case Operation::subtract:
        return {added(x[0].text, node_->operation == Operation::subtract, x[1].at_least(product)),
                sum};
      case Operation::multiply:
        if (node_->operands[0] == node_->operands[1]) return {x[0].at_least(whole) + "^2", raised};
        return {x[0].at_least(product) + " * " + x[1].at_least(raised), product};
      case Operation::divide:
        return {x[0].at_least(product) + " / " + x[1].at_least(raised), product};
      case Operation::power:
        return {x[0].at_least(whole) + "^" + x[1].at_least(whole), raised};
      case Operation::root:
        return {"sqrt(" + x[0].text + ")", whole};
      case Operation::maximum:
        return {"max(" + x[0].text + ", " + x[1].text + ")", whole};
      case Operation::where_positive:
        return {"(" + x[1].text + " if " + x[0].text + " > 0 else 0)", whole};
      case Operation::where_alike:
        return {
            "(" + x[2].text + " if " + x[0].text + " and " + x[1].text + " have one sign else 0)",
            whole};
      default:
        return {node_->text, node_->offset != 0 ? sum : node_->steps > 1 ? product : whole};
    }
  }

  std::shared_ptr<const Node> node_;
};

}  // namespace truestep::proofs
