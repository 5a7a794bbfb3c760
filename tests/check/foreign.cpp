// SPDX-License-Identifier: Apache-2.0
// A foreign kernel: any rule and convention, in any order of operations, with a fault or without.
// What it is stands in the environment variable TRUESTEP_FOREIGN, as words "NAME=VALUE":
//
//     convention=NAME    whose it really is, whatever it is said to be; set=NAME:VALUE a choice of
//     it order=N            one of the orders of steps_in.hpp fault=NAME         of steps_in.hpp, a
//     fault or a habit of the rule conduct=NAME       what else it does, below

#include <check/truestep_kernel.h>

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
    bool spoiled = false;
    for (std::size_t i = 0; i < n; ++i) {
      const bool in_tail = i >= body;
      if (does("skips_the_tail") && in_tail) continue;
      all[i].theta = theta[i];
      auto order = order_;
      if (does("takes_another_order_each_run")) order.fused = random_() % 2 == 0;
      if (does("has_another_tail") && in_tail) order.reciprocal = !order.reciprocal;
      step_in(h_, t, all[i], g[i], order, fault_);
      if (does("steps_twice_in_the_tail") && in_tail) step_in(h_, t, all[i], g[i], order, fault_);
      if (i % width == 0) spoiled = false;
      spoiled |= std::isnan(g[i]);
      if (does("spreads_a_nan") && spoiled) all[i].theta = std::numeric_limits<T>::quiet_NaN();
      if (does("overwrites_the_gradient") && in_tail) g[i] = theta[i] - all[i].theta;
      if (!(does("skips_the_store") && !in_tail)) theta[i] = all[i].theta;
    }
    if (does("writes_past_the_end")) theta[n] = 0;
    if (does("writes_before")) theta[-1] = 0;
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
  std::uint64_t own_t_ = 0;
  std::mt19937 random_{std::random_device{}()};
  volatile T seen_ = 0;
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
    if (std::strcmp(setup->format, "float32") == 0)
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
