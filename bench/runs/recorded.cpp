// SPDX-License-Identifier: Apache-2.0
#include "recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "escaped.hpp"

namespace truestep::drift {

Recorded::Recorded(std::shared_ptr<const Record> record)
    : Workload(fmt::format("the gradients of {}", visible(record->gradients()))),
      record_(std::move(record)) {}

std::vector<float> Recorded::initial_parameters() const {
  const auto& start = record_->start();
  std::vector<float> floats(start.size());
  std::transform(start.begin(), start.end(), floats.begin(),
                 [](double x) { return static_cast<float>(x); });
  return floats;
}

std::vector<std::string> Recorded::notes(std::uint64_t steps_taken) const {
  const Survey& survey = record_->survey();
  const auto name = visible(record_->gradients());
  std::vector<std::string> all;
  if (steps_taken < steps())
    all.push_back(fmt::format("Of {} recorded rows of {} the first {} are used.", steps(), name,
                              steps_taken));
  const auto add_not_floats = [&](std::uint64_t count, std::uint64_t of, const std::string& file,
                                  const char* what) {
    if (count > 0)
      all.push_back(fmt::format(
          "{} of {} {} of {} are no floats: double takes them as they are, a narrower set-up "
          "rounds them, and the drift says what that makes.",
          count, of, what, file));
  };
  add_not_floats(
      std::accumulate(survey.not_floats.begin(), survey.not_floats.end(), std::uint64_t{0}),
      steps() * survey.columns, name, "gradients");
  add_not_floats(survey.starts.not_floats, survey.columns, visible(record_->parameters()),
                 "starting parameters");
  return all;
}

std::vector<double> Recorded::row() const {
  if (step_ == 0 || step_ > steps())
    throw std::out_of_range(fmt::format("step {} of {} recorded steps", step_, steps()));
  std::vector<double> row(record_->start().size());
  record_->read(step_ - 1, record_->first(), row);
  return row;
}

std::vector<double> Recorded::gradient(std::span<const double>) const { return row(); }

std::vector<Recorded::Real> Recorded::gradient(std::span<const Real>) const {
  const auto values = row();
  return {values.begin(), values.end()};
}

}  // namespace truestep::drift
