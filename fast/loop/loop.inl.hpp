// SPDX-License-Identifier: Apache-2.0
// The loop over vectors; once per target, as lanes/namespace.hpp says.

#if defined(TRUESTEP_FAST_LOOP_LOOP) == defined(HWY_TARGET_TOGGLE)
#ifdef TRUESTEP_FAST_LOOP_LOOP
#undef TRUESTEP_FAST_LOOP_LOOP
#else
#define TRUESTEP_FAST_LOOP_LOOP
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <truestep/fast/lanes/vocabulary.hpp>

#include "kernels.hpp"
#include "off_divider.inl.hpp"
#include "vector.inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace truestep::fast::HWY_NAMESPACE {

// Nothing here default-constructs Lanes: the constructor that the compiler would write is compiled
// outside the target's instruction set, and on AArch64 the vector's own cannot be inlined there.

template <class Vector, class D, std::size_t... Index>
HWY_INLINE std::array<Vector, sizeof...(Index)> broadcast(D d, const hn::TFromD<D>* coefficient,
                                                          std::index_sequence<Index...>) {
  return {Vector{hn::Set(d, coefficient[Index])}...};
}

/// Vectors that hold one coefficient each.
template <class Lane, class Vector, class D>
HWY_INLINE std::array<Vector, Lane::coefficients> broadcast(D d, const hn::TFromD<D>* coefficient) {
  return broadcast<Vector>(d, coefficient, std::make_index_sequence<Lane::coefficients>());
}

/// A vector from each of the arrays, if there are any.
template <class Vector, class D, std::size_t states, std::size_t... Index>
HWY_INLINE std::array<Vector, states> load([[maybe_unused]] D d,
                                           const std::array<hn::TFromD<D>*, states>& arrays,
                                           [[maybe_unused]] std::size_t at,
                                           std::index_sequence<Index...>) {
  return {Vector{hn::LoadU(d, arrays[Index] + at)}...};
}

/// The arrays of a step, from one of their coordinates on.
template <class T, std::size_t states>
struct Arrays {
  const T* theta;
  T* theta_out;
  std::array<T*, states> state;
  const T* gradient;
};

/// What a lane makes of a vector of coordinates.
template <class Lane, class Vector>
struct Stepped {
  Vector theta;
  std::array<Vector, Lane::states> state;
};

template <class Lane, class Vector, class D, class T>
HWY_INLINE Stepped<Lane, Vector> step_vector(
    D d, const std::array<Vector, Lane::coefficients>& coefficient,
    const Arrays<T, Lane::states>& arrays, std::size_t at) {
  Stepped<Lane, Vector> result{
      {hn::LoadU(d, arrays.theta + at)},
      load<Vector>(d, arrays.state, at, std::make_index_sequence<Lane::states>())};
  Lane::step(coefficient, result.theta, result.state, Vector{hn::LoadU(d, arrays.gradient + at)},
             Unobserved());
  return result;
}

template <class Lane, class Vector, class D, class T>
HWY_INLINE void store(D d, const Stepped<Lane, Vector>& result,
                      const Arrays<T, Lane::states>& arrays, std::size_t at) {
  hn::StoreU(result.theta.raw, d, arrays.theta_out + at);
  for (std::size_t s = 0; s < Lane::states; ++s)
    hn::StoreU(result.state[s].raw, d, arrays.state[s] + at);
}

/// The vectors at two places through a lane, the roots of the first off the divider or not. Both
/// are loaded before either is stored, so they may overlap: what they share comes out the same from
/// both.
template <class Lane, bool off, class D, class T>
HWY_INLINE void step_pair(D d, const std::array<Lanes<D, off>, Lane::coefficients>& of_first,
                          const std::array<Lanes<D>, Lane::coefficients>& of_second,
                          const Arrays<T, Lane::states>& arrays, std::size_t first,
                          std::size_t second) {
  const auto a = step_vector<Lane>(d, of_first, arrays, first);
  const auto b = step_vector<Lane>(d, of_second, arrays, second);
  store(d, a, arrays, first);
  store(d, b, arrays, second);
}

