// SPDX-License-Identifier: Apache-2.0
#include "sought.hpp"

#include <algorithm>

namespace truestep::identify {

const std::vector<double>& customary(const std::string& name, fast::Domain domain) {
  static const std::vector<double> weights{0.9, 0.99, 0.999, 0.95, 0, 0.98, 0.5, 0.9999, 0.8};
  static const std::vector<double> epsilons{1e-8, 1e-7,  1e-6,  1e-10, 1e-5, 1e-4, 1e-3,
                                            0,    1e-12, 1e-11, 1e-9,  1e-2, 0.1,  1};
  static const std::vector<double> rates{1e-3, 1e-2, 0.1, 1e-4, 1, 1e-5, 3e-4, 5e-4, 2e-3};
  static const std::vector<double> shares{0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 5e-4};
  if (name == "learning_rate") return rates;
  if (name.starts_with("epsilon")) return epsilons;
  return domain == fast::Domain::weight ? weights : shares;
}

std::vector<NamedNumber> sought_numbers(const Description& h,
                                        const std::vector<std::string>& names) {
  std::vector<NamedNumber> all;
  for (const auto& number : h.rule().numbers)
    if (std::find(names.begin(), names.end(), number.name) != names.end()) all.push_back(number);
  return all;
}

}  // namespace truestep::identify
