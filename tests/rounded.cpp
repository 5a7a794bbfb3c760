// SPDX-License-Identifier: Apache-2.0
// The number type of the narrow formats: every result is the exact one, rounded once. Float and
// double are held to the processor, the 8-bit formats to exact fractions of all their numbers.

#include <gtest/gtest.h>

#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/proofs/statements.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cfenv>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "../bench/drift/rounded.hpp"
#include "support/generate.hpp"

namespace truestep::test {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using drift::Arithmetic;
using drift::Format;
using drift::Rounded;
using drift::Rounding;

const Format& format(std::string_view name) {
  return *std::find_if(drift::formats.begin(), drift::formats.end(),
                       [&](const Format& f) { return f.name == name; });
}

template <class T>
const Format& format_of() {
  return format(sizeof(T) == 4 ? "float" : "double");
}

/// '+', '-', '*', '/', 'r' for the root of the first operand, 'f' for fma.
template <class Number>
Number operate(char operation, const Number& a, const Number& b, const Number& c) {
  using std::fma;
  using std::sqrt;
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case 'r':
      return sqrt(a);
    default:
      return fma(a, b, c);
  }
}

/// The processor's result; volatile, so that nothing is computed before the mode is set.
template <class T>
T by_processor(Rounding rounding, char operation, T a, T b, T c) {
  volatile T operands[] = {a, b, c};
  // To nearest is how a program begins, and setting a mode takes longer than an operation.
  const bool is_mode_set = rounding == Rounding::toward_zero;
  if (is_mode_set) std::fesetround(FE_TOWARDZERO);
  volatile T result = operate(operation, T(operands[0]), T(operands[1]), T(operands[2]));
  if (is_mode_set) std::fesetround(FE_TONEAREST);
  return result;
}

template <class T>
double by_rounded(Arithmetic& arithmetic, char operation, T a, T b, T c) {
  const auto number = [&](T x) { return Rounded(arithmetic, x); };
  return operate(operation, number(a), number(b), number(c)).value();
}

/// What a check says of the first result that is not the expected one; "" if there is none.
struct Verdict {
  std::string first;
  std::uint64_t compared = 0, wrong = 0;

  void compare(double got, double expected, char operation, double a, double b, double c) {
    ++compared;
    if (bits(got) == bits(expected)) return;
    if (wrong++ > 0) return;
    std::ostringstream text;
    text << std::hexfloat << operation << " of " << a << ", " << b << ", " << c << " gave " << got
         << " instead of " << expected;
    first = text.str();
  }
};

constexpr Rounding deterministic[] = {Rounding::nearest_even, Rounding::toward_zero};

/// Every exponent with significands at the ends, in the middle, and anywhere.
std::vector<float> dense_floats() {
  Random random(1);
  std::vector<float> grid;
  for (std::uint32_t exponent = 0; exponent < 256; ++exponent)
    for (const std::uint32_t significand :
         {0u, 1u, 0x400000u, 0x7fffffu, static_cast<std::uint32_t>(random.below(1u << 23))})
      grid.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random.below(2) << 31) |
                                          exponent << 23 | significand));
  return grid;
}

/// Any bit pattern, of which half end in zeros.
template <class T>
T any(Random& random) {
  const T x = random.any<T>();
  const auto cleared = random.one_in(2) ? random.below(std::numeric_limits<T>::digits) : 0;
  return std::bit_cast<T>(std::bit_cast<BitsOf<T>>(x) >> cleared << cleared);
}

/// A number whose exponent is near that of x.
template <class T>
T neighbour(Random& random, T x) {
  const T y = any<T>(random);
  if (!std::isfinite(x) || !std::isfinite(y) || x == 0 || y == 0) return y;
  return std::ldexp(y, std::ilogb(x) - std::ilogb(y) + random.between(-60, 60));
}

