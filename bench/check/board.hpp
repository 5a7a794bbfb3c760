// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "drive.hpp"
#include "process.hpp"

/// What the process of a run and the one that waits for it both see.
namespace truestep::trial {

struct Board {
  Phase phase;
  std::size_t step;  ///< the one under way, counted from 0
  Run::Ending ending;
  bool not_loaded, took_states;
  int code;
  std::array<char, 400> message;
  std::array<char, 200> outside;
  std::size_t gradients_written, gradient_step, gradient_coordinate;
  ControlWord at_first, loaded, stepped;
  std::size_t control_step;
  std::array<bool, 16> shown;
};

template <std::size_t size>
void write(std::array<char, size>& to, const std::string& text) {
  to[text.copy(to.data(), size - 1)] = 0;
}

/// The board, and the rows of a job in the formats of its kernel behind it. They are turned into
/// doubles and back by the process that waits alone: a library may have told its own to read
/// subnormal numbers as zero.
class Rows {
 public:
  explicit Rows(const Job& job);

  Board& board() const { return *reinterpret_cast<Board*>(memory_.first()); }
  std::byte* theta() const { return first_; }
  std::byte* gradient(std::size_t step) const { return gradients_ + step * gradient_row_; }
  std::byte* after(std::size_t step) const { return after_ + step * theta_row_; }
  std::byte* given(std::size_t state) const { return given_[state]; }
  std::byte* shown(std::size_t state, std::size_t step) const {
    return shown_[state] + step * row(job_.setup.format.state(job_.shown[state]));
  }

  std::vector<double> values(Format, const std::byte* row) const;

 private:
  /// The bytes of a row, such that the next is aligned as well.
  std::size_t row(Format) const;
  std::size_t bytes() const;
  void put(Format, std::byte* row, const double* values) const;

  const Job& job_;
  std::size_t count_, theta_row_, gradient_row_;
  Pages memory_;
  std::byte *first_, *gradients_, *after_;
  std::vector<std::byte*> given_, shown_;
};

/// What is on the board of a run that has ended.
Run read(const Job&, const Rows&);

}  // namespace truestep::trial
