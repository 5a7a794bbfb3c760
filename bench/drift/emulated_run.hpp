// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/lanes.hpp>

#include <memory>

#include "audit.hpp"
#include "beginning.hpp"
#include "comparison.hpp"
#include "emulated_coefficients.hpp"
#include "exact_run.hpp"
#include "lane_of.hpp"
#include "scaled_format.hpp"
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

  std::size_t states() const { return compensation - storage - 1; }
};

template <class Rule>
std::vector<SourceName> source_names(const typename Rule::Hyperparameters& h, const Setup& setup,
                                     const Operations& of_step) {
  std::vector<SourceName> names;
  const auto add = [&](const std::string& what, const std::string& value, const Format& format) {
    names.push_back({what + value + " in " + format.name, value, format.name, false});
  };
  for (const std::string& name : coefficient_names(h))
    add("coefficient ", name, setup.coefficients);
  names.push_back({"counting in " + setup.counter.name, "the counter", setup.counter.name});
  add("reading ", "the gradient", setup.gradients);
  names.push_back({"gradient at another point", "", ""});
  names.push_back({"steps left out", "", ""});
  names.push_back({"starting in " + setup.kept_parameters().name, "", ""});
  add("storing ", "theta", setup.kept_parameters());
  for (std::size_t state = 1; state < quantities<Rule>(h); ++state) {
    const bool is_scaled = setup.state_block > 0;
    add(is_scaled ? "storing scaled " : "storing ", quantity_name<Rule>(h, state), setup.states);
    names.back().is_scaled = is_scaled;
  }
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
/// errors come from where that is asked for.
template <class Rule>
class EmulatedRun {
 public:
  using Coefficients = typename EmulatedCoefficients<Rule>::Values;

  using Lane = LaneOf<Traced, Naming>;

  EmulatedRun(const typename Rule::Hyperparameters& h, const Setup& setup,
              std::size_t first_coordinate, const Beginning& initial, bool attributes = true)
      : EmulatedRun(h, setup, first_coordinate, initial, lane_of<Traced, Naming>(h), attributes) {}

  /// @param lane  instead of the one that the hyperparameters ask for
  EmulatedRun(const typename Rule::Hyperparameters& h, const Setup& setup,
              std::size_t first_coordinate, const Beginning& initial, const Lane& lane,
              bool attributes = true)
      : h_(h),
        setup_(setup),
        first_coordinate_(first_coordinate),
        count_(initial.size()),
        lane_(lane),
        source_(lane.coefficients, lane.states),
        environment_(std::make_unique<Environment>(setup, source_, first_coordinate, count_)),
        comparisons_(1 + lane.states, Comparison(first_coordinate)) {
    environment_->sources_of_a_step.attributes = attributes;
    Arithmetic start(setup.kept_parameters()), state_start(setup.states);
    theta_ = started(start, initial.theta(), source_.storage);
    const auto states = start_of<Rule>(h);
    for (std::size_t i = 0; i < states.size(); ++i) {
      const auto values = initial.state(i, states[i]);
      const std::size_t source = source_.storage + 1 + i;
      states_.push_back(setup_.state_block > 0 ? number(values, values, source)
                                               : started(state_start, values, source));
    }
    if (setup_.kahan) compensation_ = number(0, 0, source_.compensation);
  }

  /// @param gradient        what the set-up is given, before it is rounded
  /// @param exact_gradient  of the exact run
  /// @param exact           has taken this step already
  /// @param sharp           whether distances are wanted to all their digits
  void step(std::uint64_t t, const Coefficients& coefficients, std::span<const double> gradient,
            std::span<const Real> exact_gradient, ExactRun<Rule>& exact,
            const Scaling& scaling = {}, bool sharp = true) {
    begin(t, coefficients, gradient, exact_gradient, scaling);
    finish(t, gradient, exact, scaling, sharp);
  }

  /// The first part of a step. What columns share has to be set before the other part: the scale of
  /// each state, where the set-up has scales.
  void begin(std::uint64_t t, const Coefficients& coefficients, std::span<const double> gradient,
             std::span<const Real> exact_gradient, const Scaling& scaling) {
    if (scaling.skipped) return;
    environment_->begin_step(t);
    std::vector<Traced> traced;
    for (std::size_t i = 0; i < lane_.coefficients; ++i) {
      traced.push_back(number(coefficients[i].value, coefficients[i].exact, i));
      if (!environment_->sources_of_a_step.attributes) continue;
      add_everywhere(traced.back(), i, coefficients[i].by_rounding);
      add_everywhere(traced.back(), source_.counter, coefficients[i].by_counter);
    }
    before_ = {std::move(traced), read(gradient, exact_gradient, scaling.by), theta_, compensation_,
               states_};
    move(before_.coefficients, before_.gradient, *environment_, theta_, compensation_, states_);
  }

  /// The rest of it.
  ///
  /// @param exact  has taken this step already
  void finish(std::uint64_t t, std::span<const double> gradient, ExactRun<Rule>& exact,
              const Scaling& scaling, bool sharp) {
    if (scaling.skipped) {
      skip(t, exact, sharp);
      return;
    }
    store_all(*environment_, theta_, compensation_, states_);
    for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
      const Traced& before = quantity == 0 ? before_.theta : before_.states[quantity - 1];
      Traced& now = at(quantity);
      comparisons_[quantity].see(t, quantity, used(before.computed()), used(now.computed()), sharp,
                                 exact);
    }
    for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity)
      at(quantity).set_exact({exact.high(quantity), count_});
    if (!not_finite_) look_for_not_finite(t, gradient);
    before_ = {};  // whose shares would take the most memory
  }

  std::size_t states() const { return lane_.states; }
  /// The largest in size of what shall be stored of a state; NaN where one is.
  double largest_state(std::size_t state) const {
    double largest = 0;
    for (const double x : used(states_[state].computed()))
      largest = std::isnan(x) || std::fabs(x) > largest ? std::fabs(x) : largest;
    return largest;
  }
  /// Scales a state by the largest of all columns that share its scale.
  void scale_state(std::size_t state, double largest) {
    environment_->state_scales[state] =
        ScaledFormat(setup_.states).scale_of(static_cast<float>(largest));
  }
  /// Stores the states that the run begins with, where they are scaled.
  void store_start() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      states_[i] =
          states_[i].stored(environment_->states, source_.start, environment_->state_scales[i]);
      states_[i].set_source(source_.storage + 1 + i);
    }
  }

  double at(std::size_t quantity, std::size_t i) const { return at(quantity).computed()[i]; }
  /// Its distance from exact.
  double distance_of(std::size_t quantity, std::size_t i) const {
    return comparisons_[quantity].distance_of(i);
  }
  double share(std::size_t quantity, std::size_t source, std::size_t i) const {
    return at(quantity).share(source, i);
  }
  /// What each source contributes, as many as have a name.
  std::vector<double> shares(std::size_t quantity, std::size_t i) const {
    std::vector<double> all;
    for (std::size_t source = 0; source < sources().size(); ++source)
      all.push_back(share(quantity, source, i));
    return all;
  }
  const Traced& traced(std::size_t quantity) const { return at(quantity); }
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
  const Comparison& comparison(std::size_t quantity) const { return comparisons_[quantity]; }
  OutOfRange out_of_range() const { return environment_->out_of_range(); }

  /// The parameter as the model reads it.
  double parameter(std::size_t i) const { return environment_->copies.scalar().round(at(0, i)); }

  /// Where the rule wants its gradient.
  double gradient_point(const Coefficients& coefficients, std::size_t i) const {
    if constexpr (requires { h_.nesterov; })
      if (looks_ahead(h_)) {
        const auto operand = [&](double x) {
          return Rounded::operand(environment_->operations.scalar(), x);
        };
        const auto point = emulated_look_ahead(h_, operand(coefficients[0].value),
                                               operand(at(0, i)), operand(at(1, i)));
        return environment_->copies.scalar().round(point.value());
      }
    return parameter(i);
  }

 private:
  /// What the numbers of the block point to, so that it stays where it is.
  struct Environment {
    Environment(const Setup& setup, const Source& source, std::size_t first, std::size_t columns)
        : operations(setup.in(setup.arithmetic, 1)),
          parameters(setup.in(setup.kept_parameters(), 2, setup.rounding_of_parameters())),
          states(setup.in(setup.states, 3, setup.rounding_of_states())),
          gradients(setup.in(setup.gradients, 4)),
          copies(setup.in(setup.parameters, 5 + 8 * first, setup.rounding_of_parameters())),
          sources_of_a_step(source.operations) {
      for (RowArithmetic* role : roles()) role->use(first, columns);
      sources_of_a_step.columns = columns;
      if (setup.state_block > 0) state_scales.resize(source.states());
    }

    std::array<RowArithmetic*, 4> roles() {
      return {&operations, &parameters, &states, &gradients};
    }
    void begin_step(std::uint64_t t) {
      for (RowArithmetic* role : roles()) role->begin_step(t);
    }
    OutOfRange out_of_range() {
      OutOfRange sum;
      for (const RowArithmetic* role : roles()) sum += role->out_of_range();
      return sum;
    }

    RowArithmetic operations, parameters, states, gradients, copies;
    Operations sources_of_a_step;
    std::vector<float> state_scales;  ///< none where states are not scaled
    double read = 0;  ///< what was given where reading or storing first made an infinity or NaN
  };

  Traced& at(std::size_t quantity) { return quantity == 0 ? theta_ : states_[quantity - 1]; }
  const Traced& at(std::size_t quantity) const {
    return quantity == 0 ? theta_ : states_[quantity - 1];
  }

  std::span<const double> used(const Row& row) const { return std::span(row).first(count_); }

  Traced number(double computed, double exact, std::size_t source) const {
    return {environment_->operations, environment_->sources_of_a_step, computed, exact, source};
  }
  Traced number(std::span<const double> computed, std::span<const double> exact,
                std::size_t source) const {
    return {environment_->operations, environment_->sources_of_a_step, computed, exact, source};
  }

  void add_everywhere(Traced& number, std::size_t source, double share) const {
    if (share == 0) return;
    Row shares;
    shares.fill(share);
    number.add_share(source, used(shares));
  }

  Traced started(Arithmetic& in, std::span<const double> exact, std::size_t source) const {
    std::vector<double> rounded, error;
    for (const double x : exact) {
      rounded.push_back(in.round(x));
      error.push_back(in.error());
    }
    Traced start = number(rounded, exact, source);
    start.add_share(source_.start, error);
    return start;
  }

  Traced read(std::span<const double> given, std::span<const Real> exact, double scale) const {
    Row scaled{}, rounded, error, feedback, ideal;
    for (std::size_t i = 0; i < count_; ++i) scaled[i] = scale * given[i];
    environment_->gradients.round(scaled, rounded, error);
    for (std::size_t i = 0; i < count_; ++i) {
      rounded[i] /= scale;
      error[i] /= scale;
      if (exact.empty()) continue;
      ideal[i] = static_cast<double>(exact[i]);
      feedback[i] = static_cast<double>(Real(given[i] - exact[i]));
    }
    Traced gradient = number(used(rounded), exact.empty() ? given : used(ideal), source_.gradient);
    gradient.add_share(source_.gradient, used(error));
    if (!exact.empty()) gradient.add_share(source_.feedback, used(feedback));
    return gradient;
  }

  /// A number that is stored is what the next step reads.
  static void store(Traced& value, RowArithmetic& in, std::size_t source, Environment& at,
                    std::optional<float> scale = {}) {
    const double given = value.computed()[0];
    value = value.stored(in, source, scale);
    Operations& operations = at.sources_of_a_step;
    if (!operations.remembers || std::isfinite(value.computed()[0]) || !std::isfinite(given))
      return;
    found_not_finite(source, given, at);
  }

  static void found_not_finite(std::size_t source, double given, Environment& at) {
    Operations& operations = at.sources_of_a_step;
    if (!operations.not_finite()) at.read = given;
    operations.found_not_finite(source);
  }

  /// All stays where it is, but for the exact run.
  void skip(std::uint64_t t, ExactRun<Rule>& exact, bool sharp) {
    for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
      Traced& here = at(quantity);
      comparisons_[quantity].see(t, quantity, {}, used(here.computed()), sharp, exact);
      Row more;
      for (std::size_t i = 0; i < count_; ++i) more[i] = here.exact()[i] - exact.high(quantity)[i];
      here.add_share(source_.skips, used(more));
      here.set_exact({exact.high(quantity), count_});
    }
  }

  /// The step of one coordinate is done again, alone, to see what is made of what.
  void look_for_not_finite(std::uint64_t t, std::span<const double> gradient) {
    const auto is_finite = [](const Comparison& seen) { return seen.updates().not_finite == 0; };
    if (std::all_of(comparisons_.begin(), comparisons_.end(), is_finite)) return;
    for (std::size_t i = 0; i < count_; ++i)
      for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
        const double now = at(quantity, i);
        const Traced& before = quantity == 0 ? before_.theta : before_.states[quantity - 1];
        if (std::isfinite(now) || !std::isfinite(before.computed()[i])) continue;
        not_finite_ = {{t, first_coordinate_ + i, now, at(quantity).exact()[i]},
                       quantity_name<Rule>(h_, quantity),
                       gradient[i],
                       {}};
        Environment alone(setup_, source_, first_coordinate_ + i, 1);
        Operations& operations = alone.sources_of_a_step;
        operations.attributes = false;
        operations.remembers = true;
        operations.keeps_negative = environment_->sources_of_a_step.keeps_negative;
        alone.state_scales = environment_->state_scales;
        alone.begin_step(t);
        const auto column = [&](const Traced& x) {
          return x.column(i, alone.operations, operations);
        };
        std::vector<Traced> coefficients_alone, states_alone;
        for (const Traced& coefficient : before_.coefficients)
          coefficients_alone.push_back(column(coefficient));
        for (const Traced& state : before_.states) states_alone.push_back(column(state));
        Traced theta_alone = column(before_.theta), compensation_alone;
        if (setup_.kahan) compensation_alone = column(before_.compensation);
        move(coefficients_alone, column(before_.gradient), alone, theta_alone, compensation_alone,
             states_alone);
        store_all(alone, theta_alone, compensation_alone, states_alone);
        if (operations.not_finite())
          not_finite_->why =
              why_not_finite(operations, *operations.not_finite(),
                             source_names<Rule>(h_, setup_, operations), setup_, alone.read);
        return;
      }
  }

  void move(std::span<const Traced> coefficients, const Traced& gradient, Environment& in,
            Traced& theta, Traced& compensation, std::vector<Traced>& states) const {
    Operations& sources = in.sources_of_a_step;
    sources.restart();
    if (sources.remembers) {
      for (const Traced& coefficient : coefficients)
        if (!std::isfinite(coefficient.computed()[0]))
          found_not_finite(coefficient.source(), coefficient.exact()[0], in);
      if (!std::isfinite(gradient.computed()[0]))
        found_not_finite(source_.gradient, gradient.exact()[0], in);
    }
    // A rule only adds its update to theta, so that with the compensation in theta's place it gives
    // the update to which what was lost before has been added.
    Traced& moved = setup_.kahan ? compensation : theta;
    lane_.step(coefficients, moved, states, gradient, {sources});
  }

  void store_all(Environment& in, Traced& theta, Traced& compensation,
                 std::vector<Traced>& states) const {
    Operations& sources = in.sources_of_a_step;
    for (std::size_t i = 0; i < lane_.states; ++i)
      store(states[i], in.states, source_.storage + 1 + i, in,
            in.state_scales.empty() ? std::optional<float>() : in.state_scales[i]);
    if (setup_.kahan) {
      const Traced before = theta, update = compensation;
      theta = before + update;
      sources("theta compensated");
      store(theta, in.parameters, source_.storage, in);
      compensation = update - (theta - before);
      sources("compensation");
      store(compensation, in.parameters, source_.compensation, in);
      compensation.set_exact(std::vector<double>(count_, 0));
    } else {
      store(theta, in.parameters, source_.storage, in);
    }
  }

  /// What a step began with.
  struct Before {
    std::vector<Traced> coefficients = {};
    Traced gradient = {}, theta = {}, compensation = {};
    std::vector<Traced> states = {};
  };

  typename Rule::Hyperparameters h_;
  Setup setup_;
  std::size_t first_coordinate_, count_;
  Lane lane_;
  Source source_;
  std::unique_ptr<Environment> environment_;
  Traced theta_, compensation_;
  std::vector<Traced> states_;
  Before before_ = {};
  std::vector<Comparison> comparisons_;
  std::optional<NotFinite> not_finite_;
};

}  // namespace truestep::drift
