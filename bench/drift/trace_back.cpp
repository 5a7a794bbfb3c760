// SPDX-License-Identifier: Apache-2.0
#include "trace_back.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace truestep::drift {
namespace {

/// Looks for what made an operand zero that should not be.
class Zeros {
 public:
  Zeros(const Operations& of_step, std::span<const SourceName> names)
      : of_step_(of_step), names_(names) {}

  void look_at(const Operand& operand) {
    if (operand.computed != 0 || operand.exact == 0 || operand.source == Operand::nowhere) return;
    const SourceName& name = names_[operand.source];
    if (operand.source < of_step_.first()) {
      add(fmt::format("{} = {:.3g} is 0 in {}", name.value, operand.exact, name.format));
      return;
    }
    const auto before = found_.size();
    const Operation& operation = of_step_.of(operand.source);
    for (std::size_t i = 0; i < operation.arity; ++i) look_at(operation.operands[i]);
    if (found_.size() == before)
      add(fmt::format("{} = {:.3g} rounds to 0 in {}", name.said, operand.exact, name.format));
  }

  std::string text() const { return fmt::format("{}", fmt::join(found_, ", and ")); }
  bool empty() const { return found_.empty(); }

 private:
  void add(std::string text) {
    if (std::find(found_.begin(), found_.end(), text) == found_.end())
      found_.push_back(std::move(text));
  }

  const Operations& of_step_;
  std::span<const SourceName> names_;
  std::vector<std::string> found_;
};

const Format& format_of_source(const Setup& setup, const std::string& name) {
  for (const Format* format : {&setup.arithmetic, &setup.kept_parameters(), &setup.states,
                               &setup.gradients, &setup.coefficients, &setup.counter})
    if (format->name == name) return *format;
  return setup.arithmetic;
}

std::string overflow(const std::string& what, const Format& format) {
  return fmt::format("{} is beyond the largest number of {}, {:.5g}", what, format.name,
                     format.largest());
}

}  // namespace

std::string why_not_finite(const Operations& of_step, std::size_t source,
                           std::span<const SourceName> names, const Setup& setup, double read) {
  const SourceName& name = names[source];
  const Format& format = format_of_source(setup, name.format);
  if (name.is_scaled)
    return fmt::format("{} = {:.5g} shares its scale with a number that is infinite or NaN",
                       name.value, read);
  if (source < of_step.first())
    return overflow(fmt::format("{} = {:.5g}", name.value, read), format);
  const Operation& operation = of_step.of(source);
  const std::string_view kind = operation.kind;
  if (kind == "quotient" && operation.operands[1].computed == 0) {
    Zeros zeros(of_step, names);
    zeros.look_at(operation.operands[1]);
    return fmt::format("{} is {:.3g} / 0{}", name.said, operation.operands[0].computed,
                       zeros.empty() ? ", as it is exactly" : ", since " + zeros.text());
  }
  if (kind == "root" && operation.operands[0].computed < 0)
    return fmt::format("{} is that of {:.3g}, which is exactly {:.3g}", name.said,
                       operation.operands[0].computed, operation.operands[0].exact);
  return overflow(fmt::format("{}, exactly {:.5g},", name.said, operation.result.exact), format);
}

}  // namespace truestep::drift
