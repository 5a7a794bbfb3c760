// SPDX-License-Identifier: Apache-2.0
#include "audit.hpp"

#include <algorithm>
#include <optional>

#include "runs/given.hpp"

namespace truestep::drift {

// One file is made for each rule (bench/CMakeLists.txt).
template <class Rule>
Run audit_of(const Request& request, const Progress& progress);

Checks& Checks::operator+=(const Checks& other) {
  compared += other.compared;
  unbounded += other.unbounded;
  exceeded += other.exceeded;
  other_bits += other.other_bits;
  beyond_theorem += other.beyond_theorem;
  closest = std::max(closest, other.closest);
  if (other.first && (!first || other.first->step < first->step)) first = other.first;
  return *this;
}

std::optional<First> earlier(const std::optional<First>& a, const std::optional<First>& b) {
  if (!a || (b && b->is_before(*a))) return b;
  return a;
}

Updates& Updates::operator+=(const Updates& other) {
  exact += other.exact;
  lost += other.lost;
  values += other.values;
  not_finite += other.not_finite;
  first_lost = earlier(first_lost, other.first_lost);
  first_flushed = earlier(first_flushed, other.first_flushed);
  return *this;
}

Checks Run::checks() const {
  Checks sum;
  for (const Reading& reading : readings)
    for (const Series& series : reading.series) sum += series.checks;
  return sum;
}

Run audit(const Request& request, const Progress& progress) {
  std::optional<Run> result;
  settings::with_rule(request.rule,
                      [&]<class Rule>(Rule) { result = audit_of<Rule>(request, progress); });
  return result.value();
}

}  // namespace truestep::drift
