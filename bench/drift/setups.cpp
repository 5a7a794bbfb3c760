// SPDX-License-Identifier: Apache-2.0
#include "setups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "pooled.hpp"
#include "runs/names.hpp"

namespace truestep::drift {
namespace {

constexpr NamedSetup all_named[] = {
    {"float", "", "all in float, which every audit has", "", ""},
    {"double",
     "parameters=double,states=double,gradients=double,coefficients=double,"
     "counter=double,arithmetic=double",
     "all in double, which every audit has", "", ""},
    {"pytorch_bf16", "parameters=bfloat16,states=bfloat16,gradients=bfloat16",
     "a bfloat16 model under a fused optimizer", "pytorch/pytorch 01e5d8da3",
     "torch.optim with fused=True, on CUDA"},
    {"bf16_stochastic",
     "parameters=bfloat16,states=bfloat16,gradients=bfloat16,parameter_rounding=stochastic",
     "the same, its parameters rounded at random", "pytorch/ao 0372e5ff5",
     "torchao/optim with bf16_stochastic_round=True"},
    {"sr_states",
     "parameters=bfloat16,states=bfloat16,gradients=bfloat16,parameter_rounding=stochastic,"
     "state_rounding=stochastic",
     "the same, its states rounded at random, too", "HomebrewML/HeavyBall 004bf5d20",
     "_lerp and _compilable_update_, on a bfloat16 model"},
    {"bf16_kahan", "parameters=bfloat16,states=bfloat16,gradients=bfloat16,kahan=true",
     "the same, with what rounding lost beside each parameter", "warner-benjamin/optimi 02d8e75b0",
     "its Triton kernels with kahan_sum=True"},
    {"bf16_master", "parameters=bfloat16,gradients=bfloat16,master=float",
     "a bfloat16 copy of float weights, whose states are float too", "NVIDIA/Megatron-LM 001199898",
     "megatron/core/optimizer, Float16OptimizerWithFloat16Params"},
    {"llm_c_bf16", "parameters=bfloat16,gradients=bfloat16,parameter_rounding=stochastic",
     "bfloat16 parameters rounded at random, float states", "karpathy/llm.c 046d00154",
     "gpt2_update without master weights"},
    {"amp_fp16", "gradients=fp16,loss_scale=dynamic",
     "float weights, fp16 gradients of a scaled loss, steps that overflow left out",
     "pytorch/pytorch 0202916b0", "torch/amp/grad_scaler.py, GradScaler"},
    {"fp8_states", "states=fp8-e4m3,state_block=256",
     "float weights, states in fp8 scaled by a float for each 256 neighbours",
     "pytorch/ao 029bb60a7", "torchao/optim, AdamFp8 and AdamWFp8"},
    {"all_bf16",
     "parameters=bfloat16,states=bfloat16,gradients=bfloat16,coefficients=bfloat16,"
     "counter=bfloat16,arithmetic=bfloat16",
     "each operation gives bfloat16, as --format bfloat16", "", ""},
    {"all_fp16",
     "parameters=fp16,states=fp16,gradients=fp16,coefficients=fp16,counter=fp16,arithmetic=fp16",
     "each operation gives fp16, as --format fp16", "", ""}};

/// A part of what is typed between commas.
struct Piece {
  std::string_view name, value;  ///< no value where there is no =
};

std::vector<Piece> parts_of(std::string_view typed) {
  std::vector<Piece> parts;
  for (std::size_t from = 0; from <= typed.size();) {
    const auto to = std::min(typed.find(',', from), typed.size());
    const auto part = typed.substr(from, to - from);
    const auto equals = part.find('=');
    parts.push_back(equals == part.npos ? Piece{part, {}}
                                        : Piece{part.substr(0, equals), part.substr(equals + 1)});
    if (equals != part.npos && parts.back().value.empty())
      throw std::invalid_argument(fmt::format("setup: {} lacks its value", parts.back().name));
    from = to + 1;
  }
  return parts;
}

bool switched(std::string_view role, std::string_view value) {
  static const std::vector<std::string> known{"false", "true"};
  return names::index_among(known, role, value) == 1;
}

Rounding rounding_named(std::string_view role, std::string_view value) {
  static const std::vector<std::string> known(rounding_names.begin(), rounding_names.end());
  return static_cast<Rounding>(names::index_among(known, role, value));
}

std::uint64_t seed_of(std::string_view value) {
  std::uint64_t seed = 0;
  const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), seed);
  if (error != std::errc() || rest != value.data() + value.size())
    throw std::invalid_argument(fmt::format("seed = {} is not an integer in [0, 2^64)", value));
  return seed;
}

std::optional<LossScale> loss_scale_of(std::string_view value) {
  if (names::normal(value) == "dynamic") return LossScale{};
  double scale = 0;
  const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), scale);
  int exponent = 0;
  const bool is_power = error == std::errc() && rest == value.data() + value.size() && scale >= 1 &&
                        scale <= 0x1p64 && std::frexp(scale, &exponent) == 0.5;
  if (!is_power)
    throw std::invalid_argument(
        fmt::format("loss_scale = {} is neither dynamic nor a power of two in [1, 2^64]", value));
  if (scale == 1) return std::nullopt;
  return LossScale{scale, false};
}

std::size_t state_block_of(std::string_view value) {
  std::size_t columns = 0;
  const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), columns);
  const bool is_power = columns == 0 || (std::has_single_bit(columns) && columns >= row_size &&
                                         columns <= largest_state_block);
  if (error != std::errc() || rest != value.data() + value.size() || !is_power)
    throw std::invalid_argument(
        fmt::format("state_block = {} is neither 0 nor a power of two in [{}, {}]", value, row_size,
                    largest_state_block));
  return columns;
}

