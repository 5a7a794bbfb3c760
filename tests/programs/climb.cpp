// SPDX-License-Identifier: Apache-2.0
// Looks for inputs on which a lane's rounding errors come near their proved constants, in binary32:
// a constant that nothing comes near says little. Takes a minute or two, and finds the same again
// where the same compiler built it.
//
//     truestep_climb               writes tests/known_answers/worst_cases.txt, to standard output
//     truestep_climb --table       the proved constants beside what the committed inputs attain,
//                                  of lanes that share an expression the first alone
//     truestep_climb --table lecture_note  the same for the lanes of the seed's convention

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <set>
#include <stdexcept>

#include "support/generate.hpp"
#include "support/worst_cases.hpp"

namespace truestep::test {
namespace {

/// The exponents of the inputs: far from where a lane underflows or overflows (`attained` refuses
/// an input on which one does).
constexpr int low = -20, high = 20;

float drawn(Random& random, proofs::Range range) {
  const auto x = random.ordinary<float>(-12, range == proofs::Range::unit_interval ? -1 : 4);
  return range == proofs::Range::any ? x : std::fabs(x);
}

/// A number near x, at any distance from one unit in the last place up; in range.
float moved(Random& random, float x, proofs::Range range) {
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);
  switch (random.below(4)) {
    case 0:
      exponent += random.one_in(4) ? random.between(-12, 12) : random.between(-2, 2);
      x = std::ldexp(fraction, exponent);
      break;
    case 1:
      x = std::ldexp(std::fabs(random.ordinary<float>(-1, -1)), exponent);
      x = std::copysign(x, fraction);
      break;
    default: {
      const int ulps = random.between(-1, 1) * (1 << random.below(20)) + random.between(-2, 2);
      x = std::ldexp(fraction + std::ldexp(static_cast<float>(ulps), -24), exponent);
    }
  }
  const float size = std::fabs(x);
  const float largest =
      range == proofs::Range::unit_interval ? 1 - 0x1p-24f : std::ldexp(1.0f, high);
  return std::copysign(std::fmin(std::fmax(size, std::ldexp(1.0f, low)), largest), x);
}

/// Climbs from many starts toward the largest error of one quantity, by one or two of the numbers
/// that it depends on at a move.
class Climb {
 public:
  explicit Climb(const ProvedQuantity& quantity)
      : quantity_(quantity.index),
        random_(quantity.index),
        inputs_(recording_of(quantity.lane).inputs),
        lane_(stepped<double>(quantity.lane)) {
    const auto& term = recording_of(quantity.lane).quantities[quantity_].value.term();
    for (std::size_t i = 0; i < variables_.size(); ++i)
      if (term.find(variables_[i].term()) != std::string::npos) movable_.push_back(i);
  }

  /// @param before  the worst case of a quantity computed earlier, or null: half of the starts are
  ///                at its input, as far as that goes by the same names
  LaneInput worst(const WorstCase* before) {
    constexpr int starts = 40;
    LaneInput best;
    double largest = -1;
    for (int start = 0; start < starts; ++start) {
      LaneInput here = drawn_input();
      if (before != nullptr && start % 2 == 1) take(*before, here);
      if (const double error = climb_from(here); error > largest) {
        best = here;
        largest = error;
      }
    }
    return best;
  }

 private:
  double error_at(const LaneInput& input) const { return errors(lane_, input)[quantity_]; }

  LaneInput drawn_input() {
    LaneInput input;
    const auto numbers = input.numbers(inputs_);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      *numbers[i] = drawn(random_, variables_[i].range());
    return input;
  }

  void take(WorstCase known, LaneInput& input) const {
    const auto& known_inputs = recording_of(known.lane).inputs;
    const auto known_variables = variables(known_inputs);
    const auto from = known.input.numbers(known_inputs), to = input.numbers(inputs_);
    for (const auto i : movable_)
      for (std::size_t j = 0; j < from.size(); ++j)
        if (known_variables[j] == variables_[i]) *to[i] = *from[j];
  }

