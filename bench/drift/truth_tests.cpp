// SPDX-License-Identifier: Apache-2.0
// The certified truth says what 50 digits say, wherever it says anything; a first look and parts
// say what a whole audit says.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "audited.hpp"
#include "drift/compiled_runs.hpp"
#include "drift/every_rule.hpp"
#include "recorded_file.hpp"
#include "report.hpp"
#include "setups.hpp"
#include "tally.hpp"

namespace truestep::drift {
namespace {

/// What is printed of a run, but for how well the shares add up, which is their own rounding.
std::string printed(const Run& run) {
  const std::vector<Run> runs{run};
  const std::string all = table(run) + findings(runs) + conclusion(runs) + answer(runs, false);
  return std::regex_replace(all, std::regex("residual\\s+\\S+"), "residual");
}

Run in_digits(Request request) {
  request.in_digits = true;
  return audit(request, go_on);
}

std::vector<Setup> some_setups() {
  return {typed_setup("bf16_kahan"), typed_setup("amp_fp16"), typed_setup("bf16_stochastic")};
}

/// Gradients over many powers of two, some of them 0, `scale` times as large.
std::vector<double> gradients(std::size_t count, double scale = 1) {
  std::vector<double> all;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t bits = mix(i);
    const double size =
        std::ldexp(1 + static_cast<double>(bits >> 41) * 0x1p-23, -static_cast<int>(bits % 20));
    all.push_back(bits % 23 == 0 ? 0 : scale * (bits % 2 == 0 ? size : -size));
  }
  return all;
}

TEST(CertifiedTruth, PrintsWhatFiftyDigitsPrint) {
  for (const auto& rule : settings::rule_names())
    for (const char* workload : {"softmax", "sparse", "constant", "quadratic"}) {
      const Request request{
          .rule = rule, .workload = workload, .steps = 12, .setups = some_setups()};
      EXPECT_EQ(printed(audit(request, go_on)), printed(in_digits(request)))
          << rule << " on " << workload;
    }
}

/// Squares of such gradients are beyond what is certified.
TEST(CertifiedTruth, LeavesToFiftyDigitsWhatItDoesNotKnow) {
  const RecordedFile grads("grads.npy", 3, gradients(60, 1e-200));
  std::uint64_t asked = 0;
  for (const auto& rule : settings::rule_names()) {
    const Request request{.rule = rule, .steps = 20, .gradients = grads.path()};
    const auto run = audit(request, go_on);
    EXPECT_EQ(printed(run), printed(in_digits(request))) << rule;
    asked += run.in_digits;
  }
  EXPECT_GT(asked, 0u);
}

/// A truth that is off by 2^-30 of a step prints other figures.
TEST(CertifiedTruth, ThatWasAnotherWouldBeSeen) {
  for (const auto& rule : settings::rule_names()) {
    const RecordedFile grads("grads.npy", 4, gradients(80)),
        other("other.npy", 4, gradients(80, 1 + 0x1p-30));
    EXPECT_NE(printed(audit({.rule = rule, .steps = 20, .gradients = grads.path()}, go_on)),
              printed(audit({.rule = rule, .steps = 20, .gradients = other.path()}, go_on)))
        << rule;
  }
}

class Remembered : public Past {
 public:
  explicit Remembered(std::vector<std::vector<double>> rows) : rows_(std::move(rows)) {}
  double gradient(std::uint64_t index, std::size_t coordinate) const override {
    return rows_[index][coordinate];
  }

 private:
  std::vector<std::vector<double>> rows_;
};

/// Beside the run in 50 digits: within the radius, until it is demanded and equal.
TEST(CertifiedTruth, IsWithinItsRadiusOrEqual) {
  const auto expect = []<class Rule>(Rule) {
    for (const auto& convention : fast::conventions_of<typename Rule::Hyperparameters>) {
      const auto& h = convention.hyperparameters;
      std::vector<std::vector<double>> rows;
      for (std::size_t step = 0; step < 12; ++step) {
        const auto all = gradients(12 * 5);
        rows.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(5 * step),
                          all.begin() + static_cast<std::ptrdiff_t>(5 * step + 5));
      }
      const std::vector<double> initial{1, -0.25, 0x1p-40, 0, 3};
      const auto formulas = std::make_shared<RealFormulas<Rule>>(h);
      ExactRun<Rule> run(h, 0, initial,
                         Again<Rule>{formulas, std::make_shared<Remembered>(rows), 1}),
          digits(h, 0, initial);
      for (std::uint64_t t = 1; t <= rows.size(); ++t) {
        const auto& row = rows[t - 1];
        run.step(Rule::template formula<TruthRow>(h, t), row);
        digits.step(formulas->at(t), std::vector<Real>(row.begin(), row.end()));
        if (t == 7) run.demand(2);
        for (std::size_t quantity = 0; quantity < quantities<Rule>(h); ++quantity)
          for (std::size_t i = 0; i < initial.size(); ++i) {
            const Real exact = digits.at(quantity, i), known = run.at(quantity, i);
            if (run.is_real(i)) {
              EXPECT_EQ(known, exact) << convention.name;
            } else {
              const double radius = run.radius(quantity)[i];
              EXPECT_TRUE(!(radius < HUGE_VAL) || abs(Real(known - exact)) <= Real(radius))
                  << Rule::name << " " << convention.name << " quantity " << quantity;
              if (run.moved(quantity, i) != ExactRun<Rule>::unknown) {
                EXPECT_EQ(run.moved(quantity, i), digits.moved(quantity, i)) << convention.name;
              }
            }
          }
      }
    }
  };
  std::apply([&](auto... rule) { (expect(rule), ...); }, rules::All());
}

