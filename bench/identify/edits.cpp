// SPDX-License-Identifier: Apache-2.0
#include "edits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "text.hpp"

namespace truestep::identify {
namespace {

using Count = std::function<std::uint64_t(std::uint64_t)>;

double unit(const Record& run) {
  return run.in_double ? std::numeric_limits<double>::epsilon() / 2
                       : double{std::numeric_limits<float>::epsilon()} / 2;
}

/// A number as the run's format holds it.
double held(const Record& run, double x) {
  return run.in_double ? x : double{static_cast<float>(x)};
}

/// The step that the counter shows at each step.
Edit counting(const std::string& words, const Count& count) {
  return {words, [count](Record run) {
            std::vector<std::uint64_t> t;
            for (std::size_t n = 1; n <= run.steps; ++n) t.push_back(count(run.count(n)));
            run.t = t;
            return run;
          }};
}

void add_counters(std::vector<Edit>& all, std::size_t broken) {
  for (const std::uint64_t more : {1u, 2u, 3u, 4u, 5u, 10u, 100u, 1000u})
    all.push_back(counting(text("t starts at ", more + 1, ", not at 1"),
                           [=](std::uint64_t n) { return n + more; }));
  for (const std::uint64_t stride : {2u, 3u, 4u, 5u, 6u, 8u})
    for (std::uint64_t first = 1; first <= stride; ++first)
      all.push_back(counting(text("t counts in steps of ", stride, " from ", first, ", as where ",
                                  stride, " tensors share it"),
                             [=](std::uint64_t n) { return stride * (n - 1) + first; }));
  if (broken > 1) {
    all.push_back(
        counting(text("t stands still at ", broken - 1, " from there on"),
                 [=](std::uint64_t n) { return std::min<std::uint64_t>(n, broken - 1); }));
    all.push_back(counting(text("t starts again at 1 at step ", broken, ", and the states go on"),
                           [=](std::uint64_t n) { return n < broken ? n : n - broken + 1; }));
  }
}

void add_lost_states(std::vector<Edit>& all, std::size_t broken) {
  // The step at which states were lost may be the one before: a first step may be as it was.
  for (const std::size_t step : {broken, broken - 1}) {
    if (step < 2) continue;
    all.push_back(
        {text("the states start again at step ", step, ", and t goes on"), [=](Record run) {
           run.states_lost = step;
           return run;
         }});
    const auto recount = counting("", [=](std::uint64_t n) { return n < step ? n : n - step + 1; });
    all.push_back({text("the states and t start again at step ", step), [=](const Record& run) {
                     auto again = recount.edited(run);
                     again.states_lost = step;
                     return again;
                   }});
  }
}

/// It is that of the whole run, so that it may be taken of some coordinates.
Edit with_factors(const std::string& words, const std::vector<double>& factor, double error) {
  return {words, [=](Record run) {
            run.gradient_factor = factor;
            run.gradient_error = error;
            return run;
          }};
}

void add_factors(std::vector<Edit>& all, const Record& run) {
  const auto constant = [&](double x) { return std::vector<double>(run.steps, x); };
  for (int power = 1; power <= 16; ++power)
    for (const double factor : {std::ldexp(1, -power), std::ldexp(1, power)})
      all.push_back(with_factors(text("the gradients are scaled by ", shortest(factor)),
                                 constant(factor), 0));
  for (const double factor : {0.1, 10.0, 0.01, 100.0, 1e-3, 1e3})
    all.push_back(with_factors(text("the gradients are scaled by ", shortest(factor)),
                               constant(factor), 2 * unit(run)));
}

std::vector<double> norms(const Record& run) {
  std::vector<double> all, buffer;
  for (std::size_t t = 0; t < run.steps; ++t) {
    const double* const g = run.gradients_from(t, 0, run.coordinates, buffer);
    double sum = 0;
    for (std::size_t i = 0; i < run.coordinates; ++i) sum += g[i] * g[i];
    all.push_back(std::sqrt(sum));
  }
  return all;
}

void add_clips(std::vector<Edit>& all, const Record& run) {
  const auto norm = norms(run);
  // A norm is a root of a sum, in any order, whose terms are of one sign.
  const double error = (double(run.coordinates) / 2 + 8) * unit(run);
  for (const double most : {1.0, 0.5, 0.1, 0.25, 5.0, 10.0, 2.0, 0.01, 40.0})
    for (const double added : {1e-6, 0.0}) {
      std::vector<double> factor;
      bool clips = false;
      for (const double each : norm) {
        factor.push_back(std::min(1.0, most / (each + added)));
        clips |= factor.back() < 1;
      }
      if (!clips) continue;
      all.push_back(
          with_factors(text("the gradients are clipped to a norm of ", shortest(most),
                            added == 0 ? "" : text(", over the norm plus ", shortest(added))),
                       factor, error));
    }
  for (const double most : {1.0, 0.5, 0.1, 0.25, 5.0, 10.0, 2.0, 0.01})
    all.push_back(
        {text("each gradient is clipped to [-", shortest(most), ", ", shortest(most), "]"),
         [=](Record edited) {
           const double bound = held(edited, most);
           for (double& g : edited.gradients) g = std::clamp(g, -bound, bound);
           return edited;
         }});
}

void add_old_gradients(std::vector<Edit>& all) {
  all.push_back({"the gradients come one step late", [](Record run) {
                   const auto n = static_cast<std::ptrdiff_t>(run.coordinates);
                   run.gradients.insert(run.gradients.begin(), run.coordinates, 0.0);
                   run.gradients.erase(run.gradients.end() - n, run.gradients.end());
                   return run;
                 }});
  all.push_back({"the gradients are never cleared, and add up", [](Record run) {
                   for (std::size_t k = run.coordinates; k < run.gradients.size(); ++k)
                     run.gradients[k] =
                         held(run, run.gradients[k] + run.gradients[k - run.coordinates]);
                   return run;
                 }});
}

/// Weights and checkpoints are often such a mean, and called the parameters all the same.
void add_means(std::vector<Edit>& all, const Record& run) {
  if (run.carries()) return;
  for (const double decay : {0.999, 0.9999, 0.99, 0.995, 0.9})
    all.push_back({text("the parameters recorded are an exponential mean of them, with decay ",
                        shortest(decay)),
                   [=](Record edited) {
                     edited.mean_decay = decay;
                     return edited;
                   }});
}

/// A step's gradients once more, with no parameters recorded between.
Edit doubled(std::size_t step) {
  return {
      text("step ", step, " is made twice"), [=](const Record& run) {
        Record edited = run;
        const auto n = static_cast<std::ptrdiff_t>(run.coordinates);
        const auto row = [&](std::vector<double>& all, std::size_t at) {
          const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at) * n;
          const std::vector<double> copy(begin, begin + n);
          all.insert(begin, copy.begin(), copy.end());
        };
        row(edited.gradients, step - 1);
        row(edited.parameters, step);
        edited.recorded = run.recorded;
        if (edited.recorded.empty()) edited.recorded.assign(run.steps + 1, true);
        edited.recorded.insert(edited.recorded.begin() + static_cast<std::ptrdiff_t>(step), false);
        const auto again = [&](auto& numbers) {
          if (!numbers.empty())
            numbers.insert(numbers.begin() + static_cast<std::ptrdiff_t>(step), numbers[step - 1]);
        };
        again(edited.learning_rate);
        again(edited.weight_decay);
        edited.t.clear();
        for (auto& end : edited.ends) end += end >= step;
        ++edited.steps;
        return edited;
      }};
}

/// Steps that leave all parameters as they are.
std::vector<std::size_t> still_steps(const Record& run) {
  std::vector<std::size_t> all;
  std::vector<double> before, after;
  for (std::size_t t = 0; t < run.steps; ++t) {
    const double* const old = run.parameters_from(t, 0, run.coordinates, before);
    const double* const now = run.parameters_from(t + 1, 0, run.coordinates, after);
    if (std::equal(old, old + run.coordinates, now)) all.push_back(t + 1);
  }
  return all;
}

Record without_steps(const Record& run, const std::vector<std::size_t>& skipped, bool counts) {
  Record kept = run;
  kept.parameters.clear(), kept.gradients.clear(), kept.learning_rate.clear();
  kept.weight_decay.clear(), kept.t.clear();
  const auto n = run.coordinates;
  const auto row = [&](const std::vector<double>& from, std::vector<double>& to, std::size_t at) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at * n);
    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(n));
  };
  row(run.parameters, kept.parameters, 0);
  for (std::size_t t = 1; t <= run.steps; ++t) {
    if (std::find(skipped.begin(), skipped.end(), t) != skipped.end()) continue;
    row(run.parameters, kept.parameters, t);
    row(run.gradients, kept.gradients, t - 1);
    if (!run.learning_rate.empty()) kept.learning_rate.push_back(run.learning_rate[t - 1]);
    if (!run.weight_decay.empty()) kept.weight_decay.push_back(run.weight_decay[t - 1]);
    if (counts || !run.t.empty()) kept.t.push_back(run.count(t));
  }
  kept.steps = run.steps - skipped.size();
  return kept;
}

