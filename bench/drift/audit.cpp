#include "audit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <tuple>

#include "emulated_run.hpp"
#include "exact_run.hpp"
#include "kernel_run.hpp"
#include "parallel.hpp"
#include "theorems.hpp"

namespace truestep::drift {
namespace {

/// The set-ups of every audit, which the kernels run too; the others follow.
std::vector<Setup> all_setups(const Request& request) {
  std::vector<Setup> setups{Setup::all_in(format_of<float>()), Setup::all_in(format_of<double>())};
  setups.insert(setups.end(), request.setups.begin(), request.setups.end());
  return setups;
}

/// What the runs are given at a step.
template <class Rule>
struct Step {
  std::uint64_t t;
  Formula<Rule> formula;  ///< made once for all: Adam's powers cost more than its step
  std::vector<typename EmulatedCoefficients<Rule>::Values> coefficients;  ///< of each set-up
  std::vector<Real> exact_gradient;
  std::vector<std::vector<double>> gradients;  ///< of each set-up, or one for all in open loop

  const std::vector<double>& gradient(std::size_t setup) const {
    return gradients[std::min(setup, gradients.size() - 1)];
  }
};

/// Each coordinate of one quantity after one step; errors and radii in ulp.
struct Samples {
  std::vector<double> error, relative, rounding, coefficients, radius, theorem, of_theorem;
  double absolute = 0;
};

/// Some coordinates in every reading. Given its gradients a coordinate depends on no other, so that
/// blocks run on as many threads as there are.
template <class Rule>
class Block {
 public:
  static constexpr std::size_t size = 64;

  Block(std::size_t first_coordinate, std::span<const float> initial,
        const std::vector<Setup>& setups, bool with_radius)
      : first_(first_coordinate),
        count_(initial.size()),
        with_radius_(with_radius),
        exact_(initial),
        radii_(RadiusRun<Rule, float>(first_, initial), RadiusRun<Rule, double>(first_, initial)) {
    for (const Setup& setup : setups) {
      emulated_.emplace_back(setup, first_, initial);
      kept_.push_back({setup.kept_parameters(), setup.states});
    }
  }

  void step(const typename Rule::Hyperparameters& h, const Step<Rule>& step) {
    const auto mine = [&](const auto& all) { return std::span(all).subspan(first_, count_); };
    const auto exact_gradient = mine(step.exact_gradient);
    exact_.step(step.formula, exact_gradient);
    for (std::size_t i = 0; i < emulated_.size(); ++i)
      emulated_[i].step(step.t, step.coefficients[i], mine(step.gradient(i)), exact_gradient,
                        exact_);
    if (!with_radius_) return;
    auto& [single, twice] = radii_;
    single.step(h, step.t, mine(step.gradient(0)), exact_, emulated_[0]);
    twice.step(h, step.t, mine(step.gradient(1)), exact_, emulated_[1]);
  }

  std::size_t first() const { return first_; }
  std::size_t count() const { return count_; }
  const ExactRun<Rule>& exact() const { return exact_; }
  const EmulatedRun<Rule>& emulated(std::size_t setup) const { return emulated_[setup]; }

  Checks checks(std::size_t setup, std::size_t quantity) const {
    if (setup > 1 || !with_radius_) return {};
    return setup == 0 ? std::get<0>(radii_).checks(quantity) : std::get<1>(radii_).checks(quantity);
  }

  void sample(std::size_t setup, std::size_t quantity, Samples& samples) const {
    const Format& format = quantity == 0 ? kept_[setup].parameters : kept_[setup].states;
    for (std::size_t i = 0; i < count_; ++i) {
      const Real& truth = exact_.at(quantity, i);
      const auto unit = ulp(format, truth);
      const auto error = emulated_[setup].error(quantity, i);
      samples.error.push_back(in_units_of(unit, error));
      samples.relative.push_back(in_units_of(static_cast<long double>(Real(abs(truth))), error));
      samples.absolute += static_cast<double>(error);
      const Shares& shares = emulated_[setup].shares(quantity, i);
      const auto sum = [&](std::size_t from, std::size_t to) {
        double total = 0;
        for (std::size_t source = from; source < to; ++source) total += shares[source];
        return in_units_of(unit, std::fabs(total));
      };
      samples.coefficients.push_back(sum(0, Source<Rule>::counter + 1));
      samples.rounding.push_back(sum(Source<Rule>::counter + 1, most_sources));
      if (setup < 2 && with_radius_)
        samples.radius.push_back(in_units_of(unit, radius(setup, quantity, i)));
    }
  }

