// SPDX-License-Identifier: Apache-2.0
#include "traced.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "runs/instructions.hpp"
#include "scaled_format.hpp"

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

struct Traced::Work {
  /// A number without shares, to be filled.
  static Traced like(const Traced& a) {
    Traced result;
    result.values_ = Pooled<Values>::fresh();
    result.arithmetic_ = a.arithmetic_;
    result.operations_ = a.operations_;
    result.source_ = a.source_;
    if (!a.operations_->attributes) return result;
    result.shares_ = Pooled<Shares>::fresh();
    result.shares_->sources = 0;
    return result;
  }

  static Row& computed(Traced& a) { return a.values_->computed; }
  static Row& exact(Traced& a) { return a.values_->exact; }

  /// The result of an operation with its local error alone.
  ///
  /// @param round  (result, error): by the arithmetic
  /// @param exact  of a column
  template <class Round, class Exact>
  static Traced after(const char* kind, std::initializer_list<const Traced*> operands, Round round,
                      Exact exact) {
    Traced result = like(**operands.begin());
    Operations& operations = *result.operations_;
    result.source_ = operations.next(kind);
    Row& ideal = result.values_->exact;
    if (result.shares_) {
      result.shares_->sources = std::uint64_t{1} << result.source_;
      round(result.values_->computed, result.shares_->share[result.source_]);
    } else {
      Row error;
      round(result.values_->computed, error);
    }
    const std::size_t columns = operations.columns;
    runs::run_best([&] {
      for (std::size_t i = 0; i < columns; ++i) ideal[i] = exact(i);
    });
    if (operations.remembers) {
      Operation done{kind, result.operand(), {}, operands.size()};
      std::transform(operands.begin(), operands.end(), done.operands.begin(),
                     [](const Traced* operand) { return operand->operand(); });
      operations.remember(result.source_, done);
    }
    return result;
  }

  /// A slope for each column.
  template <class Slope>
  static Traced& plus(Traced& result, const Traced& operand, Slope slope) {
    if (!result.shares_) return result;
    Row slopes;
    const std::size_t columns = result.operations_->columns;
    runs::run_best([&] {
      for (std::size_t i = 0; i < columns; ++i) slopes[i] = slope(i);
    });
    return result.plus(slopes, operand);
  }
};

Traced::Traced(RowArithmetic& arithmetic, Operations& operations, std::span<const double> computed,
               std::span<const double> exact, std::size_t source)
    : values_(Pooled<Values>::fresh()),
      arithmetic_(&arithmetic),
      operations_(&operations),
      source_(source) {
  for (std::size_t i = 0; i < row_size; ++i) {
    values_->computed[i] = i < computed.size() ? computed[i] : 0;
    values_->exact[i] = i < exact.size() ? exact[i] : 0;
  }
  if (!operations.attributes) return;
  shares_ = Pooled<Shares>::fresh();
  shares_->sources = 0;
}

Traced::Traced(RowArithmetic& arithmetic, Operations& operations, double computed, double exact,
               std::size_t source)
    : Traced(arithmetic, operations, std::span<const double>(), std::span<const double>(), source) {
  values_->computed.fill(computed);
  values_->exact.fill(exact);
}

void Traced::set_exact(std::span<const double> exact) {
  if (values_.is_shared()) {
    auto own = Pooled<Values>::fresh();
    *own = *values_;
    values_ = std::move(own);
  }
  std::copy(exact.begin(), exact.end(), values_->exact.begin());
}

void Traced::own_shares() {
  if (!shares_.is_shared()) return;
  auto own = Pooled<Shares>::fresh();
  own->sources = shares_->sources;
  for (std::size_t source = 0; source < most_sources; ++source)
    if (has_share(source)) own->share[source] = shares_->share[source];
  shares_ = std::move(own);
}

void Traced::add_share(std::size_t source, std::span<const double> more) {
  if (!shares_) return;
  own_shares();
  Row& share = shares_->share[source];
  if (!has_share(source)) share.fill(0);
  shares_->sources |= std::uint64_t{1} << source;
  for (std::size_t i = 0; i < more.size(); ++i) share[i] += more[i];
}

