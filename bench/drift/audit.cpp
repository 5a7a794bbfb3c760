#include "audit.hpp"

#include <truestep/fast/double_double.hpp>
#include <truestep/proofs/ball.hpp>
#include <truestep/proofs/rules.hpp>
#include <truestep/reference/real.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>
#include <tuple>
#include <type_traits>

namespace truestep::drift {
namespace {

using reference::Real;

template <class Rule>
using Formula = typename Rule::template Formula<Real>;

/// A rule's quantities are numbered: 0 is theta, then its states.
template <class Rule>
constexpr std::size_t quantities = 1 + Rule::Lane::states;

template <class Rule>
const char* quantity_name(std::size_t quantity) {
  return quantity == 0 ? "theta" : Rule::template states<Real>[quantity - 1].name;
}

/// Some coordinates under the formula.
template <class Rule>
class ExactRun {
 public:
  explicit ExactRun(std::span<const float> initial) {
    for (const float theta : initial) coordinates_.push_back({Real(theta), {}, {}});
  }

  void step(const Formula<Rule>& formula, std::span<const float> gradient) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state, moved] = coordinates_[i];
      const auto now = formula.step(theta, state, Real(gradient[i]));
      moved[0] = theta != now.theta;
      for (std::size_t quantity = 1; quantity < quantities<Rule>; ++quantity) {
        const auto member = Rule::template states<Real>[quantity - 1].member;
        moved[quantity] = state.*member != now.*member;
      }
      theta = now.theta;
      state = now;
    }
  }

  const Real& at(std::size_t quantity, std::size_t i) const {
    const auto& [theta, state, moved] = coordinates_[i];
    return quantity == 0 ? theta : state.*Rule::template states<Real>[quantity - 1].member;
  }

  /// Whether the last step changed it.
  bool moved(std::size_t quantity, std::size_t i) const { return coordinates_[i].moved[quantity]; }

 private:
  struct Coordinate {
    Real theta;
    typename Formula<Rule>::State state;
    std::array<bool, quantities<Rule>> moved;
  };
  std::vector<Coordinate> coordinates_;
};

/// Some coordinates under the lane, read in any number type.
template <class Rule, class Number>
class LaneRun {
 public:
  using Coefficients = std::array<Number, Rule::Lane::coefficients>;

  explicit LaneRun(std::span<const float> initial) {
    for (const float theta : initial) coordinates_.push_back({Number(theta), {}});
  }

  void step(const Coefficients& coefficients, std::span<const float> gradient) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state] = coordinates_[i];
      Rule::Lane::step(coefficients, theta, state, Number(gradient[i]), fast::Unobserved());
    }
  }

  const Number& at(std::size_t quantity, std::size_t i) const {
    const auto& [theta, state] = coordinates_[i];
    return quantity == 0 ? theta : state[quantity - 1];
  }

 private:
  struct Coordinate {
    Number theta;
    std::array<Number, Rule::Lane::states> state;
  };
  std::vector<Coordinate> coordinates_;
};

/// Some coordinates under the kernel that is shipped.
template <class Rule, class T>
class KernelRun {
 public:
  explicit KernelRun(std::span<const float> initial) : theta_(initial.begin(), initial.end()) {
    states_.fill(std::vector<T>(initial.size()));
  }

  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const float> gradient) {
    const std::vector<T> exact_gradient(gradient.begin(), gradient.end());
    std::apply(
        [&](auto&... state) {
          Rule::kernel(h, t, std::span(theta_), std::span(state)..., std::span(exact_gradient));
        },
        states_);
  }

  /// Where the rule wants its gradient.
  std::vector<T> gradient_point(const typename Rule::Hyperparameters& h) const {
    std::vector<T> point = theta_;
    if constexpr (requires { Rule::look_ahead; })
      Rule::look_ahead(h, std::span(theta_), std::span(states_[0]), std::span(point));
    return point;
  }

  const std::vector<T>& theta() const { return theta_; }
  T at(std::size_t quantity, std::size_t i) const {
    return quantity == 0 ? theta_[i] : states_[quantity - 1][i];
  }

 private:
  std::vector<T> theta_;
  std::array<std::vector<T>, Rule::Lane::states> states_;
};

template <class T>
using Wide = typename proofs::Wide<T>::type;

