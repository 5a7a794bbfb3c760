// SPDX-License-Identifier: Apache-2.0
// Whether set-ups of Adam's states compute what the processor, or a system's blocks, would.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adam.hpp"
#include "audited.hpp"
#include "followed.hpp"
#include "drift/compiled_runs.hpp"
#include "recorded_file.hpp"
#include "runs/recorded.hpp"
#include "report.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

/// The nearest bfloat16, ties to even, by the bits of a float.
float stored_in_bfloat16(float x) {
  auto bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + (bits >> 16 & 1);
  return std::bit_cast<float>(bits & 0xffff0000);
}

/// Adam in the processor's own floats, which stores what it keeps as `store` does.
template <class Store>
struct ByProcessor {
  ByProcessor(Store how, float start) : store(how), theta(start) {}

  Store store;
  float theta, m = 0, v = 0;

  void step(std::uint64_t t, float g) {
    constexpr double learning_rate = 0.001, beta1 = 0.9, beta2 = 0.999;
    const auto power = [&](double beta) {
      return 1 - std::pow(static_cast<long double>(beta), static_cast<long double>(t));
    };
    const auto w1 = static_cast<float>(1 - beta1), w2 = static_cast<float>(1 - beta2);
    const auto alpha = static_cast<float>(learning_rate / power(beta1));
    const auto c = static_cast<float>(1 / std::sqrt(power(beta2)));
    const float new_m = std::fma(w1, g, std::fma(-w1, m, m));
    const float new_v = std::fma(w2 * g, g, std::fma(-w2, v, v));
    const float update = alpha * new_m / std::fma(c, std::sqrt(new_v), 1e-8f);
    theta = store(theta - update);
    m = store(new_m);
    v = store(new_v);
  }
};

template <class Store>
void expect_same_bits(const drift::Setup& setup, Store store) {
  Followed<rules::Of<fast::Adam>> emulated({}, setup, {0x1p-7});
  ByProcessor<Store> computed{store, 0x1p-7f};
  bool moved = false;
  for (std::uint64_t t = 1; t <= 500; ++t) {
    const float g = store((t % 7 < 3 ? -0.37f : 0.81f) / static_cast<float>(1 + t % 11));
    emulated.step(t, g);
    computed.step(t, g);
    ASSERT_EQ(emulated.emulated.at(0, 0), computed.theta) << setup.name() << " " << t;
    ASSERT_EQ(emulated.emulated.at(1, 0), computed.m) << setup.name() << " " << t;
    ASSERT_EQ(emulated.emulated.at(2, 0), computed.v) << setup.name() << " " << t;
    moved |= computed.theta != 0x1p-7f;
  }
  EXPECT_TRUE(moved);
}

TEST(Setups, AreWhatTheProcessorComputes) {
  expect_same_bits(typed_setup("float"), [](float x) { return x; });
  expect_same_bits(typed_setup("pytorch_bf16"), stored_in_bfloat16);
  expect_same_bits(typed_setup("bfloat16"), stored_in_bfloat16);
}

