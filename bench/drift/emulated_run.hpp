// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/lanes.hpp>

#include <memory>

#include "audit.hpp"
#include "emulated_coefficients.hpp"
#include "exact_run.hpp"
#include "traced.hpp"

namespace truestep::drift {

/// The sources of error of a set-up, which number the shares of its quantities: the coefficients,
/// the rest of what a step reads, what it stores, then its operations.
template <class Rule>
struct Source {
  static constexpr std::size_t counter = Rule::Lane::coefficients, gradient = counter + 1,
                               feedback = gradient + 1, start = feedback + 1,
                               storage = start + 1,  ///< of theta; those of the states follow
      compensation = storage + quantities<Rule>, operations = compensation + 1;

  static std::vector<std::string> names(const typename Rule::Hyperparameters& h, const Setup& setup,
                                        const Operations& of_step);
};

template <class Rule>
std::vector<std::string> Source<Rule>::names(const typename Rule::Hyperparameters& h,
                                             const Setup& setup, const Operations& of_step) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& what, const Format& format) {
    names.push_back(what + " in " + format.name);
  };
  for (const std::string& name : coefficient_names(h))
    add("coefficient " + name, setup.coefficients);
  add("counting", setup.counter);
  add("reading the gradient", setup.gradients);
  names.push_back("gradient at another point");
  add("starting", setup.kept_parameters());
  add("storing theta", setup.kept_parameters());
  for (std::size_t state = 1; state < quantities<Rule>; ++state)
    add(std::string("storing ") + quantity_name<Rule>(h, state), setup.states);
  add("storing the compensation", setup.kept_parameters());
  names.insert(names.end(), of_step.names().begin(), of_step.names().end());
  return names;
}

/// Some coordinates in a set-up: the lane over numbers that are rounded, and that know where their
/// errors come from.
template <class Rule>
class EmulatedRun {
 public:
  using Coefficients = typename EmulatedCoefficients<Rule>::Values;

  EmulatedRun(const typename Rule::Hyperparameters& h, const Setup& setup,
              std::size_t first_coordinate, std::span<const float> initial)
      : h_(h), setup_(setup), environment_(std::make_unique<Environment>(setup, first_coordinate)) {
    Arithmetic start(setup.kept_parameters()), state_start(setup.states);
    const auto states = start_of<Rule>(h);
    for (const float theta : initial) {
      Coordinate coordinate;
      coordinate.theta = number(start.round(theta), theta);
      coordinate.theta.shares[Source<Rule>::start] = start.error();
      for (std::size_t i = 0; i < states.size(); ++i) {
        coordinate.state[i] = number(state_start.round(states[i]), states[i]);
        coordinate.state[i].shares[Source<Rule>::start] = state_start.error();
      }
      coordinate.compensation = number(0, 0);
      coordinates_.push_back(coordinate);
    }
  }

