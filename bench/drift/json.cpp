// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/target.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "report.hpp"
#include "runs/json_text.hpp"
#include "runs/version.hpp"

namespace truestep::drift {
namespace {

using Json = nlohmann::ordered_json;

Json object(const Spread& s) {
  return {{"largest", s.largest},
          {"mean", s.mean},
          {"median", s.median},
          {"quantile_90", s.quantile_90},
          {"quantile_99", s.quantile_99}};
}

Json object(const std::optional<Score>& score) {
  if (!score) return nullptr;
  Json json{{"loss", score->loss}};
  json["accuracy"] = score->accuracy ? Json(*score->accuracy) : Json();
  return json;
}

Json object(const Drift& d) {
  return {{"step", d.step},
          {"error_ulp", object(d.ulp)},
          {"error_relative", object(d.relative)},
          {"mean_absolute", d.mean_absolute},
          {"rounding_ulp", d.rounding},
          {"coefficients_ulp", d.coefficients},
          {"radius_ulp", d.radius},
          {"error_over_radius", d.closest},
          {"theorem_absolute", d.theorem},
          {"error_over_theorem", d.of_theorem},
          {"error_absolute", object(d.absolute)},
          {"radius_absolute", d.radius_absolute}};
}

Json object(const Checks& checks) {
  Json first;
  if (const auto& violation = checks.first)
    first = {{"step", violation->step},
             {"coordinate", violation->coordinate},
             {"error_ulp", violation->error},
             {"radius_ulp", violation->radius}};
  return {{"compared", checks.compared},
          {"unbounded", checks.unbounded},
          {"exceeded", checks.exceeded},
          {"other_bits", checks.other_bits},
          {"beyond_theorem", checks.beyond_theorem},
          {"first", first}};
}

Json object(const std::optional<First>& first) {
  if (!first) return nullptr;
  return {{"step", first->step},
          {"coordinate", first->coordinate},
          {"stored", first->stored},
          {"exact", first->exact}};
}

Json object(const Updates& updates) {
  return {{"exact", updates.exact},
          {"lost", updates.lost},
          {"values", updates.values},
          {"not_finite", updates.not_finite},
          {"first_lost", object(updates.first_lost)},
          {"first_flushed", object(updates.first_flushed)}};
}

Json object(const std::optional<NotFinite>& found) {
  if (!found) return nullptr;
  Json json = object(std::optional(found->first));
  json["quantity"] = found->quantity;
  json["gradient"] = found->gradient;
  json["why"] = found->why;
  return json;
}

Json object(const std::optional<Stuck>& stuck) {
  if (!stuck) return nullptr;
  return {{"step", stuck->step}, {"at", stuck->at}};
}

Json object(const std::optional<Skips>& skips) {
  if (!skips) return nullptr;
  return {{"count", skips->count}, {"first", skips->first}, {"scale", skips->scale}};
}

Json object(const std::optional<Growth>& growth) {
  if (!growth) return nullptr;
  return {{"exponent", growth->exponent},
          {"standard_error", growth->standard_error},
          {"points", growth->points},
          {"kind", growth->kind()}};
}

Json object(const std::vector<DigitLoss>& digits) {
  Json all = Json::array();
  for (const DigitLoss& loss : digits)
    all.push_back({{"digit", loss.digit},
                   {"first", loss.first},
                   {"half", loss.half ? Json(*loss.half) : Json()}});
  return all;
}

Json object(const Attribution& attribution) {
  Json shares = Json::array();
  for (const auto& [source, contribution] : attribution.shares)
    shares.push_back({{"source", source}, {"contribution", contribution}});
  return {{"drift", attribution.drift},
          {"contributions", shares},
          {"residual", attribution.residual},
          {"left_out", attribution.left_out}};
}

Json object(const Setup& setup) {
  Json json{
      {"name", setup.name()},
      {"parameters", setup.parameters.name},
      {"master_weights", nullptr},
      {"states", setup.states.name},
      {"gradients", setup.gradients.name},
      {"coefficients", setup.coefficients.name},
      {"counter", setup.counter.name},
      {"arithmetic", setup.arithmetic.name},
      {"kahan", setup.kahan},
      {"rounding", rounding_names[static_cast<std::size_t>(setup.rounding)]},
      {"parameter_rounding",
       rounding_names[static_cast<std::size_t>(setup.rounding_of_parameters())]},
      {"state_rounding", rounding_names[static_cast<std::size_t>(setup.rounding_of_states())]},
      {"loss_scale", nullptr},
      {"loss_scale_is_dynamic", setup.loss_scale && setup.loss_scale->dynamic},
      {"state_block", setup.state_block},
      {"seed", setup.seed},
      {"saturate", setup.arithmetic.saturates}};
  if (setup.loss_scale) json["loss_scale"] = setup.loss_scale->initial;
  if (setup.master_weights) json["master_weights"] = setup.master_weights->name;
  return json;
}

Json object(const Run& run, std::size_t index, const Criteria& criteria) {
  const Reading& reading = run.readings[index];
  Json quantities = Json::array();
  for (const Series& series : reading.series) {
    Json drift = Json::array();
    for (const Drift& d : series.drift) drift.push_back(object(d));
    quantities.push_back({{"quantity", series.quantity},
                          {"drift", drift},
                          {"growth", object(series.growth)},
                          {"digits_lost", object(series.digits)},
                          {"updates", object(series.updates)},
                          {"attribution", object(series.attribution)},
                          {"farthest", object(series.of_farthest)},
                          {"checks", nullptr}});
    quantities.back()["farthest"]["coordinate"] = series.farthest;
    if (reading.has_radius) quantities.back()["checks"] = object(series.checks);
  }
  return {{"setup", object(reading.setup)},
          {"quantities", quantities},
          {"underflows", reading.out_of_range.underflows},
          {"overflows", reading.out_of_range.overflows},
          {"subnormals", reading.out_of_range.subnormals},
          {"after", object(reading.after)},
          {"verdict", verdict_names[static_cast<std::size_t>(verdict_on(run, index, criteria))]},
          {"bytes_per_parameter", reading.setup.bytes_per_parameter(reading.series.size() - 1)},
          {"farthest_by_reach",
           {{"coordinate", reading.farthest.coordinate},
            {"distance", reading.farthest.distance},
            {"of_reach", reading.farthest.of_reach}}},
          {"first_not_finite", object(reading.not_finite)},
          {"counter_stuck", object(reading.stuck)},
          {"steps_left_out", object(reading.skips)}};
}

Json object(const Run& run, const Criteria& criteria) {
  Json hyperparameters = Json::object(), readings = Json::array();
  for (const auto& [name, value] : run.hyperparameters) hyperparameters[name] = value;
  for (std::size_t i = 0; i < run.readings.size(); ++i)
    readings.push_back(object(run, i, criteria));
  Json others = Json::array();
  for (const Other& other : run.others)
    others.push_back({{"conventions", other.conventions}, {"distance", other.distance}});
  return {{"rule", run.rule},
          {"convention", run.convention},
          {"workload", run.workload},
          {"parameters", run.parameters},
          {"hyperparameters", hyperparameters},
          {"first_step", run.first_step},
          {"steps", run.steps},
          {"notes", run.notes},
          {"closed_loop", run.closed_loop},
          {"interrupted", run.interrupted},
          {"before", object(run.before)},
          {"float_drift", run.float_drift},
          {"other_conventions", others},
          {"readings", readings}};
}

}  // namespace

const char* const json_schema =
    R"({"version", "passed": bool, "interrupted": bool,
 "verdicts": [{"setup", "verdict": VERDICT, "sentence"}],
 "recommendation": TEXT, "criteria": {"lost", "off", "drift", "far"}, "rerun": COMMAND,
 "reference": TEXT, "simd_target": TEXT, "element_steps_per_second": NUMBER,
 "runs": [{"rule", "convention", "workload", "parameters", "hyperparameters": {NAME: VALUE},
     "first_step", "steps", "notes": [TEXT], "closed_loop", "interrupted",
     "before": null | {"loss", "accuracy"}, "float_drift",
     "other_conventions": [{"conventions": [NAME], "distance"}],
     "readings": [{"setup": {"name", ROLE: FORMAT, ..., "kahan", "rounding", "parameter_rounding",
                             "state_rounding", "loss_scale", "loss_scale_is_dynamic",
                             "state_block": 0 | COLUMNS, "seed", "saturate"},
         "quantities": [{"quantity": "theta" | STATE,
             "drift": [{"step", "error_ulp": SPREAD, "error_relative": SPREAD, "mean_absolute",
                        "rounding_ulp", "coefficients_ulp", "radius_ulp", "error_over_radius",
                        "theorem_absolute", "error_over_theorem", "error_absolute": SPREAD,
                        "radius_absolute"}],
             "growth": null | {"exponent", "standard_error", "points", "kind"},
             "digits_lost": [{"digit", "first": STEP, "half": null | STEP}],
             "updates": {"exact", "lost", "values", "not_finite", "first_lost": FIRST,
                         "first_flushed": FIRST},
             "attribution": {"drift", "contributions": [{"source", "contribution"}], "residual",
                             "left_out": COUNT},
             "farthest": {"coordinate", "drift", "contributions", "residual", "left_out"},
             "checks": null | {"compared", "unbounded", "exceeded", "other_bits", "beyond_theorem",
                               "first": null | {"step", "coordinate", "error_ulp", "radius_ulp"}}}],
         "underflows", "overflows", "subnormals", "after": null | {"loss", "accuracy"},
         "verdict": VERDICT, "bytes_per_parameter",
         "farthest_by_reach": {"coordinate", "distance", "of_reach"},
         "first_not_finite": null | {"step", "coordinate", "stored", "exact", "quantity",
                                     "gradient", "why"},
         "counter_stuck": null | {"step", "at"},
         "steps_left_out": null | {"count", "first", "scale"}}]}],
 "findings": {RULE: TEXT}, "note": TEXT where the rule's name is an alias}
VERDICT is "safe" | "drifts" | "loses_updates" | "strays" | "breaks".
FIRST is null | {"step", "coordinate", "stored", "exact"}. SPREAD is {"largest", "mean", "median",
"quantile_90", "quantile_99"} over the coordinates. A number that is infinite or that there is
none of is null. "drift" of "attribution" is the sum of the distances from exact, that of
"farthest" the signed one of the coordinate that is farthest; contributions and the residual add
up to it; coordinates with an infinity or NaN are "left_out". "float_drift" and "distance" are the
largest distances of theta in the end: of float from exact, and of other conventions from this one,
both exact. "of_reach" is a distance over the largest of how large theta began and is, exactly, and
of how far its exact steps have carried it. Columns of the table mean the same.)";

