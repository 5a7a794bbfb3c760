#pragma once

#include <span>
#include <string>

#include "audit.hpp"

namespace truestep::drift {

/// What the numbers of a table mean, and what they were computed with.
std::string legend();

/// What is different about an emulated format.
std::string legend_of_formats();

/// The tables of one run.
std::string table(const Run& run);

/// One sentence about the runs of one rule, or more where a check failed.
std::string finding(std::span<const Run> runs_of_one_rule);

/// One sentence about the same runs in an emulated format.
///
/// @param index  of the emulation among those that were audited
std::string finding(std::span<const Run> runs_of_one_rule, const Emulation& emulation,
                    std::size_t index);

/// The description of the object that `json` returns.
inline constexpr const char* json_schema =
    R"({"passed": bool, "steps": N, "rerun": COMMAND, "reference": TEXT, "simd_target": TEXT,
 "runs": [{"rule", "workload", "parameters", "hyperparameters": {NAME: VALUE},
           "loss": {"before", "after"}, "accuracy": {"before", "after"},
           "quantities": [{"precision": "float" | "double" | FORMAT, "quantity": "theta" | STATE,
               "drift": [{"step", "error_ulp": {"largest", "median"}, "error_relative": {"largest", "median"},
                          "rounding_ulp", "coefficients_ulp", "radius_ulp", "error_over_radius"}],
               "checks": {"compared", "unbounded", "exceeded", "other_bits",
                          "first": null | {"step", "coordinate", "error_ulp", "radius_ulp"}}}]}],
 "findings": {RULE: TEXT}}
With --format, its quantities follow those of double: radius_ulp and error_over_radius are null, and
instead of "checks" there is "updates": {"exact", "lost", "values", "not_finite"}. Each run has
"formats": [{"format", "underflows", "overflows"}], "findings" has members "RULE in FORMAT", and the
object has "emulation": {"rounding", "saturate", "seed"}.
An infinite number is null. Columns of the table and members of "drift" mean the same.)";

/// The whole audit as one JSON object.
///
/// @param rerun  the command that reruns it
std::string json(std::span<const Run> runs, std::uint64_t steps,
                 std::span<const Emulation> emulations, const std::string& rerun);

}  // namespace truestep::drift
