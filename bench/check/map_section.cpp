// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "trial.hpp"

namespace truestep::trial {

/// What all courses together show of each coordinate.
struct Seen {
  std::vector<bool> wrong, not_finite, moved;

  bool is_right() const { return std::find(wrong.begin(), wrong.end(), true) == wrong.end(); }
  /// Wrong, but stored and finite.
  std::vector<bool> others() const {
    std::vector<bool> all(wrong.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = wrong[i] && moved[i] && !not_finite[i];
    return all;
  }
};

namespace {

std::vector<std::size_t> listed(const std::vector<bool>& coordinates) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < coordinates.size(); ++i)
    if (coordinates[i]) all.push_back(i);
  return all;
}

/// Whether the coordinates are the last ones.
bool is_a_tail(const std::vector<std::size_t>& coordinates) {
  return !coordinates.empty() && coordinates.size() <= longest_tail &&
         coordinates.front() + coordinates.size() == usual_length;
}

/// Which of theta and the states that are shown leave the bound, and which do not, as ": theta
/// leaves it, m and v do not"; "" where all do or none is shown.
std::string parted(const Judged& judged, const Map& map, const Run& run) {
  std::vector<std::string> names = states(map), out, in;
  names.insert(names.begin(), "theta");
  for (std::size_t q = 0; q < names.size(); ++q)
    if (q == 0 || run.states.contains(names[q]))
      (judged.failures_of[q] > 0 ? out : in).push_back(names[q]);
  if (in.empty()) return "";
  return fmt::format(": {} {} it, {} {} not", fmt::join(out, " and "),
                     out.size() == 1 ? "leaves" : "leave", fmt::join(in, " and "),
                     in.size() == 1 ? "does" : "do");
}

/// Up to `most` explanations, those with the same words once.
std::string joined(const std::vector<Explanation>& all, std::size_t most) {
  std::vector<std::string> words;
  for (const auto& each : all)
    if (std::find(words.begin(), words.end(), each.words) == words.end())
      words.push_back(each.words);
  std::string text;
  for (std::size_t i = 0; i < std::min(most, words.size()); ++i)
    text += (i == 0 ? "" : i == 1 ? ", as " : ", ") + words[i];
  return text + (words.size() > most ? ", ..." : "");
}

}  // namespace

/// The declared map with a habit beside all courses.
Seen Trial::seen(Habit habit) const {
  Seen all{std::vector<bool>(usual_length), std::vector<bool>(usual_length),
           std::vector<bool>(usual_length)};
  for (const auto& [name, job, run] : courses_) {
    const auto judged = judge(at(job), habit, job, run, Until::beyond_a_tail);
    for (std::size_t i = 0; i < usual_length; ++i) {
      all.wrong[i] = all.wrong[i] || judged.wrong[i];
      all.not_finite[i] = all.not_finite[i] || judged.not_finite[i];
      all.moved[i] = all.moved[i] || judged.moved[i];
    }
    if (listed(all.others()).size() > longest_tail) break;  // it is another map
  }
  return all;
}

/// Whether it is the declared map but in coordinates with another fault: they are never stored, or
/// are no numbers, or are the last ones. They are a finding, and left out from then on.
bool Trial::except(const Seen& all) {
  const auto others = listed(all.others()), wrong = listed(all.wrong);
  const bool tail = is_a_tail(wrong) && !others.empty();
  if (!others.empty() && !tail) return false;
  std::vector<bool> unmoved(usual_length), not_finite(usual_length);
  for (std::size_t i = 0; i < usual_length; ++i) {
    unmoved[i] = all.wrong[i] && !all.moved[i];
    not_finite[i] = all.wrong[i] && all.moved[i];
  }
  const auto report = [&](const char* kind, const std::vector<std::size_t>& coordinates,
                          const std::string& what) {
    if (coordinates.empty()) return;
    const auto which = fmt::format("{} of {} coordinates {}: {}", coordinates.size(), usual_length,
                                   what, ranges(coordinates));
    find_first(kind, which, coordinates);
  };
  if (tail) {
    report("tail", wrong,
           "leave the bound of any sane order, the last ones, and the others do not");
  } else {
    report("not_stored", listed(unmoved), "do not move");
    report("not_finite", listed(not_finite), "become NaN or infinite where the formula does not");
  }
  left_out_ = all.wrong;
  return true;
}

/// A finding of shape, with the first result of these coordinates that is outside.
void Trial::find_first(const std::string& kind, const std::string& text,
                       const std::vector<std::size_t>& coordinates) {
  std::vector<bool> others(usual_length, true);
  for (const auto i : coordinates) others[i] = false;
  for (const auto& [name, job, run] : courses_) {
    const auto judged = judge(at(job), habit_, job, run, Until::first_failure, others);
    if (!judged.first) continue;
    find({"shape", kind, text + " (run " + name + ")", true,
          described(*judged.first, at(job), job, run),
          fmt::format("{}/{}", name, judged.first->expected.coordinate)});
    return;
  }
}