const std::vector<std::string>& role_names() {
  static const auto all = [] {
    std::vector<std::string> names;
    for (const Role& role : roles) names.emplace_back(role.name);
    for (const char* more : {"master", "rounding", "parameter_rounding", "state_rounding", "kahan",
                             "loss_scale", "state_block", "saturate", "seed"})
      names.emplace_back(more);
    return names;
  }();
  return all;
}

/// A set-up in the making. What is stored is rounded by `rounding`, which arithmetic is not.
struct Making {
  Setup setup;
  Changes changes = {};
  bool saturates = false;

  void take(std::string_view role, std::string_view value) {
    const std::string& name = role_names()[names::index_among(role_names(), "role", role)];
    for (const Role& known : roles)
      if (name == known.name)
        changes.formats.emplace_back(known.format, named_format(name, std::string(value)));
    if (name == "master") changes.master_weights = named_format(name, std::string(value));
    if (name == "rounding" || name == "parameter_rounding")
      setup.parameter_rounding = rounding_named(name, value);
    if (name == "rounding" || name == "state_rounding")
      setup.state_rounding = rounding_named(name, value);
    if (name == "kahan") setup.kahan = switched(name, value);
    if (name == "loss_scale") setup.loss_scale = loss_scale_of(value);
    if (name == "state_block") setup.state_block = state_block_of(value);
    if (name == "saturate") saturates = switched(name, value);
    if (name == "seed") setup.seed = seed_of(value);
  }

  Setup made() {
    changes.apply_to(setup);
    setup.saturate(saturates);
    // The scale of a wider range would underflow.
    if (setup.state_block > 0 && setup.states.greatest_exponent >= 64)
      throw std::invalid_argument(
          fmt::format("states = {} has numbers outside [-2^64, 2^64], so state_block = {} cannot "
                      "scale them",
                      setup.states.name, setup.state_block));
    return setup;
  }
};

Making begun(std::string_view name) {
  const Format single = named_format("format", "float");
  std::vector<std::string> known;
  for (const NamedSetup& named : all_named) known.emplace_back(named.name);
  if (const auto index = names::find(name, known)) {
    Making making{Setup::all_in(single)};
    const NamedSetup& named = all_named[*index];
    making.setup.title = named.name;
    if (*named.roles != '\0')
      for (const Piece& part : parts_of(named.roles)) making.take(part.name, part.value);
    return making;
  }
  for (const Format& format : formats) known.push_back(format.name);
  try {
    return {Setup::stored_in(named_format("setup", std::string(name)))};
  } catch (const std::invalid_argument&) {
    throw std::invalid_argument(fmt::format(
        "setup = {} is not one of {{{}}}, nor a format, nor ROLE=VALUE with a role of {{{}}}{}",
        name, fmt::join(known, ", "), fmt::join(role_names(), ", "),
        names::suggestion(name, known)));
  }
}

}  // namespace

void Changes::apply_to(Setup& setup) const {
  if (master_weights) {
    setup.master_weights = master_weights;
    setup.states = *master_weights;
  }
  for (const auto& [role, format] : formats) setup.*role = format;
}

std::span<const NamedSetup> named_setups() { return all_named; }

Setup typed_setup(std::string_view typed) {
  auto parts = parts_of(typed);
  const bool has_base = parts.front().value.empty();
  Making making =
      has_base ? begun(parts.front().name) : Making{Setup::all_in(named_format("format", "float"))};
  if (has_base) parts.erase(parts.begin());
  std::vector<std::string> seen;
  for (const Piece& part : parts) {
    if (part.value.empty())
      throw std::invalid_argument(fmt::format("setup: {} is not ROLE=VALUE", part.name));
    making.take(part.name, part.value);
    const auto role = names::normal(part.name);
    if (std::find(seen.begin(), seen.end(), role) != seen.end())
      throw std::invalid_argument(fmt::format("setup: {} is given twice", role));
    seen.push_back(role);
    if (!making.setup.title.empty())
      making.setup.title += fmt::format("/{}={}", role, names::normal(part.value));
  }
  return making.made();
}

std::string setups_explained() {
  std::string text = "Set-ups of --setup, each upon float, and who trains so:\n";
  for (const NamedSetup& named : all_named) {
    text += fmt::format("  {:16} {}\n", named.name, named.words);
    std::string line;
    for (const Piece& part : *named.roles == '\0' ? std::vector<Piece>() : parts_of(named.roles)) {
      const auto word = fmt::format("{}={}", part.name, part.value);
      if (line.size() + word.size() > 76) {
        text += fmt::format("{:19}{},\n", "", line);
        line.clear();
      }
      line += (line.empty() ? "" : ",") + word;
    }
    if (!line.empty()) text += fmt::format("{:19}{}\n", "", line);
    if (*named.system != '\0')
      text += fmt::format("{0:19}{1}:\n{0:19}{2}\n", "", named.system, named.place);
  }
  return text +
         "Roles: parameters, states, gradients, coefficients, counter, arithmetic, master (weights "
         "that\nthe optimizer keeps beside the parameters): a format. rounding, "
         "parameter_rounding,\nstate_rounding (of what is stored): nearest, zero, stochastic. "
         "kahan, saturate: true, false.\nloss_scale: dynamic (2^16, halved by a step that "
         "overflows, doubled after 2000 others) or a\npower of two. state_block: how many "
         "neighbours share a float that scales their states. "
         "seed: an\ninteger. "
         "A format instead of a name is that of parameters, states and\ngradients. What is not "
         "said is float; states are kept like the master weights. --format FORMAT\nalone means "
         "everything in it; with a role or --master-weights, what is stored.\n";
}

}  // namespace truestep::drift
