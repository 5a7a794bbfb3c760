// SPDX-License-Identifier: Apache-2.0
#include "picture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "runs/escaped.hpp"
#include "report.hpp"

namespace truestep::drift {
namespace {

bool is_shown(double x) { return std::isfinite(x) && x > 0; }

/// A logarithmic axis over whole decades.
class Axis {
 public:
  void add(double x) {
    if (!is_shown(x)) return;
    least_ = std::min(least_, std::floor(std::log10(x)));
    greatest_ = std::max(greatest_, std::ceil(std::log10(x)));
  }
  void place(double from, double to) {
    from_ = from;
    to_ = to;
    if (least_ == greatest_) ++greatest_;
  }
  bool empty() const { return least_ > greatest_; }
  double at(double x) const {
    return from_ + (std::log10(x) - least_) / (greatest_ - least_) * (to_ - from_);
  }
  /// The exponents at which a line is drawn, at most `most`.
  std::vector<int> decades(double most) const {
    const double step = std::max(1.0, std::ceil((greatest_ - least_) / most));
    std::vector<int> all;
    for (double d = least_; d <= greatest_; d += step) all.push_back(static_cast<int>(d));
    return all;
  }

 private:
  double least_ = HUGE_VAL, greatest_ = -HUGE_VAL, from_ = 0, to_ = 1;
};

struct Point {
  std::uint64_t step;
  double value;
};

struct Line {
  std::string what, colour, dashes;
  double width;
  std::vector<Point> points;
  bool has_band = false;  ///< all below it is within the radius
};

constexpr double left = 66, right = 460, top = 12, bottom = 286, width = 480, height = 330;

std::string svg(double picture_height, const std::string& label, const std::string& content) {
  return fmt::format(
      "<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {:.0f}\" fill=\"currentColor\" "
      "font-size=\"13\">\n{}</svg>",
      escaped(label), width, picture_height, content);
}

std::string power_of_ten(int exponent) {
  return fmt::format("10<tspan dy=\"-5\" font-size=\"10\">{}</tspan>", exponent);
}

std::string grid(const Axis& x, const Axis& y, const std::string& of) {
  std::string text = "<g stroke=\"currentColor\" stroke-opacity=\".18\">";
  for (const int decade : x.decades(8))
    text += fmt::format("<path d=\"M{0:.1f} {1}V{2}\"/>", x.at(std::pow(10, decade)), top, bottom);
  for (const int decade : y.decades(9))
    text += fmt::format("<path d=\"M{1} {0:.1f}H{2}\"/>", y.at(std::pow(10, decade)), left, right);
  text += "</g>\n";
  for (const int decade : x.decades(8))
    text += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.0f}</text>",
                        x.at(std::pow(10, decade)), bottom + 18, std::pow(10, decade));
  for (const int decade : y.decades(9))
    text += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", left - 6,
                        y.at(std::pow(10, decade)) + 5, power_of_ten(decade));
  return text + fmt::format(
                    "\n<text x=\"{:.0f}\" y=\"{}\" text-anchor=\"middle\">steps</text>"
                    "<text transform=\"translate(14 {:.0f}) rotate(-90)\" "
                    "text-anchor=\"middle\">distance of {} from exact</text>\n",
                    (left + right) / 2, height - 8, (top + bottom) / 2, escaped(of));
}

/// The line, its band below, and what each of its points says under the pointer.
std::string drawn(const Line& line, const Axis& x, const Axis& y) {
  std::string path, points;
  bool is_down = false;
  std::pair<double, double> ends{0, 0};
  for (const auto& [step, value] : line.points) {
    if (!is_shown(value)) {
      is_down = false;
      continue;
    }
    const double at_x = x.at(static_cast<double>(step)), at_y = y.at(value);
    if (path.empty()) ends.first = at_x;
    ends.second = at_x;
    path += fmt::format("{}{:.1f} {:.1f}", is_down ? "L" : "M", at_x, at_y);
    is_down = true;
    points += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill-opacity=\"0\"><title>{}: {} after {} "
        "steps</title></circle>",
        at_x, at_y, escaped(line.what), number(value), step);
  }
  if (path.empty()) return "";
  std::string text;
  if (line.has_band)
    text = fmt::format("<path d=\"{}L{:.1f} {}L{:.1f} {}Z\" fill=\"{}\" fill-opacity=\".07\"/>",
                       path, ends.second, bottom, ends.first, bottom, line.colour);
  return text + fmt::format(
                    "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" "
                    "stroke-dasharray=\"{}\" stroke-linejoin=\"round\"/>{}\n",
                    path, line.colour, line.width, line.dashes, points);
}

