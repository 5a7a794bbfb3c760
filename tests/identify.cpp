// SPDX-License-Identifier: Apache-2.0
// Which convention a run follows: runs by every convention in random orders of operations, what is
// refused, and bad files. Recorded and wrong runs are those of a rule, in identify/RULE.cpp.

#include "identify/runs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unistd.h>

#include "identify/text.hpp"
#include "support/each_rule.hpp"
#include "support/outside.hpp"

namespace truestep::test {

Record recorded(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return identify::record(identify::read_npy(folder + "/params.npy"),
                          identify::read_npy(folder + "/grads.npy"), "params.npy", "grads.npy");
}

namespace {

/// Every convention's run against every convention: exactly those of its map are consistent.
template <class Rule, class T = float>
void expect_matrix(const Options& options, std::uint64_t orders) {
  std::vector<Numbers<Rule>> done;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(row.hyperparameters, options);
    const bool is_new = std::find(done.begin(), done.end(), h) == done.end();
    if (!takes<Rule>(row, options) || !applicable<Rule>(h) || !is_new) continue;
    done.push_back(h);
    const auto same = names_of_map<Rule, T>(h, options);
    const std::uint64_t runs = has_orders(h) ? orders : 1;
    for (std::uint64_t seed = 0; seed < runs; ++seed) {
      const Course course{.seed = seed + 1};
      const auto record = has_orders(h) ? run<Rule, T>(h, course, random_order(seed))
                                        : run_of_reference<Rule, T>(h, course);
      const auto report = identify::identify(Rule::name, record, options);
      EXPECT_EQ(consistent(report), same)
          << Rule::name << " as in " << row.name << ", seed " << seed << ": " << report.verdict;
    }
  }
}

}  // namespace

// --- every convention against every other

template <class Rule>
class IdentifyMatrix : public testing::Test {};
TYPED_TEST_SUITE(IdentifyMatrix, EachRule, RuleName);

/// With the numbers that tell the conventions apart, more of them each time, weight decay last.
TYPED_TEST(IdentifyMatrix, ARunFitsTheConventionsOfItsMapAlone) {
  auto telling = Facts<TypeParam>::telling();
  telling.push_back({{"weight_decay", 0.5}});
  Options options;
  for (const auto& values : telling) {
    const bool first = options.given.empty();
    options.given.merge(given<TypeParam>(values));
    expect_matrix<TypeParam>(options, first ? 4 : 2);
    if (first) expect_matrix<TypeParam, double>(options, 1);
  }
}

// --- the bound itself

namespace {

template <class Rule>
void expect_moves_inside(const Options& options) {
  std::vector<Numbers<Rule>> done;
  for (const auto& [name, class_name, defaults, its_options, words] :
       fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(defaults, options);
    if (!applicable<Rule>(h) || !has_orders(h) ||
        std::find(done.begin(), done.end(), h) != done.end())
      continue;
    done.push_back(h);
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
      const Course course{.steps = 100, .coordinates = 8, .seed = seed};
      EXPECT_EQ((moves_outside<Rule, float>(h, course, random_order(seed))), 0u) << name;
      EXPECT_EQ((moves_outside<Rule, double>(h, course, random_order(seed))), 0u) << name;
    }
  }
}

template <class Rule>
class AnyOrderOf : public testing::Test {};
TYPED_TEST_SUITE(AnyOrderOf, EachRule, RuleName);

}  // namespace

TYPED_TEST(AnyOrderOf, EveryConventionIsCovered) {
  for (const auto& values : Facts<TypeParam>::moving())
    expect_moves_inside<TypeParam>({given<TypeParam>(values)});
}

TEST(AnyOrder, ClaimsNothingWhereADivisorMayBeZero) {
  using Number = proofs::AnyOrder<float>;
  const Number one = Number::data(1), zero = Number::data(0), third = one / Number::data(3);
  EXPECT_FALSE((one / zero).bounded());
  EXPECT_FALSE((zero / zero).bounded());
  EXPECT_FALSE((one / (third - third)).bounded());
  EXPECT_FALSE(where_positive(third - third, one).bounded());
  EXPECT_TRUE(where_positive(zero, one).bounded());
  const Number large = Number::data(0x1p100f);
  EXPECT_FALSE((large * large).bounded());
  EXPECT_TRUE((zero / one).bounded());
}

TEST(AnyOrder, RoundsCoefficientsInDoubleAndThenToTheFormat) {
  using Number = proofs::AnyOrder<float>;
  const auto covered = [](const Number& number, long double computed) {
    return std::fabs(computed - number.value) <= number.radius;
  };
  EXPECT_TRUE(covered(Number(0.9) * Number::data(1), 0.9f));
  EXPECT_FALSE(covered(Number(0.9), 0.9f));
  double running = 1;
  for (int n = 0; n < 1000; ++n) running *= 0.9;
  EXPECT_TRUE(covered(pow(Number(0.9), Number(1000)), running));
  EXPECT_FALSE(covered(pow(Number(0.9), Number(1)), std::nextafter(0.9, 1)));
  EXPECT_TRUE(covered(1 / Number(3), 1.0 / 3));
}

