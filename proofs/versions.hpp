// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/lanes/rules.hpp>
#include <truestep/proofs/numbers/symbol.hpp>
#include <truestep/proofs/recorded_lanes.hpp>
#include <truestep/proofs/statements.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// The versions of a rule that have a lane: what their step is by the reference, and what their
/// lane is given for it, over any number.
namespace truestep::proofs {

/// A double that stands for the i-th number of a rule. It is inside every domain, and no formula
/// has it for a constant.
constexpr double stand_in(std::size_t i) { return 0.5 + static_cast<double>(i + 1) * 0x1.3p-9; }

/// A count that stands for the i-th number of a rule.
constexpr std::uint64_t stand_in_count(std::size_t i) { return 40'009 + 1000 * i; }

/// A version of a rule, at step 1 or at any step.
template <class R>
struct Version {
  typename R::Hyperparameters h;  ///< stand-ins where a number takes part
  std::string name;
  bool first = false;  ///< step 1, where it is another than the later ones
  bool later = false;  ///< these
};

/// Calls action(described, stand_in) for each number of a rule.
template <class R, class Action>
void for_each_stand_in(Action action) {
  std::size_t i = 0;
  fast::for_each_number<typename R::Fast>([&](const auto& number) {
    using Value = std::remove_cvref_t<decltype(typename R::Hyperparameters().*number.member)>;
    if constexpr (std::is_same_v<Value, double>)
      action(number, stand_in(i));
    else
      action(number, stand_in_count(i));
    ++i;
  });
}

template <class Number>
struct NamedValue {
  std::string name;
  Number value;
};

/// One step of a version: what the reference shows, and what its lane takes.
template <class Number>
struct Stated {
  std::string lane;   ///< without the weight decay around it
  std::string decay;  ///< weight_decay, decoupled_weight_decay, or nothing
  std::vector<NamedValue<Number>> quantities;
  std::vector<NamedValue<Number>> coefficients, inputs;
  std::vector<std::string> non_negative;  ///< of the inputs
};

template <class Lane>
struct WithoutDecay {
  using type = Lane;
  static constexpr const char* decay = "";
};
template <class Lane, fast::WeightDecay place>
struct WithoutDecay<fast::lane::Decayed<Lane, place>> {
  using type = Lane;
  static constexpr const char* decay =
      place == fast::WeightDecay::decoupled ? "decoupled_weight_decay" : "weight_decay";
};

/// States the step of a version at t.
/// @param input  makes a number of the name of theta, of a state or of the gradient
template <class R, class Number, class Input>
Stated<Number> stated(const typename R::Hyperparameters& h, std::uint64_t t, Input input) {
  using Formula = typename R::template Formula<Number>;
  const Formula formula = R::template formula<Number>(h, t);  // refuses what makes no sense
  Stated<Number> result;
  std::set<std::string> shown;
  fast::with_lane(h, [&]<class Lane>() {
    using Lanes = fast::LanesOfRule<typename R::Hyperparameters>;
    using Own = typename WithoutDecay<Lane>::type;
    using Inner =
        std::conditional_t<std::is_same_v<Own, typename R::Lane>, typename Lanes::by_default, Own>;
    const Inputs names = inputs<Inner>();
    result.lane = names.lane;
    result.decay = WithoutDecay<Lane>::decay;
    const auto exact = exact_coefficients<Number>(h, t);
    if (exact.size() != Lane::coefficients)
      throw std::logic_error(names.lane + ": the lane takes another number of coefficients");
    for (std::size_t i = 0; i < exact.size(); ++i)
      result.coefficients.push_back({std::string(Lane::coefficient_names[i]), exact[i]});
    for (const auto& state : names.states)
      if (state.non_negative()) result.non_negative.push_back(state.name());
    for (const auto& quantity : record<Inner>(names).quantities) shown.insert(quantity.name);
  });
  typename Formula::Step before{};
  const Number theta = input("theta"), gradient = input("gradient");
  result.inputs.push_back({"theta", theta});
  for (const auto& state : rules::states_of<R, Number>(h)) {
    before.*state.member = input(state.name);
    result.inputs.push_back({state.name, before.*state.member});
  }
  result.inputs.push_back({"gradient", gradient});
  const auto after = formula.step(theta, before, gradient);
  for (const auto& quantity : Formula::quantities)
    if (shown.contains(quantity.name))
      result.quantities.push_back({quantity.name, after.*quantity.member});
  return result;
}

/// The same of the point where a version takes its gradient, which has a lane of its own: theta,
/// and the state in the gradient's place.
template <class R, class Number, class Input>
Stated<Number> stated_look_ahead(const typename R::Hyperparameters& h, Input input) {
  using H = typename R::Hyperparameters;
  using Lane = std::tuple_element_t<0, typename fast::LanesOfRule<H>::besides>;
  const Inputs names = inputs<Lane>();
  typename R::template Formula<Number>::State before{};
  const Number theta = input("theta");
  const auto state = rules::states_of<R, Number>(h)[0];
  before.*state.member = input(state.name);
  return {.lane = names.lane,
          .decay = "",
          .quantities = {{record<Lane>(names).quantities[0].name,
                          R::template formula<Number>(h, 1).look_ahead(theta, before)}},
          .coefficients = {{std::string(Lane::coefficient_names[0]),
                            exact_look_ahead_factor<Number>(h)}},
          .inputs = {{"theta", theta}, {state.name, before.*state.member}},
          .non_negative = {}};
}

/// Whether a version asks for its gradient at another point than theta.
template <class R>
bool looks_ahead(const Version<R>& version) {
  if constexpr (requires { version.h.nesterov; })
    return !version.first && version.h.nesterov == fast::NesterovForm::look_ahead;
  else
    return false;
}

/// Finds the versions of a rule that have a lane: from its defaults, by one choice more at a time,
/// as long as another formula or other coefficients come of it.
///
/// Weight decay, and counts that are not their defaults, are tried around the first version of each
/// lane alone, and around those that are one choice away from the defaults.
template <class R>
class Versions {
 public:
  using H = typename R::Hyperparameters;

  Versions() {
    for_each_stand_in<R>([&](const auto& number, auto value) {
      if (number.part == fast::Part::every_version) defaults_.*number.member = value;
    });
    add(defaults_, R::name);
    std::vector<Further> last;
    const auto keep = [&](const std::string& name, const std::vector<Further>& some) {
      for (const auto& [h, suffix] : some) last.push_back({h, name + suffix});
    };
    std::set<std::string> lanes;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const auto [h, name, choices] = found_[i];
      for (const auto& [further, suffix] : by_one_choice(h))
        add(further, name + suffix, choices + 1);
      if (!lanes.insert(general(h).lane).second && choices > 1) continue;
      keep(name, by_weight_decay(h));
      keep(name, by_counts(h));
    }
    for (const auto& [h, name] : last) add(h, name);
  }

  /// Each formula once, by the name of the first version that has it.
  const std::vector<Version<R>>& all() const { return all_; }

 private:
  struct Found {
    H h;
    std::string name;
    std::size_t choices;  ///< how many are not the defaults
  };
  struct Further {
    H h;
    std::string suffix;  ///< what it adds to a name
  };

  static Symbol named(const char* name) { return Symbol::named(name); }
  static Stated<Symbol> general(const H& h) { return stated<R, Symbol>(h, Symbol::t, named); }

  static bool weighs(const char* name) {
    return std::string_view(name).starts_with("weight_decay");
  }

  template <class Value>
  static std::string suffix(const char* name, Value value) {
    if constexpr (std::is_same_v<Value, bool>)
      return (value ? "_" : "_not_") + std::string(name);
    else
      return std::string("_") + name + "_" + std::string(fast::word(value));
  }

  /// Calls action(described, value) for each value of each choice that is not the default.
  template <class Action>
  static void for_each_other_choice(Action action) {
    fast::for_each_member<typename R::Fast>([&](const auto& described) {
      using Value = std::remove_cvref_t<decltype(H().*described.member)>;
      if constexpr (!fast::is_number<Value>)
        for (std::size_t i = 0; i < fast::count_of<Value>; ++i)
          if (const auto value = static_cast<Value>(i); value != H().*described.member)
            action(described, value);
    });
  }

  std::vector<Further> by_one_choice(const H& h) const {
    std::vector<Further> result;
    for_each_other_choice([&](const auto& choice, auto value) {
      if (weighs(choice.name) || h.*choice.member != H().*choice.member) return;
      result.push_back({h, suffix(choice.name, value)});
      result.back().h.*choice.member = value;
    });
    for_each_stand_in<R>([&](const auto& number, auto value) {
      if (number.part != fast::Part::some_versions || weighs(number.name) ||
          h.*number.member != defaults_.*number.member)
        return;
      result.push_back({h, std::string("_") + number.name});
      result.back().h.*number.member = value;
    });
    return result;
  }

  std::vector<Further> by_weight_decay(const H& h) const {
    H weighed = h;
    for_each_stand_in<R>([&](const auto& number, auto value) {
      if (std::string_view(number.name) == "weight_decay") weighed.*number.member = value;
    });
    std::vector<Further> result{{weighed, ""}};
    for (std::size_t i = 0; i < result.size(); ++i)
      for_each_other_choice([&](const auto& choice, auto value) {
        const auto before = result[i];
        if (!weighs(choice.name) || before.h.*choice.member != H().*choice.member) return;
        result.push_back({before.h, before.suffix + suffix(choice.name, value)});
        result.back().h.*choice.member = value;
      });
    return result;
  }

  std::vector<Further> by_counts(const H& h) const {
    std::vector<Further> result{{h, ""}};
    for_each_stand_in<R>([&](const auto& number, auto value) {
      using Value = decltype(value);
      if constexpr (std::is_same_v<Value, std::uint64_t>) {
        result[0].h.*number.member = value;
        result[0].suffix += std::string("_") + number.name;
        result.push_back({h, std::string("_") + number.name + "_0"});
        result.back().h.*number.member = 0;
      }
    });
    return result;
  }

  static std::string key(const Stated<Symbol>& step) {
    const auto as_it_is = [](const Symbol&) -> std::optional<std::string> { return {}; };
    std::string text = step.lane + " " + step.decay;
    for (const auto* list : {&step.quantities, &step.coefficients})
      for (const auto& [name, value] : *list) text += "; " + name + " = " + value.text(as_it_is);
    return text;
  }

  /// Whether the general step is the first one too, at t = 1.
  static bool begins_alike(const Stated<Symbol>& step, const Stated<Symbol>& first) {
    const auto same = [](const auto& values, const auto& at_first) {
      const auto kept = [](const Symbol&) -> std::optional<Symbol> { return {}; };
      for (std::size_t i = 0; i < values.size(); ++i)
        if (!(values[i].value.replaced(kept, 1) == at_first[i].value)) return false;
      return true;
    };
    return same(step.quantities, first.quantities) && same(step.coefficients, first.coefficients);
  }

  void add(const H& h, const std::string& name, std::size_t choices = 0) {
    if (fast::without_lane(h) != nullptr) return;
    try {
      const auto step = general(h), first = stated<R, Symbol>(h, 1, named);
      const bool alike = begins_alike(step, first);
      if (!keys_.insert(key(step) + (alike ? "" : key(first))).second) return;
      found_.push_back({h, name, choices});
      if (steps_.insert(key(step)).second) all_.push_back({h, name, false, !alike});
      if (!alike && steps_.insert(key(first)).second) all_.push_back({h, name + "_first", true});
    } catch (const std::invalid_argument&) {
      // Choices that make no sense together.
    }
  }

  H defaults_;
  std::vector<Found> found_;
  std::set<std::string> keys_, steps_;
  std::vector<Version<R>> all_;
};

}  // namespace truestep::proofs
