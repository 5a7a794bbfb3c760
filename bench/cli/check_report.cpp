// SPDX-License-Identifier: Apache-2.0
#include "check_report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "check/report_json.hpp"
#include "runs/escaped.hpp"
#include "runs/json_text.hpp"
#include "runs/version.hpp"
#include "source.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

using trial::Finding;
using trial::Report;

/// Prints and writes a report.
class Shown {
 public:
  Shown(const Report& report, const ReportOptions& options, const std::string& command,
        const Invocation& invocation)
      : report_(report), options_(options), command_(command), invocation_(invocation) {}

  std::string json() const {
    auto all = nlohmann::ordered_json{{"version", version()}};
    all.update(trial::as_json(report_, options_.strict,
                              [this](const std::string& only) { return rerun(only); }));
    if (!options_.note.empty()) all["note"] = options_.note;
    if (options_.speed) all["speed"] = json_of(*options_.speed);
    return json_text(all);
  }

  std::string text() const {
    const auto width = terminal::width();
    std::string all = terminal::bold(terminal::wrapped(report_.conclusion(), width)) + "\n";
    if (!options_.note.empty()) all += terminal::wrapped(options_.note, width) + "\n";
    if (!report_.unseen.empty())
      all += terminal::wrapped("Not seen from here: " + report_.unseen, width, 2) + "\n";
    all += "\n";
    for (const auto& [name, said] : report_.sections)
      all += fmt::format("{:<9} {:<6} {}\n", name, verdict_of(name, said),
                         terminal::wrapped(said, width, indent, indent));
    for (const auto& [input, outcome] : report_.special)
      all +=
          fmt::format("  {}: {}\n", input, terminal::wrapped(outcome, width, 4, input.size() + 4));
    for (const auto& line : speed_lines())
      all += fmt::format("{:<16} {}\n", "speed", terminal::wrapped(line, width, indent, indent));
    for (const auto& each : report_.findings) all += text_of(each, width);
    return all + fmt::format("\nRerun: {}\n", rerun(""));
  }

  std::string markdown() const {
    std::string all = fmt::format("## {}\n\n{}\n\n| section | | |\n|---|---|---|\n", report_.kernel,
                                  in_cell(report_.conclusion()));
    for (const auto& [name, said] : report_.sections)
      all += fmt::format("| {} | {} | {} |\n", name, verdict_of(name, said), in_cell(said));
    for (const auto& [input, outcome] : report_.special)
      all += fmt::format("| {} | | {} |\n", input, in_cell(outcome));
    if (!report_.unseen.empty())
      all += fmt::format("\nNot seen from here: {}.\n", in_cell(report_.unseen));
    for (const auto& line : speed_lines()) all += fmt::format("\nSpeed: {}.\n", in_cell(line));
    for (const auto& each : report_.findings) {
      all += fmt::format("\n{}: {}\n\n```text\n", each.wrong ? "**Fault**" : "Noted",
                         in_cell(each.text));
      for (const auto& line : each.input) all += line + "\n";
      all += fmt::format("rerun: {}\n```\n", rerun(each.only));
    }
    return all;
  }