Traced Traced::stored(RowArithmetic& in, std::size_t source, std::optional<float> scale) const {
  Traced result = *this;
  result.values_ = Pooled<Values>::fresh();
  result.values_->exact = values_->exact;
  result.source_ = source;
  const Row& given = values_->computed;
  Row &kept = result.values_->computed, error;
  if (scale) {
    const std::size_t columns = operations_->columns;
    Row codes;
    for (std::size_t i = 0; i < columns; ++i) codes[i] = ScaledFormat::code(given[i], *scale);
    in.round(codes, kept, error);
    for (std::size_t i = 0; i < columns; ++i) {
      kept[i] = ScaledFormat::value(kept[i], *scale);
      error[i] = kept[i] - given[i];
    }
  } else {
    in.round(given, kept, error);
  }
  result.add_share(source, std::span(error).first(operations_->columns));
  return result;
}

Traced Traced::column(std::size_t i, RowArithmetic& arithmetic, Operations& operations) const {
  return {arithmetic, operations, values_->computed[i], values_->exact[i], source_};
}

Traced& Traced::plus(const Row& slope, const Traced& operand) {
  const std::size_t columns = operations_->columns;
  runs::run_best([&] {
    for (std::uint64_t rest = operand.shares_->sources; rest != 0; rest &= rest - 1) {
      const auto source = static_cast<std::size_t>(std::countr_zero(rest));
      const double* const from = operand.shares_->share[source].data();
      double* const to = shares_->share[source].data();
      const double* const by = slope.data();
      if (has_share(source))
        for (std::size_t column = 0; column < columns; ++column)
          to[column] += by[column] * from[column];
      else
        for (std::size_t column = 0; column < columns; ++column)
          to[column] = by[column] * from[column];
    }
  });
  shares_->sources |= operand.shares_->sources;
  return *this;
}

Traced operator-(const Traced& a) {
  using Work = Traced::Work;
  Traced result = Work::like(a);
  Row &computed = Work::computed(result), &exact = Work::exact(result);
  for (std::size_t i = 0; i < row_size; ++i) {
    computed[i] = -a.computed()[i];
    exact[i] = -a.exact()[i];
  }
  return Work::plus(result, a, [](std::size_t) { return -1.0; });
}

Traced operator+(const Traced& a, const Traced& b) {
  const Row &x = a.exact(), &y = b.exact();
  Traced result = Traced::Work::after(
      "sum", {&a, &b},
      [&](Row& r, Row& e) { a.arithmetic_->sum(a.computed(), b.computed(), r, e); },
      [&](std::size_t i) { return x[i] + y[i]; });
  Traced::Work::plus(result, a, [](std::size_t) { return 1.0; });
  return Traced::Work::plus(result, b, [](std::size_t) { return 1.0; });
}

Traced operator-(const Traced& a, const Traced& b) {
  const Row &x = a.exact(), &y = b.exact();
  Traced result = Traced::Work::after(
      "difference", {&a, &b},
      [&](Row& r, Row& e) { a.arithmetic_->difference(a.computed(), b.computed(), r, e); },
      [&](std::size_t i) { return x[i] - y[i]; });
  Traced::Work::plus(result, a, [](std::size_t) { return 1.0; });
  return Traced::Work::plus(result, b, [](std::size_t) { return -1.0; });
}

Traced operator*(const Traced& a, const Traced& b) {
  const Row &x = a.exact(), &y = b.exact(), &x_now = a.computed(), &y_now = b.computed();
  Traced result = Traced::Work::after(
      "product", {&a, &b}, [&](Row& r, Row& e) { a.arithmetic_->product(x_now, y_now, r, e); },
      [&](std::size_t i) { return x[i] * y[i]; });
  Traced::Work::plus(result, a, [&](std::size_t i) { return (y_now[i] + y[i]) / 2; });
  return Traced::Work::plus(result, b, [&](std::size_t i) { return (x_now[i] + x[i]) / 2; });
}

Traced operator/(const Traced& a, const Traced& b) {
  const Row &x = a.exact(), &y = b.exact(), &x_now = a.computed(), &y_now = b.computed();
  Traced result = Traced::Work::after(
      "quotient", {&a, &b}, [&](Row& r, Row& e) { a.arithmetic_->quotient(x_now, y_now, r, e); },
      [&](std::size_t i) { return x[i] / y[i]; });
  Traced::Work::plus(result, a,
                     [&](std::size_t i) { return (y_now[i] + y[i]) / 2 / y_now[i] / y[i]; });
  return Traced::Work::plus(
      result, b, [&](std::size_t i) { return -((x_now[i] + x[i]) / 2) / y_now[i] / y[i]; });
}

