// SPDX-License-Identifier: Apache-2.0

// Evaluates the recorded terms as they stand in a generated file, and holds them to the code that
// they were recorded from, bit for bit in float and double.
//
//     truestep_record quantities | truestep_evaluate generated/Lanes.v
//     generated/CoefficientOperations.v generated/NumberOperations.v
//
// The standard input says which term belongs to which quantity of which lane. The terms are read
// from the file by a reader of its own, and computed by the definitions of theory/step/Formats.v
// ([ieee]), so that nothing here goes through what printed them. Inputs are finite numbers of all
// sizes. Where a result is not finite the theorems say nothing, and nothing is compared.

#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/lanes/lanes.hpp>
#include <truestep/fast/loop/square_root.inl.hpp>
#include <truestep/proofs/numbers/ball.hpp>

#include "recorded_lanes.hpp"

namespace truestep::proofs {
namespace {

/// A term as the file has it: a constructor's name, its operands, and the name of a variable.
struct Term {
  std::string constructor, variable;
  std::vector<Term> operands;
};

using Terms = std::map<std::string, Term>;

/// Reads `Mul (Var "w") (Var "gradient")`.
class TermReader {
 public:
  explicit TermReader(std::string_view text) : text_(text) {}

  Term read() {
    Term term{word(), {}, {}};
    for (skip(); at_ < text_.size() && (text_[at_] == '(' || text_[at_] == '"'); skip()) {
      const char open = text_[at_++];
      if (open == '"') {
        const auto end = text_.find('"', at_);
        term.variable = text_.substr(at_, end - at_);
        at_ = end + 1;
      } else {
        term.operands.push_back(read());
        skip();
        if (at_ == text_.size() || text_[at_++] != ')') throw std::runtime_error("a ) is missing");
      }
    }
    return term;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string word() {
    skip();
    const auto begin = at_;
    while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_]))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The lines "Definition NAME : TYPE := TERM." of a generated file.
Terms terms_of(const char* path, const std::string& of_type = "expression") {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  Terms terms;
  const std::string opening = "Definition ", type = " : " + of_type + " := ";
  for (std::string line; std::getline(file, line);) {
    const auto middle = line.find(type);
    if (!line.starts_with(opening) || middle == line.npos || !line.ends_with('.')) continue;
    const std::string_view body(line.data() + middle + type.size());
    terms[line.substr(opening.size(), middle - opening.size())] =
        TermReader(body.substr(0, body.size() - 1)).read();
  }
  return terms;
}

template <class T>
using Environment = std::map<std::string, T>;

template <class T>
T variable(const Term& term, const Environment<T>& environment) {
  const auto known = environment.find(term.variable);
  if (known != environment.end()) return known->second;
  if (term.variable.empty() || !std::isdigit(static_cast<unsigned char>(term.variable[0])))
    throw std::runtime_error("the lane has no input called " + term.variable);
  return static_cast<T>(std::stod(term.variable));
}

template <class T>
T operation(const std::string& name, const std::array<T, 3>& x) {
  if (name == "Neg") return -x[0];
  if (name == "Add") return x[0] + x[1];
  if (name == "Sub") return x[0] - x[1];
  if (name == "Mul") return x[0] * x[1];
  if (name == "Div") return x[0] / x[1];
  if (name == "Sqrt") return std::sqrt(x[0]);
  if (name == "Fma") return std::fma(x[0], x[1], x[2]);
  if (name == "Decay") return std::fma(-x[0], x[1], x[1]);
  if (name == "Max") return x[0] < x[1] ? x[1] : x[0];
  if (name == "AtLeast0") return x[0] < 0 ? T(0) : x[0];
  if (name == "IfPositive") return x[0] > 0 ? x[1] : T(0);
  throw std::runtime_error("no operation is called " + name);
}

/// A term's value, and whether every part of it is finite, which the theorems suppose.
template <class T>
struct Evaluated {
  T value;
  bool finite;
};

/// Computes a term in T's arithmetic, operation by operation.
template <class T>
Evaluated<T> evaluate(const Term& term, const Environment<T>& environment) {
  std::array<T, 3> x{};
  bool finite = true;
  for (std::size_t i = 0; i < term.operands.size(); ++i) {
    const auto operand = evaluate(term.operands[i], environment);
    x.at(i) = operand.value;
    finite = finite && operand.finite;
  }
  const T value =
      term.constructor == "Var" ? variable(term, environment) : operation(term.constructor, x);
  return {value, finite && std::isfinite(value)};
}

/// Numbers of all sizes: of a middle size, of any size, and 0.
class Numbers {
 public:
  template <class T>
  T next() {
    const std::uint64_t kind = bits() % 16;
    if (kind == 0) return 0;
    using Limits = std::numeric_limits<T>;
    const int least = kind < 3 ? Limits::min_exponent - Limits::digits : -8;
    const int most = kind < 3 ? Limits::max_exponent : 8;
    const int exponent = least + static_cast<int>(bits() % static_cast<unsigned>(most - least));
    const T significand = 1 + static_cast<T>(bits() >> 11) * static_cast<T>(0x1p-53);
    const T size = std::ldexp(significand / 2, exponent);
    return bits() % 2 ? size : -size;
  }

