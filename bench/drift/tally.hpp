// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive.hpp"
#include "audit.hpp"
#include "distribution.hpp"

namespace truestep::drift {

// What an audit has of some coordinates. That of other ones, which lie behind them, can be added.

/// One quantity of one set-up after one reported step; errors and radii in ulp unless they are said
/// to be absolute.
struct Tally {
  Distribution ulp, relative, absolute;
  Largest rounding, coefficients, radius, radius_absolute, theorem, of_theorem, closest;
  std::uint64_t beyond_theorem = 0;

  Tally& operator+=(const Tally& other) {
    ulp += other.ulp;
    relative += other.relative;
    absolute += other.absolute;
    rounding += other.rounding;
    coefficients += other.coefficients;
    radius += other.radius;
    radius_absolute += other.radius_absolute;
    theorem += other.theorem;
    of_theorem += other.of_theorem;
    closest += other.closest;
    beyond_theorem += other.beyond_theorem;
    return *this;
  }
};

/// The coordinate that is farthest from exact in the end by its distance, and why.
struct Explained {
  std::size_t coordinate = 0;
  double drift = 0;
  std::vector<double> contributions = {};

  void add(const Explained& other) {
    if (std::fabs(other.drift) > std::fabs(drift)) *this = other;
  }
};

/// One quantity of one set-up.
struct SeriesTally {
  std::vector<Tally> reports = {};
  Checks checks = {};
  Updates updates = {};
  DigitCounts digits = {};
  Attributed attributed = {};
  Explained explained = {};

  SeriesTally& operator+=(const SeriesTally& other) {
    if (reports.size() < other.reports.size()) reports.resize(other.reports.size());
    for (std::size_t i = 0; i < other.reports.size(); ++i) reports[i] += other.reports[i];
    checks += other.checks;
    updates += other.updates;
    digits += other.digits;
    attributed += other.attributed;
    explained.add(other.explained);
    return *this;
  }
};

struct ReadingTally {
  std::vector<SeriesTally> series = {};
  OutOfRange out_of_range = {};
  std::optional<NotFinite> not_finite = {};
  Farthest farthest = {};

  ReadingTally& operator+=(const ReadingTally& other) {
    if (series.empty()) series.resize(other.series.size());
    for (std::size_t i = 0; i < other.series.size(); ++i) series[i] += other.series[i];
    out_of_range += other.out_of_range;
    if (other.not_finite && (!not_finite || other.not_finite->first.is_before(not_finite->first)))
      not_finite = other.not_finite;
    farthest.add(other.farthest);
    return *this;
  }
};

/// The largest distances of theta after a reported step.
struct InProportion {
  Largest of_float;             ///< from exact
  std::vector<Largest> others;  ///< of each other convention from the audited one

  InProportion& operator+=(const InProportion& other) {
    if (others.empty()) others.resize(other.others.size());
    of_float += other.of_float;
    for (std::size_t i = 0; i < other.others.size(); ++i) others[i] += other.others[i];
    return *this;
  }
};

struct RunTally {
  std::size_t coordinates = 0;
  std::uint64_t in_digits = 0;  ///< coordinates whose certificate did not suffice
  std::vector<ReadingTally> readings = {};
  std::vector<InProportion> in_proportion = {};  ///< by report

  RunTally& operator+=(const RunTally& other) {
    if (readings.empty()) readings.resize(other.readings.size());
    if (in_proportion.size() < other.in_proportion.size())
      in_proportion.resize(other.in_proportion.size());
    coordinates += other.coordinates;
    in_digits += other.in_digits;
    for (std::size_t i = 0; i < other.readings.size(); ++i) readings[i] += other.readings[i];
    for (std::size_t i = 0; i < other.in_proportion.size(); ++i)
      in_proportion[i] += other.in_proportion[i];
    return *this;
  }
};

/// What an audit of some columns has found, before anything is concluded of it.
struct Part {
  std::string of;  ///< what tells it from parts of another audit
  std::size_t begin = 0, end = 0;
  std::uint64_t steps = 0;
  double seconds = 0;
  std::vector<std::uint64_t> reported = {};            ///< the steps
  std::vector<std::vector<std::string>> sources = {};  ///< of each set-up
  std::vector<std::optional<Stuck>> stuck = {};
  std::vector<std::optional<Skips>> skips = {};
  RunTally tally = {};
};

template <class Archive>
void parts(Archive& archive, Tally& of) {
  archive(of.ulp, of.relative, of.absolute, of.rounding, of.coefficients, of.radius,
          of.radius_absolute, of.theorem, of.of_theorem, of.closest, of.beyond_theorem);
}
template <class Archive>
void parts(Archive& archive, Violation& of) {
  archive(of.precision, of.quantity, of.step, of.coordinate, of.error, of.radius);
}
template <class Archive>
void parts(Archive& archive, Checks& of) {
  archive(of.compared, of.unbounded, of.exceeded, of.other_bits, of.beyond_theorem, of.closest,
          of.first);
}
template <class Archive>
void parts(Archive& archive, First& of) {
  archive(of.step, of.coordinate, of.stored, of.exact);
}
template <class Archive>
void parts(Archive& archive, Updates& of) {
  archive(of.exact, of.lost, of.values, of.not_finite, of.first_lost, of.first_flushed);
}
template <class Archive>
void parts(Archive& archive, Explained& of) {
  archive(of.coordinate, of.drift, of.contributions);
}
template <class Archive>
void parts(Archive& archive, Farthest& of) {
  archive(of.coordinate, of.distance, of.of_reach);
}
template <class Archive>
void parts(Archive& archive, SeriesTally& of) {
  archive(of.reports, of.checks, of.updates, of.digits, of.attributed, of.explained);
}
template <class Archive>
void parts(Archive& archive, OutOfRange& of) {
  archive(of.underflows, of.overflows, of.subnormals);
}
template <class Archive>
void parts(Archive& archive, NotFinite& of) {
  archive(of.first, of.quantity, of.gradient, of.why);
}
template <class Archive>
void parts(Archive& archive, ReadingTally& of) {
  archive(of.series, of.out_of_range, of.not_finite, of.farthest);
}
template <class Archive>
void parts(Archive& archive, InProportion& of) {
  archive(of.of_float, of.others);
}
template <class Archive>
void parts(Archive& archive, RunTally& of) {
  archive(of.coordinates, of.in_digits, of.readings, of.in_proportion);
}
template <class Archive>
void parts(Archive& archive, Stuck& of) {
  archive(of.step, of.at);
}
template <class Archive>
void parts(Archive& archive, Skips& of) {
  archive(of.count, of.first, of.scale);
}
template <class Archive>
void parts(Archive& archive, Part& of) {
  archive(of.of, of.begin, of.end, of.steps, of.seconds, of.reported, of.sources, of.stuck,
          of.skips, of.tally);
}

/// A part as a file holds it.
std::string written(Part part);
/// Throws std::runtime_error with what is wrong with the bytes.
Part read_part(std::string_view bytes);

/// The parts of one audit put together, in the order of their columns.
///
/// Throws std::invalid_argument unless they are parts of this audit that make out all of so many
/// columns.
///
/// @param of  what tells this audit from others
Part joined(std::vector<std::shared_ptr<const Part>> all, const std::string& of,
            std::size_t columns);

}  // namespace truestep::drift
