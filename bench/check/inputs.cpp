// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <stdexcept>

namespace truestep::trial {
namespace {

/// What the gradients of a coordinate are like, and of how many of the usual 203.
enum class Kind { ordinary, tiny, vanishing, huge, sparse, alternating, constant, zero, ranging };
constexpr std::array<std::pair<Kind, std::size_t>, 9> kinds{{{Kind::ordinary, 60},
                                                             {Kind::tiny, 30},
                                                             {Kind::vanishing, 20},
                                                             {Kind::huge, 20},
                                                             {Kind::sparse, 20},
                                                             {Kind::alternating, 20},
                                                             {Kind::constant, 15},
                                                             {Kind::zero, 5},
                                                             {Kind::ranging, 13}}};

/// The kinds are spread over the array, so that a tail has all of them.
Kind kind_of(std::size_t coordinate) {
  constexpr std::size_t stride = 79;  // has no factor in common with the length
  std::size_t place = coordinate * stride % usual_length;
  for (const auto& [kind, count] : kinds) {
    if (place < count) return kind;
    place -= count;
  }
  return Kind::ordinary;
}

/// As it is stored, brought within the format by a power of two where it is too large for it.
double rounded(Format format, double x) {
  constexpr int step = 24;
  while (!std::isfinite(nearest(format, x))) x = std::ldexp(x, -step);
  return nearest(format, x);
}

/// The gradients of one coordinate, step by step.
class Gradients {
 public:
  Gradients(Kind kind, Random& random) : kind_(kind), random_(random) {
    switch (kind) {
      case Kind::ordinary:
      case Kind::alternating:
        size_ = random.between(-3, 0);
        break;
      case Kind::tiny:
        size_ = random.between(-12, -6);
        break;
      case Kind::vanishing:
        size_ = random.between(-24, -12);
        break;
      case Kind::huge:
        size_ = random.between(2, 12);
        break;
      case Kind::constant:
        constant_ = random.signed_power(-4, 1);
        break;
      case Kind::sparse:
      case Kind::zero:
      case Kind::ranging:
        break;
    }
  }

  double next() {
    const double base = random_.signed_power(-1, 0.5);
    switch (kind_) {
      case Kind::ordinary:
      case Kind::tiny:
      case Kind::vanishing:
      case Kind::huge:
        return base * std::pow(10.0, size_);
      case Kind::sparse:
        return random_.unit() < 0.25 ? base : 0;
      case Kind::alternating:
        sign_ = -sign_;
        return sign_ * std::fabs(base) * std::pow(10.0, size_);
      case Kind::constant:
        return constant_;
      case Kind::zero:
        return 0;
      case Kind::ranging:
        break;
    }
    return base * std::pow(10.0, random_.between(-10, 3));
  }

 private:
  Kind kind_;
  Random& random_;
  double size_ = 0, constant_ = 0, sign_ = 1;
};

double telling(const Hyperparameter& number, std::size_t weights_before) {
  constexpr std::array weights{0.85, 0.95, 0.7};
  switch (number.kind) {
    case Hyperparameter::Kind::weight:
      return weights[weights_before % weights.size()];
    case Hyperparameter::Kind::epsilon:
      return 1e-3;
    case Hyperparameter::Kind::fraction:
      return number.value;
    case Hyperparameter::Kind::scale:
      break;
  }
  return number.own ? 0.01 : 0.75 * number.value;
}

double drawn(const Hyperparameter& number, Random& random) {
  switch (number.kind) {
    case Hyperparameter::Kind::weight:
      // Below 1/2 a mean as x + (1 - beta) (g - x) is outside AnyOrder, and programs have it so.
      return 1 - std::pow(10.0, random.between(-3, -0.302));
    case Hyperparameter::Kind::fraction:
      return number.value;
    case Hyperparameter::Kind::epsilon:
      return std::pow(10.0, random.between(-9, -1));
    case Hyperparameter::Kind::scale:
      break;
  }
  return number.own ? std::pow(10.0, random.between(-4, -1))
                    : number.value * random.between(0.1, 1);
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view name) : state_(seed) {
  for (const char c : name) state_ = next() ^ static_cast<unsigned char>(c);
}

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

double Random::unit() { return std::ldexp(static_cast<double>(next() >> 11), -53); }

double Random::signed_power(double low, double high) {
  const double size = std::pow(10.0, between(low, high));
  return next() >> 63 ? size : -size;
}

NumberList numbers(const Map& map, const NumberList& pinned, Numbers which, Random& random) {
  NumberList all;
  std::size_t weights = 0;
  for (const auto& number : hyperparameters(map)) {
    const auto fixed = std::find_if(pinned.begin(), pinned.end(),
                                    [&](const auto& each) { return each.first == number.name; });
    double value = number.value;
    if (fixed != pinned.end())
      value = fixed->second;
    else if (!number.acts)
      value = number.value;
    else if (which == Numbers::telling)
      value = telling(number, weights);
    else if (which == Numbers::drawn)
      value = drawn(number, random);
    weights += number.kind == Hyperparameter::Kind::weight;
    all.emplace_back(number.name, value);
  }
  return all;
}

Job course(const Map& map, const NumberList& numbers, const Storage& format, std::size_t steps,
           Random& random) {
  Job job;
  job.setup = {map.rule, format, {usual_length}, numbers};
  job.shown = states(map);
  for (std::size_t s = 0; s < steps; ++s) job.t.push_back(s + 1);
  job.gradients.resize(steps * usual_length);
  for (std::size_t i = 0; i < usual_length; ++i) {
    const bool at_zero = i % 3 == 0;
    job.put_back.push_back(at_zero);
    job.theta.push_back(at_zero ? 0
                                : rounded(format.theta, random.signed_power(i % 3 == 1 ? -3 : -1,
                                                                            i % 3 == 1 ? -1 : 1)));
    Gradients gradients(kind_of(i), random);
    for (std::size_t s = 0; s < steps; ++s)
      job.gradients[s * usual_length + i] = rounded(format.gradients, gradients.next());
  }
  return job;
}

namespace {

/// Takes the coordinate index[i] for coordinate i.
Job rearranged(const Job& job, const std::vector<std::size_t>& index) {
  Job other = job;
  const auto count = job.setup.coordinates();
  other.setup.lengths = {index.size()};
  const auto rows = [&](const std::vector<double>& from) {
    std::vector<double> to;
    for (std::size_t row = 0; row * count < from.size(); ++row)
      for (const auto i : index) to.push_back(from[row * count + i]);
    return to;
  };
  other.theta = rows(job.theta);
  other.gradients = rows(job.gradients);
  for (auto& [name, values] : other.states) values = rows(job.states.at(name));
  other.put_back.clear();
  for (const auto i : index)
    if (!job.put_back.empty()) other.put_back.push_back(job.put_back[i]);
  return other;
}

}  // namespace

Job shortened(const Job& job, std::size_t length) {
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < length; ++i) index.push_back(i);
  return rearranged(job, index);
}

Job reversed(const Job& job) {
  std::vector<std::size_t> index;
  for (std::size_t i = job.setup.coordinates(); i-- > 0;) index.push_back(i);
  return rearranged(job, index);
}

}  // namespace truestep::trial