/// Adam under a gradient of 0.1 for 400 steps, from 1: exactly 0.60000003998..., by decimals of 50
/// digits. bfloat16 does not move at all, which is 0.66666655555557568... of that; float weights
/// behind a bfloat16 copy are off by 8.5e-6 of it.
TEST(Setups, WithMasterWeightsAreAsGoodAsThese) {
  const RecordedFile grads("grads.npy", 1, std::vector<double>(400, double{0.1f})),
      params("params.npy", 1, {1});
  const auto run =
      audit({.rule = "adam",
             .steps = 400,
             .setups = {typed_setup("bfloat16,master=float"), typed_setup("bf16_master"),
                        typed_setup("pytorch_bf16"), typed_setup("all_bf16")},
             .convention = "pytorch",
             .gradients = grads.path(),
             .parameters = params.path()},
            go_on);
  const auto error = [&](std::size_t i) {
    return run.readings[i].series[0].drift.back().relative.largest;
  };
  ByProcessor kept{[](float x) { return x; }, 1.0f};
  for (std::uint64_t t = 1; t <= 400; ++t) kept.step(t, stored_in_bfloat16(0.1f));
  const double of_master = std::fabs(kept.theta / 0.60000003999999454613 - 1);
  for (const std::size_t master : {2u, 3u}) {
    EXPECT_EQ(std::round(error(master) * 0x1p40), std::round(of_master * 0x1p40));
    EXPECT_EQ(run.readings[master].series[0].updates.lost, 0u);
  }
  for (const std::size_t narrow : {4u, 5u}) {
    EXPECT_EQ(std::round(error(narrow) * 0x1p50), std::round(0.66666655555557568 * 0x1p50));
    EXPECT_EQ(run.readings[narrow].series[0].updates.lost, 400u);
  }
  const auto judgements = judged({&run, 1}, {});
  EXPECT_EQ(judgements.of_setups[3].verdict, Verdict::safe);
  EXPECT_EQ(judgements.of_setups[4].verdict, Verdict::loses_updates);
  EXPECT_TRUE(judgements.recommendation().starts_with("Recommended: "));
}

/// The first infinity or NaN of a set-up of Adam under these gradients, from 1.
std::optional<NotFinite> first_not_finite(const char* setup, std::vector<double> gradients) {
  const RecordedFile grads("grads.npy", 2, gradients), params("params.npy", 2, {1, 1});
  const auto run = audit({.rule = "adam",
                          .steps = gradients.size() / 2,
                          .setups = {typed_setup(setup)},
                          .gradients = grads.path(),
                          .parameters = params.path()},
                         go_on);
  return run.readings[2].not_finite;
}

/// 1e-8 is less than half of fp16's least number, 2^-24; 0.001 x 10000^2 is more than its largest,
/// and so is 0.001 x 9984^2, 9984 being the bfloat16 nearest to 10000.
TEST(Setups, TellWhatMadeTheFirstNotANumber) {
  const auto zero = first_not_finite("all_fp16", {0.5, 0.5, 0.5, 0.5, 0.5, 0});
  EXPECT_FALSE(zero);
  const auto still = first_not_finite("all_fp16", {0.5, 0, 0.5, 0});
  ASSERT_TRUE(still.has_value());
  EXPECT_EQ(still->first.step, 1u);
  EXPECT_EQ(still->first.coordinate, 1u);
  EXPECT_EQ(still->gradient, 0);
  EXPECT_EQ(still->why, "update: quotient is 0 / 0, since epsilon = 1e-08 is 0 in fp16");
  const auto small = first_not_finite("all_fp16", {0.5, 1e-5});
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(
      small->why,
      "update: quotient is 0 / 0, since v: product = 1e-08 rounds to 0 in fp16, and epsilon = "
      "1e-08 is 0 in fp16");
  const auto large = first_not_finite("all_fp16", {0.5, 0.5, 0.5, 10000});
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->first.step, 2u);
  EXPECT_EQ(large->why, "v: fma, exactly 1e+05, is beyond the largest number of fp16, 65504");
  // The same in float, and float that is only stored in fp16, has another cause or none.
  EXPECT_FALSE(first_not_finite("float,gradients=fp16", {0.5, 0, 0.5, 10000}));
  const auto stored = first_not_finite("pytorch_bf16,states=fp16", {0.5, 0, 0.5, 10000});
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->why, "v = 99680 is beyond the largest number of fp16, 65504");
  const auto read = first_not_finite("gradients=fp16", {0.5, 0, 1e6, 1});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->why, "the gradient = 1e+06 is beyond the largest number of fp16, 65504");
  EXPECT_EQ(read->first.coordinate, 0u);
}

/// All e4m3 numbers from 0 on, by their codes: seven bits, of which three are the significand's.
std::vector<float> e4m3_numbers() {
  std::vector<float> all;
  for (int code = 0; code < 127; ++code) {
    const int exponent = code >> 3, rest = code & 7;
    all.push_back(exponent == 0 ? std::ldexp(static_cast<float>(rest), -9)
                                : std::ldexp(static_cast<float>(8 + rest), exponent - 10));
  }
  return all;
}

