// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace truestep::trial {
namespace {

constexpr long double infinity = std::numeric_limits<long double>::infinity();

/// The format in which a quantity is kept.
Format kept_in(const Storage& storage, std::size_t quantity,
               const std::vector<std::string>& names) {
  return quantity == 0 ? storage.theta : storage.state(names[quantity - 1]);
}

/// What an operation rounds to.
struct Rounding {
  long double u, least_normal;

  explicit Rounding(Format arithmetic)
      : u(half_ulp(arithmetic, 1)), least_normal(trial::least_normal(arithmetic)) {}
};

/// A result beside its bound; its distance is left to be taken where it is asked for.
Place place(const Expected& expected, double observed, Format kept) {
  Place at{expected, observed};
  const long double off = std::fabs(observed - expected.value);
  // What is stored is known to half an ulp, however exact the step.
  at.bound = std::isfinite(observed) ? std::max(expected.radius, half_ulp(kept, observed))
                                     : expected.radius;
  at.share = std::isnan(off) ? infinity : off / at.bound;
  return at;
}

long double distance(const Place& at, const Rounding& arithmetic) {
  const long double off = std::fabs(at.observed - at.expected.value);
  const long double size = std::max(at.expected.magnitude, arithmetic.least_normal);
  return std::isnan(off) ? infinity : off / (arithmetic.u * size);
}

/// What a run shows of theta, or of a state; null where it does not show that.
struct Row {
  const std::vector<double>* values;
  Format kept;
};

std::vector<Row> rows_of(const Run& run, const Storage& storage,
                         const std::vector<std::string>& names) {
  std::vector<Row> all{{&run.theta, storage.theta}};
  for (const auto& name : names) {
    const auto shown = run.states.find(name);
    all.push_back({shown == run.states.end() ? nullptr : &shown->second, storage.state(name)});
  }
  return all;
}

/// Counts the coordinates that are wrong, though stored and finite all along.
class Others {
 public:
  Others(const std::vector<Row>& rows, std::size_t count)
      : rows_(rows), count_(count), seen_(count) {}

  /// How many there are, with a coordinate that is wrong and moves.
  std::size_t with(std::size_t coordinate) {
    if (!seen_[coordinate]) found_ += is_finite(coordinate);
    seen_[coordinate] = true;
    return found_;
  }

 private:
  bool is_finite(std::size_t coordinate) const {
    for (const auto& row : rows_) {
      if (row.values == nullptr) continue;
      for (std::size_t at = coordinate; at < row.values->size(); at += count_)
        if (!std::isfinite((*row.values)[at])) return false;
    }
    return true;
  }

  const std::vector<Row>& rows_;
  std::size_t count_, found_ = 0;
  std::vector<bool> seen_;
};

}  // namespace

Judged judge(const Map& map, Habit habit, const Job& job, const Run& run, Until until,
             const std::vector<bool>& left_out) {
  Judged all;
  const auto count = job.setup.coordinates();
  all.wrong.assign(count, false);
  all.not_finite.assign(count, false);
  all.moved.assign(count, false);
  const auto names = states(map);
  all.failures_of.assign(names.size() + 1, 0);
  const auto rows = rows_of(run, job.setup.format, names);
  const Rounding arithmetic(job.setup.format.arithmetic());
  Others others(rows, count);
  follow(map, habit, job, run, [&](const Expected& expected) {
    const auto& [s, i, quantity, before, value, radius, magnitude] = expected;
    if (!left_out.empty() && left_out[i]) return true;
    const auto [row, kept] = rows[quantity];
    if (row == nullptr) return true;
    const bool bounded = radius < infinity;
    if (quantity == 0) ++(bounded ? all.claims : all.unclaimed);
    const double observed = (*row)[s * count + i];
    if (quantity == 0 && observed != static_cast<double>(before)) all.moved[i] = true;
    if (!bounded) return true;
    Place at = place(expected, observed, kept);
    ++all.results;
    if (quantity == 0 && at.bound < std::fabs(value - before)) ++all.teeth;
    // That of most states is not looked at.
    if (quantity == 0 || at.share > 1 || at.share > all.worst.share)
      at.distance = distance(at, arithmetic);
    if (at.share > all.worst.share) all.worst = at;
    if (quantity == 0 && at.distance > all.farthest.distance) all.farthest = at;
    if (!(at.share > 1)) return true;
    ++all.failures;
    ++all.failures_of[quantity];
    all.wrong[i] = true;
    if (!std::isfinite(observed)) all.not_finite[i] = true;
    if (!all.first) all.first = at;
    if (until == Until::beyond_a_tail) return !all.moved[i] || others.with(i) <= longest_tail;
    return until == Until::the_end;
  });
  return all;
}

void add(Judged& all, const Judged& more) {
  all.claims += more.claims;
  all.teeth += more.teeth;
  all.unclaimed += more.unclaimed;
  all.results += more.results;
  all.failures += more.failures;
  all.failures_of.resize(more.failures_of.size());
  for (std::size_t q = 0; q < more.failures_of.size(); ++q)
    all.failures_of[q] += more.failures_of[q];
  if (!all.first) all.first = more.first;
  if (more.worst.share > all.worst.share) all.worst = more.worst;
  if (more.farthest.distance > all.farthest.distance) all.farthest = more.farthest;
}

std::string in_bits(Format format, double x) {
  switch (format) {
    case Format::float32: {
      const auto narrow = static_cast<float>(x);
      return fmt::format("{} ({:a}, {:#010x})", narrow, narrow,
                         std::bit_cast<std::uint32_t>(narrow));
    }
    case Format::float64:
      return fmt::format("{} ({:a}, {:#018x})", x, x, std::bit_cast<std::uint64_t>(x));
    case Format::bfloat16:
    case Format::float16:
      break;
  }
  std::uint16_t code = 0;
  store(format, x, &code);
  return fmt::format("{} ({:a}, {:#06x})", x, x, code);
}

std::vector<std::string> described(const Place& at, const Map& map, const Job& job,
                                   const Run& run) {
  const auto& format = job.setup.format;
  const auto [s, i, quantity, exact_before, value, radius, magnitude] = at.expected;
  const auto before = static_cast<double>(exact_before);
  const auto count = job.setup.coordinates();
  const auto names = states(map);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& name, const std::string& text) {
    lines.push_back(fmt::format("{:<16} {}", name, text));
  };
  std::string numbers;
  for (const auto& [name, number] : acting(map, job.setup.numbers))
    numbers += fmt::format("{}{} = {}", numbers.empty() ? "" : ", ", name, number);
  add("numbers", numbers);
  add("at", fmt::format("step {} (t = {}), coordinate {} of {}", s + 1, job.t[s], i, count));
  add("theta before", in_bits(format.theta, before));
  add("gradient", in_bits(format.gradients, job.gradients[s * count + i]));
  for (const auto& name : names) {
    const auto shown = run.states.find(name);
    const auto given = job.states.find(name);
    if (s > 0 && shown != run.states.end())
      add(name + " before", in_bits(format.state(name), shown->second[(s - 1) * count + i]));
    else if (s == 0 && given != job.states.end())
      add(name + " before", in_bits(format.state(name), given->second[i]));
  }
  const std::string what = quantity == 0 ? "theta" : names[quantity - 1];
  add(what + " after", in_bits(kept_in(format, quantity, names), at.observed));
  add("expected", fmt::format("{:.17g} +- {:.3g}", value, at.bound));
  add("off by", fmt::format("{:.3g} of that bound, {:.3g} u", at.share, at.distance));
  return lines;
}

}  // namespace truestep::trial