template <class T, class Subject>
Verdict check_binary(Rounding rounding, Subject subject) {
  Verdict verdict;
  Random random(2);
  const auto check = [&](T a, T b) {
    for (const char operation : {'+', '-', '*', '/'})
      verdict.compare(subject(operation, a, b, T(0)), by_processor<T>(rounding, operation, a, b, 0),
                      operation, a, b, 0);
  };
  if constexpr (sizeof(T) == 4) {
    const auto floats = dense_floats();
    for (const float a : floats)
      for (const float b : floats) check(a, b);
  }
  for (int i = 0; i < 500'000; ++i) {
    const T a = any<T>(random);
    check(a, neighbour(random, a));
  }
  return verdict;
}

/// A third of the addends cancels the product but for its last bits.
template <class T, class Subject>
Verdict check_fma(Rounding rounding, Subject subject) {
  Verdict verdict;
  Random random(3);
  for (int i = 0; i < 1'000'000; ++i) {
    const T a = any<T>(random);
    const T b = random.one_in(2) ? any<T>(random) : neighbour(random, T(1));
    const T c = random.one_in(3) ? -a * b : neighbour(random, T(a * b));
    verdict.compare(subject('f', a, b, c), by_processor<T>(rounding, 'f', a, b, c), 'f', a, b, c);
  }
  return verdict;
}

template <class T>
void expect_the_processors_results() {
  for (const Rounding rounding : deterministic) {
    Arithmetic arithmetic(format_of<T>(), rounding);
    const auto subject = [&](char operation, T a, T b, T c) {
      return by_rounded(arithmetic, operation, a, b, c);
    };
    EXPECT_EQ(check_binary<T>(rounding, subject).first, "");
    EXPECT_EQ(check_fma<T>(rounding, subject).first, "");
  }
}

TEST(Rounded, OperationsInFloatAreTheProcessors) { expect_the_processors_results<float>(); }
TEST(Rounded, OperationsInDoubleAreTheProcessors) { expect_the_processors_results<double>(); }

TEST(Rounded, ASecondRoundingIsCaught) {
  const auto twice = [](char, float a, float b, float c) {
    return static_cast<float>(std::fma(double{a}, double{b}, double{c}));
  };
  EXPECT_NE(check_fma<float>(Rounding::nearest_even, twice).first, "");
}

/// Calls the task with every 257th bit pattern of a float, and all that are next to a power of two.
template <class Task>
void for_floats(Task task) {
  for (std::uint64_t pattern = 0; pattern < std::uint64_t{1} << 32; pattern += 257)
    task(std::bit_cast<float>(static_cast<std::uint32_t>(pattern)));
  for (std::uint32_t exponent = 0; exponent < 512; ++exponent)
    for (std::uint32_t step = 0; step < 5; ++step)
      task(std::bit_cast<float>((exponent << 23) + step - 2));
}

TEST(Rounded, RootsInFloatAreTheProcessors) {
  for (const Rounding rounding : deterministic) {
    Arithmetic arithmetic(format("float"), rounding);
    Verdict verdict;
    for_floats([&](float a) {
      verdict.compare(by_rounded(arithmetic, 'r', a, 0.0f, 0.0f),
                      by_processor<float>(rounding, 'r', a, 0, 0), 'r', a, 0, 0);
    });
    EXPECT_EQ(verdict.first, "");
  }
}

TEST(Rounded, RootsInDoubleAreTheProcessors) {
  for (const Rounding rounding : deterministic) {
    Arithmetic arithmetic(format("double"), rounding);
    Verdict verdict;
    Random random(4);
    for (int i = 0; i < 1'000'000; ++i) {
      const double x = random.any<double>();
      // A square and its neighbours lie on a number or halfway between two.
      const double single = static_cast<double>(static_cast<float>(random.ordinary<double>(0, 60)));
      const double a = i % 4 == 0 ? single * single : i % 4 == 1 ? std::nextafter(x * x, 0) : x;
      verdict.compare(by_rounded(arithmetic, 'r', a, 0.0, 0.0),
                      by_processor<double>(rounding, 'r', a, 0, 0), 'r', a, 0, 0);
    }
    EXPECT_EQ(verdict.first, "");
  }
}