/// A pair outside the loop, or a single vector where both places are the same; compiled once.
template <class Lane, class T>
HWY_NOINLINE void step_edge(const T* coefficient, const Arrays<T, Lane::states>& arrays,
                            std::size_t first, std::size_t second) {
  constexpr hn::ScalableTag<T> d;
  const auto vectors = broadcast<Lane, Lanes<hn::ScalableTag<T>>>(d, coefficient);
  if (first == second)
    store(d, step_vector<Lane>(d, vectors, arrays, first), arrays, first);
  else
    step_pair<Lane, false>(d, vectors, vectors, arrays, first, second);
}

/// What a lane does with a pair outside the loop: step_edge.
template <class T, std::size_t states>
using Edge = void (*)(const T* coefficient, const Arrays<T, states>& arrays, std::size_t first,
                      std::size_t second);

/// Fewer coordinates than a vector has: in a vector of their own, filled up with ones, which
/// neither raise an exception flag nor take the slow path of subnormals.
template <class T, std::size_t states>
void step_few(const T* coefficient, const Arrays<T, states>& arrays, std::size_t count,
              Edge<T, states> edge) {
  constexpr std::size_t size = hn::MaxLanes(hn::ScalableTag<T>());
  T buffer[2 + states][size];
  for (auto& row : buffer) std::fill(row, row + size, T{1});
  std::copy_n(arrays.theta, count, buffer[0]);
  std::copy_n(arrays.gradient, count, buffer[1]);
  Arrays<T, states> buffers{buffer[0], buffer[0], {}, buffer[1]};
  for (std::size_t s = 0; s < states; ++s) {
    buffers.state[s] = buffer[2 + s];
    std::copy_n(arrays.state[s], count, buffers.state[s]);
  }
  edge(coefficient, buffers, 0, 0);
  std::copy_n(buffer[0], count, arrays.theta_out);
  for (std::size_t s = 0; s < states; ++s) std::copy_n(buffers.state[s], count, arrays.state[s]);
}

/// How many coordinates lie before the first whose address is a multiple of a vector's size.
template <class T>
std::size_t before_aligned(const T* array) {
  constexpr std::size_t size = hn::MaxLanes(hn::ScalableTag<T>());
  const std::size_t past = reinterpret_cast<std::uintptr_t>(array) / sizeof(T) % size;
  return past == 0 ? 0 : size - past;
}

/// Whole pairs.
template <class Lane, bool off, class T>
HWY_INLINE void run_pairs(const T* coefficient, const Arrays<T, Lane::states>& arrays,
                          std::size_t count) {
  using D = hn::ScalableTag<T>;
  constexpr D d;
  constexpr std::size_t size = hn::MaxLanes(d), pair = 2 * size;
  const auto of_first = broadcast<Lane, Lanes<D, off>>(d, coefficient);
  const auto of_second = broadcast<Lane, Lanes<D>>(d, coefficient);
  for (std::size_t at = 0; at < count; at += pair)
    step_pair<Lane, off>(d, of_first, of_second, arrays, at, at + size);
}

/// Arrays of so many bytes in all come from memory, not from cache. There a step waits for memory
/// anyway, and the more instructions it has, the fewer accesses fit into the processor's window:
/// with roots off the divider a rule of one state took 1.19 of the plain loop's time at 32M floats.
inline constexpr std::size_t beyond_cache = std::size_t{32} << 20;

/// A kernel's arrays, in a copy that no store can be suspected to change.
template <std::size_t states, class T>
HWY_INLINE Arrays<T, states> together(T* theta, const T* gradient, T* first, T* const* others) {
  Arrays<T, states> arrays{theta, states == 0 ? first : theta, {}, gradient};
  if constexpr (states > 0) {
    arrays.state[0] = first;
    std::copy_n(others, states - 1, arrays.state.begin() + 1);
  }
  return arrays;
}