template <class T>
constexpr const char* precision_name = std::is_same_v<T, float> ? "float" : "double";

/// Infinite where there is none, as between two infinities.
template <class T>
Wide<T> distance(const Real& a, const Real& b) {
  const auto d = static_cast<Wide<T>>(Real(abs(a - b)));
  return std::isnan(d) ? std::numeric_limits<Wide<T>>::infinity() : d;
}

/// The spacing of T's numbers at x.
template <class T>
Wide<T> ulp(const Real& x) {
  using Limits = std::numeric_limits<T>;
  int exponent = Limits::min_exponent;
  if (x != 0) {
    frexp(x, &exponent);
    exponent = std::max(exponent, Limits::min_exponent);
  }
  return std::ldexp(Wide<T>{1}, exponent - Limits::digits);
}

/// No distance is 0 of anything, an infinite one infinitely many.
template <class W>
double in_units_of(W unit, W distance) {
  return static_cast<double>(distance == 0 || std::isinf(distance) ? distance : distance / unit);
}

template <class T>
bool same_bits(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

/// Each coordinate of one quantity at one step; errors and radii in ulp.
struct Samples {
  explicit Samples(std::size_t count)
      : error(count), relative(count), rounding(count), coefficients(count), radius(count) {}

  std::vector<double> error, relative, rounding, coefficients, radius;
};

/// Some coordinates in one precision: the kernel, its rigorous radius, and the lane without any
/// rounding but that of the coefficients.
template <class Rule, class T>
class PrecisionRun {
 public:
  PrecisionRun(std::size_t first_coordinate, std::span<const float> initial)
      : first_(first_coordinate),
        count_(initial.size()),
        kernel_(initial),
        ball_(initial),
        rounded_coefficients_(initial) {}

  /// @param exact  has taken this step already
  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const float> gradient, const ExactRun<Rule>& exact) {
    const auto rounded = fast::coefficients<T>(h, t);
    std::array<Ball, rounded.size()> with_radius;
    std::array<Real, rounded.size()> taken_as_exact;
    std::transform(rounded.begin(), rounded.end(), with_radius.begin(), Ball::coefficient);
    std::copy(rounded.begin(), rounded.end(), taken_as_exact.begin());

    kernel_.step(h, t, gradient);
    ball_.step(with_radius, gradient);
    rounded_coefficients_.step(taken_as_exact, gradient);
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      for (std::size_t i = 0; i < count_; ++i) check(t, quantity, i, exact.at(quantity, i));
  }

  void count(std::size_t quantity, Series& series) const { series.checks += checks_[quantity]; }

  void sample(const ExactRun<Rule>& exact, std::vector<Samples>& of_quantity) const {
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      for (std::size_t i = 0; i < count_; ++i) {
        const Real& truth = exact.at(quantity, i);
        const Real kernel = kernel_.at(quantity, i);
        const Real& between = rounded_coefficients_.at(quantity, i);
        const auto unit = ulp<T>(truth);
        const auto error = distance<T>(kernel, truth);
        const auto& ball = ball_.at(quantity, i);
        Samples& samples = of_quantity[quantity];
        samples.error[first_ + i] = in_units_of(unit, error);
        samples.relative[first_ + i] = in_units_of(static_cast<Wide<T>>(Real(abs(truth))), error);
        samples.rounding[first_ + i] = in_units_of(unit, distance<T>(kernel, between));
        samples.coefficients[first_ + i] = in_units_of(unit, distance<T>(between, truth));
        samples.radius[first_ + i] = in_units_of(
            unit, ball.bounded() ? ball.radius : std::numeric_limits<Wide<T>>::infinity());
      }
  }

 private:
  using Ball = proofs::Ball<T>;

  void check(std::uint64_t t, std::size_t quantity, std::size_t i, const Real& truth) {
    Checks& checks = checks_[quantity];
    const T kernel = kernel_.at(quantity, i);
    const Ball& ball = ball_.at(quantity, i);
    if (!same_bits(kernel, ball.value)) ++checks.other_bits;
    if (!ball.bounded()) {
      ++checks.unbounded;
      return;
    }
    ++checks.compared;
    // The radius has room for the rounding of this distance (proofs/ball.hpp, inflation).
    const auto error = distance<T>(Real(kernel), truth);
    if (error > 0)
      checks.closest = std::max(checks.closest, static_cast<double>(error / ball.radius));
    if (error <= ball.radius) return;
    ++checks.exceeded;
    if (checks.first) return;
    const auto unit = ulp<T>(truth);
    checks.first = {precision_name<T>,        quantity_name<Rule>(quantity), t, first_ + i,
                    in_units_of(unit, error), in_units_of(unit, ball.radius)};
  }

  std::size_t first_, count_;
  KernelRun<Rule, T> kernel_;
  LaneRun<Rule, Ball> ball_;
  LaneRun<Rule, Real> rounded_coefficients_;
  std::array<Checks, quantities<Rule>> checks_;
};

