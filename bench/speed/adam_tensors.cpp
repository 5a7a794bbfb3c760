// SPDX-License-Identifier: Apache-2.0
// truestep_tensors [threads] [tensors] [replay]: what Adam in float costs on several threads, over
// lists of tensors, and replayed. All three unless named.
//
// Candidates take turns, and what is compared is the median of the turns' ratios, because times of
// different turns are not comparable on a machine that is busy with other things.

#include <truestep/fast/adam.hpp>
#include <truestep/fast/threads.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "columns.hpp"

#if TRUESTEP_HAVE_TBB
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif
#if TRUESTEP_HAVE_TORCH
#include "torch_adam.hpp"
#endif

namespace truestep::bench {
namespace {

using fast::AdamTensor;
using fast::Executor;
using fast::Task;
using fast::Threads;

constexpr std::uint64_t t = 1000;
constexpr fast::AdamHyperparameters h;

/// Theta, both moments and a gradient, of sizes as in training; no quantity near the subnormal
/// numbers, which would be slow.
class Tensor {
 public:
  explicit Tensor(std::size_t count) : columns_(count) {
    std::mt19937 engine(2026);
    std::uniform_real_distribution<float> size(.01f, 1.f);
    for (std::size_t i = 0; i < count; ++i) {
      const float g = engine() % 2 == 0 ? size(engine) : -size(engine);
      columns_.gradient()[i] = g;
      columns_.column(0)[i] = g / 2;
      columns_.column(1)[i] = g * g;
      columns_.theta()[i] = 1;
    }
  }

  AdamTensor<float> spans() {
    const std::size_t n = columns_.count;
    return {.theta = {columns_.theta(), n},
            .m = {columns_.column(0), n},
            .v = {columns_.column(1), n},
            .gradient = {columns_.gradient(), n}};
  }