/// Runs a lane over arrays that are not whole pairs from an aligned place on. Their edges come
/// first, and overlap each other: single numbers would take a loop.
///
/// All lanes of so many states share it, so that it is not compiled for each. A step of 17 to 100
/// floats takes 1 or 2 ns longer for the calls, one of whole aligned vectors does not come here.
///
/// @param edge   the lane's step_edge
/// @param whole  its kernel, for what is whole
template <class T, std::size_t states>
HWY_NOINLINE void run_parts(const T* coefficient, T* theta, const T* gradient, std::size_t count,
                            T* first, T* const* others, Edge<T, states> edge, Kernel<T> whole) {
  constexpr std::size_t size = hn::MaxLanes(hn::ScalableTag<T>()), pair = 2 * size;
  auto arrays = together<states>(theta, gradient, first, others);
  if (count < size) return step_few(coefficient, arrays, count, edge);
  std::size_t begin = 0;
  const std::size_t head = before_aligned(arrays.theta_out);
  if (head != 0 && count >= 3 * size) {
    edge(coefficient, arrays, 0, head);
    begin = head + size;
  }
  // The last pair must not reach back into what is done, so less than a vector may not be left.
  if (const std::size_t rest = (count - begin) % pair; rest != 0 && rest < size) {
    edge(coefficient, arrays, begin, begin);
    begin += size;
  }
  const std::size_t in_pairs = (count - begin) / pair * pair;
  if (begin + in_pairs < count) edge(coefficient, arrays, begin + in_pairs, count - size);
  for (T*& each : arrays.state) each += begin;
  whole(coefficient, theta + begin, gradient + begin, in_pairs, first + begin,
        arrays.state.data() + (states > 0 ? 1 : 0));
}

template <class Lane, class T>
void run(const T*, T*, const T*, std::size_t, T*, T* const*);

/// Six arguments, as a kernel has, so that a kernel only jumps here.
template <class Lane, class T>
HWY_NOINLINE void run_with_edges(const T* coefficient, T* theta, const T* gradient,
                                 std::size_t count, T* first, T* const* others) {
  run_parts<T, Lane::states>(coefficient, theta, gradient, count, first, others, step_edge<Lane, T>,
                             run<Lane, T>);
}

/// A kernel: pairs of vectors.
///
/// Stores are aligned, theta's at least, because one that crosses a cache line costs two: where all
/// arrays begin 16 bytes past one, as those of malloc do, the shortest rule took 1.3 (AVX-512)
/// to 1.55 (AVX2) of its time on 16K floats. A second vector in flight is worth little by itself,
/// at most 1 %: the processor overlaps iterations anyhow, and four were no better.
///
/// Subnormal numbers are slow where a state is one itself, because its exact bits are wanted: about
/// 3 times for a mean of squares below 2^-126 (float; a plain loop 2.4 to 3.6 times). Above that,
/// products that would be subnormal are fused and never rounded: v of 1e-36 costs no more than all
/// roots on the divider, where a plain loop takes 1.6 (AVX-512) to 2.7 times as long (AVX2).
template <class Lane, class T>
void run(const T* coefficient, T* theta, const T* gradient, std::size_t count, T* first,
         T* const* others) {
  constexpr std::size_t size = hn::MaxLanes(hn::ScalableTag<T>()), pair = 2 * size;
  const auto arrays = together<Lane::states>(theta, gradient, first, others);
  // Fewer than three vectors are not aligned: their edges would be all of them.
  const bool aligned = before_aligned(arrays.theta_out) == 0 || count < 3 * size;
  if (!aligned || count % pair != 0) [[unlikely]]
    return run_with_edges<Lane>(coefficient, theta, gradient, count, first, others);
  if constexpr (roots_off_divider<Lane, T>)
    if (count * (Lane::states + 2) * sizeof(T) <= beyond_cache)
      return run_pairs<Lane, true>(coefficient, arrays, count);
  run_pairs<Lane, false>(coefficient, arrays, count);
}

}  // namespace truestep::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
