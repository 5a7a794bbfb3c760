// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "drift/audit.hpp"
#include "drift/verdict.hpp"

namespace truestep {

/// What an audit says to a terminal: the verdicts first, at most 40 lines unless details are asked
/// for.
///
/// @param notes        what of the input was not taken as it is, a sentence each
/// @param over_budget  how many figures are
std::string audit_text(std::span<const drift::Run> runs, const drift::Judgements& judgements,
                       std::span<const std::string> notes, std::size_t over_budget,
                       const std::string& rerun, bool with_details);

}  // namespace truestep