/// Some coordinates in an emulated format: the lane, and the lane without any rounding but that of
/// the coefficients.
template <class Rule>
class EmulatedRun {
 public:
  EmulatedRun(const Emulation& emulation, std::size_t first_coordinate,
              std::span<const float> initial)
      : first_(first_coordinate),
        // Blocks draw from streams of their own, whichever thread runs them.
        arithmetic_(std::make_unique<Arithmetic>(emulation.format, emulation.rounding,
                                                 emulation.seed + first_coordinate)),
        to_nearest_(emulation.format),
        rounded_coefficients_(initial) {
    for (const float theta : initial) {
      Coordinate coordinate{number(to_nearest_.round(theta)), {}};
      coordinate.state.fill(number(0));
      coordinates_.push_back(coordinate);
    }
  }

  /// @param exact  has taken this step already
  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const float> gradient, const ExactRun<Rule>& exact) {
    const auto unrounded = fast::coefficients<fast::DoubleDouble>(h, t);
    std::array<Rounded, unrounded.size()> coefficients;
    std::array<Real, unrounded.size()> taken_as_exact;
    for (std::size_t i = 0; i < unrounded.size(); ++i) {
      const double rounded = to_nearest_.round(unrounded[i].high, unrounded[i].low);
      coefficients[i] = number(rounded);
      taken_as_exact[i] = rounded;
    }
    rounded_coefficients_.step(taken_as_exact, gradient);
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      const Coordinate before = coordinates_[i];
      auto& [theta, state] = coordinates_[i];
      Rule::Lane::step(coefficients, theta, state, number(gradient[i]), fast::Unobserved());
      for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
        compare(quantity, before.at(quantity), at(quantity, i), exact.moved(quantity, i));
    }
  }

  void count(std::size_t quantity, Series& series) const { *series.updates += updates_[quantity]; }
  OutOfRange out_of_range() const { return {arithmetic_->underflows(), arithmetic_->overflows()}; }

  void sample(const ExactRun<Rule>& exact, std::vector<Samples>& of_quantity) const {
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      for (std::size_t i = 0; i < coordinates_.size(); ++i) {
        const Real& truth = exact.at(quantity, i);
        const Real emulated = at(quantity, i);
        const Real& between = rounded_coefficients_.at(quantity, i);
        const auto unit = ulp(truth);
        const auto error = distance<double>(emulated, truth);
        Samples& samples = of_quantity[quantity];
        samples.error[first_ + i] = in_units_of(unit, error);
        samples.relative[first_ + i] =
            in_units_of(static_cast<long double>(Real(abs(truth))), error);
        samples.rounding[first_ + i] = in_units_of(unit, distance<double>(emulated, between));
        samples.coefficients[first_ + i] = in_units_of(unit, distance<double>(between, truth));
      }
  }

 private:
  struct Coordinate {
    Rounded theta;
    std::array<Rounded, Rule::Lane::states> state;

    double at(std::size_t quantity) const {
      return (quantity == 0 ? theta : state[quantity - 1]).value();
    }
  };

  Rounded number(double x) { return {*arithmetic_, x}; }
  double at(std::size_t quantity, std::size_t i) const { return coordinates_[i].at(quantity); }

  /// The spacing of the format's numbers at x.
  long double ulp(const Real& x) const {
    const Format& format = arithmetic_->format();
    int exponent = format.least_exponent;
    if (x != 0) {
      frexp(x, &exponent);
      --exponent;
    }
    return std::ldexp(1.0L, format.spacing(exponent));
  }

  void compare(std::size_t quantity, double before, double now, bool exact_moved) {
    Updates& updates = updates_[quantity];
    const bool finite = std::isfinite(now);
    ++updates.values;
    updates.not_finite += !finite;
    updates.exact += exact_moved;
    updates.lost += exact_moved && finite && now == before;
  }

  std::size_t first_;
  std::unique_ptr<Arithmetic> arithmetic_;  // which its numbers point to
  Arithmetic to_nearest_;
  std::vector<Coordinate> coordinates_;
  LaneRun<Rule, Real> rounded_coefficients_;
  std::array<Updates, quantities<Rule>> updates_;
};

