// SPDX-License-Identifier: Apache-2.0
// The shares of a drift: they are exact where doubles are, they add up to the drift, and a fault in
// one operation is found there.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "audited.hpp"
#include "drift/every_rule.hpp"
#include "followed.hpp"
#include "setups.hpp"
#include "spelled_of.hpp"
#include "trace_back.hpp"

namespace truestep::drift {

namespace {

/// The first column's.
double computed(const Traced& x) { return x.computed()[0]; }
double exact(const Traced& x) { return x.exact()[0]; }

double sum_of_shares(const Traced& x, std::size_t column = 0) {
  double total = 0;
  for (std::size_t source = 0; source < most_sources; ++source) total += x.share(source, column);
  return total;
}

/// Operands of few bits, whose shares and slopes are doubles without any rounding. The last column
/// has the numbers of the first one, the others have others.
class Slopes : public testing::Test {
 protected:
  Traced number(double computed, double exact) {
    Row values, ideal, share;
    for (std::size_t i = 0; i < row_size; ++i) {
      const double more = i % (row_size - 1) == 0 ? 0 : 0.25;
      values[i] = computed + more;
      ideal[i] = exact + 2 * more;
      share[i] = values[i] - ideal[i];
    }
    Traced x(wide_, operations_, values, ideal);
    x.add_share(0, share);
    return x;
  }

  static void expect_explained(const Traced& x) {
    for (const std::size_t column : {std::size_t{0}, row_size - 1})
      EXPECT_EQ(sum_of_shares(x, column), x.computed()[column] - x.exact()[column]);
  }