  std::string junit() const {
    const auto failures = std::count_if(report_.findings.begin(), report_.findings.end(),
                                        [&](const auto& each) { return fails(each); });
    std::string all = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
        "failures=\"{}\">\n",
        escaped(report_.kernel), report_.sections.size() + report_.findings.size(), failures);
    const auto begin = [&](const std::string& section, const std::string& name) {
      all += fmt::format("  <testcase classname=\"{}.{}\" name=\"{}\">\n", escaped(report_.kernel),
                         escaped(section), escaped(name));
    };
    for (const auto& [name, said] : report_.sections) {
      begin(name, name);
      all += fmt::format("    <system-out>{}</system-out>\n  </testcase>\n", escaped(said));
    }
    for (const auto& each : report_.findings) {
      begin(each.section, each.kind);
      std::string more;
      for (const auto& line : each.input) more += line + "\n";
      more += "rerun: " + rerun(each.only) + "\n";
      all += fails(each) ? fmt::format("    <failure message=\"{}\">{}</failure>\n",
                                       escaped(each.text), escaped(more))
                         : fmt::format("    <system-out>{}\n{}</system-out>\n", escaped(each.text),
                                       escaped(more));
      all += "  </testcase>\n";
    }
    return all + "</testsuite>\n";
  }

  ExitStatus status() const {
    switch (report_.verdict(options_.strict)) {
      case Report::Verdict::right:
        return yes;
      case Report::Verdict::wrong:
        return no;
      case Report::Verdict::undetermined:
        break;
    }
    return undetermined;
  }

 private:
  static constexpr std::size_t indent = 17;

  std::vector<std::string> speed_lines() const {
    return options_.speed ? trial::lines(*options_.speed) : std::vector<std::string>();
  }

  static nlohmann::ordered_json json_of(const trial::Ratio& ratio) {
    return {{"low", ratio.low}, {"middle", ratio.middle}, {"high", ratio.high}};
  }
  static nlohmann::ordered_json json_of(const trial::Speed& speed) {
    nlohmann::ordered_json all = {{"timings", nlohmann::ordered_json::array()},
                                  {"undetermined", speed.undetermined}};
    for (const auto& each : speed.timings) {
      nlohmann::ordered_json its = {{"length", each.length},
                                    {"ns", each.kernel},
                                    {"roof_ns", each.roof},
                                    {"to_roof", json_of(each.to_roof)}};
      if (each.ours) its.update({{"ours_ns", *each.ours}, {"to_ours", json_of(*each.to_ours)}});
      all["timings"].push_back(its);
    }
    return all;
  }

  bool fails(const Finding& each) const { return each.wrong || options_.strict; }

  std::string verdict_of(const std::string& section, const std::string& said) const {
    std::string word = said.starts_with("not determined") ? "open" : "good";
    for (const auto& each : report_.findings) {
      if (each.section != section) continue;
      if (each.wrong) return "FAULT";
      word = "noted";
    }
    return word;
  }

  std::string rerun(const std::string& only) const {
    return rerun_of(command_, invocation_,
                    only.empty() || !options_.only.empty() ? "" : "--only " + only);
  }

  std::string text_of(const Finding& each, std::size_t width) const {
    const std::string lead = each.wrong ? "Fault" : "Noted";
    std::string all =
        "\n" + terminal::wrapped(fmt::format("{} ({}): {}", lead, each.kind, each.text), width, 2) +
        "\n";
    for (const auto& line : each.input) all += "  " + terminal::wrapped(line, width, 19, 2) + "\n";
    return all + "  " + terminal::wrapped("rerun: " + rerun(each.only), width, 4, 2) + "\n";
  }

  const Report& report_;
  const ReportOptions& options_;
  const std::string& command_;
  const Invocation& invocation_;
};

}  // namespace

void ReportOptions::add_to(CLI::App& app) {
  app.add_flag("--strict", strict, "What is noted counts as a fault")->group("Output");
  auto* const as_json = app.add_flag("--json", json, "Print one JSON object and nothing else");
  as_json->group("Output");
  app.add_flag("--markdown", markdown, "Print the report for a page")
      ->excludes(as_json)
      ->group("Output");
  app.add_option("--junit", junit, "Write the report for a build server to FILE")
      ->type_name("FILE")
      ->group("Output");
}

void ReportOptions::open(std::vector<NamedFile> read) {
  read.push_back({"junit", junit, true});
  require_distinct(read);
  if (!junit.empty()) junit_file.emplace("junit", junit);
}

ExitStatus show(const Report& report, const ReportOptions& options, const std::string& command,
                const Invocation& invocation) {
  const Shown shown(report, options, command, invocation);
  if (options.junit_file) options.junit_file->write(shown.junit());
  print(options.json ? shown.json() : options.markdown ? shown.markdown() : shown.text());
  return shown.status();
}

}  // namespace truestep
