// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace truestep::trial {

namespace {

/// Bits of the values, NaNs of one sign and payload or another being alike.
bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

}  // namespace

std::vector<std::size_t> differing(const Run& a, const Run& b, std::size_t count) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto differs = [&](const std::vector<double>& x, const std::vector<double>& y) {
      for (std::size_t at = i; at < std::min(x.size(), y.size()); at += count)
        if (!same_bits(x[at], y[at])) return true;
      return false;
    };
    bool apart = differs(a.theta, b.theta);
    for (const auto& [name, values] : a.states)
      if (const auto other = b.states.find(name); other != b.states.end())
        apart |= differs(values, other->second);
    if (apart) all.push_back(i);
  }
  return all;
}

std::string ranges(const std::vector<std::size_t>& coordinates) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < coordinates.size();) {
    std::size_t last = i;
    while (last + 1 < coordinates.size() && coordinates[last + 1] == coordinates[last] + 1) ++last;
    parts.push_back(last == i ? fmt::format("{}", coordinates[i])
                              : fmt::format("{} to {}", coordinates[i], coordinates[last]));
    i = last + 1;
  }
  constexpr std::size_t most = 4;
  std::string all;
  for (std::size_t i = 0; i < std::min(most, parts.size()); ++i)
    all += (all.empty() ? "" : ", ") + parts[i];
  return all + (parts.size() > most ? ", ..." : "");
}

/// What runs this run again: its own name, or that of its section.
std::string Trial::rerun_of(const std::string& name) {
  if (name == "tensors" || name == "plain" || name == "again" || name == "reversed") return "shape";
  if (name == "negated" || name == "doubled" || name == "resumed") return "laws";
  if (name.starts_with("special") || name == "zeros") return "conduct";
  return name.starts_with("told") ? "steps" : name;
}

Job Trial::given(const std::string& name, Job made) const {
  if (elsewhere_ == nullptr) return made;
  const auto found = elsewhere_->jobs.find(name);
  return found == elsewhere_->jobs.end() ? made : found->second;
}

bool Trial::has_run(const std::string& name) const {
  return elsewhere_ == nullptr || elsewhere_->runs.contains(name);
}

Run Trial::drive(const std::string& name, const Job& job) {
  if (elsewhere_ != nullptr) {
    if (!has_run(name)) return {.ending = Run::Ending::refused};
    ++report_.runs;
    return elsewhere_->runs.at(name);
  }
  if (hung_) return {.ending = Run::Ending::hung};
  auto run = trial::drive(kernel_, job, request_.limit);
  ++report_.runs;
  note_conduct(name, job, run);
  return run;
}

void Trial::note_conduct(const std::string& name, const Job& job, const Run& run) {
  const auto format = job.setup.format.gradients;
  const auto conduct = [&](const std::string& kind, const std::string& text,
                           std::vector<std::string> input = {}) {
    find({"conduct", kind, text, true, std::move(input), rerun_of(name)});
  };
  const std::string length = fmt::format("{}", fmt::join(job.setup.lengths, ", "));
  const auto where = fmt::format(" (run {}, length {})", name, length);
  switch (run.ending) {
    case Run::Ending::finished:
    case Run::Ending::refused:
      break;
    case Run::Ending::crashed:
      conduct("crash", ended(run) + where);
      break;
    case Run::Ending::hung:
      hung_ = true;
      conduct("hang", fmt::format("{}: not within {} s{}", ended(run),
                                  static_cast<double>(request_.limit.count()) / 1000, where));
      break;
    case Run::Ending::threw:
      conduct("exception", ended(run) + where);
      break;
    case Run::Ending::left:
      conduct("exit", ended(run) + where);
      break;
    case Run::Ending::failed:
      conduct("failed", ended(run) + where);
      break;
  }
  if (run.ending != Run::Ending::crashed && !run.outside.empty())
    conduct("written_outside", run.outside + where);
  if (run.gradients_written > 0) {
    const auto at = run.gradient_step * job.setup.coordinates() + run.gradient_coordinate;
    conduct("gradient_written",
            fmt::format("the gradient is written: {} of {} values, coordinate {} first{}",
                        run.gradients_written, run.steps * job.setup.coordinates(),
                        run.gradient_coordinate, where),
            {fmt::format("step {}: it was {}", run.gradient_step + 1,
                         in_bits(format, job.gradients[at]))});
  }
  if (run.loaded != run.at_first)
    conduct("control_word_loaded", "loading it changes how the whole process rounds: " +
                                       difference(run.at_first, run.loaded));
  if (run.control_step != 0)
    conduct("control_word_stepped",
            fmt::format("step {} leaves the caller another arithmetic: {}", run.control_step,
                        difference(run.loaded, run.stepped)));
}

void Trial::find(Finding finding) {
  for (const auto& known : report_.findings)
    if (known.section == finding.section && known.kind == finding.kind) return;
  report_.findings.push_back(std::move(finding));
}

void Trial::say(const std::string& section, const std::string& text) {
  for (auto& known : report_.sections)
    if (known.name == section) {
      known.said += (known.said.empty() ? "" : "; ") + text;
      return;
    }
  report_.sections.push_back({section, text});
}

Map Trial::at(const Job& job) const {
  if (instead_) return instead_->map(job.setup.numbers);
  return with_numbers(request_.map, job.setup.numbers);
}

