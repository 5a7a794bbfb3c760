// SPDX-License-Identifier: Apache-2.0
// The pages of the recorded PyTorch runs: they stand alone, are well formed, and their figures are
// those of the JSON.

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "audit.hpp"
#include "examples/every_rule.hpp"
#include "picture.hpp"
#include "report.hpp"
#include "runs/escaped.hpp"
#include "spelled.hpp"

namespace truestep::drift {
namespace {

using Json = nlohmann::json;

/// The first tag that closes what is not open, or what is left open; "" where all are in balance.
std::string unbalanced(const std::string& page) {
  static const std::regex tag(R"(<(/?)([a-zA-Z]+)[^>]*?(/?)>)");
  std::vector<std::string> open;
  for (std::sregex_iterator at(page.begin(), page.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2];
    if (name == "meta" || (*at)[3].length() > 0) continue;
    if ((*at)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return name;
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

bool loads_something(const std::string& page) {
  static const std::regex loaded(
      R"((src|href|srcset|data)\s*=\s*["']?(https?:|//|[\w./-]+\.(svg|png|css|js))|@import|url\()",
      std::regex::icase);
  return std::regex_search(page, loaded);
}

std::vector<std::string> ids(const std::string& page) {
  static const std::regex id(R"( id=["']([^"']*))");
  std::vector<std::string> all;
  for (std::sregex_iterator at(page.begin(), page.end(), id), end; at != end; ++at)
    all.push_back((*at)[1]);
  return all;
}

/// The first link to what is not on the page; "" where all lead somewhere.
std::string leads_nowhere(const std::string& page) {
  static const std::regex link(R"re(href="#([^"]*)")re");
  const auto known = ids(page);
  for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at)
    if (std::find(known.begin(), known.end(), (*at)[1]) == known.end()) return (*at)[1];
  return "";
}

/// How high the last point of a line is, which says so under the pointer.
double last_height(const std::string& picture, const std::string& line) {
  const std::regex point("cy=\"([0-9.]+)\"[^>]*><title>" + line + ": ");
  double height = 0;
  for (std::sregex_iterator at(picture.begin(), picture.end(), point), end; at != end; ++at)
    height = std::stod((*at)[1]);
  return height;
}

/// All set-ups are drawn in theta's unit: powers of ten are as far apart between any two. Heights
/// are told to 0.05.
void expect_one_axis(const drift::Run& run) {
  const auto picture = drift_picture(run, 0);
  std::vector<double> height, exponent;
  for (const Reading& reading : run.readings) {
    height.push_back(last_height(picture, reading.setup.name() + ", largest"));
    exponent.push_back(std::log10(reading.series[0].drift.back().absolute.largest));
  }
  ASSERT_EQ(height.size(), 3u);
  const double of_bfloat16 = exponent[2] - exponent[0], of_double = exponent[0] - exponent[1];
  EXPECT_GT(of_bfloat16, 2);
  EXPECT_LE(std::fabs((height[1] - height[0]) - (height[0] - height[2]) / of_bfloat16 * of_double),
            0.1 + 0.1 * of_double / of_bfloat16);
}

/// The figures of the tables, in their order, as JSON has them.
std::vector<Json> figures_of(const std::string& page) {
  static const std::regex figure(R"re(<data value="([^"]*)">)re");
  std::vector<Json> all;
  for (auto table = page.find("class=\"figures\""); table != page.npos;
       table = page.find("class=\"figures\"", table + 1)) {
    const auto end = page.begin() + static_cast<std::ptrdiff_t>(page.find("</table>", table));
    const auto begin = page.begin() + static_cast<std::ptrdiff_t>(table);
    for (std::sregex_iterator at(begin, end, figure), last; at != last; ++at) {
      const std::string value = (*at)[1];
      all.push_back(value.empty() ? Json() : Json(std::stod(value)));
    }
  }
  return all;
}

std::vector<Json> figures_of(const Json& audit) {
  std::vector<Json> all;
  for (const Json& run : audit.at("runs"))
    for (const Json& reading : run.at("readings"))
      for (const Json& quantity : reading.at("quantities"))
        for (const Json& drift : quantity.at("drift"))
          for (const char* figure :
               {"/error_ulp/largest", "/error_ulp/median", "/error_relative/largest",
                "/error_relative/median", "/rounding_ulp", "/coefficients_ulp", "/radius_ulp",
                "/error_over_radius"})
            all.push_back(drift.at(Json::json_pointer(figure)));
  return all;
}

std::size_t count(const std::string& page, const std::string& what) {
  std::size_t n = 0;
  for (auto at = page.find(what); at != page.npos; at = page.find(what, at + 1)) ++n;
  return n;
}

using examples::Trace;

std::vector<Trace> traces() {
  std::vector<Trace> all;
  fast::for_each_rule([&]<class Rule>() {
    for (const auto& trace : examples::traces_of<Rule>()) all.push_back(trace);
  });
  return all;
}

class Pages : public testing::TestWithParam<Trace> {
 protected:
  drift::Run audited() const {
    const auto& [name, rule, convention, given] = GetParam();
    const std::string folder = std::string(TRUESTEP_TRACES "/") + name;
    return audit({.rule = rule,
                  .workload = "",
                  .steps = 100,
                  .setups = {drift::Setup::all_in(named_format("format", "bfloat16"))},
                  .convention = convention,
                  .given = given,
                  .gradients = folder + "/grads.npy",
                  .parameters = folder + "/params.npy"},
                 [](std::uint64_t) { return true; });
  }
};

TEST_P(Pages, StandAloneWithTheFiguresOfTheJson) {
  const std::vector<drift::Run> runs{audited()};
  EXPECT_TRUE(runs.front().checks().passed());
  EXPECT_EQ(runs.front().steps, 100u);
  const std::string page = html(runs, judged(runs, {}),
                                {.rerun = "truestep audit --rule <this & that>",
                                 .date = "2026-02-03 04:05 UTC",
                                 .machine = "a <machine>"});
  std::ofstream(fmt::format(TRUESTEP_PAGES "/{}.html", GetParam().name)) << page;

  EXPECT_EQ(unbalanced(page), "");
  EXPECT_FALSE(loads_something(page));
  EXPECT_NE(page.find("--rule &lt;this &amp; that&gt;"), page.npos);
  auto all_ids = ids(page);
  std::sort(all_ids.begin(), all_ids.end());
  EXPECT_EQ(std::adjacent_find(all_ids.begin(), all_ids.end()), all_ids.end());
  for (const char* said :
       {", 2026-02-03 04:05 UTC, a &lt;machine&gt;</p>",
        "<dt>date</dt><dd>2026-02-03 04:05 UTC</dd>", "<dt>machine</dt><dd>a &lt;machine&gt;</dd>"})
    EXPECT_NE(page.find(said), page.npos) << said;
  // Where a page has to be the same again it says nothing of the machine.
  const auto again = html(runs, judged(runs, {}), {.rerun = "", .date = "2026-02-03 04:05 UTC"});
  EXPECT_EQ(again.find("machine</dt>"), again.npos);
  EXPECT_EQ(again.find("speed</dt>"), again.npos);
  EXPECT_EQ(leads_nowhere(page), "");
  for (const auto& reading : runs.front().readings)
    for (const auto& share : shown_shares(reading))
      if (reading.step->operation(share.source)) {
        EXPECT_NE(page.find("\">" + share.source + "</a></text>"), page.npos) << share.source;
        EXPECT_NE(
            page.find(escaped(Spelling(*reading.step).of(*reading.step->operation(share.source))) +
                      "</a>"),
            page.npos)
            << share.source;
      }
  // The first that is said is the verdict on what was asked for, in its own colour.
  const auto verdict = judged(runs, {}).of_setups.back().verdict;
  EXPECT_NE(verdict, Verdict::safe);
  const std::string headline = fmt::format("<p class=\"verdict {}\">bfloat16 ",
                                           verdict_names[static_cast<std::size_t>(verdict)]);
  EXPECT_EQ(page.find("<p class=\"verdict"), page.find(headline)) << headline;
  expect_one_axis(runs.front());
  const std::size_t pictures = runs.front().readings.front().series.size() + 3;
  EXPECT_EQ(count(page, "<figure>"), pictures);
  EXPECT_EQ(count(page, "<svg"), pictures);

  // The first table has a line for each set-up, whose cells say what they are where it is narrow.
  for (const char* column : {"verdict", "theta", "updates lost", "bytes a parameter"})
    EXPECT_EQ(count(page, fmt::format("data-of=\"{}\"", column)), runs.front().readings.size());

  const auto shown = figures_of(page);
  EXPECT_FALSE(shown.empty());
  EXPECT_EQ(shown, figures_of(Json::parse(json(runs, judged(runs, {}), ""))));

  // A figure that is changed is seen.
  auto changed = runs;
  changed.front().readings.back().series.front().drift.back().ulp.largest += 1;
  EXPECT_NE(shown, figures_of(Json::parse(json(changed, judged(changed, {}), ""))));
}

INSTANTIATE_TEST_SUITE_P(OfTraces, Pages, testing::ValuesIn(traces()), [](const auto& instance) {
  std::string name = instance.param.name;
  std::erase(name, '-');
  return name;
});

/// Each of the checks above sees the fault that it is for.
TEST(PageChecks, SeeFaults) {
  const std::string page =
      "<html><body><p id=\"a\">x</p><table class=\"figures\"><td><data "
      "value=\"0.5\">0.5</data></td></table></body></html>";
  EXPECT_EQ(unbalanced(page), "");
  EXPECT_EQ(unbalanced("<p><b>x</p>"), "p");
  EXPECT_EQ(unbalanced("<p>x"), "p");
  EXPECT_EQ(unbalanced("<p>x</p></b>"), "b");
  EXPECT_FALSE(loads_something(page));
  EXPECT_TRUE(loads_something("<img src=\"https://example.org/x\">"));
  EXPECT_TRUE(loads_something("<use xlink:href='http://example.org/x'/>"));
  EXPECT_TRUE(loads_something("<img src='picture.svg'>"));
  EXPECT_EQ(ids("<p id=\"a\"><g id='b'>"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(figures_of(page), std::vector<Json>{0.5});
  EXPECT_EQ(leads_nowhere("<p id=\"a\"><a href=\"#a\">"), "");
  EXPECT_EQ(leads_nowhere("<p id=\"a\"><a href=\"#b\">"), "b");
}

}  // namespace
}  // namespace truestep::drift
