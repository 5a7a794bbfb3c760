// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/threads.hpp>
#include <truestep/proofs/statements.hpp>

#include "columns.hpp"
#include "limits.hpp"
#include "parts.hpp"
#include "rounds.hpp"
#include "steps.hpp"
#include "torch_steps.hpp"

// CMake says which peers were found; read alone, none was.
#ifndef TRUESTEP_HAVE_GccLoop
#define TRUESTEP_HAVE_GccLoop 0
#define TRUESTEP_HAVE_ClangLoop 0
#define TRUESTEP_HAVE_EigenArrays 0
#define TRUESTEP_HAVE_Torch 0
#endif

namespace truestep::speed {

/// What is timed: the seed's convention, of Nesterov's forms that which takes one pass over the
/// arrays.
template <class Rule>
constexpr typename Rule::Hyperparameters hyperparameters() {
  typename Rule::Hyperparameters h;
  if constexpr (requires { h.nesterov; }) h.nesterov = fast::NesterovForm::stored_point;
  return h;
}

/// Two are among the subnormal numbers. Stuck are states that decay no further: four units of the
/// smallest, which times any coefficient above 7/8 is rounded back to itself, under gradients that
/// have become 0. Tiny are gradients below the smallest normal number, with the states that they
/// lead to from 0.
enum class Start { first_step, steady, stuck, tiny };

/// What is timed together: the arrays of a rule, a type, a size and a number of threads, and the
/// ways to make a step over them. A step of any candidate is the next step, t, of the same run.
template <class Rule, class T>
class Cell {
 public:
  using Hyperparameters = typename Rule::Hyperparameters;
  using Tensor = typename Rule::Fast::template Tensor<T>;

  Cell(const Hyperparameters& h, std::size_t count, int threads, Start start)
      : h_(h),
        columns_(count),
        threads_(threads),
        team_(static_cast<std::size_t>(threads)),
        t_(start == Start::first_step ? 0 : 1000) {
    // Steady are the states that a long run of such gradients leaves: no quantity near the
    // subnormal numbers, which would be slow, and none that grows without end.
    std::mt19937 engine(2026);
    std::uniform_real_distribution<T> size(T(.01), T(1));
    for (std::size_t i = 0; i < count; ++i) {
      const T g = engine() % 2 == 0 ? size(engine) : -size(engine);
      columns_.gradient()[i] = start == Start::stuck  ? 0
                               : start == Start::tiny ? g * std::numeric_limits<T>::min()
                                                      : g;
      for (T* state : columns_.state())
        state[i] = start == Start::steady  ? g * g
                   : start == Start::stuck ? 4 * std::numeric_limits<T>::denorm_min()
                                           : 0;
      columns_.theta()[i] = start == Start::first_step ? 0 : 1;
    }
  }
  Cell(const Cell&) = delete;

  /// Valid as long as the cell.
  std::vector<Candidate> candidates() {
    std::vector<Candidate> all{{"ours", Role::ours, ours()},
                               {"memory_roof", Role::limit, [this] { roof(); }}};
    if (divides) all.push_back({"divider_floor", Role::limit, [this] { floor(); }});
    if constexpr (TRUESTEP_HAVE_GccLoop) add<GccLoop>(all, "gcc_loop", Role::loop);
    if constexpr (TRUESTEP_HAVE_ClangLoop) add<ClangLoop>(all, "clang_loop", Role::loop);
    add<O3Loop>(all, "o3_loop", Role::peer);
    add<FastMathLoop>(all, "fast_math_loop", Role::peer);
    if constexpr (TRUESTEP_HAVE_EigenArrays) add<EigenArrays>(all, "eigen", Role::peer);
    if constexpr (TRUESTEP_HAVE_Torch) all.push_back({"torch", Role::peer, torch()});
    return all;
  }

  std::span<T> theta() { return span(columns_.theta()); }
  std::span<T> gradient() { return span(columns_.gradient()); }
  /// Whether all states are subnormal: not where epsilon enters one.
  bool is_stuck() {
    return std::ranges::all_of(columns_.state(), [this](const T* state) {
      return std::all_of(state, state + columns_.count,
                         [](T x) { return std::fpclassify(x) == FP_SUBNORMAL; });
    });
  }

  /// A step of ours, to be timed beside another cell's candidates.
  Candidate ours_aside(std::string name) { return {std::move(name), Role::aside, ours()}; }

 private:
  static constexpr std::size_t states = Rule::Lane::states;
  static constexpr bool divides = requires(Hyperparameters h) { h.epsilon; };

  template <class Peer>
  void add(std::vector<Candidate>& candidates, const char* name, Role role) {
    const auto step = std::get<PeerStep<typename Rule::Fast, T>>(peer_steps<Peer, T>());
    candidates.push_back(
        {name, role, [this, step] {
           ++t_;
           in_parts(OpenMp(), threads_, columns_.count, [&](auto first, auto count) {
             with_states(first, [&](auto*... state) {
               step(h_, t_, count, columns_.theta() + first, state..., columns_.gradient() + first);
             });
           });
         }});
  }

  std::function<void()> torch() {
    TorchRun run{{},
                 threads_,
                 columns_.count,
                 columns_.theta(),
                 columns_.gradient(),
                 std::is_same_v<T, double>};
    for (const auto& [name, member] : Rule::hyperparameters) run.numbers[name] = h_.*member;
    return torch_step<typename Rule::Fast>(run);
  }

  /// The tensor is made once, as one who trains makes it.
  std::function<void()> ours() {
    Tensor tensor;
    with_states(0, [&](auto*... state) { tensor = {theta(), span(state)..., gradient()}; });
    if (threads_ == 1) return [this, tensor] { fast::step(h_, ++t_, tensor); };
    return [this, tensor] { fast::step(h_, ++t_, std::span(&tensor, 1), fast::Executor(team_)); };
  }

  void roof() {
    in_parts(team_, threads_, columns_.count, [this](auto first, auto count) {
      with_states(first, [&](auto*... state) {
        memory_roof<T>(0, count, columns_.theta() + first, std::array{state...},
                       columns_.gradient() + first);
      });
    });
  }

  void floor() {
    in_parts(team_, threads_, columns_.count, [](auto, auto count) { divider_floor<T>(count); });
  }

  std::span<T> span(T* column) { return {column, columns_.count}; }

  template <class Work>
  void with_states(std::size_t first, const Work& work) {
    std::apply([&](auto*... state) { work(state + first...); }, columns_.state());
  }

  Hyperparameters h_;
  bench::Columns<T, states> columns_;
  int threads_;
  fast::Threads team_;
  std::uint64_t t_;
};

}  // namespace truestep::speed
