// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "drive.hpp"
#include "examine.hpp"

/// Runs of a kernel that is elsewhere: their inputs go there in a file, and what came of them comes
/// back in another.
namespace truestep::trial {

struct Cases {
  Request request;
  std::map<std::string, Job> jobs;  ///< by the name of the run
};

/// The runs that need no other's outcome.
Cases cases(const Request&);

/// Bytes of a .npz file, as PROTOCOLS.md has it.
std::string npz(const Cases&, const std::string& version);

/// Throws std::runtime_error "FILE: REASON" for a file that is none of cases.
Cases read_cases(const std::string& file);

/// What was made of the cases. Throws std::runtime_error "FILE: REASON" where the file lacks a run
/// by which the map is told, or has one that is not of the case's shape or format.
std::map<std::string, Run> read_results(const std::string& file, const Cases&);

/// As `examine`, of runs that were made elsewhere.
Report judged(const Cases&, const std::map<std::string, Run>& results, const std::string& kernel);

}  // namespace truestep::trial