TEST(AnyOrder, LeavesExactOperationsExact) {
  using Number = proofs::AnyOrder<float>;
  const Number third = Number::data(1) / Number::data(3), zero = Number::data(0);
  for (const Number& same : {third + zero, third * Number(1), Number(1) * third, third / Number(1),
                             (1 - Number(0.0)) * third, pow(Number(0.9), Number(0)) * third})
    EXPECT_TRUE(same.value == third.value && same.radius == third.radius);
  EXPECT_EQ((third * Number(-1)).value, -third.value);
  EXPECT_EQ((Number(0.0) * third).radius, 0);
  EXPECT_EQ((Number(0.5) + zero).radius, 0);
  EXPECT_GT((Number(0.9) + zero).radius, 0);
}

// --- what a run cannot tell

// A rule that divides makes a step of any gradient but 0.
TEST(IdentifyUndecided, ARunThatShowsNothingIsRefused) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    Record still{false, 2, 1, {1, 1, 1}, {0, 0}};
    EXPECT_THROW(identify::identify(Rule::name, still, {}), std::invalid_argument) << Rule::name;
    if (Facts<Rule>::divides) return;
    still.gradients = {1e-12, 1e-12};
    EXPECT_THROW(identify::identify(Rule::name, still, {}), std::invalid_argument) << Rule::name;
  });
}

// --- estimates

TEST(IdentifyEstimates, ShortestDecimals) {
  EXPECT_EQ(identify::shortest_between(0.04999, 0.0500003), 0.05);
  EXPECT_EQ(identify::shortest_between(0.123, 0.123), 0.123);
  EXPECT_EQ(identify::shortest_between(0.12, 0.3), 0.2);
}

// --- bad usage

namespace {

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

namespace {

/// What is said of a run of a rule if one number is given of it.
template <class Rule>
std::string with_number(const std::string& name, const settings::Value& value) {
  static const auto any = run<Rule>({});
  return refusal([&] { identify::identify(Rule::name, any, {{{name, value}}}); });
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

TEST(IdentifyUsage, NumbersAreChecked) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    fast::for_each_number<typename Rule::Fast>(
        [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
          const auto expected = [&](const std::string& value) {
            return Rule::name + (": " + (number.name + (" = " + value))) + " is outside " +
                   text(number.domain);
          };
          const int value = outside(number.domain);
          EXPECT_EQ(with_number<Rule>(number.name, static_cast<Value>(value)),
                    expected(std::to_string(value)));
          if (number.domain == fast::Domain::scale) {
            EXPECT_EQ(with_number<Rule>(number.name, 1e30), expected("1e+30"));
          }
        });
  });
}

TEST(IdentifyUsage, NamesAreChecked) {
  std::set<std::string> names;
  std::vector<std::string> rules;
  fast::for_each_rule([&]<class Rule>() {
    rules.push_back(Rule::name);
    fast::for_each_member<Rule>([&](const auto& described) { names.insert(described.name); });
  });
  fast::for_each_rule<rules::All>([&]<class Rule>() {
    std::vector<std::string> own;
    fast::for_each_member<typename Rule::Fast>(
        [&](const auto& described) { own.push_back(described.name); });
    for (const auto& name : names) {
      if (std::find(own.begin(), own.end(), name) != own.end()) continue;
      const auto message = Rule::name + (": " + name) + " is not one of {" + joined(own) + "}";
      const auto said = with_number<Rule>(name, 0.9);
      // A name that is nearly one of them is followed by that one.
      const auto rest = said.substr(std::min(said.size(), message.size()));
      EXPECT_EQ(said.substr(0, message.size()), message);
      EXPECT_TRUE(rest.empty() || rest.starts_with(": did you mean ")) << said;
    }
  });
  EXPECT_EQ(refusal([] { identify::identify("none", {}, {}); }),
            "rule = none is not one of {" + joined(rules) + "}");
}

TEST(IdentifyUsage, FilesHaveToBelongTogether) {
  const Matrix g{false, 2, 3, std::vector<double>(6)}, theta{false, 3, 3, std::vector<double>(9)};
  const auto refused = [](const Matrix& parameters, const Matrix& gradients) {
    return refusal([&] { identify::record(parameters, gradients, "p.npy", "g.npy"); });
  };
  EXPECT_EQ(refused(theta, g), "not refused");
  EXPECT_EQ(refused(g, g), "p.npy: is 2 x 3, where g.npy (2 x 3) asks for 3 x 3");
  auto doubles = g;
  doubles.in_double = true;
  EXPECT_EQ(refused(theta, doubles), "g.npy: has another number type than p.npy");
  EXPECT_EQ(refused(theta, {false, 0, 3, {}}), "g.npy: holds no gradient");
  auto spoilt = theta;
  spoilt.values[7] = std::nan("");
  EXPECT_EQ(refused(spoilt, g), "p.npy: row 2, column 1 is nan");
}

