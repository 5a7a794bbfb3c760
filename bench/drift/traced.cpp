// SPDX-License-Identifier: Apache-2.0
#include "traced.hpp"

#include <algorithm>
#include <stdexcept>

namespace truestep::drift {

std::size_t Operations::next(const char* kind) {
  if (first_ + done_ == most_sources) throw std::length_error("a step has too many operations");
  if (done_ == of_step_.size()) of_step_.emplace_back();
  of_step_[done_] = {.kind = kind};
  return first_ + done_++;
}

void Operations::remember(std::size_t source, const Operation& operation) {
  of_step_[source - first_] = operation;
  if (std::isfinite(operation.result.computed)) return;
  const auto is_finite = [](const Operand& operand) { return std::isfinite(operand.computed); };
  if (std::all_of(operation.operands.begin(),
                  operation.operands.begin() + static_cast<std::ptrdiff_t>(operation.arity),
                  is_finite))
    found_not_finite(source);
}

void Operations::operator()(std::string_view quantity) {
  for (; named_ < done_; ++named_) {
    if (named_ < names_.size()) continue;
    const std::string name = std::string(quantity) + ": " + of_step_[named_].kind;
    const auto before = std::count_if(names_.begin(), names_.end(),
                                      [&](const auto& n) { return n.starts_with(name); });
    names_.push_back(before == 0 ? name : name + " " + std::to_string(before + 1));
  }
}

Traced Traced::after(const char* kind, const Rounded& computed, double exact,
                     std::initializer_list<const Traced*> operands) {
  Operations* const operations = (*operands.begin())->operations;
  Traced result{computed, exact, {}, operations, operations->next(kind)};
  result.shares[result.source] = computed.error();
  Operation done{kind, result.operand(), {}, operands.size()};
  std::transform(operands.begin(), operands.end(), done.operands.begin(),
                 [](const Traced* operand) { return operand->operand(); });
  operations->remember(result.source, done);
  return result;
}

Traced& Traced::plus(double slope, const Traced& operand) {
  for (std::size_t i = 0; i < most_sources; ++i) shares[i] += slope * operand.shares[i];
  return *this;
}

Traced operator-(const Traced& a) {
  return Traced{-a.computed, -a.exact, {}, a.operations, a.source}.plus(-1, a);
}

Traced operator+(const Traced& a, const Traced& b) {
  return Traced::after("sum", a.computed + b.computed, a.exact + b.exact, {&a, &b})
      .plus(1, a)
      .plus(1, b);
}

Traced operator-(const Traced& a, const Traced& b) {
  return Traced::after("difference", a.computed - b.computed, a.exact - b.exact, {&a, &b})
      .plus(1, a)
      .plus(-1, b);
}

Traced operator*(const Traced& a, const Traced& b) {
  return Traced::after("product", a.computed * b.computed, a.exact * b.exact, {&a, &b})
      .plus(b.middle(), a)
      .plus(a.middle(), b);
}

Traced operator/(const Traced& a, const Traced& b) {
  const auto over_both = [&](double x) { return x / b.computed.value() / b.exact; };
  return Traced::after("quotient", a.computed / b.computed, a.exact / b.exact, {&a, &b})
      .plus(over_both(b.middle()), a)
      .plus(over_both(-a.middle()), b);
}

Traced sqrt(const Traced& a) {
  const double roots = std::sqrt(a.computed.value()) + std::sqrt(a.exact);
  return Traced::after("root", sqrt(a.computed), std::sqrt(a.exact), {&a})
      .plus(roots == 0 ? 0 : 1 / roots, a);
}

Traced fma(const Traced& a, const Traced& b, const Traced& c) {
  return Traced::after("fma", fma(a.computed, b.computed, c.computed),
                       std::fma(a.exact, b.exact, c.exact), {&a, &b, &c})
      .plus(b.middle(), a)
      .plus(a.middle(), b)
      .plus(1, c);
}

Traced decay(const Traced& w, const Traced& v) {
  return Traced::after("decay", decay(w.computed, v.computed), std::fma(-w.exact, v.exact, v.exact),
                       {&w, &v})
      .plus(1 - w.middle(), v)
      .plus(-v.middle(), w);
}

Traced maximum(const Traced& a, const Traced& b) {
  const auto takes_b = [](double x, double y) { return x < y || std::isnan(y); };
  const double computed_lead = a.computed.value() - b.computed.value();
  const double exact_lead = a.exact - b.exact;
  const bool b_computed = takes_b(a.computed.value(), b.computed.value());
  const bool b_exact = takes_b(a.exact, b.exact);
  double slope = b_computed ? 0 : 1;
  if (b_computed != b_exact)
    slope = b_exact ? computed_lead / (computed_lead - exact_lead)
                    : exact_lead / (exact_lead - computed_lead);
  Traced result{maximum(a.computed, b.computed),
                b_exact ? b.exact : a.exact,
                {},
                a.operations,
                b_computed ? b.source : a.source};
  return result.plus(slope, a).plus(1 - slope, b);
}

Traced at_least_zero(const Traced& x) {
  if (x.operations->keeps_negative) return x;
  return maximum(x, Traced{x.computed.zero(), 0, {}, x.operations});
}

Traced where_positive(const Traced& x, const Traced& value) {
  const bool now = x.computed.value() > 0, ideally = x.exact > 0;
  Traced result{where_positive(x.computed, value.computed),
                ideally ? value.exact : 0,
                {},
                x.operations,
                now ? value.source : Operand::nowhere};
  if (now && ideally) return result.plus(1, value);
  if (now == ideally) return result;
  const double step = (now ? 1 : -1) / (x.computed.value() - x.exact);
  return result.plus(0.5, value).plus(value.middle() * step, x);
}

}  // namespace truestep::drift
