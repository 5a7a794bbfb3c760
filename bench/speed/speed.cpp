// truestep_speed [--short] [Google Benchmark's flags]: nanoseconds per element of a step, and
// ratios to the plain loop. --short: the small sizes alone, as a table.
//
// One case is one cell (rule, type, size). One iteration of it is a round, in which every candidate
// takes its turn on the same arrays; the counters are medians over the rounds, and a ratio is the
// median of the rounds' ratios, because times of different rounds are not comparable on a machine
// that is busy with other things.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <truestep/fast/coefficients.hpp>
#include <truestep/fast/target.hpp>
#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/momentum.hpp>
#include <truestep/reference/nag.hpp>
#include <truestep/reference/real.hpp>
#include <truestep/reference/rmsprop.hpp>

#include "columns.hpp"
#include "plain_loops.hpp"

namespace truestep::bench {
namespace {

using reference::Real;

constexpr std::uint64_t t = 1000;

// What the candidates need to know of each rule.

template <class FastHyperparameters, class FastLane, class Reference>
struct Types {
  using Hyperparameters = FastHyperparameters;
  using Lane = FastLane;
  using State = typename Reference::State;
};

struct Momentum
    : Types<fast::MomentumHyperparameters, fast::lane::Momentum, reference::Momentum<Real>> {
  static constexpr const char* name = "momentum";
  static constexpr auto public_step = [](auto&&... a) { fast::momentum_step(a...); };
  static reference::Momentum<Real> reference_rule(const Hyperparameters& h) {
    return {{.alpha = h.learning_rate, .lambda = h.momentum}, t};
  }
};

struct Nag : Types<fast::NagHyperparameters, fast::lane::Nag, reference::Nag<Real>> {
  static constexpr const char* name = "nag";
  static constexpr auto public_step = [](auto&&... a) { fast::nag_step(a...); };
  static reference::Nag<Real> reference_rule(const Hyperparameters& h) {
    return {{.alpha = h.learning_rate, .lambda = h.momentum}, t};
  }
};

struct Adagrad
    : Types<fast::AdagradHyperparameters, fast::lane::Adagrad, reference::Adagrad<Real>> {
  static constexpr const char* name = "adagrad";
  static constexpr auto public_step = [](auto&&... a) { fast::adagrad_step(a...); };
  static reference::Adagrad<Real> reference_rule(const Hyperparameters& h) {
    return {{.alpha = h.learning_rate, .epsilon = h.epsilon}, t};
  }
};

struct Adadelta
    : Types<fast::AdadeltaHyperparameters, fast::lane::Adadelta, reference::Adadelta<Real>> {
  static constexpr const char* name = "adadelta";
  static constexpr auto public_step = [](auto&&... a) { fast::adadelta_step(a...); };
  static reference::Adadelta<Real> reference_rule(const Hyperparameters& h) {
    return {{.rho = h.rho, .epsilon = h.epsilon}, t};
  }
};

struct Rmsprop
    : Types<fast::RmspropHyperparameters, fast::lane::Rmsprop, reference::Rmsprop<Real>> {
  static constexpr const char* name = "rmsprop";
  static constexpr auto public_step = [](auto&&... a) { fast::rmsprop_step(a...); };
  static reference::Rmsprop<Real> reference_rule(const Hyperparameters& h) {
    return {{.alpha = h.learning_rate, .beta = h.rho, .epsilon = h.epsilon}, t};
  }
};

struct Adam : Types<fast::AdamHyperparameters, fast::lane::Adam, reference::Adam<Real>> {
  static constexpr const char* name = "adam";
  static constexpr auto public_step = [](auto&&... a) { fast::adam_step(a...); };
  static reference::Adam<Real> reference_rule(const Hyperparameters& h) {
    return {{.alpha = h.learning_rate, .beta1 = h.beta1, .beta2 = h.beta2, .epsilon = h.epsilon},
            t};
  }
};

/// The arrays of a cell and the ways to make a step over them.
template <class Rule, class T>
class Cell {
 public:
  explicit Cell(std::size_t count) : columns_(count) {
    // States as a long run of such gradients leaves them: no quantity near the subnormal numbers,
    // which would be slow, and none that grows without end.
    std::mt19937 engine(2026);
    std::uniform_real_distribution<T> size(T(.01), T(1));
    for (std::size_t i = 0; i < count; ++i) {
      const T g = engine() % 2 == 0 ? size(engine) : -size(engine);
      columns_.gradient()[i] = g;
      for (std::size_t s = 0; s < states; ++s) columns_.column(s)[i] = g * g;
      columns_.theta()[i] = 1;
    }
    for (std::size_t i = 0; i < few; ++i) gradients_[i] = columns_.gradient()[i];
  }

