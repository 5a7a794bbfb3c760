// SPDX-License-Identifier: Apache-2.0
#include "spelled.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truestep::drift {
namespace {

/// How strongly the parts of a text hold together; an operand that is weaker than its place needs
/// brackets.
enum Binding : int { of_sum = 1, of_product = 2, of_name = 3 };

/// What an operation does, as a sentence calls it.
std::string_view deed(std::string_view kind) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"sum", "addition"},
      {"difference", "subtraction"},
      {"product", "product"},
      {"quotient", "division"},
      {"root", "square root"},
      {"fma", "fused multiply-add"},
      {"decay", "decay, a fused multiply-add,"}};
  const auto* const found = std::find_if(std::begin(known), std::end(known),
                                         [&](const auto& one) { return one.first == kind; });
  return found == std::end(known) ? kind : found->second;
}

const Spelled* found(const Spelled& in, std::size_t operation) {
  if (in.node().operation == operation) return &in;
  for (const Spelled& operand : in.node().operands)
    if (const Spelled* const here = found(operand, operation)) return here;
  return nullptr;
}

}  // namespace

Spelled Spelled::done(const char* kind, std::vector<Spelled> operands) {
  Operations* const operations = operands.front().operations_;
  const std::size_t operation = operations->next(kind);
  return {Node{kind, std::move(operands), operation}, operations};
}

Spelled Spelled::taken(const char* kind, std::vector<Spelled> operands) {
  Operations* const operations = operands.front().operations_;
  return {Node{kind, std::move(operands)}, operations};
}

Spelled operator-(const Spelled& a) { return Spelled::taken("negative", {a}); }
Spelled operator+(const Spelled& a, const Spelled& b) { return Spelled::done("sum", {a, b}); }
Spelled operator-(const Spelled& a, const Spelled& b) {
  return Spelled::done("difference", {a, b});
}
Spelled operator*(const Spelled& a, const Spelled& b) { return Spelled::done("product", {a, b}); }
Spelled operator/(const Spelled& a, const Spelled& b) { return Spelled::done("quotient", {a, b}); }
Spelled sqrt(const Spelled& a) { return Spelled::done("root", {a}); }
Spelled fma(const Spelled& a, const Spelled& b, const Spelled& c) {
  return Spelled::done("fma", {a, b, c});
}
Spelled decay(const Spelled& w, const Spelled& v) { return Spelled::done("decay", {w, v}); }
Spelled maximum(const Spelled& a, const Spelled& b) { return Spelled::taken("max", {a, b}); }
Spelled at_least_zero(const Spelled& x) {
  return x.operations_->keeps_negative ? x : Spelled::taken("at least 0", {x});
}
Spelled where_positive(const Spelled& x, const Spelled& value) {
  return Spelled::taken("where positive", {x, value});
}

std::string Spelling::left(std::size_t line) const {
  const auto& quantity = step_.lines[line].quantity;
  const bool is_kept =
      std::find(step_.kept.begin(), step_.kept.end(), quantity) != step_.kept.end();
  return quantity + (is_kept ? "'" : "");
}

std::string Spelling::text(const Spelled& number, int binding, std::size_t line) const {
  const Spelled::Node& node = number.node();
  if (node.operands.empty()) return node.what;
  for (std::size_t before = 0; before < line; ++before)
    if (step_.lines[before].value == number) return left(before);
  const auto operand = [&](std::size_t i, int least) {
    return text(node.operands[i], least, line);
  };
  const auto& kind = node.what;
  std::string all;
  int own = of_name;
  if (kind == "sum" || kind == "difference") {
    all = operand(0, of_sum) + (kind == "sum" ? " + " : " - ") + operand(1, of_product);
    own = of_sum;
  } else if (kind == "product" || kind == "quotient") {
    all = operand(0, of_product) + (kind == "product" ? " * " : " / ") + operand(1, of_name);
    own = of_product;
  } else if (kind == "fma") {
    all = operand(0, of_product) + " * " + operand(1, of_name) + " + " + operand(2, of_product);
    own = of_sum;
  } else if (kind == "decay") {
    all = fmt::format("(1 - {}) * {}", operand(0, of_product), operand(1, of_name));
    own = of_product;
  } else if (kind == "negative") {
    all = fmt::format("-{}", operand(0, of_name));
    own = of_product;
  } else if (kind == "root") {
    all = fmt::format("sqrt({})", operand(0, 0));
  } else if (kind == "max") {
    all = fmt::format("max({}, {})", operand(0, 0), operand(1, 0));
  } else if (kind == "at least 0") {
    all = fmt::format("max({}, 0)", operand(0, 0));
  } else {
    all = fmt::format("({} where {} is positive, else 0)", operand(1, 0), operand(0, 0));
  }
  if (own < binding) all = fmt::format("({})", all);
  return node.operation ? marked(*node.operation, all) : all;
}

std::string Spelling::of(std::size_t operation) const {
  for (std::size_t line = 0; line < step_.lines.size(); ++line)
    if (const Spelled* const here = found(step_.lines[line].value, operation))
      return text(*here, 0, line);
  return "";
}

std::optional<std::size_t> SpelledStep::operation(std::string_view name) const {
  const auto found = std::find(operations.begin(), operations.end(), name);
  if (found == operations.end()) return {};
  return static_cast<std::size_t>(found - operations.begin());
}

std::string SpelledStep::words_of(std::size_t of) const {
  const auto& name = operations[of];
  const auto colon = name.find(": ");
  const auto kind = name.substr(colon + 2, name.find(' ', colon + 2) - colon - 2);
  const auto gives = std::find_if(lines.begin(), lines.end(), [&](const Line& line) {
    return line.value.node().operation == of;
  });
  return fmt::format("{}, the {} {}", Spelling(*this).of(of), deed(kind),
                     gives != lines.end() ? "that gives " + gives->quantity
                                          : "on the way to " + name.substr(0, colon));
}

}  // namespace truestep::drift
