// SPDX-License-Identifier: Apache-2.0
// The workloads, beside a second statement of their losses: every drift figure is measured on their
// gradients, which no command can check.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "digits.hpp"
#include "drift/recorded_file.hpp"
#include "given.hpp"
#include "matrix_file.hpp"
#include "npy.hpp"
#include "record.hpp"
#include "recorded.hpp"
#include "workload.hpp"

namespace truestep::drift {
namespace {

using Real = Workload::Real;
using Reals = std::vector<Real>;
using Loss = std::function<Real(const Reals&)>;

Real rosenbrock(const Reals& at) {
  Real sum = 0;
  for (std::size_t pair = 0; pair < 32; ++pair) {
    const Real x = at[2 * pair], y = at[2 * pair + 1];
    sum += x * x * (1 + 100 * x * x - 200 * y) - 2 * x + 1 + 100 * y * y;
  }
  return sum / 1024;
}

/// As a sum over eigenvectors, the columns e - (2 / 64) (1, ..., 1) of the reflection.
Real quadratic(const Reals& at) {
  Real mean = 0, sum = 0;
  for (const Real& x : at) mean += x / 64;
  for (std::size_t i = 0; i < 64; ++i) {
    const Real along = at[i] - 2 * mean;
    sum += std::exp2(-20.0 * static_cast<double>(i) / 63) * along * along;
  }
  return sum / 2;
}

/// What a classifier makes of a digit, one score a class, before softmax; with hidden units, their
/// weights and biases come first.
Reals scores(const Reals& at, const Digit& digit, std::size_t hidden) {
  const auto layer = [&](const Reals& in, std::size_t first, std::size_t outputs) {
    Reals out;
    for (std::size_t j = 0; j < outputs; ++j) {
      Real sum = at[first + outputs * in.size() + j];
      for (std::size_t i = 0; i < in.size(); ++i) sum += at[first + j * in.size() + i] * in[i];
      out.push_back(sum);
    }
    return out;
  };
  Reals in(digit.pixels.begin(), digit.pixels.end());
  if (hidden == 0) return layer(in, 0, 10);
  in = layer(in, 0, hidden);
  for (Real& x : in) x = std::max(x, Real(0));
  return layer(in, 65 * hidden, 10);
}

/// log(sum of exp(score)) - the right one's.
Real cross_entropy(const Reals& scores, std::size_t label) {
  Real sum = 0;
  for (const Real& score : scores) sum += exp(score);
  return log(sum) - scores[label];
}

/// A workload, and the loss of which each step's gradient is meant to be one.
struct Stated {
  std::string name;
  std::function<Loss(std::size_t step)> loss_of_step;
};

std::function<Loss(std::size_t)> of_batches(std::size_t hidden) {
  return [=](std::size_t step) {
    const auto digits = read_digits(TRUESTEP_DIGITS);
    Batches batches(digits);
    std::vector<Digit> batch;
    for (std::size_t s = 0; s < step; ++s) {
      batch.clear();
      for (const Digit* digit : batches.next()) batch.push_back(*digit);
    }
    return [=](const Reals& at) {
      Real sum = 0;
      for (const Digit& digit : batch)
        sum += cross_entropy(scores(at, digit, hidden), digit.label) / batch.size();
      return sum;
    };
  };
}

const std::vector<Stated> all_stated{
    {"rosenbrock", [](std::size_t) { return rosenbrock; }},
    {"quadratic", [](std::size_t) { return quadratic; }},
    {"softmax", of_batches(0)},
    {"network", of_batches(16)},
};

Reals start_of(const Workload& workload) {
  const auto floats = workload.initial_parameters();
  return {floats.begin(), floats.end()};
}

/// A direction that no coordinate is left out of, the same on every machine.
Reals direction(std::size_t count) {
  std::mt19937_64 random(1);
  Reals all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(1 + static_cast<double>(random() >> 11) * 0x1p-53);
  for (std::size_t i = 0; i < count; i += 3) all[i] = -all[i];
  return all;
}

/// Whether this is the loss's gradient at a point: then the slope of a chord in any direction comes
/// twice as near to what the gradient says when the chord is halved; else it stays as far.
bool is_gradient(const Reals& gradient, const Loss& loss, const Reals& at) {
  const Reals along = direction(at.size());
  const auto off = [&](double length) {
    Reals end = at;
    Real slope = 0;
    for (std::size_t i = 0; i < at.size(); ++i) {
      end[i] += length * along[i];
      slope += gradient[i] * along[i];
    }
    return Real(abs(Real((loss(end) - loss(at)) / length - slope)));
  };
  return off(0x1p-21) < off(0x1p-20) * 3 / 4;
}

class Workloads : public testing::TestWithParam<Stated> {};

TEST_P(Workloads, HaveTheGradientOfTheirLoss) {
  const auto workload = drift::workload(GetParam().name);
  for (std::size_t step = 1; step <= 2; ++step) {
    workload->next_step();
    const Loss loss = GetParam().loss_of_step(step);
    const Reals at = start_of(*workload);
    const auto gradient = workload->gradient(std::span<const Real>(at));
    EXPECT_TRUE(is_gradient(gradient, loss, at)) << step;

    const auto floats = workload->initial_parameters();
    const std::vector<double> in_double(floats.begin(), floats.end());
    const auto doubles = workload->gradient(std::span<const double>(in_double));
    EXPECT_TRUE(is_gradient({doubles.begin(), doubles.end()}, loss, at)) << step;
  }
}

/// Each of them the smallest that a slip can be: of one coordinate, or of all by a thousandth.
TEST_P(Workloads, HaveNoOtherGradient) {
  const auto workload = drift::workload(GetParam().name);
  workload->next_step();
  const Loss loss = GetParam().loss_of_step(1);
  const Reals at = start_of(*workload);
  const auto right = workload->gradient(std::span<const Real>(at));
  const auto largest = static_cast<std::size_t>(
      std::max_element(right.begin(), right.end(),
                       [](const Real& a, const Real& b) { return abs(a) < abs(b); }) -
      right.begin());
  Reals flipped = right, scaled = right;
  flipped[largest] = -flipped[largest];
  for (Real& g : scaled) g *= Real(1024) / 1023;
  EXPECT_FALSE(is_gradient(flipped, loss, at));
  EXPECT_FALSE(is_gradient(scaled, loss, at));
  EXPECT_FALSE(is_gradient(right, GetParam().name == "rosenbrock" ? quadratic : rosenbrock,
                           Reals(at.begin(), at.begin() + 64)));
}

/// By gradient descent alone.
TEST_P(Workloads, HaveALossThatFalls) {
  const auto workload = drift::workload(GetParam().name);
  const auto floats = workload->initial_parameters();
  std::vector<double> at(floats.begin(), floats.end());
  const auto before = workload->score(at)->loss;
  for (int step = 0; step < 100; ++step) {
    workload->next_step();
    const auto gradient = workload->gradient(std::span<const double>(at));
    for (std::size_t i = 0; i < at.size(); ++i) at[i] -= gradient[i] / 16;
  }
  EXPECT_LT(workload->score(at)->loss, before);
}

INSTANTIATE_TEST_SUITE_P(, Workloads, testing::ValuesIn(all_stated),
                         [](const auto& each) { return each.param.name; });

std::string as_printed(const Real& loss) {
  return fmt::format("{:.6g}", static_cast<double>(loss));
}

TEST(Scores, AreTheLossAndTheShareOfDigitsThatAreNamed) {
  for (const auto& [name, loss] :
       {std::pair<const char*, Loss>{"rosenbrock", rosenbrock}, {"quadratic", quadratic}}) {
    const auto workload = drift::workload(name);
    EXPECT_EQ(as_printed(workload->score(workload->start())->loss),
              as_printed(loss(start_of(*workload))));
  }
  for (const auto& [name, hidden] : {std::pair{"softmax", 0}, {"network", 16}}) {
    const auto workload = drift::workload(name);
    const Reals at = start_of(*workload);
    const auto digits = read_digits(TRUESTEP_DIGITS);
    Real sum = 0;
    double named = 0;
    for (const Digit& digit : digits) {
      const Reals all = scores(at, digit, static_cast<std::size_t>(hidden));
      sum += cross_entropy(all, digit.label);
      named +=
          std::max_element(all.begin(), all.end()) == all.begin() + static_cast<long>(digit.label);
    }
    const auto score = *workload->score(workload->start());
    EXPECT_EQ(as_printed(score.loss), as_printed(sum / digits.size()));
    EXPECT_EQ(score.accuracy, named / static_cast<double>(digits.size()));
  }
}

TEST(Starts, AreThoseOfTheFunctions) {
  const auto valley = workload("rosenbrock")->initial_parameters();
  ASSERT_EQ(valley.size(), 64u);
  EXPECT_EQ(valley.front(), -1.2f);
  EXPECT_EQ(valley[62], 0.35f);
  for (std::size_t i = 1; i < valley.size(); i += 2) EXPECT_EQ(valley[i], 1) << i;
  const auto bowl = workload("quadratic")->initial_parameters();
  ASSERT_EQ(bowl.size(), 64u);
  EXPECT_EQ(bowl.front(), 1);
  EXPECT_EQ(bowl.back(), 1 + 63.0f / 64);
}

TEST(GivenSettings, AreSaidInALine) {
  EXPECT_EQ(settings::text_of(settings::Given{}), "");
  EXPECT_EQ(settings::text_of(settings::Given{{"a", 0.5}}), "a = 0.5");
  EXPECT_EQ(settings::text_of(settings::Given{{"a", 0.5}, {"b", 2.0}}), "a = 0.5, b = 2");
}

/// A gradient at an eigenvector is that vector times its curvature.
TEST(Quadratic, HasTheConditionNumberOfItsName) {
  const auto quadratic = workload("quadratic");
  EXPECT_NE(quadratic->name().find("64 coordinates, condition number 2^20"), std::string::npos);
  std::set<Real> curvatures;
  for (std::size_t i = 0; i < 64; ++i) {
    Reals eigenvector(64, Real(-1) / 32);
    eigenvector[i] += 1;
    const auto gradient = quadratic->gradient(std::span<const Real>(eigenvector));
    curvatures.insert(gradient[i] / eigenvector[i]);
    for (std::size_t j = 0; j < 64; ++j)
      EXPECT_EQ(gradient[j], gradient[i] / eigenvector[i] * eigenvector[j]) << i << " " << j;
  }
  ASSERT_EQ(curvatures.size(), 64u);
  EXPECT_EQ(*curvatures.begin(), 0x1p-20);
  EXPECT_EQ(*curvatures.rbegin(), 1);
}

/// Floats, doubles and what is held otherwise are read alike, from any column on.
TEST(MatrixFile, ReadsAnyPieceOfARow) {
  std::vector<double> numbers;
  for (int i = 0; i < 3 * 20'000; ++i) numbers.push_back(i / 4.0);
  const RecordedFile file("grads.npy", 20'000, numbers);
  const MatrixFile matrix(file.path());
  ASSERT_EQ(matrix.rows(), 3u);
  ASSERT_EQ(matrix.columns(), 20'000u);
  std::vector<double> piece(9000);
  matrix.read(1, 10'500, piece);
  for (std::size_t i = 0; i < piece.size(); ++i)
    ASSERT_EQ(piece[i], static_cast<double>(20'000 + 10'500 + i) / 4);
  EXPECT_EQ(matrix.at(2, 19'999), 59'999 / 4.0);
}

/// The first bytes of a .npy file.
std::string header_of(const std::string& described) {
  std::string header = described;
  header.append(117 - header.size(), ' ');
  header += '\n';
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header;
}

/// Floats and doubles alone, row by row, and as many of them as the header says.
TEST(MatrixFile, IsPlainWhereItsBytesAreItsNumbers) {
  const auto found = [](const std::string& type, const char* by_column, const char* shape,
                        std::uint64_t bytes) {
    const auto header = header_of("{'descr': '" + type + "', 'fortran_order': " + by_column +
                                  ", 'shape': " + shape + ", }");
    EXPECT_EQ(header.size(), 128u);
    return identify::plain_matrix(header, 128 + bytes);
  };
  for (const auto& [type, bytes] : {std::pair{"<f4", 4u}, {"<f8", 8u}}) {
    const auto plain = found(type, "False", "(5, 7)", 35 * bytes);
    ASSERT_TRUE(plain) << type;
    EXPECT_EQ(plain->in_double, bytes == 8) << type;
    EXPECT_EQ(plain->rows, 5u) << type;
    EXPECT_EQ(plain->columns, 7u) << type;
    EXPECT_EQ(plain->offset, 128u) << type;
    for (const char* shape : {"(35,)", "(5, 7, 1)", "(9223372036854775807, 9)"})
      EXPECT_FALSE(found(type, "False", shape, 35 * bytes)) << type << " " << shape;
    EXPECT_FALSE(found(type, "True", "(5, 7)", 35 * bytes)) << type;
    for (const std::uint64_t others : {35 * bytes - 1, 35 * bytes + 1, 34 * bytes, 0u})
      EXPECT_FALSE(found(type, "False", "(5, 7)", others)) << type << " " << others;
  }
  EXPECT_FALSE(found("<f2", "False", "(5, 7)", 70));
  EXPECT_FALSE(found(">f4", "False", "(5, 7)", 140));
}

/// A step has the row of its number, and there is none before the first one or after the last.
TEST(GivenGradients, AreOneRowAStep) {
  const RecordedFile file("grads.npy", 2, {1, 2, 3, 4});
  Recorded recorded(file.path(), "");
  const std::vector<double> nowhere{0, 0};
  EXPECT_THROW(recorded.gradient(nowhere), std::out_of_range);
  recorded.next_step();
  EXPECT_EQ(recorded.gradient(nowhere), (std::vector<double>{1, 2}));
  recorded.next_step();
  EXPECT_EQ(recorded.gradient(nowhere), (std::vector<double>{3, 4}));
  recorded.next_step();
  EXPECT_THROW(recorded.gradient(nowhere), std::out_of_range);
}

/// A record that somebody else cuts short while it is read is an error, and no signal.
TEST(MatrixFile, SaysThatItsFileHasBecomeShorter) {
  const RecordedFile file("grads.npy", 1000, std::vector<double>(3000, 1));
  const MatrixFile matrix(file.path());
  EXPECT_EQ(matrix.at(2, 999), 1);
  std::filesystem::resize_file(file.path(), 128 + 2999 * 8);
  EXPECT_EQ(matrix.at(2, 998), 1);
  EXPECT_THROW(matrix.at(2, 999), std::runtime_error);
}

/// Four rows of seven columns, some of which are no floats, and where they start: whole, and in
/// shards of 1, 4 and 2 columns.
class Shards : public testing::Test {
 protected:
  static constexpr std::size_t all_columns = 7;
  static double gradient(std::size_t row, std::size_t column) {
    return (column == 5 ? 0.1 : 0.25) * static_cast<double>(1 + (row * 3 + column * 5) % 11);
  }
  static double start(std::size_t, std::size_t column) {
    return column == 2 ? 0.3 : static_cast<double>(column);
  }
  static std::vector<double> numbers(double (*of)(std::size_t, std::size_t), std::size_t rows,
                                     std::size_t first, std::size_t columns) {
    std::vector<double> all;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t i = 0; i < columns; ++i) all.push_back(of(row, first + i));
    return all;
  }
  static RecordedFile grads_of(const std::string& name, std::size_t first, std::size_t columns) {
    return {name, columns, numbers(gradient, 4, first, columns)};
  }
  static RecordedFile starts_of(const std::string& name, std::size_t first, std::size_t columns) {
    return {name, columns, numbers(start, 1, first, columns)};
  }
  /// The name of all shards, by the first one's.
  static std::string marked(const RecordedFile& first) {
    auto name = first.path();
    return name.replace(name.rfind('0'), 1, shard_mark);
  }
  static void expect_same(const Survey& a, const Survey& b) {
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.columns, b.columns);
    EXPECT_EQ(a.largest, b.largest);
    EXPECT_EQ(a.not_floats, b.not_floats);
    EXPECT_EQ(a.starts.not_floats, b.starts.not_floats);
    EXPECT_EQ(a.starts.largest, b.starts.largest);
    EXPECT_EQ(a.digest, b.digest);
    EXPECT_EQ(a.power, b.power);
  }

  RecordedFile grads_ = grads_of("grads", 0, 7), g0_ = grads_of("g0", 0, 1),
               g1_ = grads_of("g1", 1, 4), g2_ = grads_of("g2", 5, 2);
  RecordedFile starts_ = starts_of("starts", 0, 7), s0_ = starts_of("s0", 0, 1),
               s1_ = starts_of("s1", 1, 4), s2_ = starts_of("s2", 5, 2);
  Record whole_{grads_.path(), starts_.path()};
};

TEST_F(Shards, AreTheWholeRecord) {
  const Record in_shards(marked(g0_), marked(s0_));
  expect_same(in_shards.survey(), whole_.survey());
  EXPECT_EQ(whole_.survey().starts.not_floats, 1u);
  double largest = 0;
  for (std::size_t i = 0; i < all_columns; ++i) largest = std::max(largest, gradient(3, i));
  EXPECT_EQ(whole_.survey().largest[3], largest);
  EXPECT_EQ(in_shards.start(), whole_.start());
  for (const Record* const record : {&std::as_const(whole_), &in_shards})
    for (std::size_t row = 0; row < 4; ++row)
      for (std::size_t first = 0; first < all_columns; ++first)
        for (std::size_t count = 1; first + count <= all_columns; ++count) {
          std::vector<double> some(count);
          record->read(row, first, some);
          for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(some[i], gradient(row, first + i));
        }
  // In another order they are another record.
  const RecordedFile o0 = starts_of("o0", 1, 1), o1 = starts_of("o1", 0, 4),
                     o2 = starts_of("o2", 5, 2);
  EXPECT_NE(Record(marked(g0_), marked(o0)).survey().digest, whole_.survey().digest);
}

/// Each rank looks at its own columns, and knows of all what one process knows.
TEST_F(Shards, AreOneRecordForRanks) {
  for (const bool in_shards : {false, true}) {
    std::vector<Record> ranks;
    std::vector<Survey> all;
    for (std::size_t rank = 0; rank < 3; ++rank) {
      ranks.emplace_back(in_shards ? marked(g0_) : grads_.path(),
                         in_shards ? marked(s0_) : starts_.path(), rank, 3, 2);
      ranks.back().look();
      all.push_back(ranks.back().own());
    }
    const std::size_t firsts[] = {0, in_shards ? 1u : 4u, in_shards ? 5u : 6u};
    for (std::size_t rank = 0; rank < 3; ++rank) {
      Record& record = ranks[rank];
      record.complete(all);
      expect_same(record.survey(), whole_.survey());
      EXPECT_EQ(record.columns(), all_columns);
      EXPECT_EQ(record.first(), firsts[rank]);
      for (std::size_t i = 0; i < record.start().size(); ++i) {
        EXPECT_EQ(record.start()[i], whole_.start()[firsts[rank] + i]);
        double number = 0;
        record.read(3, firsts[rank] + i, {&number, 1});
        EXPECT_EQ(number, gradient(3, firsts[rank] + i));
      }
    }
  }
}

TEST_F(Shards, AreRefusedWhereTheyAreNotOneRecord) {
  const auto refusal = [](auto attempt) -> std::string {
    try {
      attempt();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  };
  const RecordedFile short0("short0", 1, {1, 2, 3, 4}), short1("short1", 1, {1, 2, 3});
  EXPECT_EQ(refusal([&] { Record(marked(short0), ""); }),
            short1.path() + ": 3 rows where " + short0.path() + " has 4");
  const RecordedFile nan0("nan0", 1, {1, 2}), nan1("nan1", 2, {1, 2, 3, NAN});
  EXPECT_EQ(refusal([&] { Record(marked(nan0), ""); }), nan1.path() + ": nan in row 1, column 1");
  EXPECT_EQ(refusal([&] { Record(marked(g0_), marked(nan0)); }),
            marked(nan0) + ": 2 shards where " + marked(g0_) + " has 3");
  EXPECT_EQ(refusal([&] { Record(marked(g0_), starts_.path()); }),
            "grads = " + marked(g0_) + " and params = " + starts_.path() +
                " require {rank} in both names");
  EXPECT_EQ(
      refusal([&] { Record(marked(g0_), "", 0, 2, 1); }),
      "grads = " + marked(g0_) + ": " + g2_.path() + " is there too, where there are 2 ranks");
  Record first(marked(short0), "", 0, 2, 1);
  first.look();
  const Survey other{.rows = 3, .columns = 1, .largest = {1, 2, 3}, .not_floats = {0, 0, 0}};
  EXPECT_EQ(refusal([&] {
              first.complete({first.own(), other});
            }),
            short1.path() + ": 3 rows where those before have 4");
}

/// Whole units, as even as they can be; one that is short is the last.
TEST(Ranks, HaveAllColumnsOnce) {
  for (const std::size_t columns : {1u, 63u, 64u, 65u, 1210u})
    for (const std::size_t unit : {1u, 64u, 1024u})
      for (std::size_t ranks = 1; ranks <= 5; ++ranks) {
        std::size_t next = 0, least = columns, most = 0;
        for (std::size_t rank = 0; rank < ranks; ++rank) {
          const auto [begin, end] = columns_of_rank(rank, ranks, columns, unit);
          EXPECT_EQ(begin, next);
          EXPECT_TRUE(begin % unit == 0 || begin == columns);
          next = end;
          least = std::min(least, (end - begin + unit - 1) / unit);
          most = std::max(most, (end - begin + unit - 1) / unit);
        }
        EXPECT_EQ(next, columns);
        EXPECT_LE(most - least, 1u);
      }
}

TEST(GivenGradients, AreThoseOfTheirName) {
  const auto constant = workload("constant");
  const auto values = constant->gradient(constant->start());
  ASSERT_EQ(values.size(), 512u);
  for (std::size_t i = 0; i < 512; ++i)
    EXPECT_EQ(values[i], (1025 + 2 * static_cast<double>(i)) / 1024);
}

/// A draw is not 0 with probability 1/10; of 256,000 the share is within six deviations of it.
TEST(GivenGradients, OfSparseOnesOneInTenIsNotZero) {
  const auto sparse = workload("sparse");
  double drawn = 0, least = 0, largest = 0;
  for (int step = 0; step < 1000; ++step) {
    sparse->next_step();
    const auto gradient = sparse->gradient(sparse->start());
    ASSERT_EQ(gradient.size(), 256u);
    for (const double g : gradient) {
      drawn += g != 0;
      least = std::min(least, g);
      largest = std::max(largest, g);
    }
  }
  EXPECT_LT(std::fabs(drawn - 25'600), 6 * std::sqrt(256'000 * 0.1 * 0.9));
  EXPECT_GE(least, -1);
  EXPECT_LT(largest, 1);
  EXPECT_LT(least * largest, 0);
}

}  // namespace
}  // namespace truestep::drift
