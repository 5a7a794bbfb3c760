// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "step.hpp"
#include <truestep/fast/threads.hpp>

namespace truestep::fast::call {

/// Work is cut at multiples of a cache line, so that no two threads write into one where the arrays
/// are aligned, and no vector is cut.
template <class T>
constexpr std::size_t whole_lines(std::size_t elements) {
  constexpr std::size_t line = 64 / sizeof(T);
  return elements / line * line;
}

/// Calls work(begin, end) for parts of [0, size), as many as are worth a thread: of `least`
/// elements on average. They are equal but for the first, which the calling thread takes without
/// delay and which has `least` more.
///
/// All is captured by value, here and by `work`: what another thread begins with then lies
/// together, and costs it few misses.
template <class Work>
void in_parts(std::size_t size, std::size_t least, Executor executor, const Work& work) {
  const std::size_t parts = std::max<std::size_t>(std::min(size / least, executor.threads()), 1);
  const std::size_t lead = parts > 1 ? least : 0, shared = size - lead;
  executor(parts, [parts, lead, shared, work](std::size_t part) {
    const auto cut = [&](std::size_t i) {
      return i == 0 ? 0 : lead + shared / parts * i + std::min(i, shared % parts);
    };
    const IeeeEnvironment environment;
    work(cut(part), cut(part + 1));
  });
}

/// One step of each tensor. They are taken to lie end to end, and cut into parts there.
/// The rule's least_part takes about as long as a helper needs to begin and to answer: 0.3 to 0.4
/// microseconds (measured, two cores of a Zen 4).
template <class Tensor>
void step_each(const typename Tensor::Hyperparameters& h, std::uint64_t t,
               std::span<const Tensor> tensors, Executor executor) {
  using T = typename Tensor::Element;
  constexpr std::size_t least_part = RuleOf<Tensor>::least_part;
  // A copy: an executor may let this thread take another step meanwhile.
  const auto plan = remembered_plan<Tensor>(h, t);
  // What a tensor costs besides its elements: 12 to 30 nanoseconds.
  const auto cost = [](const Tensor& tensor) { return tensor.theta.size() + least_part / 16; };
  std::size_t size = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    require_tensor({"tensor", i}, h, tensors[i]);
    size += cost(tensors[i]);
  }
  in_parts(size, least_part, executor, [=, &h](std::size_t begin, std::size_t end) {
    const Kernel<T>* const known = kernels<T, typename Tensor::Hyperparameters>();
    std::size_t at = 0;
    for (const auto& tensor : tensors) {
      const auto before = [&](std::size_t cut) {
        return cut <= at ? 0 : std::min(whole_lines<T>(cut - at), tensor.theta.size());
      };
      if (at >= end) return;
      if (const std::size_t first = before(begin), last = before(end); first < last)
        run(known, plan, pointers(h, tensor), first, last - first);
      at += cost(tensor);
    }
  });
}

/// So many steps of a block at a time that theta and the states are read and written seldom, and
/// the coefficients of the steps need no allocation.
inline constexpr std::size_t most_steps_at_once = 64;

/// Bytes of each array that stay in cache from step to step, and bytes between two looks ahead.
/// A replay of 32M floats with two states takes 0.274 ns per element and step on a Zen 4 if arrays
/// have pages of 2 MiB (4 KiB: 0.30), a step in cache 0.24; blocks of half the size take 0.281,
/// strips of twice the size 0.284, of four times 0.32. A burst of more lines than the processor can
/// wait for at once, 24 there, holds up the step's own loads. Left to the processor's own looking
/// ahead, 0.5; fetched into the first level of cache, 0.5 and more.
inline constexpr std::size_t block_bytes = 65536, strip_bytes = 1024;

/// Has memory fetched into the second level of cache.
inline void fetch(const void* data, std::size_t bytes) {
#if defined(__GNUC__)
  for (std::size_t at = 0; at < bytes; at += 64)
    __builtin_prefetch(static_cast<const char*>(data) + at, 0, 2);
#endif
}

/// Coordinates [begin, end) through some steps.
template <class T, std::size_t most_states>
void replay_range(const Kernel<T>* known, const Plan<T>* plans, Pointers<T, most_states> arrays,
                  std::span<const std::span<const T>> gradients, std::size_t begin,
                  std::size_t end) {
  constexpr std::size_t block = block_bytes / sizeof(T), strip = strip_bytes / sizeof(T);
  for (std::size_t first = begin; first < end; first += block) {
    const std::size_t last = std::min(first + block, end);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      arrays.gradient = gradients[i].data();
      for (std::size_t at = first; at < last; at += strip) {
        const std::size_t count = std::min(strip, last - at);
        if (i + 1 < gradients.size()) fetch(gradients[i + 1].data() + at, count * sizeof(T));
        run(known, plans[i], arrays, at, count);
      }
    }
  }
}

/// One step after another of each block of coordinates.
template <class Tensor>
void replay(const typename Tensor::Hyperparameters& h, std::uint64_t t, Tensor tensor,
            std::span<const std::span<const typename Tensor::Element>> gradients,
            Executor executor) {
  using T = typename Tensor::Element;
  require_sense(tensor.gradient.empty(), RuleOf<Tensor>::name,
                "a tensor to replay has its gradients apart");
  coefficient_list<T>(h, t);
  if (gradients.empty()) return;
  coefficient_list<T>(h, t + gradients.size() - 1);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    tensor.gradient = gradients[i];
    require_tensor({"step", t + i}, h, tensor);
  }
  const std::size_t count = tensor.theta.size();
  const auto cut = [&](std::size_t at) { return at == count ? count : whole_lines<T>(at); };
  std::array<Plan<T>, most_steps_at_once> plans;
  for (std::size_t done = 0; done < gradients.size(); done += most_steps_at_once) {
    const auto some =
        gradients.subspan(done, std::min(most_steps_at_once, gradients.size() - done));
    for (std::size_t i = 0; i < some.size(); ++i) plans[i] = plan<T>(h, t + done + i);
    in_parts(count, RuleOf<Tensor>::least_part, executor, [&](std::size_t begin, std::size_t end) {
      replay_range(kernels<T, typename Tensor::Hyperparameters>(), plans.data(),
                   pointers(h, tensor), some, cut(begin), cut(end));
    });
  }
}

}  // namespace truestep::fast::call