/// Doubles on a float, halfway to the next, and on either side of both.
TEST(Rounded, ConversionToFloatIsTheProcessors) {
  for (const Rounding rounding : deterministic) {
    Arithmetic arithmetic(format("float"), rounding);
    Verdict verdict;
    std::uint64_t n = 0;
    for_floats([&](float a) {
      if (++n % 32 != 0) return;
      const double x = a, next = std::nextafter(a, INFINITY), halfway = x + (next - x) / 2;
      for (const double centre : {x, halfway})
        for (const double y :
             {std::nextafter(centre, -INFINITY), centre, std::nextafter(centre, INFINITY)}) {
          volatile double source = y;
          std::fesetround(rounding == Rounding::toward_zero ? FE_TOWARDZERO : FE_TONEAREST);
          volatile float expected = static_cast<float>(source);
          std::fesetround(FE_TONEAREST);
          verdict.compare(arithmetic.round(y), expected, 'c', y, 0, 0);
        }
    });
    EXPECT_EQ(verdict.first, "");
  }
}

#if defined(__x86_64__)
template <int mode>
[[gnu::target("f16c")]] float to_fp16_and_back(float x) {
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(x), mode)));
}

TEST(Rounded, ConversionToFp16IsTheProcessors) {
  // Which clang 14 can ask for, and F16C is older.
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor may have no F16C";
  Arithmetic nearest(format("fp16")), toward_zero(format("fp16"), Rounding::toward_zero);
  Verdict verdict;
  for_floats([&](float a) {
    verdict.compare(nearest.round(a), to_fp16_and_back<_MM_FROUND_TO_NEAREST_INT>(a), 'c', a, 0, 0);
    verdict.compare(toward_zero.round(a), to_fp16_and_back<_MM_FROUND_TO_ZERO>(a), 'c', a, 0, 0);
  });
  EXPECT_EQ(verdict.first, "");
}
#endif

/// By the usual integer arithmetic on a float's bits, as neither compiler has the conversion; the
/// instruction of AVX512-BF16 flushes subnormals.
TEST(Rounded, ConversionToBfloat16IsThatOfTheBits) {
  Arithmetic nearest(format("bfloat16")), toward_zero(format("bfloat16"), Rounding::toward_zero);
  Verdict verdict;
  for_floats([&](float a) {
    const auto pattern = std::bit_cast<std::uint32_t>(a);
    const std::uint32_t last = pattern >> 16 & 1;
    const auto upper = [](std::uint32_t p) { return std::bit_cast<float>(p & 0xffff0000); };
    const bool number = std::isfinite(a);
    verdict.compare(nearest.round(a), number ? upper(pattern + 0x7fff + last) : a, 'c', a, 0, 0);
    verdict.compare(toward_zero.round(a), number ? upper(pattern) : a, 'c', a, 0, 0);
  });
  EXPECT_EQ(verdict.first, "");
}

/// The numbers >= 0 of an 8-bit format in ascending order, as OCP's specification decodes its
/// codes, going on where the exponents of the format end.
struct Codes {
  Codes(const Format& f, int fraction_bits, int bias, int largest_code) : format(f) {
    // Without subnormals a result is rounded as if there were ever smaller normal numbers.
    const int least_field = f.subnormals ? 0 : -40;
    const int per_field = 1 << fraction_bits;
    for (int code = least_field * per_field; code < 256; ++code) {
      const int field = code >> fraction_bits;
      const double fraction = static_cast<double>(code - field * per_field) / per_field;
      values.push_back(field == 0 && f.subnormals ? std::ldexp(fraction, 1 - bias)
                                                  : std::ldexp(1 + fraction, field - bias));
      fractions.emplace_back(values.back());
    }
    const auto index = [&](int code) {
      return static_cast<std::size_t>(code - least_field * per_field);
    };
    least = f.subnormals ? 0 : index(per_field);
    largest = index(largest_code);
  }

