// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit.hpp"
#include "verdict.hpp"

namespace truestep::drift {

/// What the numbers of a table mean, and what they were computed with.
std::string legend();

/// The tables of one run.
std::string table(const Run& run);

/// Whether every error of the kernels stayed within its bound.
///
/// @param is_sound_alone  nothing else is wrong
std::string answer(std::span<const Run> runs, bool is_sound_alone);

/// For each rule and set-up a line: how far theta is from exact in the end, on the workload on
/// which that is farthest, how many of its updates were lost, and what most of its drift comes
/// from.
std::string conclusion(std::span<const Run> runs);

/// What the runs of one rule have shown, a sentence for float and double and one for each set-up.
std::string findings(std::span<const Run> runs_of_one_rule);

/// One line for each reported step of each quantity: the columns that figures.hpp names, empty
/// where there is no such figure.
std::string csv(std::span<const Run> runs);

/// The description of the object that `json` returns.
extern const char* const json_schema;

/// The whole audit as one JSON object.
///
/// @param rerun  the command that reruns it
/// @param note   what the rule's name stands for, left out where it is ""
std::string json(std::span<const Run> runs, const Judgements& judgements, const std::string& rerun,
                 const std::string& note = {});

/// The verdicts and a table, for a pull request.
std::string markdown(std::span<const Run> runs, const Judgements& judgements,
                     std::span<const std::string> notes, const std::string& rerun);

/// A test case for the kernels and each set-up of each run, and one for each line over budget, as
/// CI reads them.
///
/// @param fails_on  the least bad verdict that fails, if any does
std::string junit(std::span<const Run> runs, const Criteria& criteria,
                  std::optional<Verdict> fails_on, std::span<const std::string> over_budget);

/// Where a page comes from.
struct Provenance {
  std::string rerun;         ///< the command that makes it again
  std::string date = {};     ///< "" where it is not said
  std::string machine = {};  ///< "" where it is not said, nor how fast it was
};

/// The whole audit as one page that needs no other file.
std::string html(std::span<const Run> runs, const Judgements& judgements,
                 const Provenance& provenance);

/// Calls `call` with the runs of each rule, which lie together.
template <class Call>
void for_each_rule(std::span<const Run> runs, Call call) {
  for (std::size_t from = 0, to = 0; from < runs.size(); from = to) {
    while (to < runs.size() && runs[to].rule == runs[from].rule) ++to;
    call(runs.subspan(from, to - from));
  }
}

/// A number with three digits, more before the point, as tables show it; "-" for NaN.
std::string number(double x);

/// What is said in place of shares: distances that are not finite have none, nor have columns
/// beside the sample of a first look.
std::string unattributed(const Series& series);
/// What an attribution leaves out; "" where that is nothing.
std::string left_out_of(const Attribution& attribution);

/// A part of 1, rounded down: no error within its radius looks like one that reached it.
std::string fraction(double x);

/// How much of the drift a contribution is, in percent.
std::string share(const Attribution& attribution, double contribution);

/// A share of n, which is none or all only where it is exactly that.
std::string percent(std::uint64_t part, std::uint64_t n);

/// The first lost update of each quantity and the first flushed value of each state, a sentence
/// each.
///
/// @param where  what is said of the run, "" where there is no other
std::vector<std::string> firsts(const Reading& reading, const std::string& where);

/// The other conventions, the nearest first, those that are shown at the same distance together.
std::vector<Other> others_by_distance(const Run& run);

/// How many times a run's drift in float another convention is off.
std::string times_drift(const Run& run, const Other& other);

/// What computed the exact run.
std::string reference_name();

/// Steps of one coordinate in one set-up, all readings told apart, over the time that they took.
double element_steps_per_second(std::span<const Run> runs);

}  // namespace truestep::drift
