// SPDX-License-Identifier: Apache-2.0
#include "picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <vector>

namespace truestep::drift {
namespace {

/// What gnuplot makes of a script, from its <svg on.
///
/// Its definitions of symbols would have the same ids in every picture; lines and boxes need none.
std::string drawn(const std::string& script) {
  const std::string command = "gnuplot <<'end of script'\n" + script + "end of script\n";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("gnuplot cannot be started");
  std::string svg;
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    svg.append(buffer.data(), n);
  const bool failed = pclose(pipe) != 0;
  const auto begin = svg.find("<svg"), definitions = svg.find("<defs>"), end = svg.find("</defs>");
  if (failed || begin == svg.npos || definitions == svg.npos || end == svg.npos)
    throw std::runtime_error("gnuplot failed to draw a picture");
  svg.erase(definitions, end + std::string("</defs>").size() - definitions);
  const std::string canvas = " id=\"gnuplot_canvas\"";
  svg.erase(svg.find(canvas), canvas.size());
  // Titles are gnuplot's own names of lines, which browsers would show.
  return "<svg role=\"img\"" + std::regex_replace(svg.substr(begin + std::string("<svg").size()),
                                                  std::regex("<title>[^<]*</title>"), "");
}

/// A number of a data block; on a logarithmic axis there is no other.
std::string positive(double x) {
  return std::isfinite(x) && x > 0 ? fmt::format("{}", x) : std::string("NaN");
}

struct Curve {
  const char* style;
  double (*of)(const Drift&);
};

constexpr Curve curves[] = {
    {"linewidth 2.5", [](const Drift& d) { return d.ulp.largest; }},
    {"linewidth 1.5 dashtype 2", [](const Drift& d) { return d.ulp.median; }},
    {"linewidth 2 dashtype 3", [](const Drift& d) { return d.radius; }}};

/// The decades that hold all positive values.
class Decades {
 public:
  void add(double x) {
    if (!std::isfinite(x) || x <= 0) return;
    least_ = std::min(least_, std::floor(std::log10(x)));
    greatest_ = std::max(greatest_, std::floor(std::log10(x)) + 1);
  }
  bool empty() const { return least_ > greatest_; }
  std::string range() const { return fmt::format("[1e{}:1e{}]", least_, greatest_); }
  /// So many that some ten labels result.
  double step() const { return std::pow(10, std::ceil((greatest_ - least_) / 10)); }

 private:
  double least_ = HUGE_VAL, greatest_ = -HUGE_VAL;
};

/// 1, 2 or 5 times a power of ten, of which three to eight make the span.
double round_step(double span) {
  const double power = std::pow(10, std::floor(std::log10(span)));
  return power * (span < 2 * power ? 0.5 : span < 5 * power ? 1 : 2);
}

std::string header(const std::string& name, int height) {
  return fmt::format(
      "set terminal svg size 480,{} dynamic font \"sans-serif,15\" name \"{}\"\n"
      "set border 3\nset tics nomirror\nset key off\n",
      height, name);
}

}  // namespace

void require_gnuplot() {
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
    throw std::runtime_error(
        "html needs gnuplot, which was not found: install gnuplot-nox (Debian, Ubuntu) or gnuplot");
}

std::string colour_of(std::size_t setup) {
  // Their lightness is the middle, to stand out from white and from black.
  static constexpr std::array colours{"#d9772b", "#3b8fd4", "#3aa36a",
                                      "#b067cc", "#b8901f", "#d4526e"};
  return colours[setup % colours.size()];
}

std::string drift_picture(const Run& run, std::size_t quantity, const std::string& name) {
  std::string data, plots;
  Decades decades;
  for (std::size_t i = 0; i < run.readings.size(); ++i) {
    const auto& drift = run.readings[i].series[quantity].drift;
    data += fmt::format("$setup{} << EOD\n", i);
    for (const Drift& d : drift) {
      data += fmt::format("{}", d.step);
      for (const Curve& curve : curves) data += " " + positive(curve.of(d));
      data += "\n";
    }
    data += "EOD\n";
    for (std::size_t column = 0; column < std::size(curves); ++column) {
      const auto& [style, of] = curves[column];
      Decades of_curve;
      for (const Drift& d : drift) {
        of_curve.add(of(d));
        decades.add(of(d));
      }
      if (of_curve.empty()) continue;
      plots += fmt::format("{}$setup{} using 1:{} with lines linecolor rgb \"{}\" {}",
                           plots.empty() ? "plot " : ", ", i, column + 2, colour_of(i), style);
    }
  }
  if (decades.empty()) return "";
  return drawn(header(name, 330) + data +
               fmt::format("set logscale xy\nset xrange [1:{}]\nset yrange {}\nset ytics {}\n"
                           "set format x \"%.0f\"\nset format y \"10^{{%T}}\"\nset mytics 1\n"
                           "set xlabel \"step\"\nset ylabel \"distance from exact, ulp\"\n",
                           std::max<std::uint64_t>(run.steps, 2), decades.range(), decades.step()) +
               plots + "\n");
}

std::string attribution_picture(const Reading& reading, std::size_t colour,
                                const std::string& name) {
  const Attribution& attribution = reading.series.front().attribution;
  std::string data, labels;
  std::size_t longest = 0;
  double least = 0, greatest = 0;
  int bars = 0;
  for (const auto& [source, contribution] : attribution.shares) {
    if (bars == 8 || !(std::fabs(contribution) >= attribution.drift / 100)) continue;
    const double percent = 100 * contribution / attribution.drift;
    data += fmt::format("{} {}\n", bars, percent);
    labels += fmt::format("{}\"{}\" {}", bars == 0 ? "" : ", ", source, bars);
    longest = std::max(longest, source.size());
    least = std::min(least, percent);
    greatest = std::max(greatest, percent);
    ++bars;
  }
  if (bars == 0) return "";
  // gnuplot leaves far more room than these letters take.
  const double margin = std::min(0.65, (20 + 7.5 * static_cast<double>(longest)) / 480);
  return drawn(header(name, 90 + 28 * bars) +
               fmt::format("$shares << EOD\n{}EOD\nset yrange [{}:-0.6]\n"
                           "set ytics ({}) scale 0 noenhanced font \",13\"\nset border 1\n"
                           "set lmargin at screen {}\nset xrange [{}:{}]\nset xtics {} out\n"
                           "set yzeroaxis linetype -1\n"
                           "set xlabel \"% of theta's drift\"\nset style fill solid\n"
                           "plot $shares using 2:1:(0):2:($1-0.35):($1+0.35) with boxxyerror "
                           "linecolor rgb \"{}\" notitle\n",
                           data, bars - 0.4, labels, margin, least, greatest,
                           round_step(greatest - least), colour_of(colour)));
}

}  // namespace truestep::drift
