// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <truestep/fast/adadelta.hpp>
#include <truestep/fast/adagrad.hpp>
#include <truestep/fast/adam.hpp>
#include <truestep/fast/momentum.hpp>
#include <truestep/fast/nag.hpp>
#include <truestep/fast/rmsprop.hpp>

namespace truestep::speed {

struct GccLoop;       ///< a loop by g++ -O3 -march=native -fno-math-errno
struct ClangLoop;     ///< the same by clang++
struct O3Loop;        ///< the loop by -O3 and nothing else
struct FastMathLoop;  ///< the loop by -O3 -march=native -ffast-math
struct EigenArrays;   ///< array expressions of Eigen, compiled as the first loop is

/// Each rule as a good C++ programmer writes it, under the seed's convention, NAG in its
/// stored-point form; `Peer` says with what, and with which flags. The bits are the compiler's
/// choice. The arrays do not overlap.
template <class Peer, class T>
struct Steps {
  static const char* made_by();

  static void step(const fast::MomentumHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict v, const T* __restrict gradient);
  static void step(const fast::NagHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict v, const T* __restrict gradient);
  static void step(const fast::AdagradHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict sum, const T* __restrict gradient);
  static void step(const fast::AdadeltaHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict s, T* __restrict u,
                   const T* __restrict gradient);
  static void step(const fast::RmspropHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict s, const T* __restrict gradient);
  static void step(const fast::AdamHyperparameters&, std::uint64_t t, std::size_t count,
                   T* __restrict theta, T* __restrict m, T* __restrict v,
                   const T* __restrict gradient);
};

}  // namespace truestep::speed