  /// The size of a result that was rounded to values[index].
  double limited(std::size_t index, Rounding rounding) const {
    if (index < least) return 0;
    if (index <= largest) return values[index];
    return rounding == Rounding::toward_zero ? values[largest] : in_place_of_infinity();
  }
  double in_place_of_infinity() const {
    return format.saturates ? values[largest] : format.infinity ? INFINITY : NAN;
  }

  std::vector<double> operands() const {
    std::vector<double> all{NAN, 0.0, -0.0};
    if (format.infinity && !format.saturates) all.insert(all.end(), {INFINITY, -INFINITY});
    for (std::size_t i = least; i <= largest; ++i)
      if (values[i] != 0) all.insert(all.end(), {values[i], -values[i]});
    return all;
  }

  Format format;
  std::vector<double> values;
  std::vector<cpp_rational> fractions;  ///< the same numbers
  std::size_t least, largest;           ///< which of them the format has
};

Format unchanged(Format f) { return f; }
Format saturating(Format f) {
  f.saturates = true;
  return f;
}
Format without_subnormals(Format f) {
  f.subnormals = false;
  return f;
}

/// @param change  what is different from the format that the specification describes
std::array<Codes, 2> small_formats(Format change(Format)) {
  return {Codes(change(format("fp8-e4m3")), 3, 7, 0x7e),
          Codes(change(format("fp8-e5m2")), 2, 15, 0x7b)};
}

/// The exact result of an operation; for a root its square, which is a fraction.
cpp_rational exact_result(char operation, const cpp_rational& a, const cpp_rational& b,
                          const cpp_rational& c) {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case 'r':
      return a;
    default:
      return a * b + c;
  }
}

/// What stochastic rounding draws where it was not sent to a place.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : first_(drift::mix(seed)) {}
  std::uint64_t operator()() { return drift::mix(first_ + drawn_++); }

 private:
  std::uint64_t first_, drawn_ = 0;
};

constexpr Rounding all_roundings[] = {Rounding::nearest_even, Rounding::toward_zero,
                                      Rounding::stochastic};

/// A format's results in every rounding against exact fractions.
template <class Subject>
class Enumeration {
 public:
  Enumeration(const Codes& codes, Subject subject) : codes_(codes), subject_(subject) {
    for (const Rounding rounding : all_roundings)
      arithmetic_.emplace_back(codes.format, rounding, 5);
  }

  void check(char operation, double a, double b = 1, double c = 1) {
    // Its sign is right, and it is where it is zero, infinite or NaN.
    const double by_double = operate(operation, a, b, c);
    const bool special = !std::isfinite(by_double) || by_double == 0 || !std::isfinite(a) ||
                         !std::isfinite(b) || !std::isfinite(c);
    const double expected_if_special =
        std::isinf(by_double) ? std::copysign(codes_.in_place_of_infinity(), by_double) : by_double;
    if (!special) find(operation, a, b, c, std::fabs(by_double));
    for (std::size_t i = 0; i < arithmetic_.size(); ++i) {
      const double expected =
          special ? expected_if_special : std::copysign(rounded(all_roundings[i]), by_double);
      verdict.compare(subject_(arithmetic_[i], operation, a, b, c), expected, operation, a, b, c);
    }
  }

  Verdict verdict;

 private:
  /// @param near  about the size of the result, where to begin to look
  void find(char operation, double a, double b, double c, double near) {
    exact_ = abs(exact_result(operation, cpp_rational(a), cpp_rational(b), cpp_rational(c)));
    squared_ = operation == 'r';
    const auto above = std::upper_bound(codes_.values.begin() + 1, codes_.values.end(), near);
    lower_ = static_cast<std::size_t>(above - codes_.values.begin()) - 1;
    while (compare(codes_.fractions[lower_]) < 0) --lower_;
    while (lower_ + 1 < codes_.fractions.size() && compare(codes_.fractions[lower_ + 1]) >= 0)
      ++lower_;
    is_between_ = compare(codes_.fractions[lower_]) != 0;
  }

