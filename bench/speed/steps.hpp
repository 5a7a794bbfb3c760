// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rules.hpp>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

namespace truestep::speed {

struct GccLoop;       ///< a loop by g++ -O3 -march=native -fno-math-errno
struct ClangLoop;     ///< the same by clang++
struct O3Loop;        ///< the loop by -O3 and nothing else
struct FastMathLoop;  ///< the loop by -O3 -march=native -ffast-math
struct EigenArrays;   ///< array expressions of Eigen, compiled as the first loop is

template <class T, std::size_t>
using StateArray = T*;

template <class Hyperparameters, class T, class States>
struct PeerStepOf;
template <class Hyperparameters, class T, std::size_t... state>
struct PeerStepOf<Hyperparameters, T, std::index_sequence<state...>> {
  using type = void (*)(const Hyperparameters&, std::uint64_t t, std::size_t count, T* theta,
                        StateArray<T, state>... states, const T* gradient);
};

/// How many states every version of a rule has.
template <class Rule>
inline constexpr std::size_t state_count = [] {
  std::size_t count = 0;
  for (const auto& state : Rule::template states<float>) count += state.used == nullptr;
  return count;
}();

/// A rule's step as a good C++ programmer writes it, under the seed's convention; where Nesterov's
/// step has several forms, the one that takes one pass over the arrays. peers/RULE.hpp has it as a
/// loop and as expressions of arrays. The bits are the compiler's choice. The arrays do not
/// overlap.
template <class Rule, class T>
using PeerStep = typename PeerStepOf<typename Rule::Hyperparameters, T,
                                     std::make_index_sequence<state_count<Rule>>>::type;

template <class Rules, class T>
struct StepOfEach;
template <class... Rule, class T>
struct StepOfEach<std::tuple<Rule...>, T> {
  using type = std::tuple<PeerStep<Rule, T>...>;
};

/// How a peer makes the step of each rule.
template <class T>
using PeerSteps = typename StepOfEach<fast::Rules, T>::type;

/// The rule's name where the table says its least share of the limit on its own.
template <class Rule>
inline constexpr const char* limit_apart = nullptr;

/// `Peer` says with what the steps are made, and with which flags.
template <class Peer, class T>
PeerSteps<T> peer_steps();

template <class Peer>
const char* made_by();

}  // namespace truestep::speed
