// SPDX-License-Identifier: Apache-2.0
#include "situations.hpp"

#include <map>

#include "facts/every_rule.hpp"

namespace truestep::test {

const std::vector<Situation>& situations(const std::string& rule) {
  static const auto all = [] {
    std::map<std::string, std::vector<Situation>> of_rules;
    fast::for_each_rule<rules::All>([&]<class R>() { of_rules[R::name] = Facts<R>::situations(); });
    return of_rules;
  }();
  return all.at(rule);
}

}  // namespace truestep::test
