// SPDX-License-Identifier: Apache-2.0
#include "committed.hpp"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace truestep::test {
namespace {

std::string at(const Worst& worst) {
  char text[32];
  std::snprintf(text, sizeof text, "%a", double{std::bit_cast<float>(worst.gradient)});
  return digits(worst.figure) + " " + text;
}

std::istream& operator>>(std::istream& words, Worst& worst) {
  std::string figure, gradient;
  words >> figure >> gradient;
  worst = {std::strtod(figure.c_str(), nullptr),
           std::bit_cast<std::uint32_t>(std::strtof(gradient.c_str(), nullptr))};
  return words;
}

}  // namespace

std::string digits(double figure) {
  constexpr double resolution = 0x1p-60;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", figure < resolution ? 0 : figure);
  return text;
}

std::string line(const Record& record) {
  const Finding& finding = record.finding;
  std::ostringstream text;
  text << record.rule << " " << record.slice << " " << record.situation << " " << finding.quantity
       << " " << finding.covered << " " << finding.underflowed << " " << finding.overflowed << " "
       << finding.proved << " " << at(finding.in_bound) << " " << at(finding.in_ulp) << " "
       << at(finding.in_ulp_below);
  return text.str();
}

std::string contradiction(const Record& found) {
  static const auto all = committed_records();
  for (const Record& committed : all)
    if (committed.rule == found.rule && committed.slice == found.slice &&
        committed.situation == found.situation &&
        committed.finding.quantity == found.finding.quantity && line(committed) != line(found))
      return line(committed);
  return "";
}

std::vector<Record> committed_records() {
  std::ifstream file(TRUESTEP_KNOWN_ANSWERS "/exhaustive.txt");
  std::vector<Record> all;
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    Record read;
    Finding& finding = read.finding;
    words >> read.rule >> read.slice >> read.situation >> finding.quantity >> finding.covered >>
        finding.underflowed >> finding.overflowed >> finding.proved >> finding.in_bound >>
        finding.in_ulp >> finding.in_ulp_below;
    all.push_back(read);
  }
  return all;
}

}  // namespace truestep::test