NumberList Trial::numbers_for(Numbers which, Random& random) const {
  constexpr int attempts = 20;  // that a map may refuse, such as too much weight decay
  for (int i = 0; i < attempts; ++i) {
    const auto chosen = numbers(request_.map, request_.pinned, which, random);
    try {
      with_numbers(request_.map, chosen);
      if (instead_) instead_->map(chosen);
      return chosen;
    } catch (const std::invalid_argument&) {
      if (which != Numbers::drawn) break;
    }
  }
  return numbers(request_.map, request_.pinned, Numbers::own, random);
}

Job Trial::course_named(const std::string& name, Numbers which, std::size_t steps) const {
  Random random(request_.seed, name);
  const auto chosen = numbers_for(which, random);
  return course(request_.map, chosen, request_.format, steps, random);
}

void Trial::hold(const std::string& section, const std::string& name, const Job& job,
                 const Run& run) {
  const bool is_usual = left_out_.size() == job.setup.coordinates();
  hold(
      section, name, job, run,
      judge(at(job), habit_, job, run, Until::the_end, is_usual ? left_out_ : std::vector<bool>()));
}

void Trial::hold(const std::string& section, const std::string& name, const Job& job,
                 const Run& run, const Judged& judged) {
  const auto length = job.setup.coordinates();
  report_.claims += judged.claims;
  report_.teeth += judged.teeth;
  if (!(judged.worst.share > 1))
    report_.largest_share =
        std::max(report_.largest_share, static_cast<double>(judged.worst.share));
  if (const double u = static_cast<double>(judged.farthest.distance);
      std::isfinite(u) && u > report_.farthest.u)
    report_.farthest = {u, described(judged.farthest, at(job), job, run),
                        fmt::format("{}/{}", name, judged.farthest.expected.coordinate)};
  if (judged.failures == 0) return;
  std::vector<std::size_t> wrong, stand;
  for (std::size_t i = 0; i < length; ++i) {
    if (judged.wrong[i]) wrong.push_back(i);
    if (judged.wrong[i] && !judged.moved[i]) stand.push_back(i);
  }
  const auto& at_first = judged.first->expected;
  const std::string quantity =
      at_first.quantity == 0 ? "theta" : states(at(job))[at_first.quantity - 1];
  const auto only = fmt::format("{}/{}", name, at_first.coordinate);
  if (wrong == stand)
    find({section, "not_stored",
          fmt::format("{} of {} coordinates do not move: {} (run {})", stand.size(), length,
                      ranges(stand), name),
          true, described(*judged.first, at(job), job, run), only});
  else
    find({section, "outside_bound",
          fmt::format("{} of {} coordinates leave the bound of any sane order: {}; {} first, at "
                      "step {} (t = {}), by {:.3g} times (run {})",
                      wrong.size(), length, ranges(wrong), quantity, at_first.step + 1,
                      job.t[at_first.step], judged.first->share, name),
          true, described(*judged.first, at(job), job, run), only});
}

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names{"map",  "steps",   "habits", "shape",
                                              "laws", "conduct", "storage"};
  return names;
}

std::vector<std::string> names_of_courses(std::size_t trials) {
  std::vector<std::string> names{"own", "telling"};
  for (std::size_t k = 1; k <= trials; ++k) names.push_back(fmt::format("drawn-{}", k));
  return names;
}

namespace {

std::string unseen(const Kernel& kernel, const Elsewhere* elsewhere) {
  if (kernel.shares_memory()) return "";
  const std::string always =
      "what it writes elsewhere or into its gradient, alignment, the control word";
  return elsewhere == nullptr ? always
                              : "crashes, hangs, " + always + ", going on from saved states";
}

/// Throws std::invalid_argument where a state has a format that the map does not have.
void require_states(const Request& request) {
  const auto names = states(request.map);
  for (const auto& [name, format] : request.format.apart)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw std::invalid_argument(
          fmt::format("format = {}: {} is not one of {{gradients, states, rounding, arithmetic, "
                      "{}}}",
                      word(request.format), name, fmt::join(names, ", ")));
}

Report examined(Kernel& kernel, const Request& request, const Elsewhere* elsewhere) {
  require_states(request);
  Report report{.kernel = kernel.name(),
                .rule = request.map.rule,
                .map = called(request.map),
                .format = request.format,
                .seed = request.seed,
                .unseen = unseen(kernel, elsewhere)};
  Trial trial(kernel, request, report, elsewhere);
  const auto& names = section_names();
  const bool is_section = std::find(names.begin(), names.end(), request.only) != names.end();
  const auto wanted = [&](const std::string& name) {
    return request.only.empty() || request.only == name;
  };
  if (!trial.map_section()) return report;
  if (!request.only.empty() && !is_section) {
    report.findings.clear();  // of runs that were not asked for
    report.sections.clear();
    trial.one_run(request.only);
    return report;
  }
  if (wanted("steps") && trial.knows_map()) trial.steps_section();
  if (wanted("habits") && trial.knows_map()) trial.habits_section();
  if (wanted("shape") && trial.knows_map()) trial.shape_section();
  if (wanted("laws") && trial.knows_map()) trial.laws_section();
  if (wanted("conduct")) trial.conduct_section();
  const bool has_storage = request.format.has_narrow() && wanted("storage");
  if (has_storage || request.only == "storage") trial.storage_section();
  return report;
}

}  // namespace

Report examine(Kernel& kernel, const Request& request) {
  return examined(kernel, request, nullptr);
}

Report examine(Kernel& kernel, const Request& request, const Elsewhere& elsewhere) {
  return examined(kernel, request, &elsewhere);
}

}  // namespace truestep::trial