 private:
  /// Steele, Lea and Flood's SplitMix64.
  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 1;
};

template <class T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

/// What is compared with what, and how often it was.
class Comparison {
 public:
  Comparison(Terms lanes, Terms operations, Terms numbers)
      : lanes_(std::move(lanes)),
        operations_(std::move(operations)),
        numbers_(std::move(numbers)) {}

  /// "LANE QUANTITY HASH KINDS TERM"
  void read_quantities(std::istream& in) {
    std::string lane, quantity, hash, kinds, term;
    while (in >> lane >> quantity >> hash >> kinds >> term) term_of_[lane + " " + quantity] = term;
  }

  const Term& term(const std::string& lane, const std::string& quantity) const {
    const auto name = term_of_.find(lane + " " + quantity);
    if (name == term_of_.end()) throw std::runtime_error(lane + " " + quantity + ": not recorded");
    return operation(lanes_, name->second);
  }
  const Term& operation(const std::string& name) const { return operation(operations_, name); }
  const Term& number(const std::string& name) const { return operation(numbers_, name); }

  template <class T>
  void compare(const std::string& what, const Term& term, const Environment<T>& environment,
               T computed) {
    auto& count = compared_[what + (sizeof(T) == sizeof(float) ? ", float" : ", double")];
    const auto [expected, finite] = [&] {
      try {
        return evaluate(term, environment);
      } catch (const std::exception& error) {
        throw std::runtime_error(what + ": " + error.what());
      }
    }();
    if (!finite) return;
    ++count;
    if (same_bits(expected, computed)) return;
    std::ostringstream message;
    message << std::hexfloat << what << ": the recorded term gives " << expected
            << ", the code computes " << computed;
    throw std::runtime_error(message.str());
  }

  /// A value and its radius, on the way that theory/arithmetic/Choices.v takes through the code.
  template <class T, class Radius>
  void compare(const std::string& what, const Term& code, const Environment<T>& values,
               const Environment<Radius>& radii, T value, Radius radius) {
    const Term* at = &code;
    while (at->constructor != "Gives") {
      const auto x = evaluate(at->operands.at(0), radii), y = evaluate(at->operands.at(1), radii);
      if (!x.finite || !y.finite) return;
      const bool yes = at->constructor == "IfLess" ? x.value < y.value : x.value == y.value;
      at = &at->operands.at(yes ? 2 : 3);
    }
    const auto of_value = evaluate(at->operands.at(0), values);
    const auto of_radius = evaluate(at->operands.at(1), radii);
    if (!of_value.finite || !of_radius.finite) return;
    ++compared_[what + (sizeof(T) == sizeof(float) ? " of balls, float" : " of balls, double")];
    if (same_bits(of_value.value, value) && of_radius.value == radius) return;
    std::ostringstream message;
    message << std::hexfloat << what << " of balls: the recorded term gives " << of_value.value
            << " within " << of_radius.value << ", the code computes " << value << " within "
            << radius;
    throw std::runtime_error(message.str());
  }

  /// Refuses a quantity that was compared too seldom to say anything.
  void finish(std::size_t least) const {
    for (const auto& [what, count] : compared_)
      if (count < least)
        throw std::runtime_error(what + ": compared only " + std::to_string(count) + " times");
    for (const auto& [quantity, term] : term_of_)
      if (!compared_.contains(quantity + ", float"))
        throw std::runtime_error(quantity + ": no lane shows it");
    std::cout << "evaluated " << term_of_.size() << " quantities and " << operations_.size()
              << " parts of operations, " << numbers_.size()
              << " of roots and balls as the code computes them\n";
  }

 private:
  static const Term& operation(const Terms& terms, const std::string& name) {
    const auto term = terms.find(name);
    if (term == terms.end()) throw std::runtime_error("no term is called " + name);
    return term->second;
  }

