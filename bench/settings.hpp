#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/rules.hpp>

/// A rule's description as text, "pytorch,epsilon=1e-3": a convention, and what is set otherwise.
/// Names are those of the members of truestep/fast/RULE.hpp, values those of fast/axes.hpp.
namespace truestep::settings {

using rules::Named;

/// The names of an enumeration's values, in its order.
template <class Enumeration>
constexpr auto values_of(Enumeration) {
  using Words = std::vector<std::string_view>;
  if constexpr (std::is_same_v<Enumeration, fast::EpsilonPlace>)
    return Words{"outside", "inside", "in_state", "inside_with_momentum", "inside_when_centered"};
  else if constexpr (std::is_same_v<Enumeration, fast::EpsilonFrame>)
    return Words{"after_correction", "before_correction"};
  else if constexpr (std::is_same_v<Enumeration, fast::Start>)
    return Words{"constant", "epsilon", "first_square"};
  else if constexpr (std::is_same_v<Enumeration, fast::LearningRateSite>)
    return Words{"buffer", "step"};
  else if constexpr (std::is_same_v<Enumeration, fast::FirstBuffer>)
    return Words{"recurrence", "gradient"};
  else if constexpr (std::is_same_v<Enumeration, fast::NesterovForm>)
    return Words{"look_ahead", "stored_point", "unrolled", "difference", "squared_momentum"};
  else if constexpr (std::is_same_v<Enumeration, fast::ZeroDenominator>)
    return Words{"divide", "no_step"};
  else if constexpr (std::is_same_v<Enumeration, fast::WeightDecay>)
    return Words{"none", "gradient", "decoupled", "accumulator"};
  else
    return Words{"false", "true"};
}

/// All members of a description, numbers first.
template <class Hyperparameters>
inline constexpr auto members_of = std::tuple();

template <>
inline constexpr auto members_of<fast::MomentumHyperparameters> = [] {
  using H = fast::MomentumHyperparameters;
  return std::tuple(Named{"learning_rate", &H::learning_rate}, Named{"momentum", &H::momentum},
                    Named{"dampening", &H::dampening}, Named{"weight_decay", &H::weight_decay},
                    Named{"learning_rate_site", &H::learning_rate_site},
                    Named{"first_buffer", &H::first_buffer},
                    Named{"weight_decay_place", &H::weight_decay_place});
}();

template <>
inline constexpr auto members_of<fast::NagHyperparameters> = [] {
  using H = fast::NagHyperparameters;
  return std::tuple(
      Named{"learning_rate", &H::learning_rate}, Named{"momentum", &H::momentum},
      Named{"dampening", &H::dampening}, Named{"weight_decay", &H::weight_decay},
      Named{"nesterov", &H::nesterov}, Named{"learning_rate_site", &H::learning_rate_site},
      Named{"first_buffer", &H::first_buffer}, Named{"weight_decay_place", &H::weight_decay_place});
}();

template <>
inline constexpr auto members_of<fast::AdagradHyperparameters> = [] {
  using H = fast::AdagradHyperparameters;
  return std::tuple(Named{"learning_rate", &H::learning_rate}, Named{"epsilon", &H::epsilon},
                    Named{"initial_accumulator", &H::initial_accumulator},
                    Named{"learning_rate_decay", &H::learning_rate_decay},
                    Named{"momentum", &H::momentum}, Named{"weight_decay", &H::weight_decay},
                    Named{"epsilon_place", &H::epsilon_place}, Named{"start", &H::start},
                    Named{"zero_denominator", &H::zero_denominator},
                    Named{"weight_decay_place", &H::weight_decay_place});
}();

template <>
inline constexpr auto members_of<fast::AdadeltaHyperparameters> = [] {
  using H = fast::AdadeltaHyperparameters;
  return std::tuple(Named{"learning_rate", &H::learning_rate}, Named{"rho", &H::rho},
                    Named{"epsilon", &H::epsilon}, Named{"weight_decay", &H::weight_decay},
                    Named{"accumulates_scaled", &H::accumulates_scaled},
                    Named{"weight_decay_place", &H::weight_decay_place});
}();

template <>
inline constexpr auto members_of<fast::RmspropHyperparameters> = [] {
  using H = fast::RmspropHyperparameters;
  return std::tuple(Named{"learning_rate", &H::learning_rate}, Named{"rho", &H::rho},
                    Named{"epsilon", &H::epsilon},
                    Named{"initial_accumulator", &H::initial_accumulator},
                    Named{"momentum", &H::momentum}, Named{"weight_decay", &H::weight_decay},
                    Named{"epsilon_place", &H::epsilon_place}, Named{"start", &H::start},
                    Named{"corrected", &H::corrected}, Named{"centered", &H::centered},
                    Named{"learning_rate_site", &H::learning_rate_site},
                    Named{"weight_decay_place", &H::weight_decay_place});
}();

template <>
inline constexpr auto members_of<fast::AdamHyperparameters> = [] {
  using H = fast::AdamHyperparameters;
  return std::tuple(Named{"learning_rate", &H::learning_rate}, Named{"beta1", &H::beta1},
                    Named{"beta2", &H::beta2}, Named{"epsilon", &H::epsilon},
                    Named{"epsilon_root", &H::epsilon_root}, Named{"beta1_decay", &H::beta1_decay},
                    Named{"weight_decay", &H::weight_decay}, Named{"first_power", &H::first_power},
                    Named{"epsilon_frame", &H::epsilon_frame}, Named{"corrects_m", &H::corrects_m},
                    Named{"corrects_v", &H::corrects_v}, Named{"amsgrad", &H::amsgrad},
                    Named{"weight_decay_place", &H::weight_decay_place});
}();

/// Stands for whatever an aggregate's next member is.
struct Anything {
  template <class Member>
  operator Member() const;
};

template <class Aggregate, class... Members>
constexpr std::size_t member_count(Members... members) {
  if constexpr (requires { Aggregate{members..., Anything()}; })
    return member_count<Aggregate>(members..., Anything());
  else
    return sizeof...(members);
}

template <class Hyperparameters>
concept Described = std::tuple_size_v<std::remove_cv_t<decltype(members_of<Hyperparameters>)>>
== member_count<Hyperparameters>();

template <class Call>
void for_each_rule(Call call) {
  std::apply([&](auto... rule) { (call(rule), ...); }, rules::All());
}

template <Described Hyperparameters, class Call>
void for_each_member(Call call) {
  std::apply([&](const auto&... named) { (call(named), ...); }, members_of<Hyperparameters>);
}

template <class Value>
constexpr bool is_number = std::is_same_v<Value, double> || std::is_same_v<Value, std::uint64_t>;

/// A value as it is typed.
template <class Value>
std::string text(const Value& value) {
  if constexpr (is_number<Value>)
    return fmt::format("{}", value);
  else
    return std::string(values_of(value)[static_cast<std::size_t>(value)]);
}

template <class Value>
Value value(std::string_view name, std::string_view typed) {
  if constexpr (is_number<Value>) {
    Value result{};
    const char* const end = typed.data() + typed.size();
    const auto [rest, error] = std::from_chars(typed.data(), end, result);
    if (error == std::errc() && rest == end) return result;
    throw std::invalid_argument(fmt::format("{} = {} is not a number", name, typed));
  } else {
    const auto known = values_of(Value());
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i] == typed) return static_cast<Value>(i);
    throw std::invalid_argument(
        fmt::format("{} = {} is not one of {{{}}}", name, typed, fmt::join(known, ", ")));
  }
}

