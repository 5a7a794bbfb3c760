// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audited_rule.hpp"
#include "runs/given.hpp"
#include "runs/recorded.hpp"
#include "runs/recorded_states.hpp"

namespace truestep::drift {
namespace {

/// The set-ups of every audit, which the kernels run too; the others follow.
std::vector<Setup> all_setups(const Request& request) {
  std::vector<Setup> setups{Setup::all_in(format_of<float>()), Setup::all_in(format_of<double>())};
  setups.insert(setups.end(), request.setups.begin(), request.setups.end());
  return setups;
}

std::unique_ptr<Workload> workload_of(const Request& request) {
  if (request.record) return std::make_unique<Recorded>(request.record);
  if (request.gradients.empty()) return workload(request.workload);
  return std::make_unique<Recorded>(request.gradients, request.parameters);
}

/// The next step after which to report: 1, 2 or 5 times a power of ten, or the last.
std::uint64_t next_report(std::uint64_t done, std::uint64_t last) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t step : {power, 2 * power, 5 * power})
      if (step > done) return std::min(step, last);
}

Drift drift_of(std::uint64_t step, const Tally& tally) {
  const Spread absolute = tally.absolute.spread();
  return {.step = step,
          .ulp = tally.ulp.spread(),
          .relative = tally.relative.spread(),
          .mean_absolute = absolute.mean,
          .rounding = tally.rounding.value(),
          .coefficients = tally.coefficients.value(),
          .radius = tally.radius.value(),
          .closest = tally.closest.value(),
          .theorem = tally.theorem.value(),
          .of_theorem = tally.of_theorem.value(),
          .absolute = absolute,
          .radius_absolute = tally.radius_absolute.value()};
}

/// One rule on one workload, in the making.
///
/// Recorded gradients are taken a group of columns at a time, each from the first step to the last,
/// so that memory grows neither with the columns nor with the steps; those of a workload are one
/// group.
class Audit {
 public:
  Audit(const AuditedRule& rule, const Request& request)
      : rule_(rule),
        request_(request),
        setups_(all_setups(request)),
        workload_(workload_of(request)),
        initial_(workload_->start()),
        columns_(workload_->recorded() != nullptr ? workload_->recorded()->record().columns()
                                                  : initial_.size()),
        states_(states_of(rule, request, workload_->recorded())),
        has_radius_(!request.closed_loop && !rule.keeps_negative),
        run_{.rule = rule.name,
             .workload = workload_->name(),
             .convention = rule.convention,
             .parameters = columns_,
             .first_step = request.first_step,
             .closed_loop = request.closed_loop} {
    run_.hyperparameters = rule.hyperparameters;
    run_.typed = run_.convention;
    for (const auto& [name, value] : request.given)
      if (!std::holds_alternative<double>(value))
        run_.typed += fmt::format(",{}={}", name, settings::text_of(value));
    for (std::size_t setup = 0; setup < setups_.size(); ++setup) {
      run_.readings.push_back({setups_[setup], setup < 2 && has_radius_, {}, {}, {}});
      for (const auto& quantity : rule.quantities)
        run_.readings.back().series.push_back({.quantity = quantity});
    }
  }

  Run run(const Progress& progress) {
    const auto began = std::chrono::steady_clock::now();
    run_.before = workload_->score(initial_);
    if (!request_.parts.empty()) {
      part_ = joined(request_.parts, described(), columns_);
    } else {
      run_columns(progress);
      part_.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    }
    conclude();
    if (!run_.interrupted) run_.part = std::make_shared<const Part>(part_);
    return run_;
  }

 private:
  static constexpr std::size_t sampled_blocks = 16;

  /// None where a run starts as the rule says.
  static RecordedStates states_of(const AuditedRule& rule, const Request& request,
                                  const Recorded* recorded) {
    if (request.states.empty()) return {};
    const std::vector<std::string> names(rule.quantities.begin() + 1, rule.quantities.end());
    return recorded_states(request.states, names, recorded->record());
  }

  /// What tells an audit from others: all that its figures depend on.
  std::string described() const {
    std::string text = fmt::format("{} {} with", rule_.name, run_.convention);
    for (const auto& [name, value] : run_.hyperparameters)
      text += fmt::format(" {}={}", name, value);
    if (!request_.given.empty()) text += ", " + settings::text_of(request_.given);
    text += fmt::format("; {} of {} columns from step {}", run_.workload, columns_,
                        request_.first_step);
    if (const auto* const recorded = workload_->recorded()) {
      std::uint64_t digest = 0;
      for (std::uint64_t step = 0; step < request_.steps; ++step)
        digest = mix(digest ^ std::bit_cast<std::uint64_t>(recorded->largest(step)));
      for (const std::uint64_t more : {recorded->record().survey().digest, states_.digest})
        digest = mix(digest ^ more);
      text += fmt::format(", digest {:x}", digest);
    }
    text += fmt::format("; {} steps{}{} in", request_.steps,
                        request_.first_look ? ", a first look" : "",
                        request_.in_digits ? ", 50 digits" : "");
    for (const Setup& setup : setups_) text += fmt::format(" {} seed {}", setup.name(), setup.seed);
    return text;
  }