void add_skips(std::vector<Edit>& all, const Record& run) {
  const auto still = still_steps(run);
  if (still.empty() || still.size() == run.steps || !run.ends.empty() || !run.recorded.empty())
    return;
  const auto words = text(still.size() == 1 ? "step " : "steps ", ranges(still),
                          still.size() == 1 ? " was skipped" : " were skipped");
  for (const bool counts : {false, true})
    all.push_back({words + (counts ? ", and t counts them" : ", and t stands still meanwhile"),
                   [=](const Record& whole) { return without_steps(whole, still, counts); }});
}

}  // namespace

std::string ranges(const std::vector<std::size_t>& numbers) {
  std::string all;
  for (std::size_t k = 0; k < numbers.size();) {
    std::size_t end = k + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    all += text(all.empty() ? "" : ", ", numbers[k]);
    if (end - k > 1) all += text("-", numbers[end - 1]);
    k = end;
    if (all.size() > 120 && k < numbers.size()) return all + ", ...";
  }
  return all;
}

std::vector<std::size_t> frozen_coordinates(const Record& run) {
  std::vector<bool> moves(run.coordinates, false), pulled(run.coordinates, false);
  std::vector<double> rows[3];
  for (std::size_t t = 0; t < run.steps; ++t) {
    const double* const old = run.parameters_from(t, 0, run.coordinates, rows[0]);
    const double* const now = run.parameters_from(t + 1, 0, run.coordinates, rows[1]);
    const double* const g = run.gradients_from(t, 0, run.coordinates, rows[2]);
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      if (old[i] != now[i]) moves[i] = true;
      if (g[i] != 0) pulled[i] = true;
    }
  }
  std::vector<std::size_t> frozen;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (!moves[i] && pulled[i]) frozen.push_back(i);
  return frozen;
}

std::vector<Edit> edits_of(const Record& run, std::size_t broken) {
  std::vector<Edit> all;
  add_skips(all, run);
  all.push_back(
      with_factors("the gradient's sign is turned", std::vector<double>(run.steps, -1.0), 0));
  add_counters(all, broken);
  add_lost_states(all, broken);
  if (run.t.empty()) all.push_back(doubled(broken));
  all.push_back(
      {"a coordinate whose gradient is 0 is left as it is, with its states", [](Record lazy) {
         lazy.skips_zero_gradients = true;
         return lazy;
       }});
  add_old_gradients(all);
  add_factors(all, run);
  add_clips(all, run);
  add_means(all, run);
  return all;
}

}  // namespace truestep::identify