  /// @param gradient        what the set-up is given, before it is rounded
  /// @param exact_gradient  of the exact run
  /// @param exact           has taken this step already
  void step(std::uint64_t t, const Coefficients& coefficients, std::span<const double> gradient,
            std::span<const Real> exact_gradient, const ExactRun<Rule>& exact) {
    TracedCoefficients traced;
    for (std::size_t i = 0; i < traced.size(); ++i) {
      traced[i] = number(coefficients[i].value, coefficients[i].exact);
      traced[i].shares[i] = coefficients[i].by_rounding;
      traced[i].shares[Source<Rule>::counter] = coefficients[i].by_counter;
    }
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      std::array<double, quantities<Rule>> before;
      for (std::size_t quantity = 0; quantity < before.size(); ++quantity)
        before[quantity] = at(quantity, i);
      step_one(coordinates_[i], traced, read(gradient[i], exact_gradient[i]));
      for (std::size_t quantity = 0; quantity < before.size(); ++quantity) {
        coordinates_[i].at(quantity).exact = exact.nearest(quantity, i);
        follow(t, quantity, i, before[quantity], exact);
      }
    }
  }

  double at(std::size_t quantity, std::size_t i) const {
    return coordinates_[i].at(quantity).computed.value();
  }
  /// Its distance from exact.
  long double error(std::size_t quantity, std::size_t i) const {
    return coordinates_[i].errors[quantity];
  }
  const Shares& shares(std::size_t quantity, std::size_t i) const {
    return coordinates_[i].at(quantity).shares;
  }
  std::vector<std::string> sources() const {
    return Source<Rule>::names(h_, setup_, environment_->sources_of_a_step);
  }

  const Updates& updates(std::size_t quantity) const { return updates_[quantity]; }
  const Digits& digits(std::size_t quantity, std::size_t i) const {
    return coordinates_[i].digits[quantity];
  }
  OutOfRange out_of_range() const {
    OutOfRange sum;
    for (const Arithmetic* role : {&environment_->operations, &environment_->parameters,
                                   &environment_->states, &environment_->gradients})
      sum += role->out_of_range();
    return sum;
  }

  /// The parameter as the model reads it.
  double parameter(std::size_t i) const { return environment_->copies.round(at(0, i)); }

  /// Where the rule wants its gradient.
  double gradient_point(const Coefficients& coefficients, std::size_t i) const {
    if (looks_ahead(h_)) {
      const auto operand = [&](double x) { return Rounded::operand(environment_->operations, x); };
      Rounded point = operand(at(0, i));
      std::array<Rounded, 0> none;
      fast::lane::NagLookAhead::step(std::array{operand(coefficients[0].value)}, point, none,
                                     operand(at(1, i)), fast::Unobserved());
      return environment_->copies.round(point.value());
    }
    return parameter(i);
  }

 private:
  using TracedCoefficients = std::array<Traced, Rule::Lane::coefficients>;

  /// What the numbers of the block point to, so that it stays where it is.
  struct Environment {
    Environment(const Setup& setup, std::size_t block)
        : operations(setup.in(setup.arithmetic, 8 * block + 1)),
          parameters(setup.in(setup.kept_parameters(), 8 * block + 2)),
          states(setup.in(setup.states, 8 * block + 3)),
          gradients(setup.in(setup.gradients, 8 * block + 4)),
          copies(setup.in(setup.parameters, 8 * block + 5)) {}

    Arithmetic operations, parameters, states, gradients, copies;
    Operations sources_of_a_step{Source<Rule>::operations};
  };

  struct Coordinate {
    Traced theta, compensation;
    std::array<Traced, Rule::Lane::states> state;
    std::array<long double, quantities<Rule>> errors{};
    std::array<Digits, quantities<Rule>> digits;

    Traced& at(std::size_t quantity) { return quantity == 0 ? theta : state[quantity - 1]; }
    const Traced& at(std::size_t quantity) const {
      return quantity == 0 ? theta : state[quantity - 1];
    }
  };

  Traced number(double computed, double exact) const {
    return {Rounded::operand(environment_->operations, computed),
            exact,
            {},
            &environment_->sources_of_a_step};
  }

  Traced read(double given, const Real& exact) const {
    Arithmetic& gradients = environment_->gradients;
    Traced gradient = number(gradients.round(given), static_cast<double>(exact));
    gradient.shares[Source<Rule>::gradient] = gradients.error();
    gradient.shares[Source<Rule>::feedback] = static_cast<double>(Real(given - exact));
    return gradient;
  }

  void store(Traced& value, Arithmetic& in, std::size_t source) const {
    value.computed = Rounded::operand(environment_->operations, in.round(value.computed.value()));
    value.shares[source] += in.error();
  }

  void step_one(Coordinate& coordinate, const TracedCoefficients& coefficients,
                const Traced& gradient) const {
    Operations& sources = environment_->sources_of_a_step;
    const auto name = [&](std::string_view quantity, const Traced&) { sources(quantity); };
    auto& [theta, compensation, state, errors, digits] = coordinate;
    sources.restart();
    // A rule only adds its update to theta, so that with the compensation in theta's place it gives
    // the update to which what was lost before has been added.
    Traced& moved = setup_.kahan ? compensation : theta;
    Rule::Lane::step(coefficients, moved, state, gradient, name);
    for (std::size_t i = 0; i < state.size(); ++i)
      store(state[i], environment_->states, Source<Rule>::storage + 1 + i);
    if (setup_.kahan) {
      const Traced before = theta, update = compensation;
      theta = before + update;
      sources("theta compensated");
      store(theta, environment_->parameters, Source<Rule>::storage);
      compensation = update - (theta - before);
      sources("compensation");
      store(compensation, environment_->parameters, Source<Rule>::compensation);
      compensation.exact = 0;
    } else {
      store(theta, environment_->parameters, Source<Rule>::storage);
    }
  }

  void follow(std::uint64_t t, std::size_t quantity, std::size_t i, double before,
              const ExactRun<Rule>& exact) {
    const double now = at(quantity, i);
    const bool finite = std::isfinite(now), should_move = exact.moved(quantity, i);
    Updates& updates = updates_[quantity];
    ++updates.values;
    updates.not_finite += !finite;
    updates.exact += should_move;
    updates.lost += should_move && finite && now == before;
    auto& error = coordinates_[i].errors[quantity];
    error = distance(now, exact.at(quantity, i));
    const auto size = std::fabs(exact.nearest(quantity, i));
    coordinates_[i].digits[quantity].see(t, in_units_of(size, error));
  }

  typename Rule::Hyperparameters h_;
  Setup setup_;
  std::unique_ptr<Environment> environment_;
  std::vector<Coordinate> coordinates_;
  std::array<Updates, quantities<Rule>> updates_;
};

}  // namespace truestep::drift