  void run_columns(const Progress& progress) {
    part_.of = described();
    part_.begin = request_.columns ? request_.columns->first : 0;
    part_.end = request_.columns ? request_.columns->second : columns_;
    if (part_.begin >= part_.end || part_.end > columns_)
      throw std::invalid_argument(
          fmt::format("columns = {}:{} is outside 0:{}", part_.begin, part_.end, columns_));
    require_whole_scales();
    const std::size_t size = columns_of_a_group();
    for (std::size_t begin = part_.begin; begin < part_.end && !run_.interrupted; begin += size)
      run_group({begin, std::min(begin + size, part_.end)}, progress);
  }

  /// A first look keeps less of a column, so that more of them can share the making of a step's
  /// formulas.
  std::size_t columns_of_a_group() const {
    if (workload_->recorded() == nullptr) return columns_;
    if (request_.first_look) return largest_state_block;
    return std::max<std::size_t>(4096, blocks_of_a_bundle(setups_) * row_size);
  }

  /// Columns of one scale are seen together.
  void require_whole_scales() const {
    for (const Setup& setup : setups_) {
      const std::size_t columns = setup.state_block;
      if (columns == 0) continue;
      const auto is_whole = [&](std::size_t at) { return at % columns == 0 || at == columns_; };
      if (!is_whole(part_.begin) || !is_whole(part_.end))
        throw std::invalid_argument(
            fmt::format("columns = {}:{} cut what shares a scale in {}: give multiples of {}",
                        part_.begin, part_.end, setup.name(), columns));
    }
  }

  std::size_t blocks() const { return (columns_ + row_size - 1) / row_size; }

  /// A first look sees one block in so many in full.
  std::size_t blocks_a_sample() const {
    return request_.first_look ? std::max<std::size_t>(1, blocks() / sampled_blocks) : 1;
  }

  Extent extent_of(std::size_t block) const {
    const bool full = block % blocks_a_sample() == 0;
    return {.radius = has_radius_ && full,
            .attribution = full,
            .others = full,
            .keeps_negative = rule_.keeps_negative};
  }

  /// Gradients are taken a piece at a time, so that memory does not grow with the steps.
  std::uint64_t piece(const Columns& columns) const {
    if (request_.closed_loop) return 1;
    return std::clamp<std::uint64_t>((1 << 20) / (columns.end - columns.begin), 1, 128);
  }

  Beginning beginning() const {
    const auto* const recorded = workload_->recorded();
    return {initial_, states_.of_columns, recorded != nullptr ? recorded->record().first() : 0};
  }

  void run_group(const Columns& columns, const Progress& progress) {
    const auto of_columns =
        rule_.group(request_, setups_, *workload_, beginning(), columns, has_radius_,
                    [this](std::size_t block) { return extent_of(block); });
    Group& group = *of_columns;
    bool stopped = false;
    std::vector<std::uint64_t> reported;
    while (group.steps() < request_.steps && !stopped) {
      const std::uint64_t report_at = next_report(group.steps(), request_.steps);
      group.take_steps(std::min(report_at, group.steps() + piece(columns)), report_at);
      const auto all = static_cast<double>(part_.end - part_.begin);
      const double before = static_cast<double>(columns.begin - part_.begin) / all;
      const double share = static_cast<double>(columns.end - columns.begin) / all;
      const auto done = static_cast<std::uint64_t>(before * static_cast<double>(request_.steps) +
                                                   share * static_cast<double>(group.steps()));
      const bool is_last = columns.end == part_.end && group.steps() == request_.steps;
      stopped = !progress(done) && !is_last;
      if (group.steps() != report_at && !stopped) continue;
      group.report();
      reported.push_back(group.steps());
    }
    run_.interrupted = stopped;
    const bool is_whole = group.steps() == request_.steps;
    // A group that was not finished would mix columns of fewer steps with those of all.
    if (columns.begin > part_.begin && !is_whole) return;
    group.conclude();
    if (columns.begin == part_.begin) {
      part_.steps = group.steps();
      part_.reported = reported;
      for (std::size_t setup = 0; setup < setups_.size(); ++setup) {
        part_.stuck.push_back(group.stuck(setup));
        part_.skips.push_back(group.skips(setup));
      }
    }
    part_.tally += group.tally();
    take_names(group);
    if (workload_->recorded() == nullptr) score(group);
  }