/// Some coordinates in every reading. Given its gradients a coordinate depends on no other, so that
/// blocks run on as many threads as there are.
template <class Rule>
class Block {
 public:
  static constexpr std::size_t size = 64;

  Block(std::size_t first_coordinate, std::span<const float> initial,
        std::span<const Emulation> emulations)
      : first_(first_coordinate),
        count_(initial.size()),
        exact_(initial),
        precisions_(PrecisionRun<Rule, float>(first_, initial),
                    PrecisionRun<Rule, double>(first_, initial)) {
    for (const auto& emulation : emulations) emulated_.emplace_back(emulation, first_, initial);
  }

  void step(const typename Rule::Hyperparameters& h, std::uint64_t t, const Formula<Rule>& formula,
            std::span<const float> gradient_of_all) {
    const auto gradient = gradient_of_all.subspan(first_, count_);
    exact_.step(formula, gradient);
    std::apply([&](auto&... precision) { (precision.step(h, t, gradient, exact_), ...); },
               precisions_);
    for (auto& emulated : emulated_) emulated.step(h, t, gradient, exact_);
  }

  const ExactRun<Rule>& exact() const { return exact_; }
  template <class T>
  const PrecisionRun<Rule, T>& precision() const {
    return std::get<PrecisionRun<Rule, T>>(precisions_);
  }
  const EmulatedRun<Rule>& emulated(std::size_t index) const { return emulated_[index]; }

 private:
  std::size_t first_, count_;
  ExactRun<Rule> exact_;
  std::tuple<PrecisionRun<Rule, float>, PrecisionRun<Rule, double>> precisions_;
  std::vector<EmulatedRun<Rule>> emulated_;
};

template <class Item, class Task>
void for_each_in_parallel(std::vector<Item>& items, const Task& task) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < items.size();) task(items[i]);
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
  work();
}

Spread spread(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return {*std::max_element(middle, values.end()), *middle};
}

/// @param of_quantity  the series of one reading, each of which gets one more step
/// @param run_of       that reading of a block
template <class Rule, class RunOf>
void report(const std::vector<Block<Rule>>& blocks, std::size_t parameters, std::uint64_t step,
            std::span<Series> of_quantity, RunOf run_of) {
  std::vector<Samples> samples(of_quantity.size(), Samples(parameters));
  for (const auto& block : blocks) run_of(block).sample(block.exact(), samples);
  for (std::size_t quantity = 0; quantity < of_quantity.size(); ++quantity) {
    Series& series = of_quantity[quantity];
    series.checks = {};
    if (series.updates) series.updates = Updates();
    for (const auto& block : blocks) run_of(block).count(quantity, series);
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const auto& [error, relative, rounding, coefficients, radius] = samples[quantity];
    series.drift.push_back({step, spread(error), spread(relative), spread(rounding).largest,
                            spread(coefficients).largest,
                            series.updates ? none : spread(radius).largest,
                            series.updates ? none : series.checks.closest});
  }
}

/// The next step after which to report: a power of ten or the last.
std::uint64_t next_report(std::uint64_t done, std::uint64_t last) {
  std::uint64_t power = 1;
  while (power <= done) power *= 10;
  return std::min(power, last);
}

