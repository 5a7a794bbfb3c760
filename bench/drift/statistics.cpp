// SPDX-License-Identifier: Apache-2.0
#include "statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace truestep::drift {

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

double DigitCounts::threshold(int digit) {
  static const auto all = [] {
    std::array<double, most + 1> powers;
    for (int i = 0; i <= most; ++i) powers[static_cast<std::size_t>(i)] = std::pow(10.0, -i);
    return powers;
  }();
  return all[static_cast<std::size_t>(digit)];
}

DigitCounts& DigitCounts::operator+=(const DigitCounts& other) {
  for (const auto& [when, count] : other.count_) count_[when] += count;
  return *this;
}

std::vector<DigitLoss> DigitCounts::losses(std::uint64_t coordinates) const {
  std::vector<DigitLoss> losses;
  std::uint64_t so_far = 0;
  for (const auto& [when, count] : count_) {
    const auto& [negated, step] = when;
    if (losses.empty() || losses.back().digit != -negated) {
      losses.push_back({-negated, step, {}});
      so_far = 0;
    }
    so_far += count;
    if (!losses.back().half && so_far >= (coordinates + 1) / 2) losses.back().half = step;
  }
  return losses;
}

Attribution attribution(double drift, std::span<const double> contributions,
                        const std::vector<std::string>& sources) {
  Attribution result{drift, {}, drift, 0};
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
  const auto is_finite = [](double x) { return std::isfinite(x); };
  if (!is_finite(drift) || !std::all_of(contributions.begin(), contributions.end(), is_finite)) {
    ++left_out_;
    return;
  }
  contributions_.resize(contributions.size());
  drift_.add(std::fabs(drift));
  for (std::size_t i = 0; i < contributions.size(); ++i)
    if (contributions[i] != 0) contributions_[i].add(std::copysign(1.0, drift) * contributions[i]);
}

Attributed& Attributed::operator+=(const Attributed& other) {
  drift_ += other.drift_;
  left_out_ += other.left_out_;
  contributions_.resize(std::max(contributions_.size(), other.contributions_.size()));
  for (std::size_t i = 0; i < other.contributions_.size(); ++i)
    contributions_[i] += other.contributions_[i];
  return *this;
}

Attribution Attributed::sum(const std::vector<std::string>& sources) const {
  std::vector<double> contributions;
  for (const ExactSum& contribution : contributions_) contributions.push_back(contribution.value());
  Attribution all = attribution(drift_.value(), contributions, sources);
  all.left_out = left_out_;
  return all;
}

}  // namespace truestep::drift
