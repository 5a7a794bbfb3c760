// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "block.hpp"
#include "runs/parallel.hpp"
#include "runs/recorded.hpp"
#include "runs/given.hpp"
#include "training.hpp"

namespace truestep::drift {

/// The set-ups of every audit, which the kernels run too; the others follow.
inline std::vector<Setup> all_setups(const Request& request) {
  std::vector<Setup> setups{Setup::all_in(format_of<float>()), Setup::all_in(format_of<double>())};
  setups.insert(setups.end(), request.setups.begin(), request.setups.end());
  return setups;
}

inline std::unique_ptr<Workload> workload_of(const Request& request) {
  if (request.gradients.empty()) return workload(request.workload);
  return std::make_unique<Recorded>(request.gradients, request.parameters);
}

template <class Rule>
std::string convention_of(const Request& request) {
  if (!request.convention.empty()) return request.convention;
  return settings::convention_names<typename Rule::Hyperparameters>().front();
}

/// The next step after which to report: 1, 2 or 5 times a power of ten, or the last.
inline std::uint64_t next_report(std::uint64_t done, std::uint64_t last) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t step : {power, 2 * power, 5 * power})
      if (step > done) return std::min(step, last);
}

inline double largest_or_none(const std::vector<double>& values) {
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : spread(values).largest;
}

inline Drift drift_of(std::uint64_t step, const Samples& samples) {
  return {.step = step,
          .ulp = spread(samples.error),
          .relative = spread(samples.relative),
          .mean_absolute = std::accumulate(samples.absolute.begin(), samples.absolute.end(), 0.0) /
                           static_cast<double>(samples.error.size()),
          .rounding = spread(samples.rounding).largest,
          .coefficients = spread(samples.coefficients).largest,
          .radius = largest_or_none(samples.radius),
          .closest = largest_or_none({}),
          .theorem = largest_or_none(samples.theorem),
          .of_theorem = largest_or_none(samples.of_theorem),
          .absolute = spread(samples.absolute),
          .radius_absolute = largest_or_none(samples.radius_absolute)};
}

/// One rule on one workload, in the making.
template <class Rule>
class Audit {
 public:
  /// @param keeps_negative  a difference that rounding makes negative, which no kernel does
  Audit(const Request& request, const typename Rule::Hyperparameters& h, bool keeps_negative)
      : request_(request),
        h_(h),
        others_(request.closed_loop ? std::vector<OtherConvention<Rule>>()
                                    : other_conventions<Rule>(h)),
        setups_(all_setups(request)),
        workload_(workload_of(request)),
        initial_(workload_->start()),
        training_(h_, request, setups_, *workload_),
        has_radius_(!request.closed_loop && !keeps_negative),
        run_{.rule = Rule::name,
             .workload = workload_->name(),
             .convention = convention_of<Rule>(request),
             .parameters = initial_.size(),
             .first_step = request.first_step,
             .closed_loop = request.closed_loop} {
    for (std::size_t first = 0; first < initial_.size(); first += Block<Rule>::size)
      blocks_.emplace_back(
          h_, others_, first,
          std::span(initial_).subspan(first, std::min(Block<Rule>::size, initial_.size() - first)),
          setups_, has_radius_, keeps_negative);
    for (const auto& [name, member] : Rule::hyperparameters)
      run_.hyperparameters.emplace_back(name, h_.*member);
    for (const auto& [name, member] : Rule::further)
      if (h_.*member != typename Rule::Hyperparameters().*member)
        run_.hyperparameters.emplace_back(name, h_.*member);
    for (std::size_t setup = 0; setup < setups_.size(); ++setup) {
      run_.readings.push_back({setups_[setup], setup < 2 && has_radius_, {}, {}, {}});
      for (std::size_t quantity = 0; quantity < quantities<Rule>(h_); ++quantity)
        run_.readings.back().series.push_back({.quantity = quantity_name<Rule>(h_, quantity)});
    }
  }

  Run run(const Progress& progress) {
    const auto began = std::chrono::steady_clock::now();
    run_.before = workload_->score(initial_);
    for (const auto& other : others_) run_.others.push_back({other.names, 0});
    while (run_.steps < request_.steps && !run_.interrupted) {
      const std::uint64_t report_at = next_report(run_.steps, request_.steps);
      take_steps(std::min(report_at, run_.steps + piece()));
      run_.interrupted = !progress(run_.steps) && run_.steps < request_.steps;
      if (run_.steps != report_at && !run_.interrupted) continue;
      for_each_series(&Audit::report);
      put_in_proportion();
    }
    for_each_series(&Audit::conclude);
    run_.notes = workload_->notes(run_.steps);
    for (std::size_t setup = 0; setup < setups_.size(); ++setup) conclude_reading(setup);
    run_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return run_;
  }

 private:
  /// The drift theorems are about the seed's states, whatever the numbers.
  bool is_seed() const {
    typename Rule::Hyperparameters seed;
    for (const auto& [name, member] : Rule::hyperparameters) seed.*member = h_.*member;
    return h_ == seed;
  }

  /// Gradients are recorded a piece at a time, so that memory does not grow with the steps.
  std::uint64_t piece() const { return request_.closed_loop ? 1 : 128; }

  void take_steps(std::uint64_t until) {
    std::vector<Step<Rule>> steps;
    for (std::uint64_t done = run_.steps; done < until; ++done) {
      const std::uint64_t t = request_.first_step + done;
      steps.push_back(training_.next(h_, t, blocks_));
      for (const auto& other : others_)
        steps.back().others.push_back(Rule::template formula<Real>(other.h, t));
      for (const double g : steps.back().gradient(0)) {
        largest_gradient_ = std::max(largest_gradient_, std::fabs(g));
        all_are_floats_ &= double{static_cast<float>(g)} == g;
      }
    }
    for_each_in_parallel(blocks_, [&](Block<Rule>& block) {
      for (const auto& step : steps) block.step(h_, step);
    });
    run_.steps = until;
  }