  /// Of a state of float or double in open loop, for which the theorems are.
  void sample_theorem(const typename Rule::Hyperparameters& h, const DriftTheorems& theorems,
                      std::size_t setup, std::size_t quantity, Samples& samples) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const Real& truth = exact_.at(quantity, i);
      const auto bound = theorems.bound(h, quantity - 1, truth);
      if (!bound) return;
      const Real error = abs(emulated_[setup].at(quantity, i) - truth);
      samples.theorem.push_back(static_cast<double>(*bound));
      samples.of_theorem.push_back(error == 0 ? 0 : static_cast<double>(Real(error / *bound)));
    }
  }

  /// Computed - exact.
  double drift(std::size_t setup, std::size_t quantity, std::size_t i) const {
    return static_cast<double>(Real(emulated_[setup].at(quantity, i) - exact_.at(quantity, i)));
  }

 private:
  struct Kept {
    Format parameters, states;
  };

  long double radius(std::size_t setup, std::size_t quantity, std::size_t i) const {
    return setup == 0 ? std::get<0>(radii_).radius(quantity, i)
                      : std::get<1>(radii_).radius(quantity, i);
  }

  std::size_t first_, count_;
  bool with_radius_;
  ExactRun<Rule> exact_;
  std::vector<EmulatedRun<Rule>> emulated_;
  std::vector<Kept> kept_;
  std::tuple<RadiusRun<Rule, float>, RadiusRun<Rule, double>> radii_;
};

/// Where a step's gradients come from.
template <class Rule>
class Training {
 public:
  Training(const Request& request, const std::vector<Setup>& setups, Workload& workload)
      : closed_loop_(request.closed_loop),
        workload_(workload),
        trained_(workload.initial_parameters()) {
    for (const Setup& setup : setups) coefficients_.emplace_back(setup);
  }

  Step<Rule> next(const typename Rule::Hyperparameters& h, std::uint64_t t,
                  const std::vector<Block<Rule>>& blocks) {
    Step<Rule> step{t, Rule::template formula<Real>(h, t), {}, {}, {}};
    for (auto& coefficients : coefficients_) step.coefficients.push_back(coefficients.next(h, t));
    workload_.next_step();
    if (closed_loop_)
      each_its_own(blocks, step);
    else
      floats_for_all(h, step);
    return step;
  }

 private:
  void floats_for_all(const typename Rule::Hyperparameters& h, Step<Rule>& step) {
    auto gradient = workload_.gradient(std::span<const double>(trained_.gradient_point(h)));
    for (double& g : gradient) g = double{static_cast<float>(g)};
    trained_.step(h, step.t, gradient);
    step.exact_gradient.assign(gradient.begin(), gradient.end());
    step.gradients.push_back(std::move(gradient));
  }

  void each_its_own(const std::vector<Block<Rule>>& blocks, Step<Rule>& step) const {
    std::vector<Real> exact_point;
    for (const auto& block : blocks)
      for (std::size_t i = 0; i < block.count(); ++i)
        exact_point.push_back(block.exact().gradient_point(step.formula, i));
    step.exact_gradient = workload_.gradient(std::span<const Real>(exact_point));
    for (std::size_t setup = 0; setup < coefficients_.size(); ++setup) {
      std::vector<double> point;
      for (const auto& block : blocks)
        for (std::size_t i = 0; i < block.count(); ++i)
          point.push_back(block.emulated(setup).gradient_point(step.coefficients[setup], i));
      step.gradients.push_back(workload_.gradient(std::span<const double>(point)));
    }
  }

