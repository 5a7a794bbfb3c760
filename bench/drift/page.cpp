// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/target.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "matrix.hpp"
#include "picture.hpp"
#include "report.hpp"
#include "step_markup.hpp"
#include "runs/escaped.hpp"
#include "runs/version.hpp"

namespace truestep::drift {
namespace {

constexpr const char* style = R"(<style>
:root{color-scheme:light dark;--ground:#fff;--text:#1d2430;--quiet:#5b6573;--line:#d8dde4;--card:#f5f7f9;--good:#1f7a45;--bad:#b3261e;--loss:#9a5b00;--drift:#7a5ea8;--stray:#b0328a;--mark:#ffe9a8}
@media(prefers-color-scheme:dark){:root{--ground:#14181e;--text:#e3e7ed;--quiet:#9aa5b3;--line:#333b46;--card:#1c222a;--good:#5fc48a;--bad:#ff8a80;--loss:#e0a64b;--drift:#b79ce6;--stray:#f08ccb;--mark:#5a4a12}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,sans-serif}
main{max-width:68rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .25rem}
p,li,dd{max-width:46rem}
li{margin:.5rem 0}
.verdict{font-weight:600;padding-left:.75rem;border-left:.3rem solid}
.good,.safe{color:var(--good)}.bad,.breaks{color:var(--bad)}.loses_updates{color:var(--loss)}.drifts{color:var(--drift)}.strays{color:var(--stray)}
.quiet,figcaption{color:var(--quiet);font-size:.875rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
thead th{white-space:normal;vertical-align:bottom;color:var(--quiet);font-weight:500}
.map td:first-child,.others td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:9rem}
.map td[style]{background:rgb(217 119 43/calc(var(--heat)*.75))}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem}
figure{margin:0;padding:.75rem;background:var(--card);border-radius:.5rem}
figure svg{display:block;width:100%;max-width:34rem;height:auto}
circle:hover{fill-opacity:.5}
a{color:inherit;text-decoration-color:var(--quiet);text-underline-offset:.15em}
.step dt,.step dd{font:.875rem/1.6 ui-monospace,monospace}.step dd{overflow-wrap:anywhere}
.step span:hover,:target{background:var(--mark)}
.words td{white-space:normal;text-align:left;vertical-align:top}.words td:first-child{white-space:nowrap;text-align:right}
.key{display:flex;flex-wrap:wrap;gap:0 1.25rem}.key b{font-weight:400}.key b:before{content:"";display:inline-block;width:1.5em;margin-right:.4em;vertical-align:middle;border-top:3px solid var(--of)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem;background:var(--card);border-radius:.5rem}
summary{cursor:pointer;margin:1rem 0 .5rem}
@media(max-width:40rem){.map,.map tbody{display:block}.map thead{display:none}
.map tr{display:grid;grid-template-columns:1fr 1fr;gap:0 .75rem;margin-bottom:.75rem}
.map td{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 .5rem;padding:.3rem}.map td:before{content:attr(data-of);color:var(--quiet);overflow-wrap:anywhere}
.map td[style]:before{color:inherit}
.map td:first-child{display:block;grid-column:1/-1;font-weight:600}.map td:first-child:before{content:none}}
@media(max-width:30rem){dl:not(.step){grid-template-columns:1fr}dl:not(.step) dd{margin-bottom:.4rem}.step{gap:.15rem .75rem}}
@media print{:root{color-scheme:light;--ground:#fff;--text:#1d2430;--quiet:#5b6573;--line:#d8dde4;--card:#f5f7f9;--good:#1f7a45;--bad:#b3261e;--loss:#9a5b00;--drift:#7a5ea8;--stray:#b0328a}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}figure,tr,.verdict{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}.figures{font-size:.6rem}}
</style>
)";

constexpr const char* glossary = R"(<section id="reading"><h2>How to read this</h2>
<dl>
<dt>exact</dt><dd>the rule's formula, evaluated in so many digits that its own rounding does not show</dd>
<dt>distance, error</dt><dd>how far the set-up's value of a quantity is from the exact one after the same steps</dd>
<dt>ulp</dt><dd>the spacing of the set-up's format at the exact value; near zero it is tiny, and the same distance many of them</dd>
<dt>relative</dt><dd>the distance over the exact value; above 1 where that is nearly 0</dd>
<dt>farthest</dt><dd>the distance of the farthest coordinate of theta over its reach: the largest of how large it began and is, exactly, and of how far its exact steps have carried it one after another. Beyond 1 it is worse than if it had never moved, or were 0</dd>
<dt>radius</dt><dd>a bound that no error of the kernel can exceed, by running-error analysis along with the run</dd>
<dt>rounding</dt><dd>the part of an error, in ulp, that comes from rounding operations, gradients and what is stored</dd>
<dt>coefficients</dt><dd>the part that comes from rounding coefficients, such as 1 - beta, and from the step counter</dd>
<dt>of radius</dt><dd>the largest error over its radius so far: above 1, kernel, formula or bound would be wrong</dd>
<dt>theta, the others</dt><dd>the parameters, and the states that the rule keeps beside them</dd>
<dt>largest, median</dt><dd>over all coordinates</dd>
</dl></section>
)";

struct ShownColumn {
  const char* name;
  double (*of)(const Drift&);
};

constexpr ShownColumn shown_columns[] = {
    {"error, ulp: largest", [](const Drift& d) { return d.ulp.largest; }},
    {"median", [](const Drift& d) { return d.ulp.median; }},
    {"relative: largest", [](const Drift& d) { return d.relative.largest; }},
    {"median", [](const Drift& d) { return d.relative.median; }},
    {"rounding, ulp", [](const Drift& d) { return d.rounding; }},
    {"coefficients, ulp", [](const Drift& d) { return d.coefficients; }},
    {"radius, ulp", [](const Drift& d) { return d.radius; }},
    {"of radius", [](const Drift& d) { return d.closest; }}};

std::string rules_of(std::span<const Run> runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    if (names.empty() || names.back() != run.rule) names.push_back(run.rule);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string verdict(std::span<const Run> runs) {
  Checks checks;
  bool interrupted = false;
  for (const Run& run : runs) {
    checks += run.checks();
    interrupted |= run.interrupted;
  }
  std::string text =
      !checks.passed()
          ? fmt::format(
                "<p class=\"verdict bad\">{} of {} errors left their rigorous "
                "radius, {} bits were not the kernel's, {} errors left the "
                "bound of a theorem.</p>\n",
                checks.exceeded, checks.compared, checks.other_bits, checks.beyond_theorem)
      : checks.compared > 0
          ? fmt::format(
                "<p class=\"verdict good\">All {} errors of the kernels in float and "
                "double stayed within their rigorous radius.</p>\n",
                checks.compared)
          : std::string(
                "<p class=\"verdict\">No error has a radius here, as no kernel runs, each set-up "
                "takes its own gradients, or no column of a first look's sample is among "
                "these.</p>\n");
  if (interrupted)
    text += "<p class=\"verdict bad\">Interrupted: this is what the steps done so far show.</p>\n";
  return text;
}

/// Each in its colour; safe float and double are not worth a line.
std::string verdicts_of(const Judgements& judgements) {
  std::string text;
  for (const Judgement& each : judgements.of_setups)
    if (each.is_asked_for || each.verdict != Verdict::safe)
      text += fmt::format("<p class=\"verdict {}\">{}</p>\n",
                          verdict_names[static_cast<std::size_t>(each.verdict)],
                          marked_up(each.sentence));
  const auto recommended = judgements.recommendation();
  if (!recommended.empty())
    text += fmt::format("<p class=\"verdict\">{}</p>\n", escaped(recommended));
  return text;
}

std::string criteria_section(const Criteria& criteria) {
  return fmt::format(
      "<details><summary>When a verdict falls</summary>\n<dl><dt>breaks</dt><dd>theta or a state "
      "becomes infinite or NaN</dd>\n<dt>strays</dt><dd>the farthest coordinate of theta is off by "
      "more than {:g} times its reach (far), the largest of how large it began and is, exactly, "
      "and "
      "of how far its exact steps have carried it; at 1 it is worse than if it had never moved, or "
      "were 0</dd>\n<dt>loses updates</dt><dd>at least {:g} of theta's moves (lost) did not move "
      "it, "
      "and half of theta is off by more than {:g} of itself (off); not where what is lost is kept "
      "beside theta, or theta is rounded at random</dd>\n<dt>drifts</dt><dd>half of theta is off "
      "by "
      "more than {:g} of itself (drift)</dd>\n<dt>safe</dt><dd>none of these</dd></dl>\n<p "
      "class=\"quiet\">--criteria changes the numbers.</p></details>\n",
      criteria.far, criteria.lost, criteria.off, criteria.drift);
}

std::string findings_section(std::span<const Run> runs) {
  std::string text =
      "<section id=\"findings\"><h2>What was found</h2>\n<details><summary>By set-up, in "
      "words</summary>\n<ul>\n";
  for_each_rule(runs, [&](std::span<const Run> of_rule) {
    std::istringstream lines(findings(of_rule));
    for (std::string line; std::getline(lines, line);)
      text += fmt::format("<li>{}</li>\n", marked_up(line));
  });
  return text + "</ul></details></section>\n";
}

std::string score_of(const Score& score) {
  return fmt::format(
      "loss {}{}", std::isnan(score.loss) ? "NaN" : fmt::format("{:.4g}", score.loss),
      score.accuracy ? fmt::format(", accuracy {:.1f} %", 100 * *score.accuracy) : std::string());
}

std::string circumstances(const Run& run) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : run.hyperparameters)
    settings.push_back(fmt::format("{} = {}", name, value));
  std::string text = fmt::format(
      "<dl><dt>workload</dt><dd>{}, {} parameters, {} steps{}</dd>\n"
      "<dt>convention</dt><dd>{}</dd>\n<dt>hyperparameters</dt><dd>{}</dd>\n<dt>gradients</"
      "dt><dd>{}</dd>\n",
      marked_up(run.workload), run.parameters, run.steps,
      run.interrupted ? ", then interrupted" : "", escaped(run.typed), fmt::join(settings, ", "),
      run.closed_loop ? "closed loop: each set-up takes the gradient at its own point"
                      : "open loop: all set-ups take the same");
  if (run.before) text += fmt::format("<dt>at the start</dt><dd>{}</dd>\n", score_of(*run.before));
  for (const Reading& reading : run.readings)
    if (reading.after)
      text += fmt::format("<dt>after, {}</dt><dd>{}</dd>\n", escaped(reading.setup.name()),
                          score_of(*reading.after));
  for (const auto& note : run.notes)
    text += fmt::format("<dt>to know</dt><dd>{}</dd>\n", escaped(note));
  return text + "</dl>\n";
}

std::string figure(const std::string& picture, const std::string& caption,
                   const std::string& otherwise) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", picture,
                     picture.empty() ? otherwise : caption);
}

std::string drift_figures(const Run& run) {
  std::string text = "<h3>Drift against step</h3>\n<p class=\"key\">";
  for (std::size_t i = 0; i < run.readings.size(); ++i)
    text += fmt::format("<b style=\"--of:{}\">{}</b>", colour_of(i),
                        escaped(run.readings[i].setup.name()));
  text += "</p>\n<div class=\"grid\">\n";
  for (std::size_t quantity = 0; quantity < run.readings.front().series.size(); ++quantity) {
    const Series& series = run.readings.front().series[quantity];
    std::string caption = fmt::format(
        "Distance of {} from exact, in its own unit. Solid: the largest, dashed: the median "
        "coordinate{}{}. A point says its number; a line ends where "
        "values are infinite or NaN.",
        series.quantity,
        series.drift.back().radius > 0 ? "; shaded: the rigorous radius of float and double" : "",
        quantity == 0 && !run.others.empty() ? "; grey dots: the nearest other conventions, exact"
                                             : "");
    const Drift& last = series.drift.back();
    if (!std::isnan(last.theorem))
      caption += fmt::format(
          " A drift theorem bounds {} in float by {} for these gradients; at most {} of that is "
          "reached.",
          series.quantity, number(last.theorem), number(last.of_theorem));
    text += figure(drift_picture(run, quantity), caption,
                   fmt::format("{} is exact throughout.", series.quantity));
  }
  return text + "</div>\n";
}

std::string attribution_figures(const Run& run, const StepMarkup& step) {
  std::string text =
      "<h3>Where the drift of theta comes from</h3>\n<p class=\"quiet\">After the last step, added "
      "up over the coordinates in the direction of each one's drift: below 0, a source cancels "
      "others. Each source leads to where it stands in the step above.</p>\n<div "
      "class=\"grid\">\n";
  for (std::size_t i = 0; i < run.readings.size(); ++i) {
    const Reading& reading = run.readings[i];
    const std::string name = escaped(reading.setup.name());
    const auto& attribution = reading.series.front().attribution;
    const auto picture = attribution_picture(
        reading, i, [&](const std::string& source) { return step.id_of(reading, source); });
    text += figure(picture, name + left_out_of(attribution) + step.shares_in_words(reading),
                   fmt::format("{}: {}.", name, unattributed(reading.series.front())));
  }
  return text + "</div>\n";
}

std::string proportion(const Run& run) {
  if (run.others.empty()) return "";
  std::string text = fmt::format(
      "<h3>In proportion</h3>\n<p class=\"quiet\">Float's theta is at most {} from exact in the "
      "end. This is how far other conventions of the rule are from this one on the same gradients, "
      "with the same numbers and without any rounding.</p>\n<div class=\"wide\"><table "
      "class=\"others\"><thead><tr><th>conventions</th><th>largest distance of "
      "theta</th><th>times float's drift</th></tr></thead><tbody>\n",
      data(run.float_drift));
  for (const Other& other : others_by_distance(run))
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        fmt::join(other.conventions, ", "), data(other.distance),
                        times_drift(run, other));
  return text + "</tbody></table></div>\n";
}