  /// The sign of |exact result| - x.
  int compare(const cpp_rational& x) const {
    return exact_.compare(squared_ ? cpp_rational(x * x) : x);
  }

  double rounded(Rounding rounding) {
    if (!is_between_ || rounding == Rounding::toward_zero) return codes_.limited(lower_, rounding);
    const cpp_rational& low = codes_.fractions[lower_];
    const cpp_rational gap = codes_.fractions[lower_ + 1] - low;
    bool up = false;
    if (rounding == Rounding::nearest_even) {
      const int side = compare(low + gap / 2);
      up = side > 0 || (side == 0 && lower_ % 2 != 0);
    }
    // 2^64 numbers may be drawn; as many go up as there are whole 2^-64 of the gap between the
    // result and the number below it.
    if (rounding == Rounding::stochastic)
      up = compare(low + gap * cpp_rational(cpp_int(random_()) + 1, cpp_int(1) << 64)) >= 0;
    return codes_.limited(lower_ + up, rounding);
  }

  const Codes& codes_;
  Subject subject_;
  std::vector<Arithmetic> arithmetic_;
  Draws random_{5};
  cpp_rational exact_;
  bool squared_ = false, is_between_ = false;
  std::size_t lower_ = 0;
};

/// All roots, all pairs of every nth number, and fma of numbers drawn.
template <class Subject>
Verdict check_all(const Codes& codes, std::size_t nth, Subject subject) {
  Enumeration enumeration(codes, subject);
  const auto operands = codes.operands();
  for (const double a : operands) enumeration.check('r', a);
  for (std::size_t i = 0; i < operands.size(); i += nth)
    for (std::size_t j = 0; j < operands.size(); j += nth)
      for (const char operation : {'+', '-', '*', '/'})
        enumeration.check(operation, operands[i], operands[j]);
  Random random(6);
  for (int i = 0; i < 20'000; ++i)
    enumeration.check('f', random.pick(operands), random.pick(operands), random.pick(operands));
  return enumeration.verdict;
}

void expect_exact_fractions_rounded(const Codes& codes, std::size_t nth) {
  EXPECT_EQ(codes.values[codes.largest], codes.format.largest());
  EXPECT_EQ(check_all(codes, nth, by_rounded<double>).first, "") << codes.format.name;
}

/// How often an error is not the exact one: that which an arithmetic states, and its negative.
struct Misstated {
  int as_stated = 0, negated = 0;
};

/// Over pairs of numbers of an 8-bit format; sums and products have errors that are doubles.
Misstated misstated_errors(const Codes& codes, Rounding rounding) {
  Arithmetic arithmetic(codes.format, rounding, 5);
  Misstated wrong;
  const auto operands = codes.operands();
  for (std::size_t i = 0; i < operands.size(); i += 3)
    for (std::size_t j = 0; j < operands.size(); j += 5)
      for (const char operation : {'+', '-', '*', 'f'}) {
        const double a = operands[i], b = operands[j];
        const double result = by_rounded(arithmetic, operation, a, b, a);
        if (!std::isfinite(result) || !std::isfinite(a) || !std::isfinite(b)) continue;
        const cpp_rational x(a), y(b);
        const cpp_rational exact =
            operation == 'f' ? cpp_rational(x * y + x) : exact_result(operation, x, y, x);
        const cpp_rational exact_error = cpp_rational(result) - exact;
        const auto is_wrong = [&](double error) { return exact_error != cpp_rational(error); };
        wrong.as_stated += is_wrong(arithmetic.error());
        wrong.negated += is_wrong(-arithmetic.error());
      }
  return wrong;
}

TEST(Rounded, StatesTheErrorOfEachResult) {
  for (auto* const change : {unchanged, saturating, without_subnormals})
    for (const Codes& codes : small_formats(change))
      for (const Rounding rounding : all_roundings) {
        const auto wrong = misstated_errors(codes, rounding);
        EXPECT_EQ(wrong.as_stated, 0);
        EXPECT_GT(wrong.negated, 0);
      }
}

/// The sign of a zero and what is no number too: a selection gives one of its operands, or 0.
TEST(Rounded, SelectionsAndDecayAreTheProcessors) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Arithmetic arithmetic(format_of<float>());
  const std::vector<float> numbers{0.0f, -0.0f,    0.75f,     -0.75f,
                                   3,    infinity, -infinity, std::nanf("")};
  Verdict verdict;
  for (const float a : numbers)
    for (const float b : numbers) {
      const Rounded x(arithmetic, a), y(arithmetic, b);
      verdict.compare(maximum(x, y).value(), b > a || b != b ? b : a, 'm', a, b, 0);
      verdict.compare(at_least_zero(x).value(), a < 0 ? 0 : a, 'c', a, b, 0);
      verdict.compare(where_positive(x, y).value(), a > 0 ? b : 0, 'p', a, b, 0);
      const auto decayed = by_processor<float>(Rounding::nearest_even, 'f', -a, b, b);
      if (!std::isnan(decayed)) verdict.compare(decay(x, y).value(), decayed, 'd', a, b, 0);
    }
  EXPECT_EQ(verdict.first, "");
}

