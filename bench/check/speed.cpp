// SPDX-License-Identifier: Apache-2.0
#include "speed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <new>

#include "fast_kernel.hpp"
#include "inputs.hpp"
#include "process.hpp"
#include "runs/given.hpp"

namespace truestep::trial {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// In the caches, and in no cache of today.
constexpr std::array<std::size_t, 2> lengths{1 << 14, 1 << 23};
constexpr std::size_t rounds = 21, rank = 5;
constexpr Seconds least_turn(2e-3);

/// What the child measured: seconds of a step in each round, of the kernel, ours and the roof.
struct Times {
  bool is_done = false, is_refused = false, has_ours = false;
  int code = 0;
  std::array<std::array<double, rounds>, 3> seconds = {};
};
using Board = std::array<Times, lengths.size()>;

/// Our kernel of the map; null where there is none.
std::unique_ptr<Kernel> ours(const Map& map) {
  std::unique_ptr<Kernel> kernel;
  settings::with_rule(map.rule, [&]<class Rule>(Rule) {
    auto h = fast::convention<typename Rule::Hyperparameters>(map.convention);
    settings::apply<Rule>(h, map.set);
    if (fast::without_lane(h) == nullptr)
      kernel = std::make_unique<FastKernel<typename Rule::Fast>>(h);
  });
  return kernel;
}

/// Elements that begin at a multiple of 64 bytes.
template <class T>
class Aligned {
 public:
  explicit Aligned(std::size_t length, T value) : length_(length) {
    std::fill_n(data(), length, value);
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  ~Aligned() { ::operator delete(data_, alignment); }

  T* data() { return static_cast<T*>(data_); }
  std::size_t length() const { return length_; }

 private:
  static constexpr std::align_val_t alignment{64};
  std::size_t length_;
  void* data_ = ::operator new(std::max<std::size_t>(length_, 1) * sizeof(T), alignment);
};

/// Reads the gradient and reads and writes all else, with an addition for each element.
template <class T>
void pass(const T* __restrict gradient, T* __restrict array, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) array[i] += gradient[i];
}

/// The arrays of one length, and the three steps that take turns over them.
template <class T>
class Turns {
 public:
  Turns(Kernel& kernel, Kernel* ours, const Setup& setup, std::size_t states, Random& random)
      : theta_(setup.lengths[0], 0), gradient_(setup.lengths[0], 0) {
    for (std::size_t i = 0; i < theta_.length(); ++i) {
      theta_.data()[i] = static_cast<T>(random.signed_power(-2, 0));
      gradient_.data()[i] = static_cast<T>(random.signed_power(-3, -1));
    }
    for (std::size_t s = 0; s < states; ++s)
      kept_.push_back(std::make_unique<Aligned<T>>(theta_.length(), T(0)));
    optimizer_ = kernel.make(setup);
    if (ours != nullptr) ours_ = ours->make(setup);
  }

  void time(Times& times) {
    times.is_refused = optimizer_ == nullptr;
    if (times.is_refused) return;
    times.has_ours = ours_ != nullptr;
    const std::array<std::function<void()>, 3> steps{[&] { step(*optimizer_, times); },
                                                     [&] { step(*ours_, times); }, [&] { roof(); }};
    std::array<std::size_t, 3> counts{};
    for (std::size_t k = 0; k < steps.size(); ++k)
      if (k != 1 || ours_ != nullptr) counts[k] = count(steps[k]);
    for (std::size_t round = 0; round < rounds; ++round)
      for (std::size_t k = 0; k < steps.size(); ++k)
        if (counts[k] > 0) times.seconds[k][round] = seconds(steps[k], counts[k]);
    times.is_done = times.code == 0;
  }

 private:
  void step(Optimizer& optimizer, Times& times) {
    void* const theta = theta_.data();
    const void* const gradient = gradient_.data();
    const int code = optimizer.step(++t_, &theta, &gradient);
    if (code != 0) times.code = code;
  }
  void roof() {
    pass(gradient_.data(), theta_.data(), theta_.length());
    for (auto& kept : kept_) pass(gradient_.data(), kept->data(), theta_.length());
  }

