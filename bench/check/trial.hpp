// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "examine.hpp"
#include "inputs.hpp"
#include "judge.hpp"
#include "search.hpp"

namespace truestep::trial {

struct Seen;

/// A kernel under test, what was found of it so far, and the report that is being written. Each
/// section is a file: map_section.cpp and so on.
class Trial {
 public:
  /// @param elsewhere  runs that were made already; null where the kernel is run
  Trial(Kernel& kernel, const Request& request, Report& report,
        const Elsewhere* elsewhere = nullptr)
      : kernel_(kernel), request_(request), report_(report), elsewhere_(elsewhere) {}

  /// Whether the others make sense.
  bool map_section();
  /// Whether there is a map to hold other runs to.
  bool knows_map() const { return is_declared_ || instead_; }
  void steps_section();
  void habits_section();
  void laws_section();
  void shape_section();
  void conduct_section();
  void storage_section();
  /// One run, or one coordinate of it.
  void one_run(const std::string& only);
  /// The runs that need no other's outcome, by their names.
  std::map<std::string, Job> jobs_for_a_file() const;

 private:
  // trial.cpp

  /// Runs a job. What its conduct shows is added to the findings.
  Run drive(const std::string& name, const Job& job);
  static std::string rerun_of(const std::string& name);
  /// The job of a run: as it was made elsewhere, if it was.
  Job given(const std::string& name, Job made) const;
  /// Whether a run can be had.
  bool has_run(const std::string& name) const;
  void note_conduct(const std::string& name, const Job& job, const Run& run);
  /// Adds a finding, one of each kind in a section.
  void find(Finding finding);
  void say(const std::string& section, const std::string& text);
  /// Holds a run to the map that was found. What is outside is a finding.
  void hold(const std::string& section, const std::string& name, const Job& job, const Run& run);
  /// The same of a run that was judged already, by the map and the habit that were found.
  void hold(const std::string& section, const std::string& name, const Job& job, const Run& run,
            const Judged& judged);
  /// The map of the run's numbers.
  Map at(const Job& job) const;
  NumberList numbers_for(Numbers which, Random& random) const;
  Job course_named(const std::string& name, Numbers which, std::size_t steps) const;

  // map_section.cpp

  Seen seen(Habit) const;
  bool except(const Seen&);
  void find_first(const std::string& kind, const std::string& text,
                  const std::vector<std::size_t>& coordinates);
  bool is_as_declared();
  Judged beside_declared(Habit, const Course*& first) const;
  void explain();

  // steps_section.cpp

  /// Whether a step depends on the t that the kernel is told, or on none.
  bool told();
  Job told_job(bool late) const;
  Job late(std::size_t k) const;
  std::optional<Job> from_any_state(std::size_t k);
  Job from_states(std::size_t k, const std::map<std::string, std::vector<double>>& states) const;
  std::optional<Job> job_named(const std::string& name);

  // shape_section.cpp

  /// Steps of arrays that are never put back.
  Job plain_course() const;
  /// The run of each length that was tried.
  std::map<std::size_t, Run> lengths(const Course& whole);
  void ends(const Course& whole, const std::map<std::size_t, Run>& at_start);
  /// Whether it takes several.
  bool tensors(const Course& whole);
  bool counts_tensors(const Job&, const Run&) const;
  void positions(const Course& whole);
  /// Notes where bits differ that could be the same.
  void compare(const std::string& kind, const std::string& what, const Run& a, const Run& b,
               std::size_t count);

  // laws_section.cpp

  void sign(const Course& whole);
  void scale(const Course& whole);
  void resumption(const Course& whole);

  // storage_section.cpp

  /// In which other storage the declared map fits all courses, in words; "" where in none.
  std::string other_storage() const;
  std::vector<std::string> kept_narrower(Format) const;
  bool fits_in(const Storage&) const;
  bool cuts_off(const Storage&) const;
  void look_at_drawn_stores();

  // conduct_section.cpp

  void special(const Course& whole, std::size_t k);
  void zeros(const Course& whole);

  Kernel& kernel_;
  const Request& request_;
  Report& report_;
  const Elsewhere* elsewhere_;
  std::vector<Course> courses_;  ///< by which the map is known
  /// What the declared map says of each, with the habit, where all fit and none is left out.
  std::optional<std::vector<Judged>> fitting_;
  Habit habit_ = no_habit;
  bool is_declared_ = false;  ///< whether the declared map fits
  std::optional<Explanation> instead_;
  std::vector<bool> left_out_;  ///< coordinates of the usual length with a fault of their own
  std::optional<bool> told_;
  bool hung_ = false;  ///< nothing more is run then
};

/// The coordinates of which two runs of one job differ in a bit of theta or of a state, both as
/// they are, or the second's in another order.
std::vector<std::size_t> differing(const Run& a, const Run& b, std::size_t count);

/// The runs by which the map is known: two, and one more for each trial.
std::vector<std::string> names_of_courses(std::size_t trials);

/// The first of these that is not among the runs of a file, if any.
template <class Runs>
std::optional<std::string> course_missing(std::size_t trials, const Runs& runs) {
  // A file may claim more trials than there is memory for their names, and has few runs.
  for (const auto& name : names_of_courses(std::min(trials, runs.size())))
    if (!runs.contains(name)) return name;
  return std::nullopt;
}

/// Theta and gradients of the other sign, in laws_section.cpp.
Job negated(Job);
/// Twice theta and twice the learning rate.
Job doubled(Job);

/// Special gradients in two coordinates, in conduct_section.cpp: the words for each.
std::vector<std::string> special_gradients(Format);
Job with_special_gradient(Job, std::size_t k);
Job with_zero_gradients(Job);

/// The coordinates of a job as several tensors, in shape_section.cpp.
Job in_tensors(Job);
/// The lengths that are tried besides the usual one, in shape_section.cpp.
std::span<const std::size_t> other_lengths();

/// "0 to 6, 9 and 12"
std::string ranges(const std::vector<std::size_t>& coordinates);

}  // namespace truestep::trial