std::string figures_table(const Run& run) {
  std::string text =
      "<details><summary>All figures</summary>\n<div class=\"wide\"><table "
      "class=\"figures\"><thead><tr><th>set-up</th><th>quantity</th><th>step</th>";
  for (const ShownColumn& column : shown_columns) text += fmt::format("<th>{}</th>", column.name);
  text += "</tr></thead><tbody>\n";
  for (const Reading& reading : run.readings)
    for (const Series& series : reading.series)
      for (const Drift& drift : series.drift) {
        text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td>", escaped(reading.setup.name()),
                            series.quantity, drift.step);
        for (const ShownColumn& column : shown_columns)
          text += fmt::format("<td>{}</td>", data(column.of(drift)));
        text += "</tr>\n";
      }
  return text + "</tbody></table></div></details>\n";
}

/// With which program, when and where; what is not known is left out.
std::string origin(const Provenance& provenance) {
  std::string text = fmt::format("truestep {}", version());
  for (const auto& part : {provenance.date, provenance.machine})
    if (!part.empty()) text += ", " + escaped(part);
  return text;
}

std::string rerun_section(std::span<const Run> runs, const Provenance& provenance) {
  std::string text = fmt::format(
      "<section id=\"rerun\"><h2>Run it again</h2>\n<pre>{}</pre>\n<dl><dt>truestep</dt>"
      "<dd>{}</dd>\n<dt>exact by</dt><dd>{}</dd>\n<dt>SIMD target</dt><dd>{}</dd>\n",
      escaped(provenance.rerun), version(), escaped(reference_name()), fast::target());
  if (!provenance.date.empty())
    text += fmt::format("<dt>date</dt><dd>{}</dd>\n", escaped(provenance.date));
  if (!provenance.machine.empty())
    text += fmt::format(
        "<dt>machine</dt><dd>{}</dd>\n<dt>speed</dt><dd>{:.3g} steps of a coordinate "
        "per second</dd>\n",
        escaped(provenance.machine), element_steps_per_second(runs));
  return text + "</dl></section>\n";
}

}  // namespace

std::string html(std::span<const Run> runs, const Judgements& judgements,
                 const Provenance& provenance) {
  const std::string title = fmt::format("How far rounding carries {} from exact", rules_of(runs));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n{1}</head>\n<body><main>\n<h1>{0}</h1>\n<p class=\"quiet\">{2}</p>\n",
      title, style, origin(provenance));
  page += verdicts_of(judgements) + verdict(runs) + criteria_section(judgements.criteria) +
          matrix_section(runs, judgements.criteria) + findings_section(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const StepMarkup step(runs[i], i);
    page += fmt::format("<section id=\"run-{}\"><h2>{} on {}</h2>\n", i, runs[i].rule,
                        marked_up(runs[i].workload)) +
            circumstances(runs[i]) + drift_figures(runs[i]) + step.section() +
            attribution_figures(runs[i], step) + proportion(runs[i]) + figures_table(runs[i]) +
            "</section>\n";
  }
  return page + glossary + rerun_section(runs, provenance) + "</main></body></html>\n";
}

}  // namespace truestep::drift
