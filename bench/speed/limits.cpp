// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include <array>

#include <hwy/highway.h>

namespace truestep::speed {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;

template <std::size_t states, class T>
void add_zero_times(T zero, std::size_t count, T* theta, const T* gradient,
                    std::array<T*, states> state) {
  const Tag<T> d;
  const auto zeros = hn::Set(d, zero);
  const auto add = [&](T* numbers, auto g) {
    hn::StoreU(hn::MulAdd(zeros, g, hn::LoadU(d, numbers)), d, numbers);
  };
  for (std::size_t i = 0; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    const auto g = hn::LoadU(d, gradient + i);
    add(theta + i, g);
    for (T* numbers : state) add(numbers + i, g);
  }
}

}  // namespace

template <class T>
void memory_roof(T zero, std::size_t count, T* theta, std::span<T* const> states,
                 const T* gradient) {
  if (states.size() == 1)
    add_zero_times<1, T>(zero, count, theta, gradient, {states[0]});
  else
    add_zero_times<2, T>(zero, count, theta, gradient, {states[0], states[1]});
}

template <class T>
void divider_floor(std::size_t count) {
  const Tag<T> d;
  // Enough chains that none waits for itself, and no two alike, which a compiler would make one of.
  // x <- sqrt(c / x) tends to the cube root of c.
  const auto c = hn::Set(d, static_cast<T>(count) + 2);
  const auto start = [&](int chain) { return hn::Set(d, static_cast<T>(chain + 2)); };
  auto x0 = start(0), x1 = start(1), x2 = start(2), x3 = start(3), x4 = start(4), x5 = start(5),
       x6 = start(6), x7 = start(7);
  const auto turn = [&](auto& x) { x = hn::Sqrt(hn::Div(c, x)); };
  for (std::size_t i = 0; i < count; i += 8 * hn::Lanes(d)) {
    turn(x0), turn(x1), turn(x2), turn(x3), turn(x4), turn(x5), turn(x6), turn(x7);
  }
  const auto sum =
      hn::Add(hn::Add(hn::Add(x0, x1), hn::Add(x2, x3)), hn::Add(hn::Add(x4, x5), hn::Add(x6, x7)));
  [[maybe_unused]] volatile T used = hn::GetLane(sum);
}

template void memory_roof(float, std::size_t, float*, std::span<float* const>, const float*);
template void memory_roof(double, std::size_t, double*, std::span<double* const>, const double*);
template void divider_floor<float>(std::size_t);
template void divider_floor<double>(std::size_t);

}  // namespace truestep::speed
