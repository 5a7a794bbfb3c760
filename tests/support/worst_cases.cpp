#include "worst_cases.hpp"

#include <algorithm>
#include <cfenv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace truestep::test {
namespace {

const proofs::Recording& recording_of(const std::string& lane) {
  static const auto all = proofs::recorded_lanes();
  return *std::find_if(all.begin(), all.end(),
                       [&](const auto& recording) { return recording.inputs.lane == lane; });
}

/// The names of the numbers of LaneInput::numbers.
std::vector<std::string> names(const proofs::Inputs& inputs) {
  std::vector<std::string> result;
  for (const auto& coefficient : inputs.coefficients) result.push_back(coefficient.name());
  result.push_back(inputs.theta.name());
  for (const auto& state : inputs.states) result.push_back(state.name());
  result.push_back(inputs.gradient.name());
  return result;
}

}  // namespace

std::vector<float*> LaneInput::numbers(const proofs::Inputs& inputs) {
  std::vector<float*> result;
  for (std::size_t i = 0; i < inputs.coefficients.size(); ++i) result.push_back(&coefficients[i]);
  result.push_back(&point.theta);
  for (std::size_t i = 0; i < inputs.states.size(); ++i) result.push_back(&point.state[i]);
  result.push_back(&gradient);
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
    text += " " + names(inputs)[i] + "=" + digits;
  }
  return text;
}

std::string attained(const WorstCase& worst_case) {
  const auto& quantities = recording_of(worst_case.lane).quantities;
  const auto at =
      std::find_if(quantities.begin(), quantities.end(),
                   [&](const auto& quantity) { return quantity.name == worst_case.quantity; }) -
      quantities.begin();
  Real error = 0;
  for_each_lane([&]<class Lane>() {
    if (proofs::inputs<Lane>().lane != worst_case.lane) return;
    std::feclearexcept(FE_ALL_EXCEPT);
    [[maybe_unused]] const volatile float kept = computed<Lane>(worst_case.input)[0];
    if (std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT))
      throw std::domain_error("underflow or overflow on " + line(worst_case));
    error = errors<Lane, Real>(worst_case.input)[static_cast<std::size_t>(at)];
  });
  const auto thousandths = static_cast<long>(error * 1000);
  char digits[32];
  std::snprintf(digits, sizeof digits, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
  return digits;
}

}  // namespace truestep::test
