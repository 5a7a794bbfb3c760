// SPDX-License-Identifier: Apache-2.0
#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace truestep::drift {

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto quantile = [&](std::size_t percent) {
    return values[(percent * values.size() + 99) / 100 - 1];
  };
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {values.back(), sum / static_cast<double>(values.size()), quantile(50), quantile(90),
          quantile(99)};
}

std::string Growth::kind() const {
  static constexpr const char* kinds[] = {"bounded", "as the square root of t", "as t",
                                          "faster than t"};
  const auto nearest = [](double p) {
    return static_cast<std::size_t>(std::clamp(std::floor(2 * p + 0.5), 0.0, 3.0));
  };
  const std::size_t least = nearest(exponent - 2 * standard_error),
                    most = nearest(exponent + 2 * standard_error);
  std::string text = kinds[least];
  for (std::size_t kind = least + 1; kind <= most; ++kind)
    text += std::string(" or ") + kinds[kind];
  return text;
}

std::optional<Growth> growth(const std::vector<std::pair<std::uint64_t, double>>& points) {
  if (points.empty()) return std::nullopt;
  std::vector<double> x, y;
  for (const auto& [t, error] : points) {
    if (t < points.back().first / 100 || !(error > 0) || !std::isfinite(error)) continue;
    x.push_back(std::log(static_cast<double>(t)));
    y.push_back(std::log(error));
  }
  const std::size_t n = x.size();
  if (n < 3) return std::nullopt;
  const auto mean = [&](const std::vector<double>& z) {
    return std::accumulate(z.begin(), z.end(), 0.0) / static_cast<double>(n);
  };
  const double mean_x = mean(x), mean_y = mean(y);
  double xx = 0, xy = 0, rest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const double slope = xy / xx;
  for (std::size_t i = 0; i < n; ++i) rest += std::pow(y[i] - mean_y - slope * (x[i] - mean_x), 2);
  return Growth{slope, std::sqrt(rest / static_cast<double>(n - 2) / xx), n};
}

void Digits::see(std::uint64_t step, double relative_error) {
  static const auto thresholds = [] {
    std::vector<double> powers;
    for (int digit = 0; digit <= most; ++digit) powers.push_back(std::pow(10.0, -digit));
    return powers;
  }();
  while (kept_ > 0 && !(relative_error < thresholds[static_cast<std::size_t>(kept_)]))
    lost_at_[kept_--] = step;
}

std::vector<DigitLoss> digit_losses(const std::vector<Digits>& coordinates) {
  std::vector<DigitLoss> losses;
  for (int digit = Digits::most; digit > 0; --digit) {
    std::vector<std::uint64_t> steps;
    for (const Digits& coordinate : coordinates)
      if (coordinate.lost_at(digit) > 0) steps.push_back(coordinate.lost_at(digit));
    if (steps.empty()) continue;
    std::sort(steps.begin(), steps.end());
    const std::size_t half = (coordinates.size() + 1) / 2;
    losses.push_back({digit, steps.front(), {}});
    if (steps.size() >= half) losses.back().half = steps[half - 1];
  }
  return losses;
}

Attribution attribution(double drift, std::span<const double> contributions,
                        const std::vector<std::string>& sources) {
  Attribution result{drift, {}, drift};
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    if (contributions[i] == 0) continue;
    result.shares.push_back({sources[i], contributions[i]});
    result.residual -= contributions[i];
  }
  std::sort(result.shares.begin(), result.shares.end(), [](const auto& a, const auto& b) {
    return std::fabs(a.contribution) > std::fabs(b.contribution);
  });
  return result;
}

void Attributed::add(double drift, std::span<const double> contributions) {
  if (!std::isfinite(drift)) return;
  contributions_.resize(contributions.size());
  drift_ += std::fabs(drift);
  for (std::size_t i = 0; i < contributions.size(); ++i)
    contributions_[i] += std::copysign(1.0, drift) * contributions[i];
}

}  // namespace truestep::drift
