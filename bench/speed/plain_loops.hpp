#pragma once

#include <cstddef>
#include <cstdint>

#include <truestep/fast/adadelta.hpp>
#include <truestep/fast/adagrad.hpp>
#include <truestep/fast/adam.hpp>
#include <truestep/fast/momentum.hpp>
#include <truestep/fast/nag.hpp>
#include <truestep/fast/rmsprop.hpp>

namespace truestep::bench {

/// -O3 -fno-math-errno -march=native
struct Native;
/// -O3 -fno-math-errno -mavx2 -mfma
struct Avx2;

/// The bar: each rule as a good C++ programmer writes it for the compiler to vectorise, built with
/// the flags that `Flags` names. The bits are the compiler's choice.
template <class Flags, class T>
struct PlainLoops {
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

}  // namespace truestep::bench
