// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernel.hpp"

namespace truestep::trial {

/// A rule's kernels of fast/ as anybody's would come to be tested.
template <class Rule, class T>
class FastOptimizer : public Optimizer {
 public:
  using H = typename Rule::Hyperparameters;

  FastOptimizer(const H& h, const std::vector<std::size_t>& lengths) : h_(h), lengths_(lengths) {
    for (const auto length : lengths)
      for (std::size_t i = 0; i < states().size(); ++i)
        kept_.emplace_back(states()[i].is_used(h) ? length : 0, static_cast<T>(start(i)));
  }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    for (std::size_t k = 0; k < lengths_.size(); ++k) {
      typename Rule::template Tensor<T> tensor{
          .theta = {static_cast<T*>(theta[k]), lengths_[k]},
          .gradient = {static_cast<const T*>(gradient[k]), lengths_[k]}};
      for (std::size_t i = 0; i < states().size(); ++i) tensor.*states()[i].member = kept(k, i);
      fast::step(h_, t, tensor);
    }
    return 0;
  }

  bool state(std::size_t tensor, const char* name, void* out) override {
    return with(tensor, name, [&](auto& kept) {
      if (!kept.empty()) std::memcpy(out, kept.data(), kept.size() * sizeof(T));
    });
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    return with(tensor, name, [&](auto& kept) {
      if (!kept.empty()) std::memcpy(kept.data(), in, kept.size() * sizeof(T));
    });
  }

 private:
  static constexpr const auto& states() { return Rule::template states<T>; }
  std::vector<T>& kept(std::size_t tensor, std::size_t state) {
    return kept_[tensor * states().size() + state];
  }

  /// What a caller fills a state with: the first of a rule may start elsewhere than at 0.
  double start(std::size_t state) const {
    if constexpr (requires { h_.moments_start; })
      return h_.moments_start == fast::Start::epsilon ? h_.epsilon : 0;
    if constexpr (requires { h_.initial_accumulator; })
      if (state == 0) return h_.start == fast::Start::epsilon ? h_.epsilon : h_.initial_accumulator;
    return 0;
  }

  template <class Action>
  bool with(std::size_t tensor, const std::string& name, const Action& action) {
    for (std::size_t i = 0; i < states().size(); ++i)
      if (name == states()[i].name && states()[i].is_used(h_)) {
        action(kept(tensor, i));
        return true;
      }
    return false;
  }

  H h_;
  std::vector<std::size_t> lengths_;
  std::vector<std::vector<T>> kept_;
};

template <class Rule>
class FastKernel : public Kernel {
 public:
  using H = typename Rule::Hyperparameters;

  explicit FastKernel(const H& h) : h_(h) {}

  std::string name() const override { return std::string("truestep::fast::") + Rule::name; }

  std::unique_ptr<Optimizer> make(const Setup& setup) override {
    H h = h_;
    for (const auto& [name, value] : setup.numbers)
      fast::for_each_number<Rule>([&, &name = name, &value = value](const auto& number) {
        using Value = std::remove_reference_t<decltype(h.*number.member)>;
        if constexpr (std::is_same_v<Value, double>)
          if (name == number.name) h.*number.member = value;
      });
    if (setup.format == Format::float32)
      return std::make_unique<FastOptimizer<Rule, float>>(h, setup.lengths);
    if (setup.format == Format::float64)
      return std::make_unique<FastOptimizer<Rule, double>>(h, setup.lengths);
    return nullptr;
  }

 private:
  H h_;
};

}  // namespace truestep::trial
