// Looks for inputs on which a lane's rounding errors come near their proved constants, in binary32:
// a constant that nothing comes near says little. Takes a minute, and always finds the same.
//
//     truestep_climb            writes tests/known_answers/worst_cases.txt, to standard output
//     truestep_climb --table    the proved constants beside what the committed inputs attain

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>

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
      exponent += random.between(-2, 2);
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

/// The ranges of LaneInput::numbers.
std::vector<proofs::Range> ranges(const proofs::Inputs& inputs) {
  std::vector<proofs::Range> result;
  for (const auto& coefficient : inputs.coefficients) result.push_back(coefficient.range());
  result.push_back(inputs.theta.range());
  for (const auto& state : inputs.states) result.push_back(state.range());
  result.push_back(inputs.gradient.range());
  return result;
}

/// Climbs from many starts toward the largest error of one quantity, by one or two numbers a move.
template <class Lane>
LaneInput climb(const proofs::Inputs& inputs, std::size_t quantity) {
  constexpr int starts = 40, moves = 100'000;
  const auto range = ranges(inputs);
  Random random(quantity);
  LaneInput best;
  double best_error = -1;
  for (int start = 0; start < starts; ++start) {
    LaneInput here;
    auto numbers = here.numbers(inputs);
    for (std::size_t i = 0; i < numbers.size(); ++i) *numbers[i] = drawn(random, range[i]);
    double error = errors<Lane, double>(here)[quantity];
    for (int move = 0; move < moves; ++move) {
      LaneInput there = here;
      numbers = there.numbers(inputs);
      do {
        const auto i = random.below(numbers.size());
        *numbers[i] = moved(random, *numbers[i], range[i]);
      } while (random.one_in(2));
      if (const double found = errors<Lane, double>(there)[quantity]; found >= error) {
        here = there;
        error = found;
      }
    }
    if (error > best_error) {
      best = here;
      best_error = error;
    }
  }
  return best;
}

void write_worst_cases() {
  for_each_lane([]<class Lane>() {
    const auto inputs = proofs::inputs<Lane>();
    const auto quantities = proofs::record<Lane>(inputs).quantities;
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      WorstCase worst_case{inputs.lane, quantities[q].name, "", climb<Lane>(inputs, q)};
      worst_case.attained = attained(worst_case);
      std::printf("%s\n", line(worst_case).c_str());
      std::fflush(stdout);
    }
  });
}

void write_table() {
  std::printf(
      "| lane | quantity | proved | proved at the rounded coefficients | worst seen of that | "
      "share |\n"
      "|---|---|---|---|---|---|\n");
  for (const auto& worst_case : committed_worst_cases()) {
    const auto& bound = proofs::bound_of(worst_case.lane, worst_case.quantity, "binary32");
    const std::string constant(bound.constant), rounding(bound.rounding_constant);
    std::printf("| %s | %s | %s | %s | %s | %.2f |\n", worst_case.lane.c_str(),
                worst_case.quantity.c_str(), constant.c_str(), rounding.c_str(),
                worst_case.attained.c_str(), std::stod(worst_case.attained) / std::stod(rounding));
  }
}

}  // namespace
}  // namespace truestep::test

int main(int count, char** arguments) {
  using namespace truestep::test;
  if (count == 1) {
    write_worst_cases();
  } else if (count == 2 && std::strcmp(arguments[1], "--table") == 0) {
    write_table();
  } else {
    std::fputs("usage: truestep_climb [--table]\n", stderr);
    return 2;
  }
}