 private:
  Columns<float, 2> columns_;
};

/// `calls` of it are timed together.
struct Candidate {
  const char* name;
  std::function<void()> call;
  std::size_t calls = 1;
};

double now() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// For turns so long that other programs take theirs meanwhile.
double processor_time() { return 1e9 / CLOCKS_PER_SEC * static_cast<double>(std::clock()); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Candidates that took turns.
class Turns {
 public:
  /// @param clock  in nanoseconds
  Turns(const std::vector<Candidate>& candidates, std::size_t rounds, double (*clock)())
      : times_(candidates.size()) {
    for (std::size_t round = 0; round < rounds; ++round)
      for (std::size_t i = 0; i < candidates.size(); ++i)
        times_[i].push_back(turn(candidates[i], clock));
  }

  /// Nanoseconds of a call.
  double time(std::size_t i) const { return median(times_[i]); }

  /// How many times as long as the other a candidate takes.
  double ratio(std::size_t i, std::size_t other) const {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < times_[i].size(); ++round)
      ratios.push_back(times_[i][round] / times_[other][round]);
    return median(ratios);
  }

 private:
  static double turn(const Candidate& candidate, double (*clock)()) {
    // Until the threads of the candidate before have gone to sleep, and its own are awake and
    // apart: Linux wakes a thread on the processor that is awake, and takes some milliseconds to
    // find it another.
    constexpr double awake = 20e6;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    for (const double start = now(); candidate.calls > 1 && now() - start < awake;)
      candidate.call();
    const double begin = clock();
    for (std::size_t call = 0; call < candidate.calls; ++call) candidate.call();
    return (clock() - begin) / static_cast<double>(candidate.calls);
  }

  std::vector<std::vector<double>> times_;
};

/// So many calls of a step over so many elements that a turn takes about 100 microseconds.
std::size_t calls_of(std::size_t elements) {
  return std::max<std::size_t>(1, (std::size_t{1} << 18) / (elements + 512));
}

void compare_executors() {
  constexpr std::size_t rounds = 21;
  const Threads team(2);
  const auto openmp = [](std::size_t count, Task task) {
#pragma omp parallel for num_threads(2) schedule(static, 1)
    for (std::size_t i = 0; i < count; ++i) task(i);
  };
#if TRUESTEP_HAVE_TBB
  tbb::task_arena arena(2);
  const auto tbb_arena = [&](std::size_t count, Task task) {
    arena.execute([&] {
      tbb::parallel_for(
          std::size_t{0}, count, [&](std::size_t i) { task(i); }, tbb::static_partitioner());
    });
  };
#endif
  fmt::print("Adam, float, on two threads: time over that of one thread\n\n{:>10}{:>14}", "floats",
             "1 thread, us");
  for (std::size_t kilo = 1; kilo <= 512; kilo *= 2) {
    Tensor tensor(1024 * kilo);
    const std::array list{tensor.spans()};
    const auto on = [&](Executor executor) {
      return [&list, executor] { fast::step(h, t, list, executor); };
    };
    const std::size_t calls = calls_of(1024 * kilo);
    const std::vector<Candidate> candidates {
      {"1 thread", on(fast::calling_thread()), calls}, {"Threads", on(team), calls},
#if TRUESTEP_HAVE_OPENMP
          {"OpenMP", on(Executor(2, openmp)), calls},
#endif
#if TRUESTEP_HAVE_TBB
          {"TBB", on(Executor(2, tbb_arena)), calls},
#endif
    };
    const Turns turns(candidates, rounds, now);
    if (kilo == 1) {
      for (std::size_t i = 1; i < candidates.size(); ++i) fmt::print("{:>10}", candidates[i].name);
      fmt::print("\n");
    }
    fmt::print("{:>9}K{:>14.2f}", kilo, turns.time(0) / 1000);
    for (std::size_t i = 1; i < candidates.size(); ++i) fmt::print("{:>10.3f}", turns.ratio(i, 0));
    fmt::print("\n");
    std::fflush(stdout);
  }
}

/// Lengths of the 148 tensors of a transformer: 12 layers of width 256, a vocabulary of 8192.
std::vector<std::size_t> transformer() {
  constexpr std::size_t width = 256;
  std::vector<std::size_t> lengths{8192 * width, 128 * width, width, width};
  for (int layer = 0; layer < 12; ++layer)
    lengths.insert(lengths.end(),
                   {width, width, 3 * width * width, 3 * width, width * width, width, width, width,
                    4 * width * width, 4 * width, 4 * width * width, width});
  return lengths;
}

void compare_lists(const char* title, const std::vector<std::size_t>& lengths) {
  std::vector<Tensor> tensors(lengths.begin(), lengths.end());
  std::vector<AdamTensor<float>> list;
  for (Tensor& tensor : tensors) list.push_back(tensor.spans());
  const Threads team(2);
  const auto in_one_call = [&](Executor executor) { fast::step(h, t, list, executor); };
  const std::size_t elements = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  const std::size_t calls = calls_of(elements + 100 * lengths.size());
  std::vector<Candidate> candidates{
      {"one call", [&] { in_one_call(fast::calling_thread()); }, calls},
      {"a call each",
       [&] {
         for (const auto& [theta, m, v, gradient, v_max] : list)
           fast::step(h, t,
                      AdamTensor<float>{.theta = theta, .m = m, .v = v, .gradient = gradient});
       },
       calls},
      {"2 threads", [&] { in_one_call(team); }, calls}};
#if TRUESTEP_HAVE_TORCH
  TorchAdam torch(lengths);
  candidates.push_back({"PyTorch", [&] { torch.step(); }, calls});
#endif
  const Turns turns(candidates, elements < 1000000 ? 101 : 11, now);
  const auto count = static_cast<double>(lengths.size());
  fmt::print("{:>20}{:>12.0f}{:>12.1f}", title, turns.time(0), turns.time(0) / count);
  for (std::size_t i = 1; i < candidates.size(); ++i) fmt::print("{:>12.3f}", turns.ratio(i, 0));
  fmt::print("\n");
  std::fflush(stdout);
}

void compare_all_lists() {
  fmt::print("Adam, float, over a list of tensors: times over that of one call on one thread\n\n");
  fmt::print("{:>20}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "tensors x floats", "call, ns", "tensor, ns",
             "a call each", "2 threads", TRUESTEP_HAVE_TORCH ? "PyTorch" : "");
  constexpr std::size_t most = 20000000;
  for (const std::size_t count : {1u, 10u, 100u, 1000u})
    for (const std::size_t length : {1u, 100u, 10000u, 1000000u})
      if (count * length <= most)
        compare_lists(fmt::format("{} x {}", count, length).c_str(),
                      std::vector<std::size_t>(count, length));
  compare_lists("a transformer's 148", transformer());
}

/// Single steps over more than the cache holds, replay of 50, and single steps in cache.
void compare_replay() {
  constexpr std::size_t count = std::size_t{32} << 20, small = 16384, steps = 50;
  Tensor large(count), in_cache(small);
  // The gradients overlap, but none is read again before the cache has forgotten it.
  struct alignas(64) Line {
    float numbers[16];
  };
  constexpr std::size_t shift = (std::size_t{4} << 20) / 16 + 17;
  std::vector<Line, LargePages<Line>> recorded(count / 16 + (steps - 1) * shift);
  for (Line& line : recorded) std::ranges::fill(line.numbers, .3f);
  std::vector<std::span<const float>> gradients;
  for (std::size_t i = 0; i < steps; ++i) gradients.push_back({recorded[i * shift].numbers, count});
  auto all = large.spans(), cached = in_cache.spans();
  auto states = all;
  states.gradient = {};
  const auto step = [](const AdamTensor<float>& x) { fast::step(h, t, x); };
  const Turns turns({{"single steps", [&] { step(all); }},
                     {"replay", [&] { fast::replay(h, t, states, gradients); }},
                     {"in cache", [&] { step(cached); }, count / small}},
                    7, processor_time);
  constexpr double elements = count, in_one = small;
  fmt::print(
      "Adam, float, nanoseconds per element and step:\n"
      "  single steps, 32M           {:.3f}\n"
      "  replay of {} steps, 32M     {:.3f}\n"
      "  single steps, 16K           {:.3f}\n"
      "  speed of the replay over that of single steps at 16K: {:.3f}\n",
      turns.time(0) / elements, steps, turns.time(1) / elements / steps, turns.time(2) / in_one,
      turns.ratio(2, 1) / in_one * elements * steps);
}

}  // namespace
}  // namespace truestep::bench

int main(int argc, char** argv) {
  using namespace truestep::bench;
  const std::map<std::string_view, void (*)()> parts{
      {"replay", compare_replay}, {"tensors", compare_all_lists}, {"threads", compare_executors}};
  std::vector<std::string_view> wanted(argv + 1, argv + argc);
  for (const auto name : wanted)
    if (!parts.contains(name)) {
      fmt::print(stderr, "truestep_tensors: {} is not one of {{replay, tensors, threads}}\n", name);
      return 2;
    }
  if (wanted.empty()) wanted = {"threads", "tensors", "replay"};
  for (const auto name : wanted) {
    parts.at(name)();
    fmt::print("\n");
  }
}