constexpr std::size_t parted_columns = 1500;

TEST(FirstLook, HasTheDistancesOfAWholeAudit) {
  const RecordedFile grads("grads.npy", 2200, gradients(10 * 2200));
  const auto rule = settings::rule_names().back();
  Request request{
      .rule = rule, .steps = 10, .setups = {typed_setup("bf16_kahan")}, .gradients = grads.path()};
  const auto whole = audit(request, go_on);
  request.first_look = true;
  const auto look = audit(request, go_on);
  for (std::size_t reading = 0; reading < 3; ++reading)
    for (std::size_t i = 0; i < whole.readings[reading].series.size(); ++i) {
      const Series &full = whole.readings[reading].series[i],
                   &seen = look.readings[reading].series[i];
      for (std::size_t step = 0; step < full.drift.size(); ++step) {
        EXPECT_EQ(seen.drift[step].ulp.largest, full.drift[step].ulp.largest);
        EXPECT_EQ(seen.drift[step].ulp.median, full.drift[step].ulp.median);
        EXPECT_EQ(seen.drift[step].relative.mean, full.drift[step].relative.mean);
        EXPECT_EQ(seen.drift[step].mean_absolute, full.drift[step].mean_absolute);
      }
      EXPECT_EQ(seen.updates.lost, full.updates.lost);
      EXPECT_EQ(seen.digits.size(), full.digits.size());
    }
  EXPECT_LT(look.checks().compared, whole.checks().compared);
  EXPECT_EQ(look.checks().compared % look.sampled, 0u);
  EXPECT_TRUE(look.checks().passed());
  ASSERT_FALSE(look.notes.empty());
  EXPECT_NE(look.notes.back().find("A first look"), std::string::npos);
}

/// Columns beside the sample have distances, of which nothing else may be said.
TEST(FirstLook, OfNoColumnOfTheSampleAttributesNothing) {
  const RecordedFile grads("grads.npy", 2200, gradients(10 * 2200));
  Request request{.rule = settings::rule_names().back(),
                  .steps = 10,
                  .gradients = grads.path(),
                  .first_look = true,
                  .columns = std::pair<std::size_t, std::size_t>{70, 90}};
  const auto beside = audit(request, go_on);
  EXPECT_EQ(beside.sampled, 0u);
  EXPECT_EQ(unattributed(beside.readings[0].series[0]), "not attributed");
  EXPECT_NE(answer(std::span(&beside, 1), true).find("no column of a first look's sample"),
            std::string::npos);
  const RecordedFile none("none.npy", 2200, std::vector<double>(10 * 2200, 0.0));
  request.gradients = none.path();
  EXPECT_EQ(unattributed(audit(request, go_on).readings[0].series[0]), "no drift");
}

class Parts : public testing::Test {
 protected:
  Request request() const {
    return {.rule = settings::rule_names().back(),
            .steps = 10,
            .setups = some_setups(),
            .gradients = grads_.path()};
  }

  /// As a file holds it.
  std::string part(std::size_t begin, std::size_t end, Request of) const {
    of.columns = {begin, end};
    return written(*audit(of, go_on).part);
  }
  std::string part(std::size_t begin, std::size_t end) const { return part(begin, end, request()); }

  drift::Run merged(const std::vector<std::string>& parts) const {
    Request of = request();
    for (const auto& bytes : parts)
      of.parts.push_back(std::make_shared<const Part>(read_part(bytes)));
    return audit(of, go_on);
  }

  static std::string all_of(const drift::Run& run) {
    const std::vector<drift::Run> runs{run};
    return table(run) + findings(runs) + conclusion(runs) + answer(runs, false) + csv(runs);
  }

  RecordedFile grads_{"grads.npy", parted_columns, gradients(10 * parted_columns)};
};

TEST_F(Parts, PutTogetherAreTheWhole) {
  const auto whole = all_of(audit(request(), go_on));
  EXPECT_EQ(all_of(merged({part(0, parted_columns)})), whole);
  EXPECT_EQ(all_of(merged({part(0, 1), part(1, 700), part(700, parted_columns)})), whole);
  EXPECT_EQ(all_of(merged({part(640, parted_columns), part(0, 640)})), whole);
}

TEST_F(Parts, AreRefusedWhereTheyAreNotAllOfOneAudit) {
  const auto first = part(0, 700), rest = part(700, parted_columns);
  EXPECT_THROW(merged({first}), std::invalid_argument);
  EXPECT_THROW(merged({rest}), std::invalid_argument);
  EXPECT_THROW(merged({first, first, rest}), std::invalid_argument);
  Request other = request();
  other.steps = 9;
  EXPECT_THROW(merged({first, part(700, parted_columns, other)}), std::invalid_argument);
  other = request();
  other.setups.pop_back();
  EXPECT_THROW(merged({first, part(700, parted_columns, other)}), std::invalid_argument);
  EXPECT_THROW(read_part(first.substr(0, first.size() - 1)), std::runtime_error);
  EXPECT_THROW(read_part(first + " "), std::runtime_error);
  EXPECT_THROW(read_part(""), std::runtime_error);
  EXPECT_THROW(part(3, 3), std::invalid_argument);
  EXPECT_THROW(part(0, parted_columns + 1), std::invalid_argument);
}

}  // namespace
}  // namespace truestep::drift
