// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel.hpp"

namespace truestep {

/// What a kernel is said to be.
struct Convention {
  std::string rule, name;
};

/// By the name of an optimizer class that one rule alone has, such as "pytorch.AdamW", with what is
/// set otherwise, such as ",weight_decay=0.1". Throws std::invalid_argument for any other name.
Convention convention(std::string_view name);
/// A rule's, by class or system. It is looked up by `check`.
Convention convention(std::string_view rule, std::string_view name);

struct CheckOptions {
  std::uint64_t seed = 1;  ///< what the inputs are made from
  std::size_t trials = 4;  ///< how many runs of each kind are drawn
  bool strict = false;     ///< whether what is noted counts as a fault
  std::string only = {};   ///< a section, a run, or a coordinate of a run
  std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< after which a run hangs
};

/// Whether a kernel is what it was said to be, and the report.
class [[nodiscard]] Checked {
 public:
  Checked(bool right, std::string text) : right_(right), text_(std::move(text)) {}

  /// False too where nothing is determined.
  explicit operator bool() const { return right_; }
  const std::string& text() const { return text_; }
  friend std::ostream& operator<<(std::ostream& to, const Checked& checked) {
    return to << checked.text_;
  }

 private:
  bool right_;
  std::string text_;
};

/// Puts a kernel under test, each run in a process of its own, which is a fork of this one: what
/// the kernel changes outside of its arrays is not seen here. Where it fails, the report goes to
/// std::cerr too. Throws std::invalid_argument for a convention that there is not.
Checked check(const Convention&, trial::Kernel&, const trial::Storage&, const CheckOptions& = {});

namespace trial {

/// One step function for each tensor.
template <class T, class Step>
class SteppingOptimizer : public Optimizer {
 public:
  template <class Make>
  SteppingOptimizer(Make& make, const Setup& setup) : lengths_(setup.lengths) {
    for (const auto length : lengths_) {
      Setup alone = setup;
      alone.lengths = {length};
      steps_.push_back(make(alone));
    }
  }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    for (std::size_t k = 0; k < steps_.size(); ++k)
      steps_[k](t, std::span<T>(static_cast<T*>(theta[k]), lengths_[k]),
                std::span<const T>(static_cast<const T*>(gradient[k]), lengths_[k]));
    return 0;
  }
  bool state(std::size_t, const char*, void*) override { return false; }
  bool set_state(std::size_t, const char*, const void*) override { return false; }

 private:
  std::vector<std::size_t> lengths_;
  std::vector<Step> steps_;
};

template <class Step, class T>
concept StepsOver = std::invocable<Step&, std::uint64_t, std::span<T>, std::span<const T>>;

template <class Make>
class MadeKernel : public Kernel {
 public:
  using Step = decltype(std::declval<Make&>()(std::declval<const Setup&>()));

  explicit MadeKernel(Make make) : make_(std::move(make)) {}

  std::string name() const override { return "the kernel"; }
  std::unique_ptr<Optimizer> make(const Setup& setup) override {
    if constexpr (StepsOver<Step, float>)
      if (setup.format == Format::float32)
        return std::make_unique<SteppingOptimizer<float, Step>>(make_, setup);
    if constexpr (StepsOver<Step, double>)
      if (setup.format == Format::float64)
        return std::make_unique<SteppingOptimizer<double, Step>>(make_, setup);
    return nullptr;
  }

 private:
  Make make_;
};

}  // namespace trial

/// The same of a callable: make(setup) gives a step function for a tensor of setup.lengths[0]
/// coordinates, which keeps its states; it is called as step(t, std::span<T> theta, std::span<const
/// T> gradient), T float or double. The hyperparameters are setup.number("learning_rate") and so
/// on.
template <class Make>
requires std::invocable<Make&, const trial::Setup&> Checked
check(const Convention& convention, Make make, const CheckOptions& options = {}) {
  using Step = typename trial::MadeKernel<Make>::Step;
  static_assert(trial::StepsOver<Step, float> || trial::StepsOver<Step, double>,
                "make(setup) gives a step(t, std::span<T> theta, std::span<const T> gradient)");
  constexpr auto format =
      trial::StepsOver<Step, float> ? trial::Format::float32 : trial::Format::float64;
  trial::MadeKernel<Make> kernel(std::move(make));
  return check(convention, kernel, format, options);
}

}  // namespace truestep
