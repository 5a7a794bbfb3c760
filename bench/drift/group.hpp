// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "audited_rule.hpp"
#include "beginning.hpp"
#include "bundle.hpp"
#include "run_theorems.hpp"
#include "runs/parallel.hpp"
#include "tally.hpp"
#include "training.hpp"

namespace truestep::drift {

template <class Rule>
class GroupOf final : public Group {
 public:
  GroupOf(const typename Rule::Hyperparameters& h, const Request& request,
        const std::vector<OtherConvention<Rule>>& others, const std::vector<Setup>& setups,
        Workload& workload, const Beginning& initial, const Columns& columns, bool has_radius,
        const std::function<Extent(std::size_t)>& extent_of)
      : request_(request),
        h_(h),
        others_(others),
        setups_(setups),
        has_radius_(has_radius),
        begins_as_the_rule_(!initial.has_states()),
        training_(h, request, setups, workload, columns) {
    if (const auto* const recorded = workload.recorded()) {
      // All columns are meant, whichever this process has.
      starts_ = recorded->record().survey().starts;
    } else {
      starts_.see(initial.theta());
    }
    all_are_finite_ = std::isfinite(starts_.largest);
    const auto again_of = [&](const auto& of) -> std::optional<Again<Rule>> {
      if (training_.in_digits()) return std::nullopt;
      return Again<Rule>{std::make_shared<RealFormulas<Rule>>(of), training_.past(),
                         request.first_step};
    };
    const auto again = again_of(h);
    std::vector<std::optional<Again<Rule>>> others_again;
    for (const auto& other : others) others_again.push_back(again_of(other.h));
    // Blocks begin where they do whichever columns are asked for.
    for (std::size_t first = columns.begin, next = 0; first < columns.end; first = next) {
      next = std::min((first / Block<Rule>::size + 1) * Block<Rule>::size, columns.end);
      const std::size_t count = next - first;
      blocks_.emplace_back(h, others, again, others_again, first, initial.of(first, count), setups,
                           extent_of(first / Block<Rule>::size));
      blocks_.back().gradients_begin_at(columns.begin);
    }
    const std::size_t together = blocks_of_a_bundle(setups);
    for (std::size_t begin = 0, end = 0; begin < blocks_.size(); begin = end) {
      const auto bundle_of = [&](std::size_t i) {
        return blocks_[i].first() / (together * Block<Rule>::size);
      };
      while (end < blocks_.size() && bundle_of(end) == bundle_of(begin)) ++end;
      bundles_.emplace_back(std::span(blocks_).subspan(begin, end - begin), setups);
    }
    tally_.coordinates = columns.end - columns.begin;
    tally_.readings.resize(setups.size());
    for (auto& reading : tally_.readings) reading.series.resize(quantities<Rule>(h));
  }

  std::uint64_t steps() const override { return steps_; }
  const RunTally& tally() const override { return tally_; }
  const std::optional<Stuck>& stuck(std::size_t setup) const override {
    return training_.stuck(setup);
  }
  std::optional<Skips> skips(std::size_t setup) const override { return training_.skips(setup); }
  const std::vector<Block<Rule>>& blocks() const { return blocks_; }

  std::optional<std::vector<std::string>> sources(std::size_t setup) const override {
    for (const auto& block : blocks_)
      if (block.extent().attribution) return block.emulated(setup)->sources();
    return std::nullopt;
  }

  std::vector<double> parameters(std::size_t setup) const override {
    std::vector<double> all;
    for (const auto& block : blocks_)
      for (std::size_t i = 0; i < block.count(); ++i) {
        const auto* const run = block.emulated(setup);
        all.push_back(run != nullptr ? run->parameter(i) : block.at(setup, 0, i));
      }
    return all;
  }

  void take_steps(std::uint64_t until, std::uint64_t report_at) override {
    std::vector<Step<Rule>> steps;
    for (; steps_ < until; ++steps_) {
      const std::uint64_t t = request_.first_step + steps_;
      steps.push_back(training_.next(t, blocks_));
      Step<Rule>& step = steps.back();
      step.is_reported = steps_ + 1 == report_at;
      for (const auto& other : others_)
        if (training_.in_digits())
          step.others_in_digits.push_back(Rule::template formula<Real>(other.h, t));
        else
          step.others.push_back(Rule::template formula<TruthRow>(other.h, t));
      largest_gradient_ = std::max(largest_gradient_, training_.seen().largest);
      all_are_finite_ &= std::isfinite(training_.seen().largest);
      all_are_floats_ &= training_.seen().all_are_floats;
    }
    for_each_in_parallel(bundles_, [&](Bundle<Rule>& bundle) {
      for (const auto& step : steps) bundle.step(h_, step);
    });
  }

