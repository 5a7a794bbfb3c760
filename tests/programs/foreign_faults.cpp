// SPDX-License-Identifier: Apache-2.0
// Puts every planted fault of the suite under `truestep check`, as if it were somebody's kernel,
// and prints what is said of each in float32 and in float64.
//
//     truestep_foreign_faults [--slice K/N] [RULE ...]
//
// With --slice every Nth line alone, from the Kth on, counted from 0 in each rule.
// Exit status 0 if each is found, but for orders of operations, which no kernel may be accused of,
// and nothing is found of the rules without a fault; else 1.

#include <cstdio>
#include <iostream>
#include <rapidcheck.h>
#include <set>
#include <span>

#include "check/examine.hpp"
#include "check/faulty_kernel.hpp"

namespace truestep::test {
namespace {

using trial::Format;
using trial::Report;

/// What only equal bits tell from the rule: as sane as the order that the rule has.
const std::set<std::string> orders{"a rounding too few in v",    "a rounding too many in s",
                                   "a rounding too many in v",   "a rounding too many in the sum",
                                   "a product in another order", "beta1 rounded, then used"};

trial::Map declared(const Rule& rule, bool shows_ahead) {
  trial::Map map{rule.name, "lecture_note"};
  if (shows_ahead) map.set["nesterov"] = fast::NesterovForm::stored_point;
  return map;
}

/// Where no map fits: which of what is shown leaves the bound, without the numbers.
std::string left_of(const std::string& text) {
  const auto end = text.find("; no convention"), at = text.rfind(": ", end);
  return at == text.npos ? "all that is shown leaves it" : text.substr(at + 2, end - at - 2);
}

/// Without what depends on how pow is made, or on the last digits of a radius.
std::string text_of(const trial::Finding& finding) {
  if (finding.kind == "no_map") return left_of(finding.text);
  return finding.text.substr(0, finding.text.find(": a step is up to "));
}

/// The kinds of findings and what they say; "" of a kernel of which nothing is found.
std::string said(const Rule& rule, const Fault& fault, Format format, bool& is_wrong) {
  FaultyKernel kernel(rule, fault);
  const auto report = trial::examine(kernel, {.map = declared(rule, kernel.shows_ahead()),
                                              .format = format,
                                              .trials = 1,
                                              .only = "habits"});
  std::string all;
  for (const auto& each : report.findings) {
    is_wrong |= each.wrong;
    all += (all.empty() ? "" : "; ") + each.kind + ": " + text_of(each);
  }
  return report.undetermined.empty() ? all : all + "not determined: " + report.undetermined;
}

bool line(const Rule& rule, const Fault& fault) {
  bool is_wrong = false;
  const auto narrow = said(rule, fault, Format::float32, is_wrong);
  const auto wide = said(rule, fault, Format::float64, is_wrong);
  std::cout << rule.name << ',' << fault.where << ",\"" << fault.name << "\",\"" << narrow
            << "\",\"" << wide << "\"" << std::endl;
  const bool passes = fault.where == "nothing" || orders.contains(fault.name);
  return passes ? narrow.empty() && wide.empty() : is_wrong;
}

/// A rule's lines: those without a fault, and the faults.
std::vector<Fault> lines_of(const Suite& suite) {
  std::vector<Fault> all{{"none", "nothing", suite.shipped, {}}};
  if (!suite.shipped.single.rule.other_lanes.empty())
    all.push_back({"look-ahead as it should be", "nothing", suite.shipped, {}});
  all.insert(all.end(), suite.faults.begin(), suite.faults.end());
  return all;
}

int run(std::span<char* const> arguments) {
  rc::detail::configuration();  // RapidCheck announces it on first use
  unsigned first = 0, stride = 1;
  if (arguments.size() >= 2 && std::string(arguments[0]) == "--slice") {
    if (std::sscanf(arguments[1], "%u/%u", &first, &stride) != 2 || first >= stride) return 2;
    arguments = arguments.subspan(2);
  }
  bool as_it_should = true;
  for (const auto& suite : suites()) {
    const auto& rule = suite.shipped.single.rule;
    if (!arguments.empty() &&
        std::find(arguments.begin(), arguments.end(), rule.name) == arguments.end())
      continue;
    const auto all = lines_of(suite);
    for (std::size_t i = first; i < all.size(); i += stride) as_it_should &= line(rule, all[i]);
  }
  return as_it_should ? 0 : 1;
}

}  // namespace
}  // namespace truestep::test

int main(int argc, char** argv) {
  return truestep::test::run({argv + 1, static_cast<std::size_t>(argc - 1)});
}
