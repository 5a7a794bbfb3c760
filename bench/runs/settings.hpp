#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

/// A rule's description as text, "pytorch,epsilon=1e-3": a convention, and what is set otherwise.
/// Names are those of the members of truestep/fast/RULE.hpp, values those of fast/axes.hpp.
namespace truestep::settings {

using rules::Named;

/// The names of a choice's type and of its values, in its order.
struct Words {
  const char* type;
  std::vector<std::string_view> values;
};

inline Words words(bool) { return {"bool", {"false", "true"}}; }
inline Words words(fast::EpsilonPlace) {
  return {"EpsilonPlace",
          {"outside", "inside", "in_state", "inside_with_momentum", "inside_when_centered"}};
}
inline Words words(fast::EpsilonFrame) {
  return {"EpsilonFrame", {"after_correction", "before_correction"}};
}
inline Words words(fast::Start) { return {"Start", {"constant", "epsilon", "first_square"}}; }
inline Words words(fast::LearningRateSite) { return {"LearningRateSite", {"buffer", "step"}}; }
inline Words words(fast::FirstBuffer) { return {"FirstBuffer", {"recurrence", "gradient"}}; }
inline Words words(fast::NesterovForm) {
  return {"NesterovForm",
          {"look_ahead", "stored_point", "unrolled", "difference", "squared_momentum"}};
}
inline Words words(fast::ZeroDenominator) { return {"ZeroDenominator", {"divide", "no_step"}}; }
inline Words words(fast::WeightDecay) {
  return {"WeightDecay", {"none", "gradient", "decoupled", "accumulator"}};
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

/// Calls `call(Rule())` for the rule of this name. Throws std::invalid_argument if there is none.
template <class Call>
void with_rule(std::string_view name, Call call) {
  bool found = false;
  std::vector<std::string_view> known;
  const auto call_if_named = [&](auto rule) {
    known.emplace_back(rule.name);
    if (name != rule.name) return;
    found = true;
    call(rule);
  };
  std::apply([&](auto... rule) { (call_if_named(rule), ...); }, rules::All());
  if (!found)
    throw std::invalid_argument(
        fmt::format("rule = {} is not one of {{{}}}", name, fmt::join(known, ", ")));
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
    return std::string(words(value).values[static_cast<std::size_t>(value)]);
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
    const auto known = words(Value()).values;
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i] == typed) return static_cast<Value>(i);
    throw std::invalid_argument(
        fmt::format("{} = {} is not one of {{{}}}", name, typed, fmt::join(known, ", ")));
  }
}

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" for a number that the rule's
/// header does not allow.
inline void require_in_range(const char* rule, std::string_view name, double x) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool weight = is_one_of({"momentum", "rho", "beta1", "beta2"});
  const bool share = is_one_of({"dampening", "beta1_decay"});
  const bool inside = x >= 0 && (weight ? x < 1 : share ? x <= 1 : x <= 0x1p64);
  if (!inside)
    throw std::invalid_argument(fmt::format("{}: {} = {} is outside {}", rule, name, x,
                                            weight  ? "[0, 1)"
                                            : share ? "[0, 1]"
                                                    : "[0, 2^64]"));
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
      if constexpr (std::is_same_v<Value, double>)
        require_in_range(Rule::name, name, h.*named.member);
    });
    if (!found)
      throw std::invalid_argument(
          fmt::format("{}: {} is not one of {{{}}}", Rule::name, name, fmt::join(known, ", ")));
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
  Rule::template formula<reference::Real>(h, 1);
  return h;
}

}  // namespace truestep::settings
