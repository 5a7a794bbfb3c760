// SPDX-License-Identifier: Apache-2.0
#include "report_json.hpp"

namespace truestep::trial {

nlohmann::ordered_json as_json(const Report& report, bool strict,
                               const std::function<std::string(const std::string&)>& rerun) {
  using nlohmann::ordered_json;
  ordered_json all = {{"kernel", report.kernel},
                      {"rule", report.rule},
                      {"map", report.map},
                      {"format", word(report.format)},
                      {"seed", report.seed},
                      {"status", word(report.verdict(strict))},
                      {"conclusion", report.conclusion()},
                      {"runs", report.runs},
                      {"steps", report.claims},
                      {"teeth", report.teeth},
                      {"largest_share", report.largest_share},
                      {"farthest",
                       {{"u", report.farthest.u},
                        {"input", report.farthest.input},
                        {"rerun", rerun(report.farthest.only)}}},
                      {"sections", ordered_json::array()},
                      {"special", ordered_json::array()},
                      {"findings", ordered_json::array()},
                      {"unseen", report.unseen},
                      {"rerun", rerun("")}};
  for (const auto& [name, said] : report.sections)
    all["sections"].push_back({{"name", name}, {"said", said}});
  for (const auto& [input, outcome] : report.special)
    all["special"].push_back({{"input", input}, {"outcome", outcome}});
  for (const auto& each : report.findings)
    all["findings"].push_back({{"section", each.section},
                               {"kind", each.kind},
                               {"wrong", each.wrong},
                               {"text", each.text},
                               {"input", each.input},
                               {"rerun", rerun(each.only)}});
  return all;
}

}  // namespace truestep::trial