  void for_each_series(void (Audit::*task)(std::size_t, std::size_t, Series&)) {
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      for (std::size_t quantity = 0; quantity < quantities<Rule>(h_); ++quantity)
        (this->*task)(setup, quantity, run_.readings[setup].series[quantity]);
  }

  void report(std::size_t setup, std::size_t quantity, Series& series) {
    const bool has_radius = run_.readings[setup].has_radius;
    const DriftTheorems theorems(setups_[setup].states, largest_gradient_, run_.steps);
    Samples samples;
    Checks checks;
    for (const auto& block : blocks_) {
      block.sample(setup, quantity, samples);
      // The theorems are about gradients that both runs read alike, from the first step on.
      if (has_radius && quantity > 0 && is_seed() && request_.first_step == 1 &&
          (all_are_floats_ || setup == 1))
        block.sample_theorem(h_, theorems, setup, quantity, samples);
      checks += block.checks(setup, quantity);
    }
    checks.beyond_theorem = series.checks.beyond_theorem;
    for (const double part : samples.of_theorem) checks.beyond_theorem += part > 1;
    series.checks = checks;
    series.drift.push_back(drift_of(run_.steps, samples));
    if (has_radius) series.drift.back().closest = checks.closest;
  }

  void conclude(std::size_t setup, std::size_t quantity, Series& series) {
    std::vector<std::pair<std::uint64_t, double>> points;
    for (const Drift& drift : series.drift) points.emplace_back(drift.step, drift.mean_absolute);
    series.growth = growth(points);

    const auto sources = blocks_.front().emulated(setup).sources();
    std::vector<Digits> digits;
    Attributed attributed;
    for (const auto& block : blocks_) {
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

  void put_in_proportion() {
    run_.float_drift = 0;
    for (const auto& block : blocks_)
      for (std::size_t i = 0; i < block.count(); ++i)
        run_.float_drift = std::max(run_.float_drift, std::fabs(block.drift(0, 0, i)));
    for (std::size_t index = 0; index < others_.size(); ++index) {
      double largest = 0;
      for (const auto& block : blocks_)
        for (std::size_t i = 0; i < block.count(); ++i)
          largest = std::max(largest, block.distance_of_other(index, i));
      run_.others[index].distance = largest;
      run_.others[index].on_the_way.emplace_back(run_.steps, largest);
    }
  }

  void conclude_reading(std::size_t setup) {
    Reading& reading = run_.readings[setup];
    std::vector<double> parameters;
    for (const auto& block : blocks_) {
      reading.out_of_range += block.emulated(setup).out_of_range();
      const auto& found = block.emulated(setup).not_finite();
      if (found && (!reading.not_finite || found->first.is_before(reading.not_finite->first)))
        reading.not_finite = found;
      for (std::size_t i = 0; i < block.count(); ++i)
        parameters.push_back(block.emulated(setup).parameter(i));
    }
    reading.after = workload_->score(parameters);
    reading.stuck = training_.stuck(setup);
    reading.skips = training_.skips(setup);
  }

  Request request_;
  typename Rule::Hyperparameters h_;
  std::vector<OtherConvention<Rule>> others_;
  std::vector<Setup> setups_;
  std::unique_ptr<Workload> workload_;
  std::vector<double> initial_;
  Training<Rule> training_;
  bool has_radius_;
  std::vector<Block<Rule>> blocks_;
  double largest_gradient_ = 0;
  bool all_are_floats_ = true;
  Run run_;
};

/// Whether the only thing that has no kernel is that a difference which rounding makes negative is
/// kept; exactly there is none. It is then clamped, for an emulation that keeps it.
template <class Hyperparameters>
bool takes_clamping(Hyperparameters& h) {
  if constexpr (requires { h.negative_variance; }) {
    using Choice = decltype(h.negative_variance);
    if (fast::without_lane(h) == nullptr || h.negative_variance != Choice::kept) return false;
    Hyperparameters clamped = h;
    clamped.negative_variance = Choice::clamped;
    if (fast::without_lane(clamped) != nullptr) return false;
    h = clamped;
    return true;
  }
  return false;
}

/// Throws std::invalid_argument where no convention of the rule has the lane that is asked for.
template <class Rule>
Run audit_of(const Request& request, const Progress& progress) {
  auto h = settings::described<Rule>({convention_of<Rule>(request), request.given});
  const bool keeps_negative = takes_clamping(h);
  const auto asked = request.given.empty() ? "" : " with " + settings::text_of(request.given);
  if (const char* const member = fast::without_lane(h); member != nullptr)
    throw std::invalid_argument(fmt::format("{}: {} under {}{} has no kernel to audit", Rule::name,
                                            member, convention_of<Rule>(request), asked));
  // Compensation puts the update in theta's place, from which no weight can decay.
  for (const Setup& setup : request.setups)
    if (setup.kahan && h.weight_decay != 0)
      throw std::invalid_argument(fmt::format("{}: weight_decay = {} is outside [0, 0] with kahan",
                                              Rule::name, h.weight_decay));
  if (!is_asked_for(h))
    throw std::invalid_argument(
        fmt::format("{}: {}{} has operations that no convention asks for: not audited", Rule::name,
                    convention_of<Rule>(request), asked));
  auto run = Audit<Rule>(request, h, keeps_negative).run(progress);
  if (keeps_negative)
    run.notes.push_back(
        fmt::format("{} keeps a variance that rounding makes negative, as no kernel with these "
                    "choices does: all is emulated here.",
                    convention_of<Rule>(request)));
  return run;
}

}  // namespace truestep::drift
