// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

#include "check/examine.hpp"

namespace truestep::test {

using trial::Map;
using trial::Report;
using trial::Request;

/// What is said of the kernel of foreign.cpp that does as the words say.
inline Report checked(const Map& map, const std::string& words, Request request = {}) {
  setenv("TRUESTEP_FOREIGN", words.c_str(), 1);
  const auto kernel = trial::shared_library(TRUESTEP_FOREIGN_LIBRARY);
  request.map = map;
  return trial::examine(*kernel, request);
}

/// The finding of a kind, or one without a kind.
inline trial::Finding finding(const Report& report, const std::string& kind) {
  for (const auto& each : report.findings)
    if (each.kind == kind) return each;
  return {};
}

}  // namespace truestep::test
