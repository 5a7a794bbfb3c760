// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "trial.hpp"

namespace truestep::trial {
namespace {

constexpr std::size_t steps_of_shapes = 6;
/// None, vectors of every width and a tail, one less and one more.
constexpr std::array<std::size_t, 19> all_lengths{0,  1,  2,  3,  4,  5,  7,  8,  9,           15,
                                                  16, 17, 31, 32, 33, 63, 64, 65, usual_length};
constexpr std::array<std::size_t, 8> lengths_at_an_end{1, 3, 8, 16, 17, 32, 64, usual_length};
constexpr std::array<std::size_t, 4> some_tensors{64, 16, 1, 122};

/// The run of some coordinates alone.
template <class Index>
Run of_coordinates(const Run& run, std::size_t count, std::size_t kept, const Index& index) {
  Run some;
  some.steps = run.steps;
  const auto rows = [&](const std::vector<double>& from) {
    std::vector<double> to;
    for (std::size_t row = 0; row * count < from.size(); ++row)
      for (std::size_t i = 0; i < kept; ++i) to.push_back(from[row * count + index(i)]);
    return to;
  };
  some.theta = rows(run.theta);
  for (const auto& [name, values] : run.states) some.states[name] = rows(values);
  return some;
}

}  // namespace

std::span<const std::size_t> other_lengths() {
  return std::span(all_lengths).first(all_lengths.size() - 1);
}

Job Trial::plain_course() const {
  auto job = course_named("plain", Numbers::telling, steps_of_shapes);
  job.put_back.clear();
  return job;
}

void Trial::compare(const std::string& kind, const std::string& what, const Run& a, const Run& b,
                    std::size_t count) {
  if (request_.format.is_stochastic) return;
  const auto apart = differing(a, b, count);
  if (apart.empty()) return;
  find({"shape",
        kind,
        fmt::format("bits depend on {}: {} of {} coordinates differ: {}", what, apart.size(), count,
                    ranges(apart)),
        false,
        {},
        "shape"});
}

std::map<std::size_t, Run> Trial::lengths(const Course& whole) {
  std::map<std::size_t, Run> all;
  for (const auto n : all_lengths) {
    const auto name = fmt::format("length-{}", n);
    if (!has_run(name)) continue;
    const auto job = given(name, shortened(whole.job, n));
    const auto& run = all.emplace(n, drive(name, job)).first->second;
    if (run.ending == Run::Ending::refused)
      find({"shape",
            "refused",
            fmt::format("it does not support a tensor of length {}", n),
            false,
            {},
            "shape"});
    if (run.steps == 0) continue;
    hold("shape", name, job, run);
    compare("length", fmt::format("the length ({} or {})", n, usual_length), run,
            of_coordinates(whole.run, usual_length, n, [](std::size_t i) { return i; }), n);
  }
  return all;
}

/// An array that ends where a page does. Unless its length is a multiple of 64 bytes, it is not
/// aligned as truestep_kernel.h promises, and what happens is noted alone.
void Trial::ends(const Course& whole, const std::map<std::size_t, Run>& at_start) {
  const auto& format = whole.job.setup.format;
  const auto is_promised = [&](std::size_t n) {
    constexpr std::size_t promised = 64;
    return n * size_of(format.theta) % promised == 0 &&
           n * size_of(format.gradients) % promised == 0;
  };
  // What is a fault goes before what is noted alone, as one of a kind is shown.
  auto lengths = lengths_at_an_end;
  std::stable_partition(lengths.begin(), lengths.end(), is_promised);
  for (const auto n : lengths) {
    if (hung_) return;
    auto job = shortened(whole.job, n);
    job.placement = Placement::at_end;
    const auto run = trial::drive(kernel_, job, request_.limit);
    ++report_.runs;
    if (run.ending == Run::Ending::crashed) {
      const bool read = !run.outside.empty();
      find({"shape",
            read ? "read_past_the_end" : "alignment",
            fmt::format("with length {} and the array's end at the end of a page it {}{}", n,
                        ended(run), read ? "" : ": it wants more alignment than an element's"),
            is_promised(n),
            {},
            "shape"});
      continue;
    }
    compare("alignment_bits", fmt::format("where the array begins (length {})", n), run,
            at_start.at(n), n);
  }
}

/// Whether one counter that every tensor advances explains the run.
bool Trial::counts_tensors(const Job& job, const Run& run) const {
  Map map = at(job);
  if (!has(map, "counter_stride") || !has(map, "first_power")) return false;
  std::size_t first = 0;
  for (std::size_t k = 0; k < job.setup.lengths.size(); ++k) {
    std::vector<bool> others(job.setup.coordinates(), true);
    for (std::size_t i = 0; i < job.setup.lengths[k]; ++i) others[first + i] = false;
    first += job.setup.lengths[k];
    map.set["counter_stride"] = std::uint64_t{job.setup.lengths.size()};
    map.set["first_power"] = std::uint64_t{k + 1};
    if (judge(map, habit_, job, run, Until::first_failure, others).failures > 0) return false;
  }
  return true;
}

Job in_tensors(Job job) {
  job.setup.lengths.assign(some_tensors.begin(), some_tensors.end());
  return job;
}

bool Trial::tensors(const Course& whole) {
  const auto job = given("tensors", in_tensors(whole.job));
  const auto run = drive("tensors", job);
  if (run.ending == Run::Ending::refused) {
    find({"shape", "refused", "it does not support several tensors", false, {}, "shape"});
    return false;
  }
  if (run.steps == 0) return true;
  const auto judged = judge(at(job), habit_, job, run, Until::first_failure);
  if (judged.failures > 0 && counts_tensors(job, run)) {
    find({"shape", "counter_per_tensor",
          fmt::format("one counter is advanced by every tensor: with {} it counts {} a step",
                      job.setup.lengths.size(), job.setup.lengths.size()),
          true, described(*judged.first, at(job), job, run), "shape"});
    return true;
  }
  hold("shape", "tensors", job, run);
  compare("split", "the split into tensors", run, whole.run, usual_length);
  return true;
}

void Trial::positions(const Course& whole) {
  const std::string again = elsewhere_ == nullptr ? "plain" : "again";
  if (has_run(again))
    compare("run_to_run", "the run, of the same input", drive(again, whole.job), whole.run,
            usual_length);
  const auto run = drive("reversed", given("reversed", reversed(whole.job)));
  compare("position", "the position", run,
          of_coordinates(whole.run, usual_length, usual_length,
                         [](std::size_t i) { return usual_length - 1 - i; }),
          usual_length);
}

void Trial::shape_section() {
  const auto job = given("plain", plain_course());
  const Course whole{"plain", job, drive("plain", job)};
  if (elsewhere_ != nullptr && !has_run("plain")) return;
  if (!whole.run.finished()) {
    say("shape", "not determined, since the whole run does not finish");
    return;
  }
  const auto of_length = lengths(whole);
  if (kernel_.shares_memory()) ends(whole, of_length);
  const bool takes_tensors = has_run("tensors") && tensors(whole);
  positions(whole);
  std::vector<std::size_t> tried;
  for (const auto n : all_lengths)
    if (n == usual_length || has_run(fmt::format("length-{}", n))) tried.push_back(n);
  std::string said = fmt::format("lengths {}", fmt::join(tried, ", "));
  if (kernel_.shares_memory()) said += ", arrays between pages that nobody may touch";
  if (takes_tensors) said += fmt::format(", {} tensors", some_tensors.size());
  if (has_run("reversed")) said += ", another order";
  say("shape", said);
}

}  // namespace truestep::trial
