// SPDX-License-Identifier: Apache-2.0
#include "digits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "parallel.hpp"

namespace truestep::drift {
namespace {

constexpr std::uint64_t seed = 20240229;

Digit parse(const std::string& line) {
  std::istringstream fields(line);
  const auto integer_up_to = [&](unsigned largest) {
    unsigned value = 0;
    if (!(fields >> value) || value > largest) throw std::invalid_argument("");
    fields.ignore(1, ',');
    return value;
  };
  Digit digit;
  for (double& pixel : digit.pixels) pixel = integer_up_to(16) / 16.0;
  digit.label = integer_up_to(9);
  return digit;
}

/// The file of the digits: beside the program if it was installed, else in the repository.
std::string digits_file() {
  std::error_code absent;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", absent);
  if (absent) return TRUESTEP_DIGITS;
  const auto installed = program.parent_path() / TRUESTEP_DIGITS_FROM_PROGRAM;
  return std::filesystem::exists(installed, absent) ? installed.lexically_normal().string()
                                                    : TRUESTEP_DIGITS;
}

/// Logits to probabilities, in place.
template <class Number>
void softmax(std::vector<Number>& z) {
  using std::exp;
  const Number largest = *std::max_element(z.begin(), z.end());
  Number sum = 0;
  for (Number& x : z) sum += x = exp(Number(x - largest));
  for (Number& x : z) x /= sum;
}

}  // namespace

std::vector<Digit> read_digits(const std::string& path) {
  std::ifstream file(path);
  std::vector<Digit> digits;
  for (std::string line; std::getline(file, line);) {
    try {
      digits.push_back(parse(line));
    } catch (const std::invalid_argument&) {
      throw std::runtime_error(
          fmt::format("{}:{} is not 64 integers in [0, 16] and a class in [0, 9], comma-separated",
                      path, digits.size() + 1));
    }
  }
  if (digits.empty()) throw std::runtime_error(fmt::format("no digits can be read from {}", path));
  return digits;
}

Classifier::Classifier(std::string name, const std::vector<int>& widths)
    : Workload(std::move(name)),
      widths_(widths.begin(), widths.end()),
      digits_(read_digits(digits_file())),
      batches_(digits_) {
  for (std::size_t layer = 1; layer < widths_.size(); ++layer)
    parameters_ += widths_[layer] * (widths_[layer - 1] + 1);
}

std::vector<float> Classifier::initial_parameters() const {
  std::mt19937_64 generator(seed);
  std::vector<float> parameters;
  parameters.reserve(parameters_);
  for (std::size_t layer = 1; layer < widths_.size(); ++layer) {
    const std::size_t in = widths_[layer - 1], out = widths_[layer];
    const double limit = std::sqrt(6.0 / static_cast<double>(in + out));
    // The distributions of the standard library differ between its implementations; 53 bits of the
    // generator do not.
    for (std::size_t i = 0; i < in * out; ++i)
      parameters.push_back(
          static_cast<float>(limit * (static_cast<double>(generator() >> 11) * 0x1p-52 - 1)));
    parameters.insert(parameters.end(), out, 0.0f);
  }
  return parameters;
}

/// The input, the hidden layers after their ReLU, and the probabilities.
template <class Number>
std::vector<std::vector<Number>> Classifier::activations(std::span<const Number> parameters,
                                                         const Digit& digit) const {
  std::vector<std::vector<Number>> activation{{digit.pixels.begin(), digit.pixels.end()}};
  const Number* weight = parameters.data();
  for (std::size_t layer = 1; layer < widths_.size(); ++layer) {
    const auto& in = activation.back();
    const Number* const bias = weight + widths_[layer] * in.size();
    std::vector<Number> out(widths_[layer]);
    for (std::size_t j = 0; j < out.size(); ++j) {
      out[j] = bias[j];
      for (const Number& x : in) out[j] += *weight++ * x;
    }
    weight = bias + out.size();
    if (layer + 1 < widths_.size())
      for (Number& x : out) x = x < 0 ? Number(0) : x;
    else
      softmax(out);
    activation.push_back(std::move(out));
  }
  return activation;
}

template <class Number>
void Classifier::add_gradient(std::span<const Number> parameters, const Digit& digit,
                              std::vector<Number>& sum) const {
  const auto activation = activations(parameters, digit);
  // Derivative by a layer's values before its ReLU or softmax, from the last layer down.
  std::vector<Number> delta = activation.back();
  delta[digit.label] -= 1;
  std::size_t end = parameters_;
  for (std::size_t layer = widths_.size() - 1; layer > 0; --layer) {
    const auto& in = activation[layer - 1];
    const std::size_t bias = end - delta.size(), weight = bias - delta.size() * in.size();
    std::vector<Number> delta_in(in.size());
    for (std::size_t j = 0; j < delta.size(); ++j) {
      sum[bias + j] += delta[j];
      for (std::size_t i = 0, at = weight + j * in.size(); i < in.size(); ++i, ++at) {
        if (in[i] == 0) continue;
        sum[at] += delta[j] * in[i];
        if (layer > 1) delta_in[i] += delta[j] * parameters[at];
      }
    }
    delta = std::move(delta_in);
    end = weight;
  }
}

std::vector<double> Classifier::gradient(std::span<const double> parameters) const {
  std::vector<double> gradient(parameters_);
  for (const Digit* digit : batch_) add_gradient(parameters, *digit, gradient);
  for (double& g : gradient) g /= static_cast<double>(batch_.size());
  return gradient;
}

std::vector<Workload::Real> Classifier::gradient(std::span<const Real> parameters) const {
  struct Part {
    std::span<const Digit* const> digits;
    std::vector<Real> sum;
  };
  constexpr std::size_t size = 8;
  std::vector<Part> parts;
  for (std::size_t first = 0; first < batch_.size(); first += size)
    parts.push_back({std::span(batch_).subspan(first, size), std::vector<Real>(parameters_)});
  for_each_in_parallel(parts, [&](Part& part) {
    for (const Digit* digit : part.digits) add_gradient(parameters, *digit, part.sum);
  });
  std::vector<Real> gradient(parameters_);
  for (const Part& part : parts)
    for (std::size_t i = 0; i < parameters_; ++i) gradient[i] += part.sum[i];
  for (Real& g : gradient) g /= batch_.size();
  return gradient;
}

std::optional<Score> Classifier::score(std::span<const double> parameters) const {
  double loss = 0, right = 0;
  for (const Digit& digit : digits_) {
    const auto probability = activations(parameters, digit).back();
    const auto likeliest = std::max_element(probability.begin(), probability.end());
    loss -= std::log(probability[digit.label]);
    right += likeliest == probability.begin() + static_cast<std::ptrdiff_t>(digit.label);
  }
  const auto count = static_cast<double>(digits_.size());
  return Score{loss / count, right / count};
}

Batches::Batches(std::span<const Digit> digits) : generator_(seed), position_(digits.size()) {
  for (const Digit& digit : digits) order_.push_back(&digit);
}

std::vector<const Digit*> Batches::next() {
  std::vector<const Digit*> batch;
  while (batch.size() < size) {
    if (position_ == order_.size()) {
      // Fisher-Yates; std::shuffle is free to differ between implementations.
      for (std::size_t rest = order_.size(); rest > 1; --rest)
        std::swap(order_[rest - 1], order_[generator_() % rest]);
      position_ = 0;
    }
    batch.push_back(order_[position_++]);
  }
  return batch;
}

}  // namespace truestep::drift