  double climb_from(LaneInput& here) {
    constexpr int moves = 100'000;
    const auto numbers = here.numbers(inputs_);
    double error = error_at(here);
    for (int move = 0; move < moves; ++move) {
      const LaneInput before = here;
      do {
        const auto i = random_.pick(movable_);
        *numbers[i] = moved(random_, *numbers[i], variables_[i].range());
      } while (random_.one_in(2));
      if (const double found = error_at(here); found >= error)
        error = found;
      else
        here = before;
    }
    return error;
  }

  std::size_t quantity_;
  Random random_;
  const proofs::Inputs& inputs_;
  Stepped<double> lane_;
  std::vector<proofs::Expression> variables_ = variables(inputs_);
  std::vector<std::size_t> movable_;  ///< positions of those that the quantity depends on
};

/// The worst case of the quantity that the lane shows before this one, or null.
const WorstCase* find_before(const std::vector<WorstCase>& found, const ProvedQuantity& quantity) {
  for (const auto& other : proved_quantities())
    if (other.lane == quantity.lane && other.index + 1 == quantity.index) return find(found, other);
  return nullptr;
}

void write_worst_cases() {
  std::vector<WorstCase> all;
  for (const auto& quantity : distinct(proved_quantities())) {
    WorstCase found{quantity.lane, quantity.name, "", {}};
    found.input = Climb(quantity).worst(find_before(all, quantity));
    found.attained = attained(found);
    std::printf("%s\n", line(found).c_str());
    std::fflush(stdout);
    all.push_back(found);
  }
}

const WorstCase& worst_case_of(const ProvedQuantity& quantity) {
  static const auto committed = committed_worst_cases();
  const WorstCase* found = find(committed, quantity);
  if (found == nullptr) throw std::out_of_range("no worst case of " + quantity.lane);
  return *found;
}

double share(const ProvedQuantity& quantity) {
  return std::stod(worst_case_of(quantity).attained) /
         std::stod(std::string(quantity.bound.rounding_constant));
}

void write_rows(const std::vector<ProvedQuantity>& quantities) {
  std::printf(
      "| lane | quantity | proved | proved at the rounded coefficients | worst seen of that | "
      "share |\n"
      "|---|---|---|---|---|---|\n");
  for (const auto& quantity : quantities) {
    const std::string constant(quantity.bound.constant), rounding(quantity.bound.rounding_constant);
    std::printf("| %s | %s | %s | %s | %s | %.2f |\n", quantity.lane.c_str(), quantity.name.c_str(),
                constant.c_str(), rounding.c_str(), worst_case_of(quantity).attained.c_str(),
                share(quantity));
  }
}

void write_least_share(const std::vector<ProvedQuantity>& quantities) {
  const auto least =
      std::min_element(quantities.begin(), quantities.end(),
                       [](const auto& a, const auto& b) { return share(a) < share(b); });
  std::printf("the least share is %.2f, of `%s` %s.\n", share(*least), least->lane.c_str(),
              least->name.c_str());
}

void write_table() {
  const auto all = proved_quantities(), once = distinct(all);
  write_rows(once);
  std::printf("\nOf %zu constants %zu are about an expression of their own: ", all.size(),
              once.size());
  write_least_share(once);
}

void write_table_of_the_seed() {
  std::set<std::string> lanes;
  proofs::for_each_lane<fast::lane::Seed>(
      [&]<class Lane>() { lanes.insert(proofs::inputs<Lane>().lane); });
  const auto is_of_the_seed = [&](const auto& quantity) { return lanes.contains(quantity.lane); };
  auto seed = proved_quantities(), others = distinct(seed);
  std::erase_if(seed, std::not_fn(is_of_the_seed));
  std::erase_if(others, is_of_the_seed);
  write_rows(seed);
  std::printf("\nThe other lanes have %zu expressions more with a constant: ", others.size());
  write_least_share(others);
}

}  // namespace
}  // namespace truestep::test

int main(int count, char** arguments) {
  using namespace truestep::test;
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.empty()) {
    write_worst_cases();
  } else if (words == std::vector<std::string>{"--table"}) {
    write_table();
  } else if (words == std::vector<std::string>{"--table", "lecture_note"}) {
    write_table_of_the_seed();
  } else {
    std::fputs("usage: truestep_climb [--table [seed]]\n", stderr);
    return 2;
  }
}
