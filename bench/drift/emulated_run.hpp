// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/lanes.hpp>

#include <memory>

#include "audit.hpp"
#include "emulated_coefficients.hpp"
#include "exact_run.hpp"
#include "lane_of.hpp"
#include "trace_back.hpp"
#include "traced.hpp"

namespace truestep::drift {

/// The sources of error of a set-up, which number the shares of its quantities: the coefficients,
/// the rest of what a step reads, what it stores, then its operations.
struct Source {
  Source(std::size_t coefficients, std::size_t states)
      : counter(coefficients), compensation(storage + 1 + states) {}

  std::size_t counter, gradient = counter + 1, feedback = gradient + 1, skips = feedback + 1,
                       start = skips + 1,
                       storage = start + 1;  ///< of theta; those of the states follow
  std::size_t compensation, operations = compensation + 1;
};

template <class Rule>
std::vector<SourceName> source_names(const typename Rule::Hyperparameters& h, const Setup& setup,
                                     const Operations& of_step) {
  std::vector<SourceName> names;
  const auto add = [&](const std::string& what, const std::string& value, const Format& format) {
    names.push_back({what + value + " in " + format.name, value, format.name});
  };
  for (const std::string& name : coefficient_names(h))
    add("coefficient ", name, setup.coefficients);
  names.push_back({"counting in " + setup.counter.name, "the counter", setup.counter.name});
  add("reading ", "the gradient", setup.gradients);
  names.push_back({"gradient at another point", "", ""});
  names.push_back({"steps left out", "", ""});
  names.push_back({"starting in " + setup.kept_parameters().name, "", ""});
  add("storing ", "theta", setup.kept_parameters());
  for (std::size_t state = 1; state < quantities<Rule>(h); ++state)
    add("storing ", quantity_name<Rule>(h, state), setup.states);
  add("storing ", "the compensation", setup.kept_parameters());
  for (const std::string& name : of_step.names())
    names.push_back({name, "", setup.arithmetic.name});
  return names;
}

/// Names the operations of a step as its lane shows what they are for.
struct Naming {
  Operations& operations;
  void operator()(std::string_view quantity, const Traced&) const { operations(quantity); }
};

/// How a step's gradients reach a set-up whose loss is scaled.
struct Scaling {
  double by = 1;
  bool skipped = false;  ///< the step is left out
};

/// Some coordinates in a set-up: the lane over numbers that are rounded, and that know where their
/// errors come from.
template <class Rule>
class EmulatedRun {
 public:
  using Coefficients = typename EmulatedCoefficients<Rule>::Values;

  using Lane = LaneOf<Traced, Naming>;

  EmulatedRun(const typename Rule::Hyperparameters& h, const Setup& setup,
              std::size_t first_coordinate, std::span<const double> initial)
      : EmulatedRun(h, setup, first_coordinate, initial, lane_of<Traced, Naming>(h)) {}

  /// @param lane  instead of the one that the hyperparameters ask for
  EmulatedRun(const typename Rule::Hyperparameters& h, const Setup& setup,
              std::size_t first_coordinate, std::span<const double> initial, const Lane& lane)
      : h_(h),
        setup_(setup),
        first_coordinate_(first_coordinate),
        lane_(lane),
        source_(lane.coefficients, lane.states),
        environment_(std::make_unique<Environment>(setup, first_coordinate, source_)) {
    Arithmetic start(setup.kept_parameters()), state_start(setup.states);
    const auto states = start_of<Rule>(h);
    for (const double theta : initial) {
      Coordinate coordinate;
      coordinate.theta = number(start.round(theta), theta, source_.storage);
      coordinate.theta.shares[source_.start] = start.error();
      for (std::size_t i = 0; i < states.size(); ++i) {
        coordinate.state[i] =
            number(state_start.round(states[i]), states[i], source_.storage + 1 + i);
        coordinate.state[i].shares[source_.start] = state_start.error();
      }
      coordinate.compensation = number(0, 0, source_.compensation);
      coordinates_.push_back(coordinate);
    }
  }