TEST(Rounded, EightBitFormatsRoundExactFractions) {
  for (const Codes& codes : small_formats(unchanged)) expect_exact_fractions_rounded(codes, 1);
}

TEST(Rounded, SaturatingFormatsRoundExactFractions) {
  for (const Codes& codes : small_formats(saturating)) expect_exact_fractions_rounded(codes, 5);
}

TEST(Rounded, FormatsWithoutSubnormalsRoundExactFractions) {
  for (const Codes& codes : small_formats(without_subnormals))
    expect_exact_fractions_rounded(codes, 5);
}

/// A result that is rounded to one bit more, then to the format.
TEST(Rounded, ASecondRoundingOfAnEightBitFormatIsCaught) {
  const Codes codes = small_formats(unchanged).front();
  Format wider = codes.format;
  ++wider.significand_bits;
  Arithmetic first(wider);
  const auto twice = [&](Arithmetic& second, char operation, double a, double b, double c) {
    return second.round(by_rounded(first, operation, a, b, c));
  };
  EXPECT_NE(check_all(codes, 5, twice).first, "");
}

/// In every format, by the part of the last place that a result discards.
TEST(Rounded, StochasticRoundingGoesUpAsOftenAsTheDiscardedPart) {
  for (const Format& f : drift::formats) {
    if (f.significand_bits == 53) continue;  // no double lies between two doubles
    Arithmetic arithmetic(f, Rounding::stochastic, 7);
    Draws draws(7);
    Random random(8);
    for (int i = 0; i < 100'000; ++i) {
      const double x = random.ordinary<double>(f.least_exponent - 4, f.greatest_exponent - 1);
      const double unit = std::ldexp(1.0, f.spacing(std::ilogb(x)));
      const double units = std::fabs(x) / unit, below = std::floor(units);
      // At most 53 bits: the 64 of the draw are compared with all of them.
      const bool up = units > below && std::ldexp(units - below, 64) > 0 &&
                      draws() < static_cast<std::uint64_t>(std::ldexp(units - below, 64));
      ASSERT_EQ(arithmetic.round(x), std::copysign((below + up) * unit, x)) << f.name << " " << x;
    }
  }
}