  /// What a step takes, over so many of them.
  static double seconds(const std::function<void()>& step, std::size_t count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) step();
    return Seconds(Clock::now() - start).count() / static_cast<double>(count);
  }
  /// As many steps as a turn takes; the first is to be forgotten.
  static std::size_t count(const std::function<void()>& step) {
    step();
    std::size_t n = 1;
    while (static_cast<double>(n) * seconds(step, n) < least_turn.count()) n *= 2;
    return n;
  }

  Aligned<T> theta_, gradient_;
  std::vector<std::unique_ptr<Aligned<T>>> kept_;
  std::unique_ptr<Optimizer> optimizer_, ours_;
  std::uint64_t t_ = 0;
};

template <class T>
void time(Kernel& kernel, const Request& request, Board& board) {
  Random random(request.seed, "speed");
  const auto ours_of_map = ours(request.map);
  kernel.load();
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    const Setup setup{request.map.rule,
                      request.format,
                      {lengths[k]},
                      numbers(request.map, request.pinned, Numbers::own, random)};
    Turns<T>(kernel, ours_of_map.get(), setup, states(request.map).size(), random).time(board[k]);
    if (!board[k].is_done) return;
  }
}

Ratio ratio(const std::array<double, rounds>& a, const std::array<double, rounds>& b) {
  std::array<double, rounds> all;
  for (std::size_t i = 0; i < rounds; ++i) all[i] = a[i] / b[i];
  std::sort(all.begin(), all.end());
  return {all[rank], all[rounds / 2], all[rounds - 1 - rank]};
}

double nanoseconds(std::array<double, rounds> seconds, std::size_t length) {
  std::sort(seconds.begin(), seconds.end());
  return 1e9 * seconds[rounds / 2] / static_cast<double>(length);
}

Speed read(const Board& board, const std::string& ended) {
  Speed speed;
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    const auto& times = board[k];
    if (!times.is_done) {
      speed.undetermined =
          fmt::format("a length of {}: {}", lengths[k],
                      times.is_refused  ? "it does not support that"
                      : times.code != 0 ? fmt::format("a step returns {}", times.code)
                                        : ended);
      return speed;
    }
    const auto& [kernel, ours, roof] = times.seconds;
    Timing timing{lengths[k], nanoseconds(kernel, lengths[k]), nanoseconds(roof, lengths[k])};
    timing.to_roof = ratio(kernel, roof);
    if (times.has_ours) {
      timing.ours = nanoseconds(ours, lengths[k]);
      timing.to_ours = ratio(kernel, ours);
    }
    speed.timings.push_back(timing);
  }
  return speed;
}

std::string text(const Ratio& ratio) {
  return fmt::format("{:.3g} [{:.3g}, {:.3g}]", ratio.middle, ratio.low, ratio.high);
}

}  // namespace

Speed speed(Kernel& kernel, const Request& request) {
  if (!kernel.shares_memory()) return {.undetermined = "what is asked line by line is not timed"};
  if (request.format.has_narrow()) return {.undetermined = "steps in 16 bits are not timed"};
  const Pages memory(sizeof(Board), Pages::Seen::by_forks_too);
  auto& board = *new (memory.first()) Board{};
  const auto status = in_a_process(kernel, request.limit, [&] {
    request.format.theta == Format::float32 ? time<float>(kernel, request, board)
                                            : time<double>(kernel, request, board);
  });
  const auto seconds = static_cast<double>(request.limit.count()) / 1000;
  return read(board, status ? "it ends its process" : fmt::format("not within {} s", seconds));
}

std::vector<std::string> lines(const Speed& speed) {
  std::vector<std::string> all;
  for (const auto& each : speed.timings) {
    auto line = fmt::format("{:.3g} ns an element at a length of {}", each.kernel, each.length);
    if (each.ours)
      line +=
          fmt::format(", {} times ours ({:.3g} ns, one thread)", text(*each.to_ours), *each.ours);
    else
      line += "; we have no kernel of that map";
    all.push_back(line + fmt::format(", {} times a pass over its memory ({:.3g} ns)",
                                     text(each.to_roof), each.roof));
  }
  if (!speed.undetermined.empty()) all.push_back("not determined: " + speed.undetermined);
  return all;
}

}  // namespace truestep::trial