std::string json(std::span<const Run> runs, const Judgements& judgements, const std::string& rerun,
                 const std::string& note) {
  Json all_runs = Json::array(), all_findings = Json::object();
  for (const Run& run : runs) all_runs.push_back(object(run, judgements.criteria));
  Json verdicts = Json::array();
  for (const Judgement& each : judgements.of_setups)
    verdicts.push_back({{"setup", each.setup},
                        {"verdict", verdict_names[static_cast<std::size_t>(each.verdict)]},
                        {"sentence", each.sentence}});
  for_each_rule(runs, [&](std::span<const Run> of_rule) {
    all_findings[of_rule.front().rule] = findings(of_rule);
  });
  const auto passed = [](const Run& run) { return run.checks().passed(); };
  const auto interrupted = [](const Run& run) { return run.interrupted; };
  Json whole{{"version", version()},
             {"passed", std::all_of(runs.begin(), runs.end(), passed)},
             {"interrupted", std::any_of(runs.begin(), runs.end(), interrupted)},
             {"verdicts", verdicts},
             {"recommendation", judgements.recommendation()},
             {"criteria",
              {{"lost", judgements.criteria.lost},
               {"off", judgements.criteria.off},
               {"drift", judgements.criteria.drift},
               {"far", judgements.criteria.far}}},
             {"rerun", rerun},
             {"reference", reference_name()},
             {"simd_target", fast::target()},
             {"element_steps_per_second", element_steps_per_second(runs)},
             {"runs", all_runs},
             {"findings", all_findings}};
  if (!note.empty()) whole["note"] = note;
  return json_text(whole);
}

}  // namespace truestep::drift