  Terms lanes_, operations_, numbers_;
  std::map<std::string, std::string> term_of_;
  std::map<std::string, std::size_t> compared_;
};

template <class Lane>
struct Parts {
  using Inner = Lane;
  static constexpr const char* decay = nullptr;
};
template <class Lane, fast::WeightDecay place>
struct Parts<fast::lane::Decayed<Lane, place>> {
  using Inner = Lane;
  static constexpr bool decoupled = place == fast::WeightDecay::decoupled;
  static constexpr const char* decay = decoupled ? "decoupled_weight_decay" : "weight_decay";
  static constexpr const char* amount = decoupled ? "amount" : "weight_decay";
  static constexpr const char* decayed = decoupled ? "theta" : "gradient";
};

/// Runs a lane once over numbers, and compares each quantity that it shows, and what it stores.
/// Weight decay comes first: what follows speaks of the decayed input.
template <class Lane, class T>
void run_lane(Comparison& comparison, Numbers& numbers) {
  using Part = Parts<Lane>;
  const Inputs names = inputs<typename Part::Inner>();
  Environment<T> environment;
  std::array<T, Lane::coefficients> coefficient;
  std::array<T, Lane::states> state;
  for (std::size_t i = 0; i < coefficient.size(); ++i) {
    coefficient[i] = std::fabs(numbers.next<T>());
    if constexpr (Part::decay != nullptr)
      if (i + 1 == coefficient.size()) {
        environment[Part::amount] = coefficient[i];
        continue;
      }
    environment[names.coefficients[i].name()] = coefficient[i];
  }
  for (std::size_t i = 0; i < state.size(); ++i)
    environment[names.states[i].name()] = state[i] = numbers.next<T>();
  T theta = environment[names.theta.name()] = numbers.next<T>();
  const T gradient = environment[names.gradient.name()] = numbers.next<T>();

  std::string lane = Part::decay != nullptr ? Part::decay : names.lane;
  Environment<T> shown;
  Lane::step(coefficient, theta, state, gradient, [&](std::string_view quantity, const T& value) {
    const std::string name(quantity);
    comparison.compare(lane + " " + name, comparison.term(lane, name), environment, value);
    if constexpr (Part::decay != nullptr)
      if (lane == Part::decay) {
        environment[Part::decayed] = value;
        lane = names.lane;
        return;
      }
    shown[name] = value;
  });
  for (std::size_t i = 0; i < state.size(); ++i)
    if (const auto value = shown.find(names.states[i].name());
        value != shown.end() && !same_bits(value->second, state[i]) && !std::isnan(state[i]))
      throw std::runtime_error(names.lane + " stores another " + value->first + " than it shows");
}

template <class T>
void run_operations(Comparison& comparison, Numbers& numbers) {
  using Pair = fast::DoubleDoubleOf<double>;
  const auto pair = [&] {
    const double high = std::fabs(numbers.next<double>());
    return Pair(high, high * 0x1p-53 * std::sin(numbers.next<double>()));
  };
  const Pair x = pair(), y = pair();
  const Environment<double> environment{
      {"x_high", x.high}, {"x_low", x.low}, {"y_high", y.high}, {"y_low", y.low}};
  const auto compare = [&](const std::string& name, const Pair& result) {
    comparison.compare(name + "_high", comparison.operation(name + "_high"), environment,
                       result.high);
    comparison.compare(name + "_low", comparison.operation(name + "_low"), environment, result.low);
  };
  compare("complement", fast::two_sum(1, -x.high));
  compare("doubled", doubled(x));
  compare("added", added(x, y));
  compare("sum", x + y);
  compare("product", x * y);
  compare("quotient", x / y);
  compare("root", sqrt(x));
}

/// A number of square_root.inl.hpp. Of the root it keeps what is raised where the test is negative,
/// and the test.
template <class T>
struct RootNumber {
  using Bits = std::conditional_t<sizeof(T) == sizeof(float), std::uint32_t, std::uint64_t>;

  T raw;
  T test = 0;