template <class Of>
std::vector<Point> points_of(const Series& series, Of of) {
  std::vector<Point> points;
  for (const Drift& drift : series.drift) points.push_back({drift.step, of(drift)});
  return points;
}

std::vector<Line> lines_of(const Run& run, std::size_t quantity) {
  std::vector<Line> lines;
  if (quantity == 0) {
    std::size_t shown = 0;
    for (const Other& other : others_by_distance(run)) {
      if (!(other.distance > run.float_drift) || ++shown > 3) continue;
      Line line{fmt::format("{}, exact", fmt::join(other.conventions, ", ")),
                "currentColor",
                "1 4",
                1.5,
                {}};
      for (const auto& [step, distance] : other.on_the_way) line.points.push_back({step, distance});
      lines.push_back(line);
    }
  }
  for (std::size_t i = 0; i < run.readings.size(); ++i) {
    const Series& series = run.readings[i].series[quantity];
    const auto name = run.readings[i].setup.name();
    const auto colour = colour_of(i);
    lines.push_back({name + ", rigorous radius", colour, "2 3", 1.5,
                     points_of(series, [](const Drift& d) { return d.radius_absolute; }), true});
    lines.push_back({name + ", median", colour, "6 4", 1.5,
                     points_of(series, [](const Drift& d) { return d.absolute.median; })});
    lines.push_back({name + ", largest", colour, "none", 2.5,
                     points_of(series, [](const Drift& d) { return d.absolute.largest; })});
  }
  return lines;
}

}  // namespace

std::string colour_of(std::size_t setup) {
  // Their lightness is the middle, to stand out from white and from black.
  static constexpr std::array colours{"#d9772b", "#3b8fd4", "#3aa36a", "#b067cc", "#b8901f",
                                      "#d4526e", "#3f9fa3", "#7c83d6", "#a0714f", "#8f9a2f"};
  return colours[setup % colours.size()];
}

std::string drift_picture(const Run& run, std::size_t quantity) {
  const auto lines = lines_of(run, quantity);
  Axis x, y;
  for (const Line& line : lines)
    for (const auto& [step, value] : line.points) {
      y.add(value);
      x.add(static_cast<double>(step));
    }
  if (y.empty()) return "";
  x.place(left, right);
  y.place(bottom, top);
  const auto& name = run.readings.front().series[quantity].quantity;
  std::string content = grid(x, y, name);
  for (const Line& line : lines) content += drawn(line, x, y);
  return svg(height, fmt::format("Distance of {} from exact against steps", name), content);
}

std::vector<Attribution::Share> shown_shares(const Reading& reading) {
  const Attribution& attribution = reading.series.front().attribution;
  std::vector<Attribution::Share> shown;
  for (const auto& share : attribution.shares)
    if (shown.size() < 8 && std::fabs(share.contribution) >= attribution.drift / 100)
      shown.push_back(share);
  return shown;
}

std::string attribution_picture(const Reading& reading, std::size_t colour,
                                const std::function<std::string(const std::string&)>& id_of) {
  const double drift = reading.series.front().attribution.drift;
  std::vector<std::pair<std::string, double>> bars;
  double least = 0, greatest = 0;
  std::size_t longest = 0;
  for (const auto& [source, contribution] : shown_shares(reading)) {
    const double percent = 100 * contribution / drift;
    bars.emplace_back(source, percent);
    least = std::min(least, percent);
    greatest = std::max(greatest, percent);
    longest = std::max(longest, source.size());
  }
  if (bars.empty()) return "";
  const double from = std::min(290.0, 14 + 6.4 * static_cast<double>(longest)), to = width - 62,
               row = 28;
  const auto at = [&](double percent) {
    return from + (percent - least) / (greatest - least) * (to - from);
  };
  std::string content = fmt::format("<path d=\"M{:.1f} 4V{:.0f}\" stroke=\"currentColor\"/>\n",
                                    at(0), 8 + row * static_cast<double>(bars.size()));
  double y = 8;
  for (const auto& [source, percent] : bars) {
    const auto id = id_of(source);
    const auto name =
        id.empty() ? escaped(source) : fmt::format("<a href=\"#{}\">{}</a>", id, escaped(source));
    content += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\" font-size=\"12\">{}</text><rect "
        "x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"18\" fill=\"{}\"/><text x=\"{:.1f}\" "
        "y=\"{:.1f}\">{:.3g} %</text>\n",
        from - 8, y + 15, name, std::min(at(0), at(percent)), y + 2, std::fabs(at(percent) - at(0)),
        colour_of(colour), std::max(at(0), at(percent)) + 4, y + 15, percent);
    y += row;
  }
  return svg(y + 8, "Shares in theta's drift", content);
}

}  // namespace truestep::drift
