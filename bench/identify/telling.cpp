// SPDX-License-Identifier: Apache-2.0
#include "telling.hpp"

#include <cstddef>
#include <numeric>
#include <vector>

#include "any_rule.hpp"
#include "text.hpp"

namespace truestep::identify {

std::string what_would_tell(const Description& a, const Description& b, const Record& run) {
  constexpr std::size_t most_coordinates = 32, most_steps = 2048;
  const Record some = some_coordinates(run, most_coordinates);
  std::vector<std::size_t> all(some.coordinates);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const bool is_long = run.steps > most_steps;
  const Record few = is_long ? with_columns(some, all, most_steps) : some;
  const auto would_tell = [](const Description& one, const Description& other, const Record& its) {
    return one.rule().would_tell(one, other, its);
  };
  if (a.find("epsilon") != nullptr)
    for (double factor = 10; factor < 1e10; factor *= 10) {
      Description c = a, d = b;
      double &of_c = c.number("epsilon"), &of_d = d.number("epsilon");
      of_c *= factor, of_d *= factor;
      if (would_tell(c, d, few))
        return text("the same gradients with an epsilon of ", shortest(of_c),
                    of_c == of_d ? "" : " and " + shortest(of_d), " would");
    }
  for (double factor = 0.1; factor > 1e-13; factor /= 10)
    if (would_tell(a, b, with_gradients_times(few, factor)))
      return text("gradients ", 1 / factor, " times smaller would");
  for (const std::size_t times : {2u, 10u, 100u})
    if (!is_long && would_tell(a, b, repeated(few, times)))
      return text(few.steps * times, " steps with the same gradients over again would");
  if (would_tell(a, b, with_gradients_times(few, 0)))
    return "a coordinate whose first gradient is zero would";
  return text("no variation of it that was tried would: larger epsilons, smaller gradients, ",
              is_long ? text("each over the first ", most_steps, " steps") : text("more steps"));
}

}  // namespace truestep::identify