  bool closed_loop_;
  Workload& workload_;
  KernelRun<Rule, float> trained_;
  std::vector<EmulatedCoefficients<Rule>> coefficients_;
};

/// The next step after which to report: 1, 2 or 5 times a power of ten, or the last.
std::uint64_t next_report(std::uint64_t done, std::uint64_t last) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t step : {power, 2 * power, 5 * power})
      if (step > done) return std::min(step, last);
}

/// How far a run has come.
struct Reached {
  std::uint64_t step = 0;
  double largest_gradient = 0;
};

double largest_or_none(const std::vector<double>& values) {
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : spread(values).largest;
}

template <class Rule>
void report_drift(const std::vector<Block<Rule>>& blocks, const typename Rule::Hyperparameters& h,
                  const Reached& reached, const Reading& reading, std::size_t setup,
                  std::size_t quantity, Series& series) {
  const DriftTheorems theorems(reading.setup.states, reached.largest_gradient, reached.step);
  Samples samples;
  Checks checks;
  for (const auto& block : blocks) {
    block.sample(setup, quantity, samples);
    if (reading.has_radius && quantity > 0)
      block.sample_theorem(h, theorems, setup, quantity, samples);
    checks += block.checks(setup, quantity);
  }
  checks.beyond_theorem =
      series.checks.beyond_theorem +
      static_cast<std::uint64_t>(std::count_if(samples.of_theorem.begin(), samples.of_theorem.end(),
                                               [](double part) { return !(part <= 1); }));
  series.checks = checks;
  series.drift.push_back({reached.step, spread(samples.error), spread(samples.relative),
                          samples.absolute / static_cast<double>(samples.error.size()),
                          spread(samples.rounding).largest, spread(samples.coefficients).largest,
                          largest_or_none(samples.radius),
                          samples.radius.empty() ? largest_or_none({}) : series.checks.closest,
                          largest_or_none(samples.theorem), largest_or_none(samples.of_theorem)});
}

/// What is known of a series once it has ended.
template <class Rule>
void conclude(const std::vector<Block<Rule>>& blocks, std::size_t setup, std::size_t quantity,
              Series& series) {
  std::vector<std::pair<std::uint64_t, double>> points;
  for (const Drift& drift : series.drift) points.emplace_back(drift.step, drift.mean_absolute);
  series.growth = growth(points);

  const auto sources = blocks.front().emulated(setup).sources();
  std::vector<Digits> digits;
  Attributed attributed;
  for (const auto& block : blocks) {
    const auto& emulated = block.emulated(setup);
    series.updates += emulated.updates(quantity);
    for (std::size_t i = 0; i < block.count(); ++i) {
      digits.push_back(emulated.digits(quantity, i));
      const double drift = block.drift(setup, quantity, i);
      const auto shares = std::span(emulated.shares(quantity, i)).first(sources.size());
      attributed.add(drift, shares);
      if (!(std::fabs(drift) > std::fabs(series.of_farthest.drift))) continue;
      series.farthest = block.first() + i;
      series.of_farthest = attribution(drift, shares, sources);
    }
  }
  series.digits = digit_losses(digits);
  series.attribution = attributed.sum(sources);
}

template <class Rule>
std::optional<Score> final_score(const std::vector<Block<Rule>>& blocks, std::size_t setup,
                                 const Workload& workload) {
  std::vector<double> parameters;
  for (const auto& block : blocks)
    for (std::size_t i = 0; i < block.count(); ++i)
      parameters.push_back(block.emulated(setup).parameter(i));
  return workload.score(parameters);
}

template <class Rule>
std::vector<Block<Rule>> split(std::span<const float> initial, const std::vector<Setup>& setups,
                               bool with_radius) {
  std::vector<Block<Rule>> blocks;
  for (std::size_t first = 0; first < initial.size(); first += Block<Rule>::size)
    blocks.emplace_back(first,
                        initial.subspan(first, std::min(Block<Rule>::size, initial.size() - first)),
                        setups, with_radius);
  return blocks;
}

