#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace truestep::drift {

/// One 8 x 8 picture of a digit, its pixels in [0, 1].
struct Digit {
  std::array<double, 64> pixels;
  std::size_t label;
};

/// Reads rows of 64 pixels in 0..16 and a label in 0..9. Throws std::runtime_error, naming the file
/// and the line, where it cannot.
std::vector<Digit> read_digits(const std::string& path);

/// A classifier of digits: layers of the given widths (64 first, 10 last), ReLU between them and
/// softmax at the end; two widths make it softmax regression. Everything is computed in double.
class Classifier {
 public:
  Classifier(std::string name, std::vector<std::size_t> widths);

  const std::string& name() const { return name_; }
  std::size_t parameters() const { return parameters_; }

  /// Glorot's uniform weights and zero biases; floats, so that every precision starts at one point.
  std::vector<float> initial_parameters() const;

  /// The gradient of the batch's mean cross-entropy, rounded to float once.
  std::vector<float> gradient(std::span<const float> parameters,
                              std::span<const Digit* const> batch) const;

  struct Score {
    double loss;      ///< mean cross-entropy, natural logarithm
    double accuracy;  ///< share of the digits whose class is the most probable one
  };
  Score score(std::span<const float> parameters, std::span<const Digit> digits) const;

 private:
  std::vector<std::vector<double>> activations(std::span<const float> parameters,
                                               const Digit& digit) const;

  std::string name_;
  std::vector<std::size_t> widths_;
  std::size_t parameters_ = 0;
};

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

}  // namespace truestep::drift