  void kernel() {
    with_states([&](auto*... state) {
      Rule::public_step(h, t, span(columns_.theta()), span(state)...,
                        std::span<const T>(columns_.gradient(), columns_.count));
    });
  }

  template <class Flags>
  void plain_loop() {
    with_states([&](auto*... state) {
      PlainLoops<Flags, T>::step(h, t, columns_.count, columns_.theta(), state...,
                                 columns_.gradient());
    });
  }

  /// The lane over T itself, one number at a time.
  void scalar() {
    const auto coefficient = fast::coefficients<T>(h, t);
    for (std::size_t i = 0; i < columns_.count; ++i) {
      std::array<T, states> state;
      for (std::size_t s = 0; s < states; ++s) state[s] = columns_.column(s)[i];
      Rule::Lane::step(coefficient, columns_.theta()[i], state, columns_.gradient()[i],
                       fast::Unobserved());
      for (std::size_t s = 0; s < states; ++s) columns_.column(s)[i] = state[s];
    }
  }

  /// The reference over `few` coordinates of its own.
  void reference() {
    for (std::size_t i = 0; i < few; ++i) {
      const auto step = reference_.step(thetas_[i], states_[i], gradients_[i]);
      states_[i] = step;
      thetas_[i] = step.theta;
    }
  }

  static constexpr std::size_t few = 64;

 private:
  static constexpr std::size_t states = Rule::Lane::states;
  static constexpr typename Rule::Hyperparameters h{};

  std::span<T> span(T* column) { return {column, columns_.count}; }

  template <class Work>
  void with_states(const Work& work) {
    std::apply(work, columns_.state());
  }

  Columns<T, states> columns_;
  decltype(Rule::reference_rule(h)) reference_ = Rule::reference_rule(h);
  std::array<Real, few> thetas_, gradients_;
  std::array<typename Rule::State, few> states_;
};

/// A way to make a step; `calls` of it, over `elements` each, are timed together.
struct Candidate {
  std::string name;
  std::string target;
  std::function<void()> step;
  std::size_t calls, elements;
};

double nanoseconds_per_element(const Candidate& candidate) {
  if (!candidate.target.empty()) fast::use_target(candidate.target);
  candidate.step();  // in caches as it leaves them itself, not as another candidate did
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t call = 0; call < candidate.calls; ++call) candidate.step();
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
  return time.count() / static_cast<double>(candidate.calls * candidate.elements);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Rule, class T>
void measure(benchmark::State& state, std::size_t count) {
  Cell<Rule, T> cell(count);
  const std::size_t calls = std::max<std::size_t>(1, (std::size_t{1} << 18) / count);
  const auto best = fast::targets().front();

  std::vector<Candidate> candidates{
      {"ours", best, [&] { cell.kernel(); }, calls, count},
      {"loop", "", [&] { cell.template plain_loop<Native>(); }, calls, count},
      {"scalar", "", [&] { cell.scalar(); }, std::max<std::size_t>(1, calls / 16), count},
      {"reference", "", [&] { cell.reference(); }, 1, cell.few}};
#if TRUESTEP_HAVE_AVX2_LOOPS
  if (std::ranges::count(fast::targets(), "AVX2") != 0) {
    candidates.push_back({"avx2", "AVX2", [&] { cell.kernel(); }, calls, count});
    candidates.push_back(
        {"avx2_loop", "", [&] { cell.template plain_loop<Avx2>(); }, calls, count});
  }
#endif

  std::map<std::string, std::vector<double>> times;
  std::mt19937 order;
  for (auto _ : state) {
    std::shuffle(candidates.begin(), candidates.end(), order);
    for (const auto& candidate : candidates)
      times[candidate.name].push_back(nanoseconds_per_element(candidate));
    state.SetIterationTime(times["ours"].back() * 1e-9 * static_cast<double>(count));
  }
  fast::use_target(best);

  const auto ratio = [&](const char* theirs, const char* ours) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < times[ours].size(); ++i)
      ratios.push_back(times[theirs][i] / times[ours][i]);
    return median(ratios);
  };
  state.counters["ns_per_element"] = median(times["ours"]);
  state.counters["loop_ns"] = median(times["loop"]);
  state.counters["vs_loop"] = ratio("loop", "ours");
  if (times.contains("avx2")) {
    state.counters["avx2_ns"] = median(times["avx2"]);
    state.counters["avx2_loop_ns"] = median(times["avx2_loop"]);
    state.counters["avx2_vs_loop"] = ratio("loop", "avx2");
    state.counters["avx2_vs_avx2_loop"] = ratio("avx2_loop", "avx2");
  }
  state.counters["scalar_ns"] = median(times["scalar"]);
  state.counters["reference_ns"] = median(times["reference"]);
}

