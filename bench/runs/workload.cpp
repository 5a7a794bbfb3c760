// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

#include "digits.hpp"

namespace truestep::drift {
namespace {

/// A workload whose gradient is one formula in any number type.
template <class Formula>
class Stated : public Workload {
 public:
  using Workload::Workload;

  std::vector<double> gradient(std::span<const double> at) const override {
    return static_cast<const Formula&>(*this).template formula<double>(at);
  }
  std::vector<Real> gradient(std::span<const Real> at) const override {
    return static_cast<const Formula&>(*this).template formula<Real>(at);
  }
};

/// The sum over pairs of ((1 - x)^2 + 100 (y - x^2)^2) / 1024. So scaled, every rule's default
/// learning rate descends.
class Rosenbrock : public Stated<Rosenbrock> {
 public:
  Rosenbrock() : Stated("Rosenbrock's function of 32 pairs") {}

  std::vector<float> initial_parameters() const override {
    std::vector<float> parameters;
    for (int pair = 0; pair < 32; ++pair) {
      parameters.push_back(static_cast<float>(-1.2 + 0.05 * pair));
      parameters.push_back(1);
    }
    return parameters;
  }

  template <class Number>
  std::vector<Number> formula(std::span<const Number> at) const {
    std::vector<Number> gradient;
    for (std::size_t i = 0; i < at.size(); i += 2) {
      const Number valley = at[i + 1] - at[i] * at[i];
      gradient.push_back((2 * (at[i] - 1) - 400 * at[i] * valley) / 1024);
      gradient.push_back(200 * valley / 1024);
    }
    return gradient;
  }

  std::optional<Score> score(std::span<const double> at) const override {
    double loss = 0;
    for (std::size_t i = 0; i < at.size(); i += 2)
      loss += (std::pow(1 - at[i], 2) + 100 * std::pow(at[i + 1] - at[i] * at[i], 2)) / 1024;
    return Score{loss, {}};
  }
};

/// x' A x / 2 in 64 dimensions, A = H D H with D = diag(1 ... 2^-20), evenly spaced in the
/// exponent, and the reflection H x = x - (2 / 64) sum(x), which makes every coordinate feel every
/// other.
class Quadratic : public Stated<Quadratic> {
 public:
  Quadratic() : Stated("a quadratic of 64 coordinates, condition number 2^20") {
    for (int i = 0; i < 64; ++i) curvature_.push_back(std::exp2(-20.0 * i / 63));
  }

  std::vector<float> initial_parameters() const override {
    std::vector<float> parameters;
    for (int i = 0; i < 64; ++i) parameters.push_back(1 + static_cast<float>(i) / 64);
    return parameters;
  }

  template <class Number>
  std::vector<Number> formula(std::span<const Number> at) const {
    auto x = reflected(at);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] *= curvature_[i];
    return reflected(std::span<const Number>(x));
  }

  std::optional<Score> score(std::span<const double> at) const override {
    const auto x = reflected(at);
    double loss = 0;
    for (std::size_t i = 0; i < x.size(); ++i) loss += curvature_[i] * x[i] * x[i] / 2;
    return Score{loss, {}};
  }

 private:
  template <class Number>
  static std::vector<Number> reflected(std::span<const Number> x) {
    Number sum = 0;
    for (const Number& coordinate : x) sum += coordinate;
    std::vector<Number> result(x.begin(), x.end());
    for (Number& coordinate : result) coordinate -= sum / 32;
    return result;
  }

  std::vector<double> curvature_;
};

/// Gradients that do not depend on the parameters.
class Given : public Workload {
 public:
  Given(std::string name, std::size_t coordinates)
      : Workload(std::move(name)), gradient_(coordinates) {}

  std::vector<float> initial_parameters() const override {
    return std::vector<float>(gradient_.size(), 1.0f);
  }
  std::vector<double> gradient(std::span<const double>) const override { return gradient_; }
  std::vector<Real> gradient(std::span<const Real>) const override {
    return {gradient_.begin(), gradient_.end()};
  }

 protected:
  std::vector<double> gradient_;
};

/// Where the same rounding error has the same sign at every step.
class Constant : public Given {
 public:
  Constant() : Given("constant gradients, 512 in [1, 2)", 512) {
    for (std::size_t i = 0; i < gradient_.size(); ++i)
      gradient_[i] = 1 + (static_cast<double>(i) + 0.5) / 512;
  }
};

class Sparse : public Given {
 public:
  Sparse() : Given("sparse gradients, one in ten of 256 not zero", 256) {}

  void next_step() override {
    for (double& g : gradient_) {
      const bool zero = random_() % 10 != 0;
      const double drawn = static_cast<double>(random_() >> 40) * 0x1p-23 - 1;
      g = zero ? 0 : drawn;
    }
  }

 private:
  std::mt19937_64 random_{20240229};
};

const std::array<std::string, 6> names{"softmax",   "network",  "rosenbrock",
                                       "quadratic", "constant", "sparse"};

}  // namespace

std::span<const std::string> workload_names() { return names; }

std::unique_ptr<Workload> workload(std::string_view name) {
  if (name == "softmax")
    return std::make_unique<Classifier>("softmax regression (64 -> 10)", std::vector{64, 10});
  if (name == "network")
    return std::make_unique<Classifier>("a small network (64 -> 16 ReLU -> 10)",
                                        std::vector{64, 16, 10});
  if (name == "rosenbrock") return std::make_unique<Rosenbrock>();
  if (name == "quadratic") return std::make_unique<Quadratic>();
  if (name == "constant") return std::make_unique<Constant>();
  return std::make_unique<Sparse>();
}

}  // namespace truestep::drift