TEST(Rounded, ASeedGivesTheSameBitsAgainAndAnotherOtherBits) {
  const auto sum_of_tenths = [](std::uint64_t seed) {
    Arithmetic arithmetic(format("bfloat16"), Rounding::stochastic, seed);
    Rounded sum(arithmetic, 0);
    for (int i = 0; i < 1000; ++i) sum = sum + Rounded(arithmetic, 0.1);
    return sum.value();
  };
  EXPECT_EQ(sum_of_tenths(1), sum_of_tenths(1));
  EXPECT_NE(sum_of_tenths(1), sum_of_tenths(2));
}

TEST(Rounded, CountsUnderflowsAndOverflows) {
  Arithmetic arithmetic(format("fp16"));
  const Rounded smallest(arithmetic, 0x1p-24), largest(arithmetic, 65504);
  EXPECT_EQ((smallest + smallest).value(), 0x1p-23);
  EXPECT_EQ(arithmetic.out_of_range().underflows, 0u);  // exact
  EXPECT_EQ((smallest * smallest).value(), 0);
  EXPECT_EQ(arithmetic.out_of_range().underflows, 1u);
  EXPECT_EQ((largest + Rounded(arithmetic, 15)).value(), 65504);
  EXPECT_EQ(arithmetic.out_of_range().overflows, 0u);
  EXPECT_EQ((largest + Rounded(arithmetic, 16)).value(), INFINITY);
  EXPECT_EQ(arithmetic.out_of_range().overflows, 1u);
}

/// A lane's coefficients, unrounded until the format is known, become those of the kernels.
template <class Rule, class T>
void expect_the_kernels_coefficients() {
  Arithmetic arithmetic(format_of<T>());
  for (std::uint64_t t = 1; t < 100'000; t += 1 + t / 50) {
    const auto expected = fast::coefficients<T>(typename Rule::Hyperparameters(), t);
    const auto unrounded =
        fast::coefficients<fast::DoubleDouble>(typename Rule::Hyperparameters(), t);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(arithmetic.round(unrounded[i].high, unrounded[i].low), expected[i])
          << Rule::name << " " << t;
  }
}

TEST(Rounded, CoefficientsAreTheKernels) {
  std::apply(
      [](auto... rule) {
        (expect_the_kernels_coefficients<decltype(rule), float>(), ...);
        (expect_the_kernels_coefficients<decltype(rule), double>(), ...);
      },
      rules::All());
}

/// The lanes in the float format are the lanes in float, along a thousand steps.
template <class Rule>
void expect_the_lane_in_float() {
  Arithmetic arithmetic(format("float"));
  Random random(9);
  float theta = 1;
  std::array<float, Rule::Lane::states> state{};
  Rounded rounded_theta(arithmetic, theta);
  std::array<Rounded, Rule::Lane::states> rounded_state;
  rounded_state.fill(Rounded(arithmetic, 0));
  for (std::uint64_t t = 1; t <= 1000; ++t) {
    const auto g = random.ordinary<float>(-20, 4);
    const auto coefficients = fast::coefficients<float>(typename Rule::Hyperparameters(), t);
    std::array<Rounded, Rule::Lane::coefficients> rounded_coefficients;
    for (std::size_t i = 0; i < coefficients.size(); ++i)
      rounded_coefficients[i] = Rounded(arithmetic, coefficients[i]);
    Rule::Lane::step(coefficients, theta, state, g, fast::Unobserved());
    Rule::Lane::step(rounded_coefficients, rounded_theta, rounded_state, Rounded(arithmetic, g),
                     fast::Unobserved());
    ASSERT_EQ(rounded_theta.value(), theta) << Rule::name << " " << t;
    for (std::size_t i = 0; i < state.size(); ++i)
      ASSERT_EQ(rounded_state[i].value(), state[i]) << Rule::name << " " << t;
  }
}

TEST(Rounded, LanesInTheFloatFormatAreTheLanesInFloat) {
  std::apply([](auto... rule) { (expect_the_lane_in_float<decltype(rule)>(), ...); }, rules::All());
}

}  // namespace
}  // namespace truestep::test
