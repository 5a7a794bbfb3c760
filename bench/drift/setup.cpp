// SPDX-License-Identifier: Apache-2.0
#include "setup.hpp"

#include <fmt/format.h>

#include <utility>

namespace truestep::drift {
Arithmetic Setup::in(const Format& format, std::uint64_t stream, Rounding rounded) const {
  return Arithmetic(format, rounded, mix(mix(seed) + stream));
}

Setup Setup::stored_in(const Format& format) {
  const Format& single = named_format("format", "float");
  const bool wider = format.significand_bits > single.significand_bits;
  Setup setup = all_in(wider ? format : single);
  setup.parameters = setup.states = setup.gradients = format;
  return setup;
}

void Setup::saturate(bool saturates) {
  for (Format* format : {&parameters, &states, &gradients, &coefficients, &counter, &arithmetic})
    format->saturates = saturates;
  if (master_weights) master_weights->saturates = saturates;
}

double Setup::bytes_per_parameter(std::size_t states_kept) const {
  const std::size_t copy = master_weights ? parameters.bytes() : 0;
  const double scale = state_block > 0 ? sizeof(float) / static_cast<double>(state_block) : 0.0;
  return static_cast<double>(copy + (kahan ? 2 : 1) * kept_parameters().bytes()) +
         static_cast<double>(states_kept) * (static_cast<double>(states.bytes()) + scale);
}

std::string Setup::name() const {
  if (!title.empty()) return title;
  std::string text = arithmetic.name;
  const std::pair<const char*, const Format*> roles[] = {{"parameters", &parameters},
                                                         {"states", &states},
                                                         {"gradients", &gradients},
                                                         {"coefficients", &coefficients},
                                                         {"counter", &counter}};
  for (const auto& [role, format] : roles)
    if (*format != arithmetic) text += fmt::format("/{}={}", role, format->name);
  if (master_weights) text += fmt::format("/master-weights={}", master_weights->name);
  if (kahan) text += "/kahan";
  const auto add = [&](const char* what, Rounding how) {
    text += fmt::format("/{}={}", what, rounding_names[static_cast<std::size_t>(how)]);
  };
  if (rounding != Rounding::nearest_even) add("rounding", rounding);
  if (rounding_of_parameters() != rounding) add("parameter_rounding", rounding_of_parameters());
  if (rounding_of_states() != rounding) add("state_rounding", rounding_of_states());
  if (loss_scale && loss_scale->dynamic) text += "/loss_scale=dynamic";
  if (loss_scale && !loss_scale->dynamic)
    text += fmt::format("/loss_scale={}", loss_scale->initial);
  if (state_block > 0) text += fmt::format("/state_block={}", state_block);
  if (arithmetic.saturates) text += "/saturate";
  return text;
}

}  // namespace truestep::drift
