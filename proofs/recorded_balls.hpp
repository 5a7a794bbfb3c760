// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// What a recorded function asked of its numbers, and the answers that it is given: the first
/// question without an answer is thrown. NaN and infinity have no place in this.
class Questions {
 public:
  struct Question {
    std::string constructor;
    Expression x, y;

    std::string text() const { return constructor + " (" + x.term() + ") (" + y.term() + ")"; }
  };

  inline static std::vector<std::pair<Question, bool>> answered;

  static bool ask(const Question& question) {
    for (const auto& [known, answer] : answered)
      if (known.text() == question.text()) return answer;
    throw question;
  }

  /// The function as a term of theory/arithmetic/Choices.v, over all answers.
  /// @param run  returns the term that it comes to
  template <class Run>
  static std::string explored(const Run& run) {
    try {
      return run();
    } catch (const Question& question) {
      std::string term = question.text();
      for (const bool answer : {true, false}) {
        answered.emplace_back(question, answer);
        term += " (" + explored(run) + ")";
        answered.pop_back();
      }
      return term;
    }
  }
};

/// A number of ball.hpp that writes down what is made of it: of the computation's type or, if wide,
/// of the radius's, of which every number of the other is one.
///
/// @tparam Number  Expression, or a number type made from one that becomes one again
template <class Number, bool wide>
class BallNumber {
 public:
  constexpr BallNumber(double literal = 0) : literal_(literal) {}
  explicit BallNumber(const Number& number) : term_(&kept().emplace_back(number)) {}
  template <bool other>
  requires(wide && !other) explicit constexpr BallNumber(const BallNumber<Number, other>& narrow)
      : literal_(narrow.literal_), term_(narrow.term_) {}

  Number number() const { return term_ ? *term_ : Number(literal_); }
  Expression expression() const { return Expression(number()); }

  friend BallNumber operator-(const BallNumber& a) { return BallNumber(-a.number()); }
  /// A sum of literals, which is a constant of ball.hpp, is one.
  friend constexpr BallNumber operator+(const BallNumber& a, const BallNumber& b) {
    if (!a.term_ && !b.term_) return a.literal_ + b.literal_;
    return BallNumber(a.number() + b.number());
  }
  friend BallNumber operator-(const BallNumber& a, const BallNumber& b) {
    return BallNumber(a.number() - b.number());
  }
  friend BallNumber operator*(const BallNumber& a, const BallNumber& b) {
    return BallNumber(a.number() * b.number());
  }
  friend BallNumber operator/(const BallNumber& a, const BallNumber& b) {
    return BallNumber(a.number() / b.number());
  }
  friend BallNumber sqrt(const BallNumber& a) { return BallNumber(sqrt(a.number())); }
  friend BallNumber fma(const BallNumber& a, const BallNumber& b, const BallNumber& c) {
    return BallNumber(fma(a.number(), b.number(), c.number()));
  }
  friend BallNumber max(const BallNumber& a, const BallNumber& b) {
    return BallNumber(maximum(a.number(), b.number()));
  }
  /// The smaller is what is larger with the other sign.
  friend BallNumber min(const BallNumber& a, const BallNumber& b) { return -max(-a, -b); }
  friend BallNumber fabs(const BallNumber& a) { return max(a, -a); }
  friend bool isfinite(const BallNumber&) { return true; }

  friend bool operator<(const BallNumber& a, const BallNumber& b) {
    return Questions::ask({"IfLess", a.expression(), b.expression()});
  }
  friend bool operator>(const BallNumber& a, const BallNumber& b) { return b < a; }
  /// A number is equal to itself.
  friend bool operator==(const BallNumber& a, const BallNumber& b) {
    return a.expression() == b.expression() ||
           Questions::ask({"IfEqual", a.expression(), b.expression()});
  }

  /// The term calls the half unit in the last place of this number "half_ulp".
  inline static std::string rounded = {};
  friend BallNumber<Number, true> half_ulp(const BallNumber& value) requires(!wide) {
    rounded = value.expression().term();
    return BallNumber<Number, true>(Number(Expression::variable("half_ulp")));
  }

 private:
  friend class BallNumber<Number, true>;

  static std::deque<Number>& kept() {
    static std::deque<Number> numbers;
    return numbers;
  }

  double literal_ = 0;
  const Number* term_ = nullptr;
};

template <class Number>
struct Wide<BallNumber<Number, false>> {
  using type = BallNumber<Number, true>;
};

}  // namespace truestep::proofs

template <class Number, bool wide>
struct std::numeric_limits<truestep::proofs::BallNumber<Number, wide>> {
  /// As far apart as ball.hpp asks for: of what it records no exponent is known.
  static constexpr int min_exponent = wide ? -1000 : -100;
  static truestep::proofs::BallNumber<Number, wide> infinity() {
    return truestep::proofs::BallNumber<Number, wide>(
        Number(truestep::proofs::Expression::variable("infinity")));
  }
};

namespace truestep::proofs {

/// An operation of ball.hpp, and the theorem in theory/arithmetic/RecordedBalls.v that says what
/// was recorded of it.
template <class Number>
struct RecordedBall {
  using Narrow = BallNumber<Number, false>;
  using Operand = Ball<Narrow>;

  std::string_view name, theorem;
  Operand (*run)(const Operand&, const Operand&, const Operand&);

  /// @param before  is called before the operation on each way through it
  template <class Before>
  std::string recorded(Before before) const {
    const auto named = [](const std::string& variable) {
      Operand operand(Narrow(Number(Expression::variable(variable))));
      operand.radius = typename Operand::Radius(Number(Expression::variable(variable + "_radius")));
      return operand;
    };
    const Operand a = named("a"), b = named("b"), c = named("c");
    return Questions::explored([&] {
      before();
      Narrow::rounded.clear();
      const Operand result = run(a, b, c);
      const auto value = result.value.expression().term();
      if (!Narrow::rounded.empty() && Narrow::rounded != value)
        throw std::logic_error("half an ulp of something else than the value");
      return "Gives (" + value + ") (" + result.radius.expression().term() + ")";
    });
  }
};

template <class Number>
constexpr auto recorded_balls() {
  using Operand = const typename RecordedBall<Number>::Operand&;
  return std::to_array<RecordedBall<Number>>({
      {"ball_negation", "ball_negation_reads", [](Operand a, Operand, Operand) { return -a; }},
      {"ball_sum", "ball_sum_reads", [](Operand a, Operand b, Operand) { return a + b; }},
      {"ball_difference", "ball_difference_reads",
       [](Operand a, Operand b, Operand) { return a - b; }},
      {"ball_product", "ball_product_reads", [](Operand a, Operand b, Operand) { return a * b; }},
      {"ball_quotient", "ball_quotient_reads", [](Operand a, Operand b, Operand) { return a / b; }},
      {"ball_root", "ball_root_reads", [](Operand a, Operand, Operand) { return sqrt(a); }},
      {"ball_fused", "ball_fused_reads",
       [](Operand a, Operand b, Operand c) { return fma(a, b, c); }},
      {"ball_decay", "ball_decay_reads", [](Operand a, Operand b, Operand) { return decay(a, b); }},
      {"ball_maximum", "ball_maximum_reads",
       [](Operand a, Operand b, Operand) { return maximum(a, b); }},
      {"ball_at_least_zero", "ball_at_least_zero_reads",
       [](Operand a, Operand, Operand) { return at_least_zero(a); }},
      {"ball_where_positive", "ball_where_positive_reads",
       [](Operand a, Operand b, Operand) { return where_positive(a, b); }},
  });
}

}  // namespace truestep::proofs