template <class Rule>
Run run(const Classifier& model, std::span<const Digit> digits, std::uint64_t steps,
        std::span<const Emulation> emulations, const Progress& progress) {
  // Gradients are recorded a piece at a time, so that memory does not grow with the steps.
  constexpr std::uint64_t piece = 128;

  const typename Rule::Hyperparameters h;
  const auto initial = model.initial_parameters();
  KernelRun<Rule, float> trained(initial);
  Batches batches(digits);
  std::vector<Block<Rule>> blocks;
  for (std::size_t first = 0; first < initial.size(); first += Block<Rule>::size)
    blocks.emplace_back(
        first,
        std::span(initial).subspan(first, std::min(Block<Rule>::size, initial.size() - first)),
        emulations);

  Run run{Rule::name, model.name(), {}, initial.size(), steps, model.score(initial, digits),
          {},         {},           {}};
  for (const auto& [name, member] : Rule::hyperparameters)
    run.hyperparameters.emplace_back(name, h.*member);
  for (const char* precision : {precision_name<float>, precision_name<double>})
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      run.series.push_back({precision, quantity_name<Rule>(quantity), {}, {}, {}});
  for (const auto& emulation : emulations)
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      run.series.push_back(
          {emulation.format.name, quantity_name<Rule>(quantity), {}, {}, Updates()});
  const std::span all = run.series;

  for (std::uint64_t done = 0; done < steps;) {
    const std::uint64_t report_at = next_report(done, steps);
    const std::uint64_t until = std::min(report_at, done + piece);
    // The formulas are made once for all blocks: the powers of Adam cost more than its step.
    std::vector<Formula<Rule>> formulas;
    std::vector<std::vector<float>> gradients;
    for (std::uint64_t t = done + 1; t <= until; ++t) {
      gradients.push_back(model.gradient(trained.gradient_point(h), batches.next()));
      trained.step(h, t, gradients.back());
      formulas.push_back(Rule::template formula<Real>(h, t));
    }
    for_each_in_parallel(blocks, [&](Block<Rule>& block) {
      for (std::size_t i = 0; i < gradients.size(); ++i)
        block.step(h, done + i + 1, formulas[i], gradients[i]);
    });
    done = until;
    progress(done);
    if (done == report_at) {
      const auto report_reading = [&](std::size_t index, auto run_of) {
        report(blocks, initial.size(), done,
               all.subspan(index * quantities<Rule>, quantities<Rule>), run_of);
      };
      report_reading(
          0, [](const Block<Rule>& block) -> auto& { return block.template precision<float>(); });
      report_reading(
          1, [](const Block<Rule>& block) -> auto& { return block.template precision<double>(); });
      for (std::size_t i = 0; i < emulations.size(); ++i)
        report_reading(
            2 + i, [=](const Block<Rule>& block) -> auto& { return block.emulated(i); });
    }
  }
  run.out_of_range.resize(emulations.size());
  for (std::size_t i = 0; i < emulations.size(); ++i)
    for (const auto& block : blocks) run.out_of_range[i] += block.emulated(i).out_of_range();
  run.after = model.score(trained.theta(), digits);
  return run;
}

}  // namespace

Checks& Checks::operator+=(const Checks& other) {
  compared += other.compared;
  unbounded += other.unbounded;
  exceeded += other.exceeded;
  other_bits += other.other_bits;
  closest = std::max(closest, other.closest);
  if (other.first && (!first || other.first->step < first->step)) first = other.first;
  return *this;
}

Updates& Updates::operator+=(const Updates& other) {
  exact += other.exact;
  lost += other.lost;
  values += other.values;
  not_finite += other.not_finite;
  return *this;
}

OutOfRange& OutOfRange::operator+=(const OutOfRange& other) {
  underflows += other.underflows;
  overflows += other.overflows;
  return *this;
}

Checks Run::checks() const {
  Checks sum;
  for (const auto& one : series) sum += one.checks;
  return sum;
}

std::vector<std::string> rule_names() {
  return std::apply([](auto... rule) { return std::vector<std::string>{decltype(rule)::name...}; },
                    rules::All());
}

Run audit(std::string_view rule, const Classifier& model, std::span<const Digit> digits,
          std::uint64_t steps, std::span<const Emulation> emulations, const Progress& progress) {
  std::optional<Run> result;
  const auto run_if_named = [&]<class Rule>(Rule) {
    if (rule == Rule::name) result = run<Rule>(model, digits, steps, emulations, progress);
  };
  std::apply([&](auto... each) { (run_if_named(each), ...); }, rules::All());
  return result.value();
}

}  // namespace truestep::drift
