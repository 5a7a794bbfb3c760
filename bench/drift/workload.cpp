#include "workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

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

/// Logits to probabilities, in place.
void softmax(std::vector<double>& z) {
  const double largest = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (double& x : z) sum += x = std::exp(x - largest);
  for (double& x : z) x /= sum;
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

Classifier::Classifier(std::string name, std::vector<std::size_t> widths)
    : name_(std::move(name)), widths_(std::move(widths)) {
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
std::vector<std::vector<double>> Classifier::activations(std::span<const float> parameters,
                                                         const Digit& digit) const {
  std::vector<std::vector<double>> activation{{digit.pixels.begin(), digit.pixels.end()}};
  const float* weight = parameters.data();
  for (std::size_t layer = 1; layer < widths_.size(); ++layer) {
    const auto& in = activation.back();
    const float* const bias = weight + widths_[layer] * in.size();
    std::vector<double> out(widths_[layer]);
    for (std::size_t j = 0; j < out.size(); ++j) {
      out[j] = double{bias[j]};
      for (const double x : in) out[j] += double{*weight++} * x;
    }
    weight = bias + out.size();
    if (layer + 1 < widths_.size())
      for (double& x : out) x = std::max(x, 0.0);
    else
      softmax(out);
    activation.push_back(std::move(out));
  }
  return activation;
}

std::vector<float> Classifier::gradient(std::span<const float> parameters,
                                        std::span<const Digit* const> batch) const {
  std::vector<double> sum(parameters_);
  for (const Digit* digit : batch) {
    const auto activation = activations(parameters, *digit);
    // Derivative by a layer's values before its ReLU or softmax, from the last layer down.
    std::vector<double> delta = activation.back();
    delta[digit->label] -= 1;
    std::size_t end = parameters_;
    for (std::size_t layer = widths_.size() - 1; layer > 0; --layer) {
      const auto& in = activation[layer - 1];
      const std::size_t bias = end - delta.size(), weight = bias - delta.size() * in.size();
      std::vector<double> delta_in(in.size());
      for (std::size_t j = 0; j < delta.size(); ++j) {
        sum[bias + j] += delta[j];
        for (std::size_t i = 0, at = weight + j * in.size(); i < in.size(); ++i, ++at) {
          sum[at] += delta[j] * in[i];
          delta_in[i] += in[i] > 0 ? delta[j] * double{parameters[at]} : 0;
        }
      }
      delta = std::move(delta_in);
      end = weight;
    }
  }
  std::vector<float> gradient(parameters_);
  std::transform(sum.begin(), sum.end(), gradient.begin(), [&](double x) {
    return static_cast<float>(x / static_cast<double>(batch.size()));
  });
  return gradient;
}

Classifier::Score Classifier::score(std::span<const float> parameters,
                                    std::span<const Digit> digits) const {
  double loss = 0, right = 0;
  for (const Digit& digit : digits) {
    const auto probability = activations(parameters, digit).back();
    const auto likeliest = std::max_element(probability.begin(), probability.end());
    loss -= std::log(probability[digit.label]);
    right += likeliest == probability.begin() + static_cast<std::ptrdiff_t>(digit.label);
  }
  const auto count = static_cast<double>(digits.size());
  return {loss / count, right / count};
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
