// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "trial.hpp"

namespace truestep::trial {

/// What a habit costs: how far the farthest result is from the formula with coefficients in double.
void Trial::habits_section() {
  if (habit_ == no_habit) {
    say("habits", habits(request_.format) > 0
                      ? "none is seen: coefficients are as if made in double and rounded once"
                  : request_.format.rounds_each_operation
                      ? "none can be seen where each operation is rounded"
                      : "none can be seen in float64");
    return;
  }
  Judged all;
  const Course* farthest = nullptr;
  for (const auto& course : courses_) {
    const auto judged =
        judge(at(course.job), no_habit, course.job, course.run, Until::the_end, left_out_);
    if (judged.farthest.distance > all.farthest.distance) farthest = &course;
    add(all, judged);
  }
  const auto step = all.farthest.expected.step;
  const auto text = fmt::format("{}: a step is up to {:.3g} u off for it, at t = {}", words(habit_),
                                all.farthest.distance, farthest->job.t[step]);
  say("habits", text);
  find({"habits", "habit", text, false,
        described(all.farthest, at(farthest->job), farthest->job, farthest->run), "habits"});
}

}  // namespace truestep::trial
