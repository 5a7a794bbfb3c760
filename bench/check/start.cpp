// SPDX-License-Identifier: Apache-2.0
#include "start.hpp"

#include "follow.hpp"

namespace truestep::trial {

std::map<std::string, double> states_at_start(const Map& map) {
  std::map<std::string, double> states;
  settings::with_rule(map.rule, [&]<class Rule>(Rule) {
    using Number = AnyOrder<double>;
    using Formula = typename Rule::template Formula<Number>;
    const auto h = described<Rule>(map);
    const typename Formula::State start = Formula::start(h);
    for (const auto& [name, member] : rules::states_of<Rule, Number>(h))
      states[name] = static_cast<double>((start.*member).value);
  });
  return states;
}

}  // namespace truestep::trial