template <class Rule>
Run run(const Request& request, const Progress& progress) {
  // Gradients are recorded a piece at a time, so that memory does not grow with the steps.
  const std::uint64_t piece = request.closed_loop ? 1 : 128;
  const auto began = std::chrono::steady_clock::now();
  const typename Rule::Hyperparameters h;
  const auto setups = all_setups(request);
  const auto workload = drift::workload(request.workload);
  const auto initial = workload->initial_parameters();
  Training<Rule> training(request, setups, *workload);
  auto blocks = split<Rule>(initial, setups, !request.closed_loop);

  Run run{.rule = Rule::name,
          .workload = workload->name(),
          .parameters = initial.size(),
          .closed_loop = request.closed_loop};
  run.before = workload->score(std::vector<double>(initial.begin(), initial.end()));
  for (const auto& [name, member] : Rule::hyperparameters)
    run.hyperparameters.emplace_back(name, h.*member);
  for (std::size_t setup = 0; setup < setups.size(); ++setup) {
    run.readings.push_back({setups[setup], setup < 2 && !request.closed_loop, {}, {}, {}});
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      run.readings.back().series.push_back({.quantity = quantity_name<Rule>(quantity)});
  }
  const auto for_each_series = [&](auto task) {
    for (std::size_t setup = 0; setup < setups.size(); ++setup)
      for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
        task(setup, quantity, run.readings[setup].series[quantity]);
  };

  Reached reached;
  while (run.steps < request.steps && !run.interrupted) {
    const std::uint64_t report_at = next_report(run.steps, request.steps);
    const std::uint64_t until = std::min(report_at, run.steps + piece);
    std::vector<Step<Rule>> steps;
    for (std::uint64_t t = run.steps + 1; t <= until; ++t) {
      steps.push_back(training.next(h, t, blocks));
      for (const double g : steps.back().gradient(0))
        reached.largest_gradient = std::max(reached.largest_gradient, std::fabs(g));
    }
    for_each_in_parallel(blocks, [&](Block<Rule>& block) {
      for (const auto& step : steps) block.step(h, step);
    });
    reached.step = run.steps = until;
    run.interrupted = !progress(run.steps) && run.steps < request.steps;
    if (run.steps == report_at || run.interrupted)
      for_each_series([&](std::size_t setup, std::size_t quantity, Series& series) {
        report_drift(blocks, h, reached, run.readings[setup], setup, quantity, series);
      });
  }

  for_each_series([&](std::size_t setup, std::size_t quantity, Series& series) {
    conclude(blocks, setup, quantity, series);
  });
  for (std::size_t setup = 0; setup < setups.size(); ++setup) {
    Reading& reading = run.readings[setup];
    for (const auto& block : blocks) reading.out_of_range += block.emulated(setup).out_of_range();
    reading.after = final_score(blocks, setup, *workload);
  }
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return run;
}

}  // namespace

Checks& Checks::operator+=(const Checks& other) {
  compared += other.compared;
  unbounded += other.unbounded;
  exceeded += other.exceeded;
  other_bits += other.other_bits;
  beyond_theorem += other.beyond_theorem;
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

Checks Run::checks() const {
  Checks sum;
  for (const Reading& reading : readings)
    for (const Series& series : reading.series) sum += series.checks;
  return sum;
}

std::vector<std::string> rule_names() {
  return std::apply([](auto... rule) { return std::vector<std::string>{decltype(rule)::name...}; },
                    rules::All());
}

Run audit(const Request& request, const Progress& progress) {
  std::optional<Run> result;
  const auto run_if_named = [&]<class Rule>(Rule) {
    if (request.rule == Rule::name) result = run<Rule>(request, progress);
  };
  std::apply([&](auto... each) { (run_if_named(each), ...); }, rules::All());
  return result.value();
}

}  // namespace truestep::drift