/// Whether the declared map fits, with a habit or without, if not in coordinates with another
/// fault.
bool Trial::is_as_declared() {
  const auto declared = [&](const NumberList& told) { return with_numbers(request_.map, told); };
  const auto last = habits(request_.format);
  for (habit_ = no_habit; habit_ <= last; ++habit_) {
    fitting_ = judged_if_it_fits(declared, habit_, courses_, {});
    if (fitting_) return true;
  }
  for (habit_ = no_habit; habit_ <= last; ++habit_) {
    const auto all = seen(habit_);
    if (!all.is_right() && except(all)) return true;
  }
  habit_ = no_habit;
  return false;
}

bool Trial::map_section() {
  const auto add = [&](const std::string& name, Numbers which) {
    auto job = given(name, course_named(name, which, steps_of_a_course));
    auto run = drive(name, job);
    if (run.ending == Run::Ending::refused) {
      report_.undetermined =
          fmt::format("it does not support {} of {}", report_.rule, word(request_.format));
      say("map", "not determined, since " + report_.undetermined);
      return false;
    }
    courses_.push_back({name, std::move(job), std::move(run)});
    return courses_.back().run.finished();
  };
  bool runs = add("own", Numbers::own) && add("telling", Numbers::telling);
  for (std::size_t k = 1; runs && k <= request_.trials; ++k)
    runs = add(fmt::format("drawn-{}", k), Numbers::drawn);
  if (!runs) {
    if (report_.undetermined.empty()) say("map", "not determined, since a run does not finish");
    return false;
  }
  is_declared_ = is_as_declared();
  if (is_declared_ && std::find(left_out_.begin(), left_out_.end(), false) == left_out_.end() &&
      !left_out_.empty()) {
    say("map", "not determined, since no theta moves as it should");
    return false;
  }
  if (!is_declared_) explain();
  if (!knows_map()) return report_.undetermined.empty();
  for (std::size_t c = 0; c < courses_.size(); ++c) {
    const auto& [name, job, run] = courses_[c];
    if (fitting_)
      hold("map", name, job, run, (*fitting_)[c]);
    else
      hold("map", name, job, run);
  }
  if (is_declared_)
    say("map", fmt::format("{} fits at its own numbers, at telling ones and at {} drawn",
                           called(request_.map), request_.trials));
  return true;
}

/// All courses beside the declared map; which is the first that has a result outside.
Judged Trial::beside_declared(Habit habit, const Course*& first) const {
  Judged all;
  first = nullptr;
  for (const auto& course : courses_) {
    const auto judged =
        judge(with_numbers(request_.map, course.job.setup.numbers), habit, course.job, course.run);
    if (first == nullptr && judged.first) first = &course;
    add(all, judged);
  }
  return all;
}

void Trial::explain() {
  const auto found = explanations(request_.map, courses_, {});
  const Course* first = nullptr;
  Judged all = beside_declared(no_habit, first);
  const auto storage = found.empty() && first != nullptr ? other_storage() : "";
  if (!storage.empty()) {
    const auto text = "it is that, but " + storage;
    find({"map", "other_storage", text, true,
          described(*all.first, at(first->job), first->job, first->run),
          fmt::format("{}/{}", first->name, all.first->expected.coordinate)});
    say("map", fmt::format("{} does not fit in {}: {}", called(request_.map), word(request_.format),
                           text));
    return;
  }
  // The habit with which it comes nearest is the fairest to tell.
  Habit nearest = no_habit;
  for (Habit habit = 1; found.empty() && habit <= habits(request_.format); ++habit) {
    const Course* course = nullptr;
    const auto judged = beside_declared(habit, course);
    if (judged.failures >= all.failures) continue;
    all = judged;
    first = course;
    nearest = habit;
  }
  if (first == nullptr) {
    report_.undetermined = "no step moves by more than rounding may";
    say("map", "not determined: " + report_.undetermined);
    return;
  }
  const Place& place = *all.first;
  const bool is_in_theta = !found.empty() && found.front().kind == Explanation::Kind::states;
  const char* const kind = found.empty() ? "no_map" : is_in_theta ? "other_states" : "other_map";
  constexpr std::size_t most = 10;
  std::string text;
  if (found.empty()) {
    text = fmt::format(
        "{} of {} results leave the bound of any sane order, first at step {}, by {:.3g} "
        "times{}{}; "
        "no convention of the table explains it, nor the declared one with a number, a choice or "
        "two otherwise",
        all.failures, all.results, place.expected.step + 1, place.share,
        nearest == no_habit ? "" : ", even if " + words(nearest),
        parted(all, request_.map, courses_.front().run));
  } else {
    if (found.front().kind == Explanation::Kind::map) {
      instead_ = found.front();
      habit_ = instead_->habit;
    }
    if (!is_in_theta) text = "it is ";
    text += joined(found, most);
  }
  find({"map", kind, text, true, described(place, at(first->job), first->job, first->run),
        fmt::format("{}/{}", first->name, place.expected.coordinate)});
  say("map", called(request_.map) + (found.empty() ? " is left: " : " does not fit: ") + text);
}

}  // namespace truestep::trial