/// The nearest multiple of the scale, of two that are as near that of the even code.
float stored_in_e4m3(float x, float scale) {
  static const auto numbers = e4m3_numbers();
  const float size = std::fabs(x / scale);
  std::size_t best = 0;
  for (std::size_t code = 1; code < numbers.size(); ++code) {
    const float off = std::fabs(numbers[code] - size), best_off = std::fabs(numbers[best] - size);
    if (off < best_off || (off == best_off && code % 2 == 0)) best = code;
  }
  return std::copysign(numbers[best], x) * scale;
}

/// A state of neighbouring columns as torchao keeps it.
template <class Columns>
void store_in_blocks(Columns& columns, float Columns::value_type::*state, std::size_t block) {
  for (std::size_t begin = 0; begin < columns.size(); begin += block) {
    const std::size_t end = std::min(begin + block, columns.size());
    float largest = 1e-12f;
    for (std::size_t i = begin; i < end; ++i)
      largest = std::max(largest, std::fabs(columns[i].*state));
    for (std::size_t i = begin; i < end; ++i)
      columns[i].*state = stored_in_e4m3(columns[i].*state, largest / 448);
  }
}

constexpr std::size_t scaled_columns = 600, scaled_steps = 12;

/// Gradients have many sizes, so that the least ones of a block are stored as 0.
std::vector<double> scaled_gradients() {
  std::vector<double> all;
  for (std::size_t step = 0; step < scaled_steps; ++step)
    for (std::size_t i = 0; i < scaled_columns; ++i)
      all.push_back(std::ldexp(static_cast<double>((37 * i + 11 * step) % 101) - 50,
                               -static_cast<int>(i % 23)));
  return all;
}

/// How many of theta, m and v differ from what the processor makes, where these columns are run.
std::size_t unlike_the_processor(const drift::Setup& setup, std::size_t begin) {
  using Rule = rules::Of<fast::Adam>;
  const RecordedFile grads("grads.npy", scaled_columns, scaled_gradients());
  const Rule::Hyperparameters h;
  const Request request{.rule = "adam", .steps = scaled_steps, .gradients = grads.path()};
  const std::vector<OtherConvention<Rule>> others;
  const std::vector<drift::Setup> setups{drift::Setup::all_in(format("float")),
                                         drift::Setup::all_in(format("double")), setup};
  Recorded workload(grads.path(), "");
  const std::vector<double> initial(scaled_columns, 0.5);
  GroupOf<Rule> group(h, request, others, setups, workload, Beginning(initial),
                      Columns{begin, scaled_columns}, true, [](std::size_t) { return Extent(); });
  const auto store = [](float x) { return x; };
  std::vector<ByProcessor<decltype(store)>> computed(scaled_columns, {store, 0.5f});
  std::size_t unlike = 0;
  for (std::uint64_t t = 1; t <= scaled_steps; ++t) {
    group.take_steps(t, t);
    for (std::size_t i = 0; i < scaled_columns; ++i)
      computed[i].step(t, static_cast<float>(workload.gradient(t - 1, i)));
    store_in_blocks(computed, &ByProcessor<decltype(store)>::m, 256);
    store_in_blocks(computed, &ByProcessor<decltype(store)>::v, 256);
    for (const auto& block : group.blocks())
      for (std::size_t i = 0; i < block.count(); ++i) {
        const auto& expected = computed[block.first() + i];
        const auto& run = *block.emulated(2);
        unlike += run.at(0, i) != expected.theta;
        unlike += run.at(1, i) != expected.m;
        unlike += run.at(2, i) != expected.v;
      }
  }
  return unlike;
}

