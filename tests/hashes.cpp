// SPDX-License-Identifier: Apache-2.0
/// Ties compilers and machines together: runs every public kernel, in each of its forms, on every
/// SIMD target that this processor has, over generated inputs, and compares a hash of all the bits
/// that come out with the committed one. Comparisons within one binary cannot see what a compiler
/// does to all of it. "adam" is the seed's convention, "adam[i]" the form of that index.
///
///     hashes FILE       exit 0 if every hash is the one in FILE, 1 if not
///     hashes --print    writes such a file, from the best target
///
/// Nothing but truestep::fast and the standard library, so that it compiles for any machine.

#include <truestep/fast/lanes/lanes.hpp>
#include <truestep/fast/rules.hpp>
#include <truestep/fast/target.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace truestep::fast;

/// Not multiples of any vector's length, so that every target runs its tail. The forms are many.
constexpr std::size_t elements = 100'003, elements_of_form = 4'099;
constexpr std::uint64_t steps[] = {1, 2, 3, 1000};

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// splitmix64 (Steele, Lea, Flood 2014).
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  /// A finite number, put together from bits: five in eight near 1, the others subnormal, zero,
  /// near either end of the exponents, or anywhere between.
  template <class T>
  T number(bool negative_too) {
    constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;
    constexpr std::uint64_t one = std::numeric_limits<T>::max_exponent - 1, largest = 2 * one;
    const std::uint64_t random = (*this)();
    std::uint64_t fraction = random & ((std::uint64_t{1} << fraction_bits) - 1);
    const std::uint64_t choice = (*this)(), any = choice >> 8;
    std::uint64_t exponent = one - 12 + any % 16;
    switch (choice % 16) {
      case 10:
        exponent = 1 + any % largest;
        break;
      case 11:
        exponent = 1 + any % 8;
        break;
      case 12:
        exponent = largest - any % 8;
        break;
      case 13:
        exponent = 0;
        break;
      case 14:
        exponent = fraction = 0;
        break;
      case 15:
        fraction = 0;
        break;
    }
    const std::uint64_t sign = negative_too ? random >> 63 : 0;
    return std::bit_cast<T>(
        static_cast<Bits<T>>(sign << (8 * sizeof(T) - 1) | exponent << fraction_bits | fraction));
  }

  template <class T>
  std::vector<T> numbers(bool negative_too, std::size_t count = elements) {
    std::vector<T> result(count);
    for (T& x : result) x = number<T>(negative_too);
    return result;
  }

 private:
  std::uint64_t state_;
};

/// FNV-1a over the bytes of each number, least significant first; every NaN counts as one.
class Hash {
 public:
  template <class T>
  void add(const std::vector<T>& numbers) {
    for (const T x : numbers) {
      auto bits = std::bit_cast<Bits<T>>(x != x ? std::numeric_limits<T>::quiet_NaN() : x);
      for (std::size_t byte = 0; byte < sizeof(T); ++byte, bits >>= 8)
        value_ = (value_ ^ (bits & 0xff)) * 0x100000001b3;
    }
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value_));
    return digits;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// One step of the rule over spans of all its states, those that the hyperparameters use.
template <class Rule, class T>
void step_spans(const typename Rule::Hyperparameters& h, std::uint64_t t, std::vector<T>& theta,
                std::vector<T>* state, const std::vector<T>& gradient) {
  typename Rule::template Tensor<T> tensor{.theta = theta, .gradient = gradient};
  for (const auto& each : Rule::template states<T>) {
    if (each.is_used(h)) tensor.*each.member = *state;
    ++state;
  }
  step(h, t, tensor);
}

/// The hash of theta and the states after each of the steps, fresh gradients every time.
/// @param step  steps a rule: step(t, theta, two states, gradient)
template <class T, class Step>
std::string hash_of_steps(bool signed_first_state, Step step) {
  Generator generator(20250101);
  auto theta = generator.numbers<T>(true);
  std::vector<T> states[2] = {generator.numbers<T>(signed_first_state),
                              generator.numbers<T>(false)};
  Hash hash;
  for (const std::uint64_t t : steps) {
    const auto gradient = generator.numbers<T>(true);
    step(t, theta, states, gradient);
    hash.add(theta);
    for (const auto& state : states) hash.add(state);
  }
  return hash.text();
}

// Each rule by its forms: a description that asks for one, and the call. A state is signed unless
// the rule takes its root.

template <class Hyperparameters>
Hyperparameters with_decay(Hyperparameters h, WeightDecay place) {
  if (place == WeightDecay::none) return h;
  h.weight_decay_place = place;
  h.weight_decay = 0.01;
  return h;
}

/// Momentum's forms are among them.
struct NagForms {
  using Rule = Nag;
  using Form = MomentumForm;
  static constexpr std::array is_signed{true};
  static NagHyperparameters description(Form form) {
    NagHyperparameters h;
    if (form.move == Move::nesterov) h.nesterov = NesterovForm::stored_point;
    if (form.move == Move::sum) h.nesterov = NesterovForm::squared_momentum;
    if (form.move == Move::scaled_buffer) h.learning_rate_site = LearningRateSite::step;
    return h;
  }
};

