// SPDX-License-Identifier: Apache-2.0
#include "board.hpp"

#include <algorithm>
#include <new>

namespace truestep::trial {
namespace {

constexpr std::size_t alignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

Rows::Rows(const Job& job)
    : job_(job),
      count_(job.setup.coordinates()),
      theta_row_(row(job.setup.format.theta)),
      gradient_row_(row(job.setup.format.gradients)),
      memory_(bytes(), Pages::Seen::by_forks_too),
      first_(memory_.first() + aligned(sizeof(Board))),
      gradients_(first_ + theta_row_),
      after_(gradients_ + job.steps() * gradient_row_) {
  new (memory_.first()) Board{};
  std::byte* next = after_ + job.steps() * theta_row_;
  for (const auto& [name, values] : job.states) {
    given_.push_back(next);
    next += row(job.setup.format.state(name));
  }
  for (const auto& name : job.shown) {
    shown_.push_back(next);
    next += job.steps() * row(job.setup.format.state(name));
  }
  put(job.setup.format.theta, theta(), job.theta.data());
  for (std::size_t s = 0; s < job.steps(); ++s)
    put(job.setup.format.gradients, gradient(s), job.gradients.data() + s * count_);
  std::size_t k = 0;
  for (const auto& [name, values] : job.states)
    put(job.setup.format.state(name), given(k++), values.data());
}

std::size_t Rows::row(Format format) const { return aligned(count_ * size_of(format)); }

std::size_t Rows::bytes() const {
  std::size_t all =
      aligned(sizeof(Board)) + theta_row_ * (1 + job_.steps()) + gradient_row_ * job_.steps();
  for (const auto& [name, values] : job_.states) all += row(job_.setup.format.state(name));
  for (const auto& name : job_.shown) all += job_.steps() * row(job_.setup.format.state(name));
  return all;
}

std::vector<double> Rows::values(Format format, const std::byte* row) const {
  std::vector<double> all(count_);
  for (std::size_t i = 0; i < count_; ++i) all[i] = load(format, row + i * size_of(format));
  return all;
}

void Rows::put(Format format, std::byte* row, const double* values) const {
  for (std::size_t i = 0; i < count_; ++i) store(format, values[i], row + i * size_of(format));
}

Run read(const Job& job, const Rows& rows) {
  const Board& board = rows.board();
  Run run;
  run.ending = board.ending;
  run.code = board.code;
  run.phase = board.phase;
  run.message = board.message.data();
  run.outside = board.outside.data();
  run.took_states = board.took_states;
  run.gradients_written = board.gradients_written;
  run.gradient_step = board.gradient_step;
  run.gradient_coordinate = board.gradient_coordinate;
  run.at_first = board.at_first;
  run.loaded = board.loaded;
  run.stepped = board.stepped;
  run.control_step = board.control_step;
  run.steps = std::min(board.step, job.steps());
  const auto append = [&](std::vector<double>& all, Format format, const std::byte* row) {
    const auto values = rows.values(format, row);
    all.insert(all.end(), values.begin(), values.end());
  };
  for (std::size_t s = 0; s < run.steps; ++s)
    append(run.theta, job.setup.format.theta, rows.after(s));
  for (std::size_t k = 0; k < job.shown.size(); ++k)
    for (std::size_t s = 0; board.shown[k] && s < run.steps; ++s)
      append(run.states[job.shown[k]], job.setup.format.state(job.shown[k]), rows.shown(k, s));
  return run;
}

}  // namespace truestep::trial