  RowArithmetic wide_{Arithmetic(format("float"))};
  Operations operations_{1};
};

TEST_F(Slopes, ExplainEveryDistance) {
  const Traced a = number(12, 4), b = number(2, 4), c = number(-3, 1);
  expect_explained(a + b);
  expect_explained(a - b);
  expect_explained(a * b);
  expect_explained(a / b);
  expect_explained(fma(a, b, c));
  expect_explained(decay(number(0.25, 0.75), c));
  expect_explained(sqrt(number(9, 1)));
  expect_explained(sqrt(number(0, 4)));
  expect_explained(sqrt(number(0, 0)));
  expect_explained(-a);
}

TEST_F(Slopes, ExplainEverySelection) {
  const Traced a = number(12, 4), b = number(2, 10), least = number(-3, 1), most = number(5, -3);
  for (const Traced& larger : {maximum(a, b), maximum(b, a)}) {
    expect_explained(larger);
    EXPECT_EQ(computed(larger), 12);
    EXPECT_EQ(exact(larger), 10);
  }
  for (const Traced& x : {a, least, most}) {
    expect_explained(maximum(x, x));
    expect_explained(at_least_zero(x));
    expect_explained(where_positive(x, b));
    expect_explained(where_positive(-x, b));
  }
  EXPECT_EQ(computed(at_least_zero(least)), 0);
  EXPECT_EQ(exact(at_least_zero(least)), 1);
  EXPECT_EQ(computed(where_positive(least, a)), 0);
  EXPECT_EQ(exact(where_positive(least, a)), 4);
}

/// What the branch that was taken passes on does not explain the other branch.
TEST_F(Slopes, OfOneBranchWouldNot) {
  const Traced a = number(12, 4), b = number(2, 10), larger = maximum(a, b);
  EXPECT_NE(sum_of_shares(a), computed(larger) - exact(larger));
  EXPECT_NE(sum_of_shares(b), computed(larger) - exact(larger));
}

TEST_F(Slopes, OfTheTangentWouldNot) {
  const Traced a = number(12, 4);
  const double by_tangent = 2 * exact(a) * (computed(a) - exact(a));
  EXPECT_NE(by_tangent, computed(a * a) - exact(a * a));
}

/// A copy keeps its numbers when the other is changed.
TEST_F(Slopes, OfACopyAreItsOwn) {
  const Traced a = number(12, 4);
  Traced b = a;
  b.add_share(3, std::array{5.0});
  b.set_exact(std::array{7.0});
  EXPECT_EQ(a.share(3, 0), 0);
  EXPECT_EQ(exact(a), 4);
  EXPECT_EQ(b.share(3, 0), 5);
  EXPECT_EQ(sum_of_shares(b), sum_of_shares(a) + 5);
}

/// What is told of a step that broke is what its first column computed.
TEST_F(Slopes, AreThoseOfOperandsThatAreRemembered) {
  operations_.remembers = true;
  std::size_t next = operations_.first();
  const auto read = [&](double computed, double exact, std::size_t source) {
    Traced x = number(computed, exact);
    x.set_source(source);
    return x;
  };
  const Traced a = read(12, 4, 20), b = read(2, 4, 21), c = read(-3, 1, 22);
  const auto expect = [&](const char* kind, const Traced& result,
                          const std::vector<const Traced*>& operands) {
    const Operation& done = operations_.of(next++);
    EXPECT_STREQ(done.kind, kind);
    EXPECT_EQ(done.result.computed, computed(result)) << kind;
    EXPECT_EQ(done.result.exact, exact(result)) << kind;
    ASSERT_EQ(done.arity, operands.size()) << kind;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      EXPECT_EQ(done.operands[i].computed, computed(*operands[i])) << kind << " " << i;
      EXPECT_EQ(done.operands[i].exact, exact(*operands[i])) << kind << " " << i;
      EXPECT_EQ(done.operands[i].source, operands[i]->source()) << kind << " " << i;
    }
  };
  expect("sum", a + b, {&a, &b});
  expect("difference", a - c, {&a, &c});
  expect("product", b * c, {&b, &c});
  expect("quotient", a / b, {&a, &b});
  expect("root", sqrt(b), {&b});
  expect("fma", fma(a, b, c), {&a, &b, &c});
  expect("decay", decay(b, c), {&b, &c});
}

/// A share that is not told leaves a residual of its size; one that makes a distance smaller counts
/// against it.
TEST(Attribution, ShowsWhatItWasNotTold) {
  Attributed attributed;
  attributed.add(2, std::array{3.0, -1.0});
  EXPECT_EQ(attributed.sum({"a", "b"}).residual, 0);
  attributed.add(-5, std::array{-6.0, 2.0});
  const auto attribution = attributed.sum({"a", "b"});
  EXPECT_EQ(attribution.drift, 7);
  EXPECT_EQ(attribution.shares[0].contribution, 9);
  EXPECT_EQ(attribution.shares[1].contribution, -3);
  EXPECT_EQ(attribution.residual, 1);
}

/// An operation of numbers that are told, whose result has become what it is.
Operand performed(Operations& of_step, const char* kind, double computed, double exact,
                  const std::vector<Operand>& operands) {
  const std::size_t source = of_step.next(kind);
  Operation operation{.kind = kind, .result = {computed, exact, source}};
  operation.arity = operands.size();
  std::copy(operands.begin(), operands.end(), operation.operands.begin());
  of_step.remember(source, operation);
  return operation.result;
}

/// A quotient by 0 is traced to each number that a format could not hold, once; or to none, where
/// the divisor is exactly 0.
TEST(Attribution, TracesAQuotientByZeroToWhatBecameZero) {
  Operations of_step(1);
  const std::vector<SourceName> names{{"coefficient c in fp16", "c", "fp16"},
                                      {"v: product", "", "fp16"},
                                      {"v: sum", "", "fp16"},
                                      {"v: sum", "", "fp16"},
                                      {"x: quotient", "", "fp16"},
                                      {"y: quotient", "", "fp16"},
                                      {"z: quotient", "", "fp16"},
                                      {"w: root", "", "fp16"}};
  const auto setup = typed_setup("all_fp16");
  const auto why = [&](const Operand& result) {
    return why_not_finite(of_step, result.source, names, setup, 0);
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Operand small{1e-4, 1e-4}, three{3, 3}, nothing{0, 0}, coefficient{0, 1e-8, 0};
  const Operand product = performed(of_step, "product", 0, 1e-9, {small, small});
  const Operand sum = performed(of_step, "sum", 0, 1.1e-8, {product, coefficient});
  const Operand twice = performed(of_step, "sum", 0, 2.1e-8, {sum, coefficient});
  EXPECT_EQ(why(performed(of_step, "quotient", infinity, 1, {three, twice})),
            "x: quotient is 3 / 0, since v: product = 1e-09 rounds to 0 in fp16, and c = 1e-08 is "
            "0 in fp16");
  const Operand exactly{0, 0, product.source};
  EXPECT_EQ(why(performed(of_step, "quotient", infinity, infinity, {three, exactly})),
            "y: quotient is 3 / 0, as it is exactly");
  EXPECT_EQ(why(performed(of_step, "quotient", infinity, infinity, {three, nothing})),
            "z: quotient is 3 / 0, as it is exactly");
  EXPECT_EQ(why(performed(of_step, "root", std::nan(""), 1.4, {{-4, 2}})),
            "w: root is that of -4, which is exactly 2");
}

/// What each operation is called where it is spelled, and how it binds.
TEST(Spelled, BindsAsItIsComputed) {
  const auto right = [](auto formula) {
    Operations operations(0);
    SpelledStep step;
    const Spelled a(operations, "a"), b(operations, "b"), c(operations, "c");
    step.lines.push_back({"x", formula(a, b, c)});
    operations("x");
    step.operations = operations.names();
    return Spelling(step).right(0);
  };
  using S = const Spelled&;
  EXPECT_EQ(right([](S a, S b, S c) { return a + (b - c); }), "a + (b - c)");
  EXPECT_EQ(right([](S a, S b, S c) { return (a + b) - c; }), "a + b - c");
  EXPECT_EQ(right([](S a, S b, S c) { return a * (b / c); }), "a * (b / c)");
  EXPECT_EQ(right([](S a, S b, S c) { return a * b / c; }), "a * b / c");
  EXPECT_EQ(right([](S a, S b, S c) { return (a + b) * c; }), "(a + b) * c");
  EXPECT_EQ(right([](S a, S b, S c) { return fma(a, b + c, a - b); }), "a * (b + c) + (a - b)");
  EXPECT_EQ(right([](S a, S b, S c) { return fma(a, b, decay(c, b)); }), "a * b + (1 - c) * b");
  EXPECT_EQ(right([](S a, S b, S c) { return c * fma(a, b, c); }), "c * (a * b + c)");
  EXPECT_EQ(right([](S a, S b, S) { return decay(a, a - b); }), "(1 - a) * (a - b)");
  EXPECT_EQ(right([](S a, S b, S c) { return -(a + b) * c; }), "-(a + b) * c");
  EXPECT_EQ(right([](S a, S b, S c) { return a - -b * c; }), "a - -b * c");
  EXPECT_EQ(right([](S a, S b, S c) { return sqrt(a + b) / maximum(b, -c); }),
            "sqrt(a + b) / max(b, -c)");
  EXPECT_EQ(right([](S a, S b, S) { return sqrt(at_least_zero(a - b)); }), "sqrt(max(a - b, 0))");
  EXPECT_EQ(right([](S a, S b, S c) { return where_positive(a, b) + c; }),
            "(b where a is positive, else 0) + c");
}

/// Every operation of every lane is spelled by the name that sources of error have for it, once.
TEST(Spelled, HasTheOperationsOfAnEmulatedRun) {
  const auto expect_same = []<class Rule>(Rule) {
    for (const auto& convention : fast::conventions_of<typename Rule::Hyperparameters>) {
      const auto& h = convention.hyperparameters;
      if (fast::without_lane(h) != nullptr) continue;
      for (const bool kahan : {false, true}) {
        if (kahan && h.weight_decay != 0) continue;
        drift::Setup setup = drift::Setup::all_in(format("float"));
        setup.kahan = kahan;
        Followed<Rule> run(h, setup, {1});
        run.step(1, 1);
        const auto sources = run.emulated.sources();
        const auto step = spelled<Rule>(h, kahan, false, 1);
        const auto first = run.emulated.source().operations;
        ASSERT_EQ(sources.size(), first + step.operations.size()) << convention.name;
        std::set<std::string> words;
        for (std::size_t i = 0; i < step.operations.size(); ++i) {
          EXPECT_EQ(sources[first + i], step.operations[i]) << convention.name;
          EXPECT_NE(Spelling(step).of(i), "") << step.operations[i];
          words.insert(step.words_of(i));
        }
        EXPECT_EQ(words.size(), step.operations.size()) << convention.name;
        EXPECT_EQ(step.coefficients.size(), coefficient_names(h).size());
      }
    }
  };
  std::apply([&](auto... rule) { (expect_same(rule), ...); }, rules::All());
}

/// Every rule has a name for each of its coefficients and operations.
TEST(Attribution, NamesEverySource) {
  const auto expect_names = []<class Rule>(Rule) {
    Followed<Rule> run({}, drift::Setup::all_in(format("float")), {1});
    run.step(1, 1);
    auto names = run.emulated.sources();
    EXPECT_EQ(coefficient_names(typename Rule::Hyperparameters()).size(), Rule::Lane::coefficients);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  };
  std::apply([&](auto... rule) { (expect_names(rule), ...); }, rules::All());
}

}  // namespace
}  // namespace truestep::drift