struct AdagradForms {
  using Rule = Adagrad;
  using Form = AdagradForm;
  static constexpr std::array is_signed{false, true};
  static AdagradHyperparameters description(Form form) {
    AdagradHyperparameters h;
    if (form.epsilon_outside) h.epsilon_place = EpsilonPlace::outside;
    if (form.no_step_at_zero) h.zero_denominator = ZeroDenominator::no_step;
    if (form.averaged) h.momentum = 0.9;
    return form.decays_sum ? with_decay(h, WeightDecay::accumulator) : h;
  }
};

struct AdadeltaForms {
  using Rule = Adadelta;
  using Form = AdadeltaForm;
  static constexpr std::array is_signed{false, false};
  static AdadeltaHyperparameters description(Form form) {
    return {.learning_rate = form.scaled ? 0.3 : 1, .accumulates_scaled = form.accumulates_scaled};
  }
};

struct RmspropForms {
  using Rule = Rmsprop;
  using Form = RmspropForm;
  static constexpr std::array is_signed{false, true, true};
  static RmspropHyperparameters description(Form form) {
    RmspropHyperparameters h{.corrected = form.corrected, .centered = form.centered};
    if (form.buffered) h.momentum = 0.9;
    if (form.epsilon_in_state) return h;
    h.epsilon_place = form.epsilon_outside ? EpsilonPlace::outside : EpsilonPlace::inside;
    h.start = Start::constant;
    return h;
  }
};

struct AdamForms {
  using Rule = Adam;
  using Form = AdamForm;
  static constexpr std::array is_signed{true, false, false};
  static AdamHyperparameters description(Form form) {
    return {.epsilon_root = form.epsilon_in_root ? 1e-6 : 0, .amsgrad = form.amsgrad};
  }
};

/// As hash_of_steps, for a description of a rule.
template <class T, class Forms, class Hyperparameters>
std::string hash_of_form(const Hyperparameters& h) {
  Generator generator(20250102);
  const auto numbers = [&](bool is_signed) {
    return generator.numbers<T>(is_signed, elements_of_form);
  };
  auto theta = numbers(true);
  std::vector<std::vector<T>> states;
  for (const bool is_signed : Forms::is_signed) states.push_back(numbers(is_signed));
  Hash hash;
  for (const std::uint64_t t : steps) {
    const auto gradient = numbers(true);
    step_spans<typename Forms::Rule>(h, t, theta, states.data(), gradient);
    hash.add(theta);
    for (const auto& state : states) hash.add(state);
  }
  return hash.text();
}

/// By rule and number type, on the target in use.
using Hashes = std::map<std::string, std::string>;

/// Every form that some description asks for.
template <class T, class Forms>
void add_forms(const std::string& type, Hashes& hashes) {
  using Choices = Choice<typename Forms::Form>;
  for (std::size_t i = 0; i < Choices::count; ++i) {
    const auto wanted = Choices::at(i);
    const auto h = with_decay(Forms::description(wanted.form), wanted.decay);
    hashes[std::string(Forms::Rule::name) + "[" + std::to_string(i) + "] " + type] =
        hash_of_form<T, Forms>(h);
  }
}

template <class T>
void add_hashes(const std::string& type, Hashes& hashes) {
  for_each_rule([&]<class Rule>() {
    const std::string_view first = Rule::template states<T>[0].name;
    // Sums and means of squares have roots.
    const bool is_signed = first != "sum" && first != "s";
    hashes[Rule::name + (" " + type)] =
        hash_of_steps<T>(is_signed, [](auto t, auto& theta, auto* states, auto& gradient) {
          step_spans<Rule>({}, t, theta, states, gradient);
        });
  });
  hashes["nag_look_ahead " + type] =
      hash_of_steps<T>(true, [](auto, auto& theta, auto* states, auto&) {
        look_ahead({}, LookAhead<T>{.theta = theta, .v = states[0], .point = states[1]});
        theta.swap(states[1]);
      });
  add_forms<T, NagForms>(type, hashes);
  add_forms<T, AdagradForms>(type, hashes);
  add_forms<T, AdadeltaForms>(type, hashes);
  add_forms<T, RmspropForms>(type, hashes);
  add_forms<T, AdamForms>(type, hashes);
}

Hashes hashes_on(const std::string& target) {
  use_target(target);
  Hashes hashes;
  add_hashes<float>("float", hashes);
  add_hashes<double>("double", hashes);
  return hashes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: hashes FILE | --print\n", stderr);
    return 2;
  }
  if (std::strcmp(arguments[1], "--print") == 0) {
    for (const auto& [name, hash] : hashes_on(targets().front()))
      std::printf("%s %s\n", name.c_str(), hash.c_str());
    return 0;
  }
  Hashes committed;
  std::ifstream file(arguments[1]);
  for (std::string rule, type, hash; file >> rule >> type >> hash;)
    committed[rule + " " + type] = hash;
  int status = 0;
  for (const auto& target : targets()) {
    const Hashes computed = hashes_on(target);
    for (const auto& [name, hash] : computed)
      if (const std::string& expected = committed[name]; hash != expected) {
        std::printf("%s on %s: the results hash to %s, the committed hash is %s\n", name.c_str(),
                    target.c_str(), hash.c_str(), expected.empty() ? "absent" : expected.c_str());
        status = 1;
      }
    if (computed.size() != committed.size()) {
      std::printf("%s: %zu hashes where there are %zu kernels\n", arguments[1], committed.size(),
                  computed.size());
      status = 1;
    }
    if (status == 0) std::printf("%s: %zu hashes equal\n", target.c_str(), computed.size());
  }
  if (status != 0) std::puts("If these bits were meant to move: tests/run --update");
  return status;
}