Traced sqrt(const Traced& a) {
  const Row &x = a.exact(), &x_now = a.computed();
  Traced result = Traced::Work::after(
      "root", {&a}, [&](Row& r, Row& e) { a.arithmetic_->root(x_now, r, e); },
      [&](std::size_t i) { return std::sqrt(x[i]); });
  return Traced::Work::plus(result, a, [&](std::size_t i) {
    const double roots = std::sqrt(x_now[i]) + std::sqrt(x[i]);
    return roots == 0 ? 0 : 1 / roots;
  });
}

Traced fma(const Traced& a, const Traced& b, const Traced& c) {
  const Row &x = a.exact(), &y = b.exact(), &x_now = a.computed(), &y_now = b.computed(),
            &z = c.exact();
  Traced result = Traced::Work::after(
      "fma", {&a, &b, &c},
      [&](Row& r, Row& e) { a.arithmetic_->fma(x_now, y_now, c.computed(), r, e); },
      [&](std::size_t i) { return std::fma(x[i], y[i], z[i]); });
  Traced::Work::plus(result, a, [&](std::size_t i) { return (y_now[i] + y[i]) / 2; });
  Traced::Work::plus(result, b, [&](std::size_t i) { return (x_now[i] + x[i]) / 2; });
  return Traced::Work::plus(result, c, [](std::size_t) { return 1.0; });
}

Traced decay(const Traced& w, const Traced& v) {
  const Row &x = w.exact(), &y = v.exact(), &x_now = w.computed(), &y_now = v.computed();
  Traced result = Traced::Work::after(
      "decay", {&w, &v}, [&](Row& r, Row& e) { w.arithmetic_->decay(x_now, y_now, r, e); },
      [&](std::size_t i) { return std::fma(-x[i], y[i], y[i]); });
  Traced::Work::plus(result, v, [&](std::size_t i) { return 1 - (x_now[i] + x[i]) / 2; });
  return Traced::Work::plus(result, w, [&](std::size_t i) { return -((y_now[i] + y[i]) / 2); });
}

Traced maximum(const Traced& a, const Traced& b) {
  using Work = Traced::Work;
  const auto takes_b = [](double x, double y) { return x < y || std::isnan(y); };
  Traced result = Work::like(a);
  Row slope, other;
  for (std::size_t i = 0; i < row_size; ++i) {
    const double computed_lead = a.computed()[i] - b.computed()[i];
    const double exact_lead = a.exact()[i] - b.exact()[i];
    const bool b_computed = takes_b(a.computed()[i], b.computed()[i]);
    const bool b_exact = takes_b(a.exact()[i], b.exact()[i]);
    slope[i] = b_computed ? 0 : 1;
    if (b_computed != b_exact)
      slope[i] = b_exact ? computed_lead / (computed_lead - exact_lead)
                         : exact_lead / (exact_lead - computed_lead);
    other[i] = 1 - slope[i];
    Work::computed(result)[i] = b_computed ? b.computed()[i] : a.computed()[i];
    Work::exact(result)[i] = b_exact ? b.exact()[i] : a.exact()[i];
    if (i == 0) result.source_ = b_computed ? b.source_ : a.source_;
  }
  if (!result.shares_) return result;
  return result.plus(slope, a).plus(other, b);
}

Traced at_least_zero(const Traced& x) {
  if (x.operations_->keeps_negative) return x;
  return maximum(x, Traced(*x.arithmetic_, *x.operations_, 0, 0, Operand::nowhere));
}

Traced where_positive(const Traced& x, const Traced& value) {
  using Work = Traced::Work;
  Traced result = Work::like(x);
  Row of_value, of_x;
  for (std::size_t i = 0; i < row_size; ++i) {
    const double x_now = x.computed()[i], x_exact = x.exact()[i];
    const bool now = x_now > 0, ideally = x_exact > 0;
    Work::computed(result)[i] = now ? value.computed()[i] : 0;
    Work::exact(result)[i] = ideally ? value.exact()[i] : 0;
    const double middle = (value.computed()[i] + value.exact()[i]) / 2;
    of_value[i] = now && ideally ? 1 : now == ideally ? 0 : 0.5;
    of_x[i] = now == ideally ? 0 : middle * ((now ? 1 : -1) / (x_now - x_exact));
    if (i == 0) result.source_ = now ? value.source_ : Operand::nowhere;
  }
  if (!result.shares_) return result;
  return result.plus(of_value, value).plus(of_x, x);
}

}  // namespace truestep::drift