/// Applies "NAME=VALUE,NAME=VALUE". Throws std::invalid_argument for a name that the rule does not
/// have and a value that cannot be read.
template <class Rule>
void set(typename Rule::Hyperparameters& h, std::string_view assignments) {
  using Hyperparameters = typename Rule::Hyperparameters;
  while (!assignments.empty()) {
    const auto one = assignments.substr(0, assignments.find(','));
    assignments.remove_prefix(std::min(one.size() + 1, assignments.size()));
    const auto name = one.substr(0, one.find('='));
    if (name.size() == one.size())
      throw std::invalid_argument(fmt::format("{} is not of the form NAME=VALUE", one));
    bool found = false;
    std::vector<std::string_view> known;
    for_each_member<Hyperparameters>([&]<class Value>(Named<Hyperparameters, Value> named) {
      known.emplace_back(named.name);
      if (name != named.name) return;
      found = true;
      h.*named.member = value<Value>(name, one.substr(name.size() + 1));
    });
    if (!found)
      throw std::invalid_argument(
          fmt::format("{} has no {}, only {{{}}}", Rule::name, name, fmt::join(known, ", ")));
  }
}

/// Reads "CONVENTION" or "CONVENTION,NAME=VALUE,...". What is set there goes before `for_all`,
/// which goes before the convention's. Throws std::invalid_argument outside the rule's domain too.
template <class Rule>
typename Rule::Hyperparameters described(std::string_view typed, std::string_view for_all = {}) {
  const auto name = typed.substr(0, typed.find(','));
  auto h = fast::convention<typename Rule::Hyperparameters>(name);
  set<Rule>(h, for_all);
  if (name.size() < typed.size()) set<Rule>(h, typed.substr(name.size() + 1));
  Rule::template formula<double>(h, 1);
  return h;
}

}  // namespace truestep::settings