  /// @param gradient        what the set-up is given, before it is rounded
  /// @param exact_gradient  of the exact run
  /// @param exact           has taken this step already
  void step(std::uint64_t t, const Coefficients& coefficients, std::span<const double> gradient,
            std::span<const Real> exact_gradient, const ExactRun<Rule>& exact,
            const Scaling& scaling = {}) {
    if (scaling.skipped) {
      skip(t, exact);
      return;
    }
    std::vector<Traced> traced;
    for (std::size_t i = 0; i < lane_.coefficients; ++i) {
      traced.push_back(number(coefficients[i].value, coefficients[i].exact, i));
      traced.back().shares[i] = coefficients[i].by_rounding;
      traced.back().shares[source_.counter] = coefficients[i].by_counter;
    }
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      std::array<double, most_quantities<Rule>> before;
      for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity)
        before[quantity] = at(quantity, i);
      const Traced read_now = read(gradient[i], exact_gradient[i], scaling.by);
      step_one(coordinates_[i], traced, read_now);
      for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
        coordinates_[i].at(quantity).exact = exact.nearest(quantity, i);
        follow(t, quantity, i, before[quantity], exact);
      }
      if (!not_finite_) look_for_not_finite(t, i, before, gradient[i]);
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
    std::vector<std::string> said;
    for (auto& name : source_names<Rule>(h_, setup_, environment_->sources_of_a_step))
      said.push_back(std::move(name.said));
    return said;
  }
  /// `at_least_zero` leaves negative numbers as they are from now on.
  void keep_negative() { environment_->sources_of_a_step.keeps_negative = true; }
  const std::optional<NotFinite>& not_finite() const { return not_finite_; }

  const Source& source() const { return source_; }
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
    if constexpr (requires { h_.nesterov; })
      if (looks_ahead(h_)) {
        const auto operand = [&](double x) {
          return Rounded::operand(environment_->operations, x);
        };
        const auto point = emulated_look_ahead(h_, operand(coefficients[0].value),
                                               operand(at(0, i)), operand(at(1, i)));
        return environment_->copies.round(point.value());
      }
    return parameter(i);
  }

 private:
  /// What the numbers of the block point to, so that it stays where it is.
  struct Environment {
    Environment(const Setup& setup, std::size_t block, const Source& source)
        : operations(setup.in(setup.arithmetic, 8 * block + 1)),
          parameters(
              setup.in(setup.kept_parameters(), 8 * block + 2, setup.rounding_of_parameters())),
          states(setup.in(setup.states, 8 * block + 3, setup.rounding_of_states())),
          gradients(setup.in(setup.gradients, 8 * block + 4)),
          copies(setup.in(setup.parameters, 8 * block + 5, setup.rounding_of_parameters())),
          sources_of_a_step(source.operations) {}

    Arithmetic operations, parameters, states, gradients, copies;
    Operations sources_of_a_step;
    double read = 0;  ///< what was given where reading or storing first made an infinity or NaN
  };

  struct Coordinate {
    Traced theta, compensation;
    std::array<Traced, most_quantities<Rule> - 1> state;
    std::array<long double, most_quantities<Rule>> errors{};
    std::array<Digits, most_quantities<Rule>> digits;

    Traced& at(std::size_t quantity) { return quantity == 0 ? theta : state[quantity - 1]; }
    const Traced& at(std::size_t quantity) const {
      return quantity == 0 ? theta : state[quantity - 1];
    }
  };

  Traced number(double computed, double exact, std::size_t source) const {
    return {Rounded::operand(environment_->operations, computed),
            exact,
            {},
            &environment_->sources_of_a_step,
            source};
  }

  Traced read(double given, const Real& exact, double scale) const {
    Arithmetic& gradients = environment_->gradients;
    const double scaled = gradients.round(scale * given);
    Traced gradient = number(scaled / scale, static_cast<double>(exact), source_.gradient);
    gradient.shares[source_.gradient] = gradients.error() / scale;
    gradient.shares[source_.feedback] = static_cast<double>(Real(given - exact));
    return gradient;
  }

  /// A number that is stored is what the next step reads.
  void store(Traced& value, Arithmetic& in, std::size_t source) const {
    const double given = value.computed.value(), stored = in.round(given);
    if (!std::isfinite(stored) && std::isfinite(given)) found_not_finite(source, given);
    value.computed = Rounded::operand(environment_->operations, stored);
    value.shares[source] += in.error();
    value.source = source;
  }

  void found_not_finite(std::size_t source, double given) const {
    Operations& operations = environment_->sources_of_a_step;
    if (!operations.not_finite()) environment_->read = given;
    operations.found_not_finite(source);
  }

  /// All stays where it is, but for the exact run.
  void skip(std::uint64_t t, const ExactRun<Rule>& exact) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i)
      for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
        Traced& here = coordinates_[i].at(quantity);
        const double now = exact.nearest(quantity, i);
        here.shares[source_.skips] += here.exact - now;
        here.exact = now;
        measure(t, quantity, i, exact);
      }
  }

  void look_for_not_finite(std::uint64_t t, std::size_t i,
                           const std::array<double, most_quantities<Rule>>& before,
                           double gradient) {
    const Operations& operations = environment_->sources_of_a_step;
    for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
      const double now = at(quantity, i);
      if (std::isfinite(now) || !std::isfinite(before[quantity])) continue;
      not_finite_ = {{t, first_coordinate_ + i, now, coordinates_[i].at(quantity).exact},
                     quantity_name<Rule>(h_, quantity),
                     gradient,
                     {}};
      if (operations.not_finite())
        not_finite_->why =
            why_not_finite(operations, *operations.not_finite(),
                           source_names<Rule>(h_, setup_, operations), setup_, environment_->read);
      return;
    }
  }

  void step_one(Coordinate& coordinate, std::span<const Traced> coefficients,
                const Traced& gradient) const {
    Operations& sources = environment_->sources_of_a_step;
    auto& [theta, compensation, state, errors, digits] = coordinate;
    sources.restart();
    for (const Traced& coefficient : coefficients)
      if (!std::isfinite(coefficient.computed.value()))
        found_not_finite(coefficient.source, coefficient.exact);
    if (!std::isfinite(gradient.computed.value()))
      found_not_finite(source_.gradient, gradient.exact);
    // A rule only adds its update to theta, so that with the compensation in theta's place it gives
    // the update to which what was lost before has been added.
    Traced& moved = setup_.kahan ? compensation : theta;
    lane_.step(coefficients, moved, std::span(state).first(lane_.states), gradient, {sources});
    for (std::size_t i = 0; i < lane_.states; ++i)
      store(state[i], environment_->states, source_.storage + 1 + i);
    if (setup_.kahan) {
      const Traced before = theta, update = compensation;
      theta = before + update;
      sources("theta compensated");
      store(theta, environment_->parameters, source_.storage);
      compensation = update - (theta - before);
      sources("compensation");
      store(compensation, environment_->parameters, source_.compensation);
      compensation.exact = 0;
    } else {
      store(theta, environment_->parameters, source_.storage);
    }
  }

  void follow(std::uint64_t t, std::size_t quantity, std::size_t i, double before,
              const ExactRun<Rule>& exact) {
    const double now = at(quantity, i);
    const bool should_move = exact.moved(quantity, i);
    const bool is_lost = should_move && std::isfinite(now) && now == before;
    const First here{t, first_coordinate_ + i, now, exact.nearest(quantity, i)};
    Updates& updates = updates_[quantity];
    updates.exact += should_move;
    updates.lost += is_lost;
    if (is_lost && !updates.first_lost) updates.first_lost = here;
    if (quantity > 0 && now == 0 && here.exact != 0 && !updates.first_flushed)
      updates.first_flushed = here;
    measure(t, quantity, i, exact);
  }

  void measure(std::uint64_t t, std::size_t quantity, std::size_t i, const ExactRun<Rule>& exact) {
    const double now = at(quantity, i);
    Updates& updates = updates_[quantity];
    ++updates.values;
    updates.not_finite += !std::isfinite(now);
    auto& error = coordinates_[i].errors[quantity];
    error = distance(now, exact.at(quantity, i));
    const auto size = std::fabs(exact.nearest(quantity, i));
    coordinates_[i].digits[quantity].see(t, in_units_of(size, error));
  }

  typename Rule::Hyperparameters h_;
  Setup setup_;
  std::size_t first_coordinate_;
  Lane lane_;
  Source source_;
  std::unique_ptr<Environment> environment_;
  std::vector<Coordinate> coordinates_;
  std::array<Updates, most_quantities<Rule>> updates_;
  std::optional<NotFinite> not_finite_;
};

}  // namespace truestep::drift
