// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/kernel.hpp"
#include "support/suite.hpp"

namespace truestep::test {

/// A planted fault of the suite as anybody's kernel: its lane with its coefficients, its kernel, or
/// its reference with what it keeps rounded to the format at each step.
///
/// @param shows_ahead  whether the array of theta holds the point at which the gradient belongs, as
///                     programs have it
template <class T>
class FaultyOptimizer : public trial::Optimizer {
 public:
  FaultyOptimizer(const Rule& rule, const Subject<T>& faulty, const Subject<double>& in_double,
                  const std::string& where, bool shows_ahead, const trial::Setup& setup)
      : rule_(rule),
        faulty_(faulty),
        in_double_(in_double),
        where_(where),
        shows_ahead_(shows_ahead) {
    for (std::size_t i = 0; i < rule.hyperparameters.size(); ++i)
      h_[i] = setup.number(rule.hyperparameters[i].name);
    const auto start = faulty.start(h_);
    for (const auto length : setup.lengths) {
      tensors_.emplace_back();
      for (std::size_t s = 0; s < rule.states.size(); ++s)
        tensors_.back()[s].assign(length, static_cast<T>(start[s]));
    }
  }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    for (std::size_t k = 0; k < tensors_.size(); ++k) {
      const auto length = tensors_[k][0].size();
      step(t, {static_cast<T*>(theta[k]), length}, tensors_[k],
           {static_cast<const T*>(gradient[k]), length});
    }
    return 0;
  }

  bool state(std::size_t tensor, const char* name, void* out) override {
    auto* const kept = named(tensor, name);
    if (kept != nullptr) std::copy(kept->begin(), kept->end(), static_cast<T*>(out));
    return kept != nullptr;
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    auto* const kept = named(tensor, name);
    if (kept != nullptr) std::copy_n(static_cast<const T*>(in), kept->size(), kept->begin());
    return kept != nullptr;
  }

 private:
  using Kept = std::array<std::vector<T>, max_states>;

  std::vector<T>* named(std::size_t tensor, std::string_view name) {
    for (std::size_t s = 0; s < rule_.states.size(); ++s)
      if (rule_.states[s].name == name) return &tensors_[tensor][s];
    return nullptr;
  }

  void step(std::uint64_t t, std::span<T> theta, Kept& kept, std::span<const T> gradient) {
    if (where_ == "kernel") {
      States<std::span<T>> states;
      for (std::size_t s = 0; s < max_states; ++s) states[s] = kept[s];
      return faulty_.kernel(h_, t, theta, states, gradient);
    }
    if (where_ == "reference") return step(faulty_.reference(h_, t), theta, kept, gradient);
    if (shows_ahead_) return step(over<double>(in_double_, t), theta, kept, gradient);
    step(over<T>(faulty_, t), theta, kept, gradient);
  }

  template <class Number>
  StepAt<Number> over(const Subject<Number>& subject, std::uint64_t t) const {
    return
        [&lane = subject.lane, k = subject.coefficients(h_, t)](
            Point<Number>& point, const Number& g, Seen<Number>& seen) { lane(k, point, g, seen); };
  }

  template <class Number>
  void step(const StepAt<Number>& take, std::span<T> theta, Kept& kept,
            std::span<const T> gradient) const {
    for (std::size_t i = 0; i < theta.size(); ++i) {
      Point<Number> point{Number(theta[i]), {}};
      for (std::size_t s = 0; s < rule_.states.size(); ++s) point.state[s] = Number(kept[s][i]);
      // There the moves are the same from any theta.
      const Number from = shows_ahead_ ? point.theta + ahead(take, point) : Number(0);
      if (shows_ahead_) point.theta = 0;
      Seen<Number> seen{};
      take(point, Number(gradient[i]), seen);
      theta[i] =
          static_cast<T>(shows_ahead_ ? from + (point.theta - ahead(take, point)) : point.theta);
      for (std::size_t s = 0; s < rule_.states.size(); ++s)
        kept[s][i] = static_cast<T>(point.state[s]);
    }
  }

  /// How far theta is ahead of the first quantity, the point at which the gradient belongs.
  template <class Number>
  static Number ahead(const StepAt<Number>& take, Point<Number> point) {
    point.theta = 0;
    Seen<Number> seen{};
    take(point, Number(0), seen);
    return -seen[0];
  }

  const Rule& rule_;
  const Subject<T>& faulty_;
  const Subject<double>& in_double_;
  std::string where_;
  bool shows_ahead_;
  Hyperparameters h_{};
  std::vector<Kept> tensors_;
};

class FaultyKernel : public trial::Kernel {
 public:
  FaultyKernel(const Rule& rule, const Fault& fault) : rule_(rule), fault_(fault) {}

  std::string name() const override { return fault_.name; }
  /// Whether the fault is in the point at which the caller takes the gradient.
  bool shows_ahead() const { return fault_.name.starts_with("look-ahead"); }
  std::unique_ptr<trial::Optimizer> make(const trial::Setup& setup) override {
    const auto& [name, where, faulty, witness] = fault_;
    if (setup.format == trial::Format::float32)
      return std::make_unique<FaultyOptimizer<float>>(rule_, faulty.single, faulty.twice, where,
                                                      shows_ahead(), setup);
    if (setup.format == trial::Format::float64)
      return std::make_unique<FaultyOptimizer<double>>(rule_, faulty.twice, faulty.twice, where,
                                                       shows_ahead(), setup);
    return nullptr;
  }

 private:
  const Rule& rule_;
  const Fault& fault_;
};

}  // namespace truestep::test