/// One line per cell, for people.
class Table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    std::printf("Nanoseconds per element; x: how many times faster than the plain loop.\n\n%-32s",
                "");
    for (const auto& [counter, title] : columns) std::printf(" %10s", title);
    std::printf("\n");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      std::printf("%-32s", run.run_name.function_name.c_str());
      for (const auto& [counter, title] : columns) {
        const auto found = run.counters.find(counter);
        if (found == run.counters.end())
          std::printf(" %10s", "-");
        else
          std::printf(" %10.*f", found->second.value < 100 ? 3 : 0, found->second.value);
      }
      std::printf("\n");
      std::fflush(stdout);
    }
  }

 private:
  static constexpr std::pair<const char*, const char*> columns[] = {
      {"ns_per_element", "ours"}, {"loop_ns", "loop"},     {"vs_loop", "x"},
      {"avx2_ns", "AVX2"},        {"avx2_vs_loop", "x"},   {"avx2_loop_ns", "AVX2 loop"},
      {"avx2_vs_avx2_loop", "x"}, {"scalar_ns", "scalar"}, {"reference_ns", "reference"}};
};

template <class Rule, class T>
void add(const char* type, std::size_t count, int rounds) {
  const std::string name = std::string(Rule::name) + "/" + type + "/" + std::to_string(count);
  benchmark::RegisterBenchmark(name.c_str(),
                               [count](benchmark::State& state) { measure<Rule, T>(state, count); })
      ->UseManualTime()
      ->Iterations(rounds);
}

template <class... Rule>
void add_all(bool few_sizes) {
  constexpr std::size_t kilo = 1024;
  const auto add_both = [](std::size_t floats, std::size_t doubles, int rounds) {
    ((add<Rule, float>("float", floats, rounds), add<Rule, double>("double", doubles, rounds)),
     ...);
  };
  add_both(kilo, kilo, 51);
  add_both(16 * kilo, 16 * kilo, 51);
  if (few_sizes) return;
  add_both(512 * kilo, 512 * kilo, 51);
  add_both(32 * kilo * kilo, 16 * kilo * kilo, 7);
}

}  // namespace
}  // namespace truestep::bench

int main(int argc, char** argv) {
  using namespace truestep::bench;
  char** const end = std::remove_if(
      argv, argv + argc, [](std::string_view argument) { return argument == "--short"; });
  const bool is_short = end != argv + argc;
  argc = static_cast<int>(end - argv);
  const bool for_people = is_short && std::none_of(argv, end, [](std::string_view argument) {
                            return argument.starts_with("--benchmark_format");
                          });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("truestep_target", truestep::fast::target());

  add_all<Momentum, Nag, Adagrad, Adadelta, Rmsprop, Adam>(is_short);
  Table table;
  if (for_people)
    benchmark::RunSpecifiedBenchmarks(&table);
  else
    benchmark::RunSpecifiedBenchmarks();
}
