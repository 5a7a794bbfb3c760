// SPDX-License-Identifier: Apache-2.0
#include "matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include "report.hpp"
#include "runs/escaped.hpp"

namespace truestep::drift {
namespace {

struct Cell {
  std::string attributes, content;
};

/// 0 where a relative error is that of double, 1 where no digit is left.
double heat(double relative) {
  if (std::isnan(relative)) return 0;
  return std::clamp(1 + std::log10(std::max(relative, 1e-16)) / 16, 0.0, 1.0);
}

Cell error_of(const Series& series) {
  const double relative = series.drift.back().relative.median;
  return {fmt::format(" style=\"--heat:{:.3f}\"", heat(relative)), data(relative)};
}

/// @param columns  what each cell of a line is
std::string table(const std::vector<std::string>& columns,
                  const std::vector<std::vector<Cell>>& lines) {
  std::string text = "<table class=\"map\"><thead><tr>";
  for (const auto& column : columns) text += fmt::format("<th>{}</th>", column);
  text += "</tr></thead><tbody>\n";
  for (const auto& line : lines) {
    text += fmt::format("<tr><td>{}</td>", line.front().content);
    for (std::size_t i = 1; i < line.size(); ++i)
      text += fmt::format("<td data-of=\"{}\"{}>{}</td>", columns[i], line[i].attributes,
                          line[i].content);
    text += "</tr>\n";
  }
  return text + "</tbody></table>";
}

std::string of_setups(const Run& run, const Criteria& criteria) {
  std::vector<std::string> columns{"set-up", "verdict"};
  for (const Series& series : run.readings.front().series) columns.push_back(series.quantity);
  columns.insert(columns.end(), {"farthest", "updates lost", "bytes a parameter"});
  std::vector<std::vector<Cell>> lines;
  for (std::size_t i = 0; i < run.readings.size(); ++i) {
    const Reading& reading = run.readings[i];
    const Verdict verdict = verdict_on(run, i, criteria);
    std::vector<Cell> line{
        {"", escaped(reading.setup.name())},
        {fmt::format(" class=\"{}\"", verdict_names[static_cast<std::size_t>(verdict)]),
         words_of(verdict)}};
    for (const Series& series : reading.series) line.push_back(error_of(series));
    const double far = reading.farthest.of_reach;
    line.push_back({fmt::format(" style=\"--heat:{:.3f}\"", heat(far)), data(far)});
    const Updates& updates = reading.series.front().updates;
    line.push_back({"", percent(updates.lost, updates.exact)});
    line.push_back(
        {"", fmt::format("{:.4g}", reading.setup.bytes_per_parameter(reading.series.size() - 1))});
    lines.push_back(line);
  }
  return table(columns, lines);
}

/// A cell that says what is to be thought of it, where that is not good.
Cell judged_error_of(const Run& run, std::size_t reading, const Criteria& criteria) {
  Cell cell = error_of(run.readings[reading].series.front());
  const Verdict verdict = verdict_on(run, reading, criteria);
  if (verdict != Verdict::safe) cell.content.append(" ").append(words_of(verdict));
  return cell;
}

std::string of_runs(std::span<const Run> runs, const Criteria& criteria) {
  std::vector<std::string> columns{"rule and workload"};
  for (const Reading& reading : runs.front().readings)
    columns.push_back(escaped(reading.setup.name()));
  std::vector<std::vector<Cell>> lines;
  for (const Run& run : runs) {
    std::vector<Cell> line{{"", fmt::format("{} on {}", run.rule, marked_up(run.workload))}};
    for (std::size_t i = 0; i < run.readings.size(); ++i)
      line.push_back(judged_error_of(run, i, criteria));
    lines.push_back(line);
  }
  return table(columns, lines);
}

}  // namespace

std::string marked_up(const std::string& text) {
  constexpr std::string_view arrow = "-&gt;";
  std::string all = escaped(text);
  for (auto at = all.find(arrow); at != all.npos; at = all.find(arrow, at))
    all.replace(at, arrow.size(), "&rarr;");
  return all;
}

std::string data(double x) {
  return fmt::format("<data value=\"{}\">{}</data>",
                     std::isfinite(x) ? fmt::format("{}", x) : std::string(), number(x));
}

std::string matrix_section(std::span<const Run> runs, const Criteria& criteria) {
  const bool is_one = runs.size() == 1;
  return fmt::format(
      "<section id=\"map\"><h2>{}</h2>\n<p class=\"quiet\">Median relative error{} after the last "
      "step{}; the warmer, the fewer digits are left.</p>\n<div "
      "class=\"wide\">{}</div></section>\n",
      is_one ? "Set-up by quantity" : "Rule by set-up", is_one ? "" : " of theta",
      is_one ? ", and how far the farthest coordinate of theta is off, of its reach" : "",
      is_one ? of_setups(runs.front(), criteria) : of_runs(runs, criteria));
}

}  // namespace truestep::drift
