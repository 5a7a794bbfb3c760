// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "trial.hpp"

namespace truestep::trial {
namespace {

/// One in the vectors and one in every tail.
constexpr std::array<std::size_t, 2> special_coordinates{96, usual_length - 1};
constexpr std::size_t special_step = 0;

std::string move(const Run& run, const Job& job, std::size_t step, std::size_t i) {
  const double after = run.theta[step * usual_length + i];
  const double before = step == 0 ? job.theta[i] : run.theta[(step - 1) * usual_length + i];
  if (std::isnan(after)) return "NaN";
  if (std::isinf(after)) return after > 0 ? "inf" : "-inf";
  return after == before ? "stands still" : fmt::format("moves by {:.3g}", after - before);
}

/// Whether a theta is NaN or infinite in the first run that is a number in the second.
bool becomes_infinite(const Run& a, const Run& b, std::size_t i) {
  for (std::size_t at = i; at < std::min(a.theta.size(), b.theta.size()); at += usual_length)
    if (!std::isfinite(a.theta[at]) && std::isfinite(b.theta[at])) return true;
  return false;
}

std::vector<bool> either(std::vector<bool> a, const std::vector<bool>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) a[i] = a[i] || b[i];
  return a;
}

/// A special gradient and its words.
struct Special {
  std::string words;
  double gradient;
};

/// No number, and numbers near either end of a format.
std::vector<Special> all_special(Format format) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<Special> all{
      {"NaN", std::numeric_limits<double>::quiet_NaN()}, {"inf", infinity}, {"-inf", -infinity}};
  const auto add = [&](const char* words, double x) { all.push_back({words, nearest(format, x)}); };
  switch (format) {
    case Format::float64:
      add("1e250", 1e250), add("1e-310", 1e-310);
      break;
    case Format::float16:
      add("6e4", 6e4), add("1e-7", 1e-7);
      break;
    case Format::float32:
    case Format::bfloat16:
      add("1e30", 1e30), add("1e-40", 1e-40);
      break;
  }
  return all;
}

}  // namespace

std::vector<std::string> special_gradients(Format format) {
  std::vector<std::string> words;
  for (const auto& each : all_special(format)) words.push_back(each.words);
  return words;
}

Job with_special_gradient(Job job, std::size_t k) {
  for (const auto i : special_coordinates)
    job.gradients[special_step * usual_length + i] =
        all_special(job.setup.format.gradients)[k - 1].gradient;
  return job;
}

Job with_zero_gradients(Job job) {
  std::fill(job.gradients.begin(), job.gradients.end(), 0);
  return job;
}

void Trial::special(const Course& whole, std::size_t k) {
  const auto run_name = fmt::format("special-{}", k);
  const auto name = special_gradients(request_.format.gradients)[k - 1];
  const auto job = given(run_name, with_special_gradient(whole.job, k));
  const auto run = drive(run_name, job);
  if (!run.finished()) return;
  // Other bits alone are no fault: a kernel may round otherwise in every run.
  std::vector<bool> left_out(usual_length);
  for (const auto i : special_coordinates) left_out[i] = true;
  const auto wrong =
      knows_map()
          ? judge(at(job), habit_, job, run, Until::the_end, either(left_out, left_out_)).wrong
          : std::vector<bool>(usual_length);
  std::vector<std::size_t> apart;
  for (std::size_t i = 0; i < usual_length; ++i)
    if (!left_out[i] && (wrong[i] || becomes_infinite(run, whole.run, i))) apart.push_back(i);
  if (!apart.empty())
    find({"conduct",
          "spread",
          fmt::format("a gradient {} in coordinates {} changes others: {} of them, {}", name,
                      fmt::join(special_coordinates, " and "), apart.size(), ranges(apart)),
          true,
          {},
          "conduct"});
  std::string then;
  for (const auto i : special_coordinates) {
    const auto text =
        fmt::format("theta {}, at the next step {}, last {}", move(run, job, special_step, i),
                    move(run, job, special_step + 1, i), move(run, job, job.steps() - 1, i));
    if (then.find(text) == then.npos) then += (then.empty() ? "" : "; in the tail ") + text;
  }
  report_.special.emplace_back("gradient " + name, then);
}

void Trial::zeros(const Course& whole) {
  const auto job = given("zeros", with_zero_gradients(whole.job));
  const auto run = drive("zeros", job);
  if (!run.finished()) return;
  std::size_t kept = 0, nan = 0;
  for (std::size_t i = 0; i < usual_length; ++i) {
    const double last = run.theta[(job.steps() - 1) * usual_length + i];
    kept += last == job.theta[i];
    nan += std::isnan(last);
  }
  const auto rest = usual_length - kept - nan;
  std::string then = kept == usual_length ? "theta stands still" : "";
  if (nan > 0) then = fmt::format("theta NaN in {} coordinates", nan);
  if (rest > 0)
    then += fmt::format("{}theta moves in {} coordinates", then.empty() ? "" : ", ", rest);
  report_.special.emplace_back("gradients 0 alone", then);
}

void Trial::conduct_section() {
  const auto job = given("plain", plain_course());
  const Course whole{"plain", job, drive("plain", job)};
  if (!whole.run.finished()) return;
  for (std::size_t k = 1; k <= special_gradients(request_.format.gradients).size(); ++k)
    special(whole, k);
  zeros(whole);
  say("conduct", elsewhere_ == nullptr
                     ? fmt::format("{} runs, each in a process of its own", report_.runs)
                     : fmt::format("{} runs that were made elsewhere", report_.runs));
}

}  // namespace truestep::trial
