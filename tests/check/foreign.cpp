// SPDX-License-Identifier: Apache-2.0
// A foreign kernel: any rule and convention, in any order of operations, with a fault or without.
// What it is stands in the environment variable TRUESTEP_FOREIGN, as words "NAME=VALUE":
//
//     convention=NAME    whose it really is, whatever it is said to be; set=NAME:VALUE a choice of
//     it order=N            one of the orders of steps_in.hpp fault=NAME         of steps_in.hpp, a
//     fault or a habit of the rule conduct=NAME       what else it does, below
//     store=NAME         how it keeps what it makes, below; to the nearest if not said

#include <check/truestep_kernel.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <truestep/fast/conventions.hpp>

#include "steps_in/every_rule.hpp"

namespace truestep::test {
namespace {

using Words = std::map<std::string, std::string>;

Words words() {
  Words all;
  const char* const text = std::getenv("TRUESTEP_FOREIGN");
  std::istringstream stream(text == nullptr ? "" : text);
  for (std::string word; stream >> word;)
    all[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  return all;
}

std::string word_of(const std::string& name) {
  static Words all = words();  // of this process, for good
  return all[name];
}

bool does(const char* conduct) {
  static const std::string own = word_of("conduct");
  return own == conduct;
}

void flush_to_zero() {
#if defined(__SSE2__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}

/// As libraries do that were linked with -ffast-math by g++ 12.
__attribute__((constructor)) void loaded() {
  if (does("flushes_when_loaded")) flush_to_zero();
  if (does("crashes_when_loaded")) std::abort();
}

Fault fault_of(const std::string& name) {
  Fault fault;
  fault.one_minus_float_beta = name == "one_minus_float_beta";
  fault.running_float_product = name == "running_float_product";
  fault.float_power = name == "float_power";
  fault.correction_late = name == "correction_late";
  fault.epsilon_squared = name == "epsilon_squared";
  fault.moments_swapped = name == "moments_swapped";
  fault.old_second_moment = name == "old_second_moment";
  fault.absolute = name == "absolute";
  fault.corrections_fed_back = name == "corrections_fed_back";
  fault.unannounced_maximum = name == "unannounced_maximum";
  fault.old_moments = name == "old_moments";
  fault.corrections_multiplied = name == "corrections_multiplied";
  return fault;
}

/// The hyperparameters that the words and the setup say.
template <class Rule>
typename Rule::Hyperparameters hyperparameters(const truestep_setup& setup) {
  using H = typename Rule::Hyperparameters;
  auto h = fast::convention<H>(word_of("convention"));
  const auto set = word_of("set");
  const auto name = set.substr(0, set.find(':')), value = set.substr(set.find(':') + 1);
  fast::for_each_member<Rule>([&](const auto& member) {
    using Value = std::remove_reference_t<decltype(h.*member.member)>;
    if constexpr (std::is_same_v<Value, double>) {
      h.*member.member = truestep_number(&setup, member.name, h.*member.member);
    } else if constexpr (!std::is_same_v<Value, std::uint64_t>) {
      for (std::size_t i = 0; name == member.name && i < fast::count_of<Value>; ++i)
        if (value == axes::word(static_cast<Value>(i))) h.*member.member = static_cast<Value>(i);
    } else if (name == member.name) {
      h.*member.member = std::stoul(value);
    }
  });
  return h;
}

class Foreign {
 public:
  virtual ~Foreign() = default;
  virtual int step(std::uint64_t t, void* const* theta, const void* const* gradient) = 0;
  virtual int state(std::size_t tensor, const char* name, void* out) = 0;
  virtual int set_state(std::size_t tensor, const char* name, const void* in) = 0;
};

template <class Rule, class T>
class Steps : public Foreign {
 public:
  explicit Steps(const truestep_setup& setup)
      : h_(hyperparameters<Rule>(setup)),
        order_(random_order(std::strtoul(word_of("order").c_str(), nullptr, 10))),
        fault_(fault_of(word_of("fault"))) {
    for (std::size_t k = 0; k < setup.tensors; ++k)
      tensors_.emplace_back(setup.lengths[k], started<T>(h_));
  }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    ++steps_;
    const bool counts = does("counts_itself");
    if (counts) t = ++own_t_;
    if (does("counts_in_16_bits")) t = (t - 1) % 65536 + 1;
    if (does("rounds_upward")) rounds_upward();
    if (does("flushes_in_a_step")) flush_to_zero();
    if (does("returns_7") && t == 3) return 7;
    if (does("throws") && t == 3) throw std::runtime_error("out of luck");
    if (does("leaves") && t == 3) std::exit(3);
    if (does("hangs") && t == 3)
      for (;;) usleep(1000);
    for (std::size_t k = 0; k < tensors_.size(); ++k) {
      if (does("counts_tensors")) t = ++own_t_;
      step(t, k, static_cast<T*>(theta[k]), static_cast<T*>(const_cast<void*>(gradient[k])));
    }
    return 0;
  }

  int state(std::size_t tensor, const char* name, void* out) override {
    return copy(tensor, name, [&](std::size_t i, T& kept) { static_cast<T*>(out)[i] = kept; });
  }
  int set_state(std::size_t tensor, const char* name, const void* in) override {
    if (does("forgets_states")) return 0;
    return copy(tensor, name, [&](std::size_t i, T& kept) { kept = static_cast<const T*>(in)[i]; });
  }

 private:
  template <class Action>
  int copy(std::size_t tensor, const char* name, const Action& action) {
    if (does("shows_nothing")) return 1;
    auto& all = tensors_[tensor];
    for (std::size_t i = 0; i < all.size(); ++i) {
      T* const kept = state_in(h_, all[i], name);
      if (kept == nullptr) return 1;
      action(i, *kept);
    }
    return 0;
  }

  static void rounds_upward() {
#if defined(__SSE2__)
    _mm_setcsr(_mm_getcsr() | 0x4000);
#endif
  }

  void step(std::uint64_t t, std::size_t k, T* theta, T* g) {
    auto& all = tensors_[k];
    const std::size_t n = all.size(), body = n - n % width;
    if (does("crashes_at_17") && n == 17) *static_cast<volatile int*>(nullptr) = 1;
    if (does("wants_alignment") && n > 0) aligned_load(theta);
    if (does("reads_past_the_end"))
      for (std::size_t i = n; i % width != 0; ++i) seen_ = seen_ + theta[i];
    if (does("reads_a_vector_past_the_end"))
      for (std::size_t i = n; i < n + width; ++i) seen_ = seen_ + theta[i];
    bool spoiled = false;
    for (std::size_t i = 0; i < n; ++i) {
      const bool in_tail = i >= body;
      if (does("skips_the_tail") && in_tail) continue;
      all[i].theta = theta[i];
      auto order = order_;
      if (does("takes_another_order_each_run")) order.fused = random_() % 2 == 0;
      if (does("has_another_tail") && in_tail) order.reciprocal = !order.reciprocal;
      if (takes_another_order(theta, i, g[i])) order.fused = !order.fused;
      step_in(h_, t, all[i], g[i], order, fault_);
      if (does("steps_twice_in_the_tail") && in_tail) step_in(h_, t, all[i], g[i], order, fault_);
      if (i % width == 0) spoiled = false;
      spoiled |= std::isnan(g[i]);
      if (does("spreads_a_nan") && spoiled) all[i].theta = std::numeric_limits<T>::quiet_NaN();
      if (does("makes_every_other_a_nan") && t > 2 && i % 2 == 1)
        all[i].theta = std::numeric_limits<T>::quiet_NaN();
      if (does("overwrites_the_gradient") && in_tail) g[i] = theta[i] - all[i].theta;
      if (!(does("skips_the_store") && !in_tail)) theta[i] = all[i].theta;
    }
    if (does("writes_past_the_end")) theta[n] = 0;
    if (does("writes_before")) theta[-1] = 0;
  }

  /// Bits that depend on what they need not depend on.
  bool takes_another_order(const T* theta, std::size_t i, T g) const {
    return (does("takes_another_order_of_negatives") && g < 0) ||
           (does("takes_another_order_of_large_thetas") && std::fabs(theta[i]) > 1) ||
           (does("takes_another_order_at_first") && steps_ < 3) ||
           (does("takes_another_order_of_tensors") && tensors_.size() > 1) ||
           (does("takes_another_order_of_short_ones") && tensors_.size() == 1 &&
            tensors_[0].size() < 16) ||
           (does("takes_another_order_elsewhere") &&
            reinterpret_cast<std::uintptr_t>(theta) % 64 != 0);
  }

  static void aligned_load(const T* at) {
#if defined(__SSE2__)
    volatile __m128i loaded = _mm_load_si128(reinterpret_cast<const __m128i*>(at));
    (void)loaded;
#else
    if (reinterpret_cast<std::uintptr_t>(at) % 16 != 0) std::abort();
#endif
  }

  static constexpr std::size_t width = 8;

  typename Rule::Hyperparameters h_;
  Order order_;
  Fault fault_;
  std::vector<std::vector<Coordinate<T>>> tensors_;
  std::uint64_t own_t_ = 0, steps_ = 0;
  std::mt19937 random_{std::random_device{}()};
  volatile T seen_ = 0;
};

/// A float as it is kept in a format, by bits alone: nothing of what judges is in it.
class Kept {
 public:
  explicit Kept(const char* format) : format_(format) {}

  std::size_t size() const { return format_ == "float32" ? 4 : format_ == "float64" ? 8 : 2; }

  float load(const void* from) const {
    if (format_ == "float32") return as<float>(from);
    if (format_ == "float64") return static_cast<float>(as<double>(from));
    if (format_ == "float16") return half_value(as<std::uint16_t>(from));
    return std::bit_cast<float>(std::uint32_t{as<std::uint16_t>(from)} << 16);
  }

  void store(float x, void* to) const {
    static const std::string how = word_of("store");
    if (format_ == "float32") return put(x, to);
    if (format_ == "float64") return put(static_cast<double>(x), to);
    if (how == "twice") x = rounded(x, 0x1000, 0x1fff);  // to 11 bits at first
    if (format_ == "float16") return put(half(x, how), to);
    auto bits = std::bit_cast<std::uint32_t>(x);
    const bool is_finite = (bits & 0x7f800000) != 0x7f800000;
    if (how == "stochastic" || how == "same_draw")
      bits += is_finite ? drawn(how) & 0xffff : 0;
    else if (how != "cuts_off" && is_finite)
      bits += 0x7fff + (bits >> 16 & 1);
    put(static_cast<std::uint16_t>(bits >> 16), to);
  }

 private:
  template <class T>
  static T as(const void* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  template <class T>
  static void put(T value, void* to) {
    std::memcpy(to, &value, sizeof value);
  }

  /// To the nearest number that has no bits of the mask, half of which is given.
  static float rounded(float x, std::uint32_t half, std::uint32_t mask) {
    auto bits = std::bit_cast<std::uint32_t>(x);
    if ((bits & 0x7f800000) == 0x7f800000) return x;
    return std::bit_cast<float>((bits + half) & ~mask);
  }

  // Not every compiler has a type for these: clang 14 refuses _Float16 where it may not use AVX-512's
  // arithmetic of it. So numbers of float16 are their bits here.
  static float half_value(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
    const float size = exponent == 31 ? fraction == 0 ? std::numeric_limits<float>::infinity()
                                                      : std::numeric_limits<float>::quiet_NaN()
                       : exponent == 0
                           ? std::ldexp(static_cast<float>(fraction), -24)
                           : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return std::copysign(size, bits >> 15 == 0 ? 1.0f : -1.0f);
  }
  /// To nearest, ties to even.
  static std::uint16_t nearest_half(float x) {
    const auto sign = static_cast<std::uint16_t>(std::signbit(x) ? 0x8000 : 0);
    const float size = std::fabs(x);
    if (std::isnan(x)) return sign | 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    // In units of the last place, of which a binade has 1024; at 2048 the next one begins.
    const int exponent = size < 0x1p-14f ? -14 : std::ilogb(size);
    const auto units = static_cast<int>(std::nearbyint(std::ldexp(size, 10 - exponent)));
    return static_cast<std::uint16_t>(sign | (((exponent + 14) << 10) + units));
  }

  static std::uint16_t half(float x, const std::string& how) {
    const auto near = nearest_half(x);
    const float back = half_value(near);
    const bool is_above = std::fabs(back) > std::fabs(x);
    if (how == "cuts_off" && is_above) return neighbour(near, -1);
    if (how != "stochastic" || back == x || !std::isfinite(back)) return near;
    const auto below = is_above ? neighbour(near, -1) : near;
    const auto low = std::fabs(half_value(below));
    const float ulp = std::fabs(half_value(neighbour(below, 1))) - low;
    const auto part = static_cast<double>((std::fabs(x) - low) / ulp);
    return drawn(how) * 0x1p-32 < part ? neighbour(below, 1) : below;
  }
  /// The next number away from 0, or towards it.
  static std::uint16_t neighbour(std::uint16_t x, int by) {
    return static_cast<std::uint16_t>(x + by);
  }

 public:
  /// Draws anew, or once a step alone.
  static std::uint32_t drawn(const std::string& how) {
    static std::mt19937 random{12345};
    static std::uint64_t of_step = 0;
    static std::uint32_t last = 0;
    if (how != "same_draw") return static_cast<std::uint32_t>(random());
    if (of_step != step) last = static_cast<std::uint32_t>(random());
    of_step = step;
    return last;
  }
  static inline std::uint64_t step = 0;

 private:
  std::string format_;
};

/// Arrays in any formats, and arithmetic in float.
template <class Rule>
class Stored : public Foreign {
 public:
  explicit Stored(const truestep_setup& setup)
      : h_(hyperparameters<Rule>(setup)),
        order_(random_order(std::strtoul(word_of("order").c_str(), nullptr, 10))),
        fault_(fault_of(word_of("fault"))),
        theta_(truestep_format(&setup, "theta")),
        gradients_(truestep_format(&setup, "gradients")) {
    for (const auto& state : Rule::template states<float>)
      if (state.is_used(h_))
        states_.emplace_back(state.name, Kept(truestep_format(&setup, state.name)));
    if (word_of("store") == "first_state_in_bfloat16") states_.front().second = Kept("bfloat16");
    for (std::size_t k = 0; k < setup.tensors; ++k)
      tensors_.emplace_back(setup.lengths[k], started<float>(h_));
  }

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    ++Kept::step;
    for (std::size_t k = 0; k < tensors_.size(); ++k)
      for (std::size_t i = 0; i < tensors_[k].size(); ++i) {
        auto* const at = static_cast<char*>(theta[k]) + i * theta_.size();
        auto& coordinate = tensors_[k][i];
        coordinate.theta = theta_.load(at);
        const float g =
            gradients_.load(static_cast<const char*>(gradient[k]) + i * gradients_.size());
        step_in(h_, t, coordinate, g, order_, fault_);
        if (word_of("store") != "none") theta_.store(coordinate.theta, at);
        for (const auto& [name, kept] : states_) {
          float& state = *state_in(h_, coordinate, name.c_str());
          std::array<char, 8> memory{};
          kept.store(state, memory.data());
          state = kept.load(memory.data());
        }
      }
    return 0;
  }

  int state(std::size_t tensor, const char* name, void* out) override {
    return copy(tensor, name, [&](const Kept& kept, std::size_t i, float& state) {
      kept.store(state, static_cast<char*>(out) + i * kept.size());
    });
  }
  int set_state(std::size_t tensor, const char* name, const void* in) override {
    return copy(tensor, name, [&](const Kept& kept, std::size_t i, float& state) {
      state = kept.load(static_cast<const char*>(in) + i * kept.size());
    });
  }

 private:
  template <class Action>
  int copy(std::size_t tensor, const char* name, const Action& action) {
    if (does("shows_nothing")) return 1;
    for (const auto& [its, kept] : states_) {
      if (its != name) continue;
      const Kept as_declared =
          word_of("store") == "first_state_in_bfloat16" ? Kept("float32") : kept;
      for (std::size_t i = 0; i < tensors_[tensor].size(); ++i)
        action(as_declared, i, *state_in(h_, tensors_[tensor][i], name));
      return 0;
    }
    return 1;
  }

  typename Rule::Hyperparameters h_;
  Order order_;
  Fault fault_;
  Kept theta_, gradients_;
  std::vector<std::pair<std::string, Kept>> states_;
  std::vector<std::vector<Coordinate<float>>> tensors_;
};

}  // namespace
}  // namespace truestep::test

using truestep::test::Foreign;

void* truestep_new(const truestep_setup* setup) {
  using namespace truestep;
  if (test::does("is_float32_alone") && std::strcmp(setup->format, "float32") != 0) return nullptr;
  if (test::does("takes_one_tensor") && setup->tensors != 1) return nullptr;
  std::unique_ptr<Foreign> made;
  fast::with_rule(setup->rule, [&]<class Rule>() {
    if (setup->version > 1 || !test::word_of("store").empty())
      made = std::make_unique<test::Stored<Rule>>(*setup);
    else if (std::strcmp(setup->format, "float32") == 0)
      made = std::make_unique<test::Steps<Rule, float>>(*setup);
    else
      made = std::make_unique<test::Steps<Rule, double>>(*setup);
  });
  return made.release();
}

int truestep_step(void* optimizer, uint64_t t, void* const* theta, const void* const* gradient) {
  return static_cast<Foreign*>(optimizer)->step(t, theta, gradient);
}

void truestep_free(void* optimizer) { delete static_cast<Foreign*>(optimizer); }

int truestep_state(void* optimizer, size_t tensor, const char* name, void* out) {
  return static_cast<Foreign*>(optimizer)->state(tensor, name, out);
}

int truestep_set_state(void* optimizer, size_t tensor, const char* name, const void* in) {
  return static_cast<Foreign*>(optimizer)->set_state(tensor, name, in);
}
