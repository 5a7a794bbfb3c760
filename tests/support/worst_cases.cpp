// SPDX-License-Identifier: Apache-2.0
#include "worst_cases.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace truestep::test {
namespace {

bool is_within(float x, proofs::Range range) {
  return std::isfinite(x) && (x >= 0 || range == proofs::Range::any) &&
         (x <= 1 || range != proofs::Range::unit_interval);
}

}  // namespace

const std::vector<proofs::Recording>& recordings() {
  static const auto all = proofs::recorded_lanes();
  return all;
}

std::vector<float*> LaneInput::numbers(const proofs::Inputs& inputs) {
  std::vector<float*> result;
  for (std::size_t i = 0; i < inputs.coefficients.size(); ++i) result.push_back(&coefficients[i]);
  result.push_back(&point.theta);
  for (std::size_t i = 0; i < inputs.states.size(); ++i) result.push_back(&point.state[i]);
  result.push_back(&gradient);
  return result;
}

const proofs::Recording& recording_of(const std::string& lane) {
  for (const auto& recording : recordings())
    if (recording.inputs.lane == lane) return recording;
  throw std::out_of_range("no lane was recorded as " + lane);
}

std::vector<proofs::Expression> variables(const proofs::Inputs& inputs) {
  auto result = inputs.coefficients;
  result.push_back(inputs.theta);
  result.insert(result.end(), inputs.states.begin(), inputs.states.end());
  result.push_back(inputs.gradient);
  return result;
}

std::vector<ProvedQuantity> proved_quantities() {
  std::vector<ProvedQuantity> proved;
  for (const auto& recording : recordings())
    for (std::size_t q = 0; q < recording.quantities.size(); ++q) {
      const std::string &lane = recording.inputs.lane, &name = recording.quantities[q].name;
      const auto& bound = proofs::bound_of(lane, name, "binary32");
      if (bound.proved()) proved.push_back({lane, name, q, bound});
    }
  return proved;
}

std::vector<ProvedQuantity> distinct(const std::vector<ProvedQuantity>& quantities) {
  std::set<std::string_view> hashes;
  std::vector<ProvedQuantity> result;
  for (const auto& quantity : quantities)
    if (hashes.insert(quantity.bound.hash).second) result.push_back(quantity);
  return result;
}

std::vector<WorstCase> committed_worst_cases() {
  std::ifstream file(TRUESTEP_KNOWN_ANSWERS "/worst_cases.txt");
  std::vector<WorstCase> all;
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    WorstCase& read = all.emplace_back();
    words >> read.lane >> read.quantity >> read.attained;
    for (float* number : read.input.numbers(recording_of(read.lane).inputs)) {
      std::string word;
      words >> word;
      *number = std::strtof(word.c_str() + word.find('=') + 1, nullptr);
    }
  }
  return all;
}

std::string line(const WorstCase& worst_case) {
  const auto& inputs = recording_of(worst_case.lane).inputs;
  std::string text = worst_case.lane + " " + worst_case.quantity + " " + worst_case.attained;
  LaneInput input = worst_case.input;
  const auto numbers = input.numbers(inputs);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%a", static_cast<double>(*numbers[i]));
    text += " " + variables(inputs)[i].name() + "=" + digits;
  }
  return text;
}

const WorstCase* find(const std::vector<WorstCase>& worst_cases, const ProvedQuantity& quantity) {
  for (const auto& found : worst_cases)
    if (proofs::bound_of(found.lane, found.quantity, "binary32").hash == quantity.bound.hash)
      return &found;
  return nullptr;
}

std::string attained(const WorstCase& worst_case) {
  const auto& recording = recording_of(worst_case.lane);
  const auto& quantities = recording.quantities;
  const auto at = std::find_if(quantities.begin(), quantities.end(), [&](const auto& quantity) {
    return quantity.name == worst_case.quantity;
  });
  LaneInput input = worst_case.input;
  const auto numbers = input.numbers(recording.inputs);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (const auto variable = variables(recording.inputs)[i];
        !is_within(*numbers[i], variable.range()))
      throw std::domain_error(variable.name() + " is out of range on " + line(worst_case));
  const auto lane = stepped<Real>(worst_case.lane);
  // A call that the compiler knows nothing of, so that it stays between two looks at the flags.
  auto* volatile run = shown<float, float>;
  std::feclearexcept(FE_ALL_EXCEPT);
  run(lane.computed, input);
  if (std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT))
    throw std::domain_error("underflow or overflow on " + line(worst_case));
  const Real error = errors(lane, input)[static_cast<std::size_t>(at - quantities.begin())];
  const auto thousandths = static_cast<long>(error * 1000);
  char digits[32];
  std::snprintf(digits, sizeof digits, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
  return digits;
}

}  // namespace truestep::test
