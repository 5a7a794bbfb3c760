// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "audited_rule.hpp"
#include "group.hpp"
#include "runs/given.hpp"
#include "spelled_of.hpp"

namespace truestep::drift {

template <class Rule>
std::string convention_of(const Request& request) {
  if (!request.convention.empty()) return request.convention;
  return settings::convention_names<typename Rule::Hyperparameters>().front();
}

/// A rule as an audit sees it.
template <class Rule>
class AuditedRuleOf final : public AuditedRule {
 public:
  AuditedRuleOf(const Request& request, const typename Rule::Hyperparameters& h,
                bool keeps_negative_differences)
      : h_(h),
        // Another convention's states mean something else, so that it could not start from these.
        other_conventions_(request.closed_loop || !request.states.empty()
                               ? std::vector<OtherConvention<Rule>>()
                               : drift::other_conventions<Rule>(h)) {
    name = Rule::name;
    convention = convention_of<Rule>(request);
    for (const auto& [number, member] : Rule::hyperparameters)
      hyperparameters.emplace_back(number, h_.*member);
    for (const auto& [number, member] : Rule::further)
      if (h_.*member != typename Rule::Hyperparameters().*member)
        hyperparameters.emplace_back(number, h_.*member);
    for (std::size_t quantity = 0; quantity < drift::quantities<Rule>(h_); ++quantity)
      quantities.emplace_back(quantity_name<Rule>(h_, quantity));
    for (const auto& other : other_conventions_) others.push_back(other.names);
    keeps_negative = keeps_negative_differences;
  }

  std::unique_ptr<Group> group(const Request& request, const std::vector<Setup>& setups,
                               Workload& workload, const Beginning& beginning,
                               const Columns& columns, bool has_radius,
                               const std::function<Extent(std::size_t)>& extent_of) const override {
    return std::make_unique<GroupOf<Rule>>(h_, request, other_conventions_, setups, workload,
                                           beginning, columns, has_radius, extent_of);
  }

  SpelledStep spelled(bool compensates, std::uint64_t last) const override {
    return drift::spelled<Rule>(h_, compensates, keeps_negative, last);
  }

 private:
  typename Rule::Hyperparameters h_;
  std::vector<OtherConvention<Rule>> other_conventions_;
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
  auto run = run_audit(AuditedRuleOf<Rule>(request, h, keeps_negative), request, progress);
  if (keeps_negative)
    run.notes.push_back(
        fmt::format("{} keeps a variance that rounding makes negative, as no kernel with these "
                    "choices does: all is emulated here.",
                    convention_of<Rule>(request)));
  return run;
}

}  // namespace truestep::drift

/// The runs that an audit of a rule is made of; `how` is `template`, or `extern template` where
/// they are compiled elsewhere.
#define TRUESTEP_RUNS_OF(how, ...)                                              \
  how class truestep::drift::EmulatedRun<__VA_ARGS__>;                          \
  how class truestep::drift::ExactRun<__VA_ARGS__>;                             \
  how class truestep::drift::KernelRun<__VA_ARGS__, float>;                     \
  how class truestep::drift::Block<__VA_ARGS__>;                                \
  how class truestep::drift::GroupOf<__VA_ARGS__>;                              \
  how truestep::drift::LaneOf<truestep::drift::Traced, truestep::drift::Naming> \
  truestep::drift::lane_of<truestep::drift::Traced, truestep::drift::Naming>(   \
      const typename __VA_ARGS__::Hyperparameters&);                            \
  how truestep::drift::SpelledStep truestep::drift::spelled<__VA_ARGS__>(       \
      const typename __VA_ARGS__::Hyperparameters&, bool, bool, std::uint64_t);
