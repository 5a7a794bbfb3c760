// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "workload.hpp"

namespace truestep::drift {

/// One 8 x 8 picture of a digit, its pixels in [0, 1].
struct Digit {
  std::array<double, 64> pixels;
  std::size_t label;
};

/// Reads rows of 64 pixels in 0..16 and a label in 0..9. Throws std::runtime_error, naming the file
/// and the line, where it cannot.
std::vector<Digit> read_digits(const std::string& path);

/// An endless stream of minibatches: each pass over the digits in a new order, the same on every
/// machine.
class Batches {
 public:
  static constexpr std::size_t size = 64;

  explicit Batches(std::span<const Digit> digits);
  std::vector<const Digit*> next();

 private:
  std::mt19937_64 generator_;
  std::vector<const Digit*> order_;
  std::size_t position_;
};

/// A classifier of the digits that come with the audit: layers of the given widths (64 first, 10
/// last), ReLU between them and softmax at the end; two widths make it softmax regression. Its loss
/// is the mean cross-entropy (natural logarithm): each step's gradient that of a minibatch, the
/// score that of all digits.
class Classifier : public Workload {
 public:
  Classifier(std::string name, const std::vector<int>& widths);

  /// Glorot's uniform weights and zero biases.
  std::vector<float> initial_parameters() const override;
  void next_step() override { batch_ = batches_.next(); }
  std::vector<double> gradient(std::span<const double> parameters) const override;
  std::vector<Real> gradient(std::span<const Real> parameters) const override;
  std::optional<Score> score(std::span<const double> parameters) const override;

 private:
  template <class Number>
  std::vector<std::vector<Number>> activations(std::span<const Number> parameters,
                                               const Digit& digit) const;
  template <class Number>
  void add_gradient(std::span<const Number> parameters, const Digit& digit,
                    std::vector<Number>& sum) const;

  std::vector<std::size_t> widths_;
  std::size_t parameters_ = 0;
  std::vector<Digit> digits_;
  Batches batches_;
  std::vector<const Digit*> batch_;
};

}  // namespace truestep::drift