/// Three blocks, the last of them short; and the last two of them alone.
TEST(Setups, ScaleFp8StatesAsTorchaoDoes) {
  EXPECT_EQ(unlike_the_processor(typed_setup("fp8_states"), 0), 0u);
  EXPECT_EQ(unlike_the_processor(typed_setup("fp8_states"), 256), 0u);
  // Other blocks, other rounding and no scale are seen.
  for (const char* other : {"fp8_states,state_block=64", "fp8_states,state_rounding=zero",
                            "fp8_states,state_block=0", "float"})
    EXPECT_GT(unlike_the_processor(typed_setup(other), 0), 1000u) << other;
}

/// A gradient of 2^-10 beside 255 of 1: v is 2^-20 of what its scale makes 448, less than half of
/// the least number of fp8, 2^-9, and m is not. When the gradient has become 0 m is divided by
/// epsilon, which the median does not show.
TEST(Setups, OfFp8ThrowOffTheCoordinateWhoseVIsLost) {
  std::vector<double> gradients(20 * 256, 1.0);
  for (std::size_t row = 0; row < 20; ++row) gradients[row * 256 + 131] = row < 10 ? 0x1p-10 : 0;
  const RecordedFile grads("grads.npy", 256, gradients);
  const auto run = audit({.rule = "adam",
                          .steps = 20,
                          .setups = {typed_setup("fp8_states"), typed_setup("pytorch_bf16"),
                                     typed_setup("fp8_states,states=float,state_block=0")},
                          .gradients = grads.path()},
                         go_on);
  EXPECT_LT(run.readings[2].series[0].drift.back().relative.median, Criteria().drift);
  const Farthest& far = run.readings[2].farthest;
  EXPECT_EQ(far.coordinate, 131u);
  // The 11th step takes it 0.001 (0.9 - 0.9^11) 2^-10 / (1 - 0.9^11) / 1e-8 = 83, but for the four
  // bits of m; exactly a step takes it 0.001 at most, as m is at most the root of v.
  EXPECT_GT(far.distance, 50);
  EXPECT_GT(far.of_reach, 50 / 0.02);
  const auto of = judged({&run, 1}, {}).of_setups;
  EXPECT_EQ(of[2].verdict, Verdict::strays) << of[2].sentence;
  for (const std::size_t sound : {0u, 1u, 4u})
    EXPECT_EQ(of[sound].verdict, Verdict::safe) << of[sound].sentence;
  EXPECT_LT(of[3].verdict, Verdict::strays) << of[3].sentence;
}

TEST(Setups, ScaleStatesByWholeBlocks) {
  const RecordedFile grads("grads.npy", scaled_columns, scaled_gradients());
  const auto of = [&](std::size_t begin, std::size_t end) {
    Request request{.rule = "adam",
                    .steps = 2,
                    .setups = {typed_setup("fp8_states")},
                    .gradients = grads.path()};
    request.columns = {begin, end};
    return audit(request, go_on);
  };
  EXPECT_EQ(of(256, scaled_columns).parameters, scaled_columns - 256);
  EXPECT_THROW(of(100, scaled_columns), std::invalid_argument);
  EXPECT_THROW(of(0, 300), std::invalid_argument);
}

/// The square of 1e30 is beyond float, and the scale of its 256 columns with it.
TEST(Setups, TellThatAScaleIsShared) {
  std::vector<double> gradients(256, 0.5);
  gradients[5] = 1e30;
  const RecordedFile grads("grads.npy", 256, gradients);
  const auto run = audit({.rule = "adam",
                          .steps = 1,
                          .setups = {typed_setup("fp8_states")},
                          .gradients = grads.path()},
                         go_on);
  const auto& found = run.readings[2].not_finite;
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->first.coordinate, 0u);
  EXPECT_EQ(found->why, "v = 0.00025 shares its scale with a number that is infinite or NaN");
  EXPECT_EQ(run.readings[2].series[2].updates.not_finite, 256u);
  EXPECT_EQ(run.readings[0].series[2].updates.not_finite, 1u);
}

}  // namespace
}  // namespace truestep::drift