  friend RootNumber operator*(RootNumber a, RootNumber b) { return {a.raw * b.raw}; }
  friend RootNumber fma(RootNumber a, RootNumber b, RootNumber c) {
    return {std::fma(a.raw, b.raw, c.raw)};
  }
  friend RootNumber minus_product(RootNumber c, RootNumber a, RootNumber b) {
    return {std::fma(-a.raw, b.raw, c.raw)};
  }
  friend RootNumber product_minus(RootNumber a, RootNumber b, RootNumber c) {
    return {std::fma(a.raw, b.raw, -c.raw)};
  }
  friend RootNumber moved(RootNumber a, int steps) {
    return {std::bit_cast<T>(std::bit_cast<Bits>(a.raw) + static_cast<Bits>(steps))};
  }
  friend RootNumber halved(RootNumber a) { return {a.raw / 2}; }
  friend RootNumber constant(RootNumber, T value) { return {value}; }
  friend RootNumber raised_if_negative(RootNumber q, RootNumber tested) {
    return {q.raw, tested.raw};
  }
};

template <class T>
void run_roots(Comparison& comparison, Numbers& numbers) {
  using namespace fast::lane;
  using Number = RootNumber<T>;
  const auto wave = [&] { return std::sin(numbers.next<T>()); };
  const T x = std::ldexp(1 + std::fabs(wave()), static_cast<int>(90 * wave()));
  // So far off that the iterations do not hide what they are.
  const Number seed{(1 + T(0x1p-3) * wave()) / std::sqrt(x)};
  Environment<T> environment{{"x", x}, {"seed", seed.raw}};
  for (const int steps : {1040, 16384})
    environment["seed_lowered_by_" + std::to_string(steps)] = moved(seed, -steps).raw;
  const auto compare = [&](const std::string& name, Number root) {
    environment["after"] = moved(root, 1).raw;
    const std::string whole = name + (sizeof(T) == sizeof(float) ? "_binary32" : "_binary64");
    comparison.compare(whole + "_below", comparison.number(whole + "_below"), environment,
                       root.raw);
    comparison.compare(whole + "_test", comparison.number(whole + "_test"), environment, root.test);
  };
  compare("root_of_14_bits", square_root<T, seed_of_14_bits<T>>(Number{x}, seed));
  compare("root_of_11_bits", square_root<T, seed_of_11_bits<T>>(Number{x}, seed));
}

template <class T>
void run_balls(Comparison& comparison, Numbers& numbers) {
  using Radius = typename Wide<T>::type;
  const auto ball = [&] {
    Ball<T> number(numbers.next<T>() > 0 ? numbers.next<T>() : T(0));
    if (numbers.next<T>() > 0)
      number.radius = std::fabs(Radius(numbers.next<T>()) * (number.value == 0 ? 1 : number.value));
    return number;
  };
  const Ball<T> a = ball(), b = ball(), c = ball();
  const auto compare = [&](const std::string& name, const Ball<T>& result) {
    const Environment<T> values{{"a", a.value}, {"b", b.value}, {"c", c.value}};
    Environment<Radius> radii{{"a_radius", a.radius},
                              {"b_radius", b.radius},
                              {"c_radius", c.radius},
                              {"half_ulp", half_ulp(result.value)},
                              {"infinity", std::numeric_limits<Radius>::infinity()}};
    for (const auto& [variable, value] : values) radii[variable] = value;
    comparison.compare(name, comparison.number("ball_" + name + "_code"), values, radii,
                       result.value, result.radius);
  };
  compare("negation", -a);
  compare("sum", a + b);
  compare("difference", a - b);
  compare("product", a * b);
  compare("quotient", a / b);
  compare("root", sqrt(a));
  compare("fused", fma(a, b, c));
  compare("decay", decay(a, b));
  compare("maximum", maximum(a, b));
  compare("at_least_zero", at_least_zero(a));
  compare("where_positive", where_positive(a, b));
}

int run(const char* lanes, const char* operations, const char* recorded_numbers) {
  constexpr int runs = 200;
  Terms of_numbers = terms_of(recorded_numbers);
  of_numbers.merge(terms_of(recorded_numbers, "choices"));
  Comparison comparison(terms_of(lanes), terms_of(operations), std::move(of_numbers));
  comparison.read_quantities(std::cin);
  Numbers numbers;
  [&]<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
    for (int i = 0; i < runs; ++i)
      (...,
       (run_lane<Lane, float>(comparison, numbers), run_lane<Lane, double>(comparison, numbers)));
  }(std::type_identity<fast::lane::Every>());
  for (int i = 0; i < runs; ++i) run_operations<double>(comparison, numbers);
  for (int i = 0; i < runs; ++i) {
    run_roots<float>(comparison, numbers);
    run_roots<double>(comparison, numbers);
  }
  for (int i = 0; i < 8 * runs; ++i) {
    run_balls<float>(comparison, numbers);
    run_balls<double>(comparison, numbers);
  }
  comparison.finish(runs / 8);
  return 0;
}

}  // namespace
}  // namespace truestep::proofs

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: truestep_record quantities | truestep_evaluate LANES OPERATIONS NUMBERS\n";
    return 2;
  }
  try {
    return truestep::proofs::run(arguments[1], arguments[2], arguments[3]);
  } catch (const std::exception& error) {
    std::cerr << "truestep_evaluate: " << error.what() << "\n";
    return 1;
  }
}