  void report() override {
    auto series = all_series();
    for_each_in_parallel(series, [&](const Which& which) {
      auto& of = tally_.readings[which.setup].series[which.quantity];
      Tally tally;
      const DriftTheorems theorems(setups_[which.setup].states, largest_gradient_, steps_);
      // The theorems are about gradients that both runs read alike, from the first step on.
      const bool read_alike = has_radius_ && which.setup < 2 && request_.first_step == 1 &&
                              begins_as_the_rule_ && (all_are_floats_ || which.setup == 1);
      const bool has_theorem = read_alike && which.quantity > 0 && is_seed();
      const auto of_theta =
          read_alike && which.quantity == 0 ? theta_bound(which.setup) : std::optional<Real>();
      Checks checks;
      for (const auto& block : blocks_) {
        block.sample(which.setup, which.quantity, tally);
        if (has_theorem && block.extent().radius)
          block.sample_theorem(h_, theorems, which.setup, which.quantity, tally);
        if (of_theta && block.extent().radius)
          block.sample_run_theorem(*of_theta, which.setup, tally);
        checks += block.checks(which.setup, which.quantity);
      }
      if (has_radius_ && which.setup < 2) tally.closest.add(checks.closest);
      of.reports.push_back(std::move(tally));
    });
    InProportion in_proportion;
    in_proportion.others.resize(others_.size());
    for (auto& block : blocks_)
      for (std::size_t i = 0; i < block.count(); ++i) {
        in_proportion.of_float.add(std::fabs(block.drift(0, 0, i)));
        if (!block.extent().others) continue;
        for (std::size_t other = 0; other < others_.size(); ++other)
          in_proportion.others[other].add(block.distance_of_other(other, i));
      }
    tally_.in_proportion.push_back(std::move(in_proportion));
  }

  void conclude() override {
    auto series = all_series();
    for_each_in_parallel(series, [&](const Which& which) {
      auto& of = tally_.readings[which.setup].series[which.quantity];
      for (const auto& block : blocks_) {
        const Comparison& seen = block.comparison(which.setup, which.quantity);
        of.updates += seen.updates();
        of.digits += seen.digits();
        of.checks += block.checks(which.setup, which.quantity);
        if (block.extent().attribution) attribute(block, which, of);
      }
      for (const Tally& report : of.reports) of.checks.beyond_theorem += report.beyond_theorem;
    });
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      for (const auto& block : blocks_)
        for (std::size_t i = 0; i < block.count(); ++i)
          tally_.readings[setup].farthest.add(block.farthest(setup, i));
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      for (const auto& block : blocks_)
        if (const auto* const run = block.emulated(setup)) {
          ReadingTally of_block;
          of_block.out_of_range = run->out_of_range();
          of_block.not_finite = run->not_finite();
          tally_.readings[setup] += of_block;
        }
    if (training_.in_digits()) return;
    for (const auto& block : blocks_) tally_.in_digits += block.exact().in_digits();
  }

 private:
  struct Which {
    std::size_t setup, quantity;
  };

  std::vector<Which> all_series() const {
    std::vector<Which> all;
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      for (std::size_t quantity = 0; quantity < quantities<Rule>(h_); ++quantity)
        all.push_back({setup, quantity});
    return all;
  }

  static void attribute(const Block<Rule>& block, const Which& which, SeriesTally& of) {
    const auto& run = *block.emulated(which.setup);
    const std::size_t sources = run.sources().size();
    std::vector<double> shares(sources);
    for (std::size_t i = 0; i < block.count(); ++i) {
      const double drift = block.drift(which.setup, which.quantity, i);
      for (std::size_t source = 0; source < sources; ++source)
        shares[source] = run.share(which.quantity, source, i);
      of.attributed.add(drift, shares);
      if (std::fabs(drift) > std::fabs(of.explained.drift))
        of.explained = {block.first() + i, drift, shares};
    }
  }

  /// What the theorem of a run says of theta; it takes each start as it is stored.
  std::optional<Real> theta_bound(std::size_t setup) const {
    if (!all_are_finite_ || (setup == 0 && starts_.not_floats > 0)) return std::nullopt;
    return RunTheorems(setups_[setup].parameters, largest_gradient_, starts_.largest, steps_)
        .bound(h_);
  }

  /// The drift theorems are about the seed's states, whatever the numbers.
  bool is_seed() const {
    typename Rule::Hyperparameters seed;
    for (const auto& [name, member] : Rule::hyperparameters) seed.*member = h_.*member;
    return h_ == seed;
  }

  const Request& request_;
  const typename Rule::Hyperparameters& h_;
  const std::vector<OtherConvention<Rule>>& others_;
  const std::vector<Setup>& setups_;
  bool has_radius_, begins_as_the_rule_;
  Training<Rule> training_;
  std::vector<Block<Rule>> blocks_;
  std::vector<Bundle<Rule>> bundles_;
  std::uint64_t steps_ = 0;
  Starts starts_;
  double largest_gradient_ = 0;
  bool all_are_floats_ = true, all_are_finite_ = true;
  RunTally tally_;
};

}  // namespace truestep::drift