// --- files

namespace {

/// A file that a test wrote, gone afterwards.
class Written {
 public:
  explicit Written(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("truestep_identify_" + std::to_string(getpid()) + ".npy")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~Written() { std::filesystem::remove(path_); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Version 1 unless `version` says so.
std::string npy(const std::string& header, std::size_t bytes, char version = 1) {
  std::string file = "\x93NUMPY";
  file += version;
  file += '\0';
  const std::size_t length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += static_cast<char>(length >> (8 * i) & 0xff);
  file += header;
  for (std::size_t i = 0; i < bytes; ++i) file += i % 4 == 3 ? '\x3f' : '\0';
  return file;
}

std::string header(const std::string& format, const std::string& shape,
                   const std::string& fortran = "False") {
  return "{'descr': '" + format + "', 'fortran_order': " + fortran + ", 'shape': " + shape +
         ", }\n";
}

/// The message after the file's name.
std::string refused(const std::string& bytes) {
  const Written file(bytes);
  const auto message = refusal([&] { identify::read_npy(file.path()); });
  const auto prefix = file.path() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

TEST(IdentifyFiles, GoodOnesAreRead) {
  for (const char version : {'\1', '\2', '\3'}) {
    const Written file(npy(header("<f4", "(2, 3)"), 24, version));
    const auto matrix = identify::read_npy(file.path());
    EXPECT_EQ(matrix.rows, 2u);
    EXPECT_EQ(matrix.columns, 3u);
    EXPECT_FALSE(matrix.in_double);
    EXPECT_EQ(matrix.values, std::vector<double>(6, 0.5));
  }
  const Written column(npy(header("<f8", "(2,)"), 16));
  const auto matrix = identify::read_npy(column.path());
  EXPECT_EQ(matrix.rows, 2u);
  EXPECT_EQ(matrix.columns, 1u);
  EXPECT_TRUE(matrix.in_double);
}

TEST(IdentifyFiles, BadOnesAreRefused) {
  const auto good = npy(header("<f4", "(2, 3)"), 24);
  EXPECT_EQ(refused(good), "not refused");
  EXPECT_EQ(refused(""), "cannot be opened, or is empty");
  EXPECT_EQ(refused("0.5,0.5\n"), "is not a .npy file");
  EXPECT_EQ(refused("PK\x03\x04"), "is a zip archive, such as .npz, which is not read; unpack it");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 24, 4)),
            "is of .npy version 4.0; 1.0 to 3.0 are read");
  EXPECT_EQ(refused(npy(header(">f4", "(2, 3)"), 24)),
            "is big-endian ('>f4'); little-endian is read");
  EXPECT_EQ(refused(npy(header("<f2", "(2, 3)"), 12)),
            "has numbers of type '<f2'; float32 and float64 are read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)", "True"), 24)),
            "is in Fortran order; C order is read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)", "None"), 24)),
            "its fortran_order is neither True nor False");
  EXPECT_EQ(refused(npy(header("<f4", "(1, 2, 3)"), 24)),
            "has 3 dimensions; rows and columns are read");
  EXPECT_EQ(refused(npy(header("<f4", "()"), 4)), "has 0 dimensions; rows and columns are read");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 20)),
            "has 20 bytes of numbers where its header says 24");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)"), 28)),
            "has 28 bytes of numbers where its header says 24");
  EXPECT_EQ(refused(npy(header("<f4", "(9223372036854775808, 3)"), 24)),
            "says that it has more than 2^64 bytes");
  EXPECT_EQ(refused(npy(header("<f4", "(99999999999999999999, 3)"), 24)),
            "its shape has a length beyond 2^64");
  EXPECT_EQ(refused(npy(header("<f4", "(-2, 3)"), 24)),
            "its shape has a length that is no whole number");
  EXPECT_EQ(refused(npy("{'descr': '<f4', 'shape': (2, 3)}", 24)),
            "its header lacks descr, fortran_order or shape");
  EXPECT_EQ(refused(npy("{'descr': '<f4', 'descr': '<f4'}", 24)),
            "its header has an entry 'descr' too many");
  EXPECT_EQ(refused(npy("{'descr': [('a', '<f4')]}", 24)),
            "its header has no string where one belongs");
  EXPECT_EQ(refused(npy("{'descr': '<f4", 0)), "its header has a string without end");
  EXPECT_EQ(refused(npy(header("<f4", "(2, 3)") + "1", 24)),
            "its header goes on after the dictionary");
  auto lying = good;
  lying[8] = '\xff';
  EXPECT_EQ(refused(lying), "says that its header has 255 bytes, which is more than follow");
  // Cut anywhere, the file is refused, and nothing beyond its end is looked at.
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(refused(good.substr(0, length)), "not refused") << length;
}

}  // namespace truestep::test
