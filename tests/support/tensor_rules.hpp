// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace truestep::test {

/// Every convention that has a kernel, each description once, with weight decay where it has a
/// place for it, and with every state in use.
template <class H>
std::vector<H> descriptions() {
  std::vector<H> all;
  const auto add = [&](const H& h) {
    const bool is_new = std::find(all.begin(), all.end(), h) == all.end();
    if (is_new && fast::without_lane(h) == nullptr) all.push_back(h);
  };
  for (const auto& convention : fast::conventions_of<H>) {
    H h = convention.hyperparameters;
    add(h);
    if (h.weight_decay_place != fast::WeightDecay::none) h.weight_decay = 0.01;
    if constexpr (requires { h.amsgrad; }) h.amsgrad = true;
    if constexpr (requires { h.momentum; }) h.momentum = 0.9;
    if constexpr (requires { h.centered; })
      h.centered = h.epsilon_place != fast::EpsilonPlace::in_state;
    if constexpr (requires { h.centered; }) h.negative_variance = fast::NegativeVariance::clamped;
    add(h);
  }
  return all;
}

/// An array of `count` numbers in [-1, 1), drawn once, for whoever asks for it: a seed gives one
/// after the other, and this is the one at `position`.
template <class T>
std::shared_ptr<const std::vector<T>> drawn(std::size_t count, std::size_t position) {
  struct Stream {
    std::mt19937_64 engine;
    std::vector<std::shared_ptr<const std::vector<T>>> arrays = {};
  };
  static std::map<std::size_t, Stream> streams;
  auto& [engine, arrays] = streams.try_emplace(count, Stream{std::mt19937_64(count)}).first->second;
  std::uniform_real_distribution<T> number(T(-1), T(1));
  while (arrays.size() <= position) {
    std::vector<T> values(count);
    for (T& value : values) value = number(engine);
    arrays.push_back(std::make_shared<const std::vector<T>>(std::move(values)));
  }
  return arrays[position];
}

/// A tensor's arrays and a gradient for each of some steps, the same numbers each time. Copies
/// share the gradients, which nothing writes to.
template <class R, class T>
class Arrays {
 public:
  using Hyperparameters = typename R::Hyperparameters;

  Arrays(const Hyperparameters& h, std::size_t count, std::size_t steps) {
    std::size_t position = 0;
    theta_ = *drawn<T>(count, position++);
    for (const std::size_t state : states_in_use(h)) {
      states_[state] = *drawn<T>(count, position++);
      for (T& value : states_[state]) value *= value;
    }
    for (std::size_t i = 0; i < steps; ++i) gradients_.push_back(drawn<T>(count, position++));
  }

  std::size_t size() const { return theta_.size(); }

  std::span<const T> gradient(std::size_t step) const { return *gradients_[step]; }
  std::vector<std::span<const T>> gradients() const {
    std::vector<std::span<const T>> all;
    for (const auto& gradient : gradients_) all.push_back(*gradient);
    return all;
  }

  auto tensor(std::span<const T> gradient) {
    typename R::Fast::template Tensor<T> tensor{.theta = theta_, .gradient = gradient};
    std::size_t next = 0;
    for (const auto& state : R::Fast::template states<T>) tensor.*state.member = states_[next++];
    return tensor;
  }

  /// One step by the call that takes one tensor's spans, of `count` coordinates from `first` on.
  void step(const Hyperparameters& h, std::uint64_t t, std::size_t number, std::size_t first,
            std::size_t count) {
    std::vector<std::span<T>> states;
    for (const std::size_t state : states_in_use(h))
      states.push_back(std::span(states_[state]).subspan(first, count));
    rules::run_kernel<R, T>(h, t, std::span(theta_).subspan(first, count), states,
                            gradient(number).subspan(first, count));
  }
  void step(const Hyperparameters& h, std::uint64_t t, std::size_t number) {
    step(h, t, number, 0, size());
  }

  std::size_t coordinates_changed(const Arrays& other) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      bool changed = theta_[i] != other.theta_[i];
      for (std::size_t s = 0; s < states_.size(); ++s)
        changed = changed || (!states_[s].empty() && states_[s][i] != other.states_[s][i]);
      count += changed;
    }
    return count;
  }

  /// Whether theta and all states have the same bits.
  bool operator==(const Arrays& other) const {
    bool same = same_bits(theta_, other.theta_);
    for (std::size_t s = 0; s < states_.size(); ++s)
      same = same && same_bits(states_[s], other.states_[s]);
    return same;
  }

 private:
  static std::vector<std::size_t> states_in_use(const Hyperparameters& h) {
    std::vector<std::size_t> in_use;
    const auto& described = R::Fast::template states<T>;
    for (std::size_t s = 0; s < described.size(); ++s)
      if (described[s].is_used(h)) in_use.push_back(s);
    return in_use;
  }

  static bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
  }

  static constexpr std::size_t described_states = R::Fast::template states<T>.size();

  std::vector<T> theta_;
  std::array<std::vector<T>, described_states> states_;
  std::vector<std::shared_ptr<const std::vector<T>>> gradients_;
};

}  // namespace truestep::test
