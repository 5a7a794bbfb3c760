// SPDX-License-Identifier: Apache-2.0
// truestep_speed [--short | --table] [--target=NAME] [Google Benchmark's flags]: how fast the
// kernels are beside what else makes the same step, and beside what the machine allows (rounds.hpp,
// cell.hpp).
//
// A row is a cell: rule/type/elements/threads, which a filter sees with Google Benchmark's
// additions behind it, such as /iterations:51/manual_time. An iteration is a round. Counters,
// beside each candidate's own nanoseconds per element:
//
//   ns_per_element      of ours
//   vs_loop             time of the fastest loop over ours; above 1, ours is faster
//   vs_best_peer        of the fastest peer, whose name is the label, loops included
//   vs_best_peer_low    and _high: 95 % interval over the paired rounds
//   of_limit            time of the memory roof or of the divider floor, the larger, over ours
//   stuck_over_ours     at 16K on one thread: time of ours over states that are stuck at subnormal
//                       numbers, over ours; not where epsilon keeps them from it
//   tiny_over_ours      the same under gradients that are subnormal
//
// --short: the small sizes on one thread, for people. --table: all cells, as Markdown. --target:
// one of fast/target.hpp, which peers compiled for such a processor are a match for
// (TRUESTEP_PEER_ARCH in CMake's cache).

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <truestep/fast/target.hpp>

#include "cell.hpp"
#include "parts.hpp"
#include "rounds.hpp"
#include "setting.hpp"
#include "tables.hpp"

namespace truestep::speed {
namespace {

constexpr std::size_t kilo = 1024;

template <class Rule, class T>
void measure(benchmark::State& state, std::size_t count, int threads) {
  // A turn takes a tenth of a millisecond at least, which the clock measures well.
  const std::size_t calls = std::max<std::size_t>(1, kilo * kilo / count);
  const bool with_subnormals = count == 16 * kilo && threads == 1;
  // Threads of OpenMP spin for some milliseconds after their last work.
  const std::chrono::milliseconds rest(threads == 1 ? 0 : 10);
  Cell<Rule, T> cell(hyperparameters<Rule>(), count, threads, Start::steady);
  const std::size_t aside = with_subnormals ? count : 0;
  Cell<Rule, T> stuck(hyperparameters<Rule>(), aside, 1, Start::stuck);
  Cell<Rule, T> tiny(hyperparameters<Rule>(), aside, 1, Start::tiny);
  auto candidates = cell.candidates();
  if (with_subnormals) {
    candidates.push_back(stuck.ours_aside("stuck"));
    candidates.push_back(tiny.ours_aside("tiny"));
  }
  Rounds rounds(std::move(candidates), calls, rest);
  for (auto _ : state) state.SetIterationTime(rounds.run() * 1e-9);

  const Figures figures = rounds.figures();
  const auto per_element = [&](double time) { return time / static_cast<double>(count); };
  state.counters["ns_per_element"] = per_element(figures.ours);
  state.counters["vs_loop"] = figures.vs_loop;
  state.counters["vs_best_peer"] = figures.vs_best_peer.median;
  state.counters["vs_best_peer_low"] = figures.vs_best_peer.low;
  state.counters["vs_best_peer_high"] = figures.vs_best_peer.high;
  state.counters["of_limit"] = figures.of_limit;
  if (with_subnormals && stuck.is_stuck())
    state.counters["stuck_over_ours"] = rounds.over_ours("stuck");
  if (with_subnormals) state.counters["tiny_over_ours"] = rounds.over_ours("tiny");
  for (const auto& [name, time] : figures.all) state.counters[name + "_ns"] = per_element(time);
  state.SetLabel(figures.best_peer);
}

template <class Rule, class T>
void add_cell(std::size_t count, int threads, int rounds) {
  const std::string name = std::string(Rule::name) +
                           (std::is_same_v<T, float> ? "/float/" : "/double/") +
                           std::to_string(count) + "/" + std::to_string(threads);
  const auto run = [=](benchmark::State& state) {
    std::fprintf(stderr, "%s\n", name.c_str());
    measure<Rule, T>(state, count, threads);
  };
  benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Iterations(rounds);
}

/// Cells of all rules and both types.
void add_cells(std::size_t floats, std::size_t doubles, int threads, int rounds) {
  const auto add = [&]<class... Rule>(std::type_identity<std::tuple<Rule...>>) {
    ((add_cell<Rule, float>(floats, threads, rounds),
      add_cell<Rule, double>(doubles, threads, rounds)),
     ...);
  };
  add(std::type_identity<rules::All>());
}

void add_all_cells() {
  for (int threads = 1; threads <= most_threads; ++threads) {
    const int rounds = threads == 1 ? 51 : 21;
    for (const std::size_t count : {kilo, 16 * kilo, 512 * kilo})
      add_cells(count, count, threads, rounds);
    add_cells(32 * kilo * kilo, 16 * kilo * kilo, threads, 7);
  }
}

/// Takes --target=NAME out of the arguments and obeys it; the last one counts.
void take_target(std::vector<char*>& arguments) {
  constexpr std::string_view flag = "--target=";
  std::erase_if(arguments, [&](std::string_view each) {
    const bool is_target = each.starts_with(flag);
    if (is_target) fast::use_target(each.substr(flag.size()));
    return is_target;
  });
}

/// Takes the flag out of the arguments, if it is among them.
bool take(const char* flag, std::vector<char*>& arguments) {
  return std::erase_if(arguments, [&](std::string_view each) { return each == flag; }) != 0;
}

}  // namespace
}  // namespace truestep::speed

int main(int argc, char** argv) {
  using namespace truestep::speed;
  std::vector<char*> arguments(argv, argv + argc);
  const bool is_short = take("--short", arguments), is_table = take("--table", arguments);
  const bool is_json = std::ranges::count(arguments, std::string_view("--benchmark_format=json"),
                                          [](char* each) { return std::string_view(each); }) != 0;
  try {
    take_target(arguments);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  argc = static_cast<int>(arguments.size());
  benchmark::Initialize(&argc, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(argc, arguments.data())) return 2;
  for (const auto& [key, value] : setting()) benchmark::AddCustomContext(key, value);

  if (is_short) {
    add_cells(kilo, kilo, 1, 21);
    add_cells(16 * kilo, 16 * kilo, 1, 21);
  } else {
    add_all_cells();
  }
  const auto reporter = is_json    ? json_rows()
                        : is_table ? markdown_table()
                        : is_short ? short_table()
                                   : nullptr;
  benchmark::RunSpecifiedBenchmarks(reporter.get());
}