  void take_names(const Group& group) {
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      if (part_.sources.size() == setup)
        if (const auto names = group.sources(setup)) part_.sources.push_back(*names);
  }

  void score(const Group& group) {
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      run_.readings[setup].after = workload_->score(group.parameters(setup));
  }

  void conclude() {
    run_.steps = part_.steps;
    run_.seconds = part_.seconds;
    const std::uint64_t last = request_.first_step + std::max<std::uint64_t>(part_.steps, 1) - 1;
    const auto step = [&](bool compensates) {
      return std::make_shared<const SpelledStep>(rule_.spelled(compensates, last));
    };
    const auto plain = step(false), compensated = step(true);
    for (std::size_t setup = 0; setup < setups_.size(); ++setup) {
      Reading& reading = run_.readings[setup];
      reading.step = reading.setup.kahan ? compensated : plain;
      const ReadingTally& tally = part_.tally.readings[setup];
      for (std::size_t quantity = 0; quantity < reading.series.size(); ++quantity)
        conclude(reading.series[quantity], tally.series[quantity], setup);
      reading.out_of_range = tally.out_of_range;
      reading.not_finite = tally.not_finite;
      reading.farthest = tally.farthest;
      reading.stuck = part_.stuck[setup];
      reading.skips = part_.skips[setup];
    }
    for (const auto& names : rule_.others) run_.others.push_back({names, 0});
    for (std::size_t report = 0; report < part_.tally.in_proportion.size(); ++report) {
      const InProportion& in_proportion = part_.tally.in_proportion[report];
      run_.float_drift = in_proportion.of_float.value();
      for (std::size_t other = 0; other < rule_.others.size(); ++other) {
        run_.others[other].distance = in_proportion.others[other].value();
        run_.others[other].on_the_way.emplace_back(part_.reported[report],
                                                   run_.others[other].distance);
      }
    }
    run_.notes = workload_->notes(run_.steps);
    run_.in_digits = part_.tally.in_digits;
    if (!request_.states.empty())
      run_.notes.push_back(
          fmt::format("The run starts from the states of {}. What other conventions keep means "
                      "something else, so that their distances are not determined.",
                      request_.states));
    say_what_was_left_out();
  }

  void conclude(Series& series, const SeriesTally& tally, std::size_t setup) const {
    std::vector<std::pair<std::uint64_t, double>> points;
    for (std::size_t report = 0; report < tally.reports.size(); ++report) {
      series.drift.push_back(drift_of(part_.reported[report], tally.reports[report]));
      points.emplace_back(part_.reported[report], series.drift.back().mean_absolute);
    }
    series.growth = growth(points);
    series.checks = tally.checks;
    series.updates = tally.updates;
    series.digits = tally.digits.losses(part_.tally.coordinates);
    if (setup >= part_.sources.size()) return;
    series.attribution = tally.attributed.sum(part_.sources[setup]);
    series.farthest = tally.explained.coordinate;
    if (!tally.explained.contributions.empty())
      series.of_farthest =
          attribution(tally.explained.drift, tally.explained.contributions, part_.sources[setup]);
  }

  void say_what_was_left_out() {
    const std::size_t done = part_.tally.coordinates;
    run_.parameters = done;
    if (done < columns_)
      run_.notes.push_back(fmt::format("Of {} columns these are done: {}:{}.", columns_,
                                       part_.begin, part_.begin + done));
    if (done > Distribution::most_kept)
      run_.notes.push_back(fmt::format(
          "Of more than {} columns a quantile is known to a 512th of itself: it is that "
          "much larger at most.",
          Distribution::most_kept));
    if (blocks_a_sample() == 1) return;
    for (std::size_t column = part_.begin; column < part_.begin + done; ++column)
      run_.sampled += static_cast<std::size_t>(extent_of(column / row_size).attribution);
    run_.notes.push_back(fmt::format(
        "A first look: all {} columns have distances; {} of them, spread evenly, have a radius, an "
        "attribution and the distances of other conventions, too.",
        done, run_.sampled));
  }

  const AuditedRule& rule_;
  const Request& request_;
  std::vector<Setup> setups_;
  std::unique_ptr<Workload> workload_;
  std::vector<double> initial_;
  std::size_t columns_;    ///< of all parts
  RecordedStates states_;  ///< to start from, if not as the rule says
  bool has_radius_;
  Part part_;
  Run run_;
};

}  // namespace

Run run_audit(const AuditedRule& rule, const Request& request, const Progress& progress) {
  return Audit(rule, request).run(progress);
}

}  // namespace truestep::drift
