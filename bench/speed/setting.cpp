// SPDX-License-Identifier: Apache-2.0
#include "setting.hpp"

#include <fstream>

#include <truestep/fast/target.hpp>

#include "steps.hpp"
#include "torch_steps.hpp"

namespace truestep::speed {
namespace {

/// As Linux has it.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> setting() {
  std::vector<std::pair<std::string, std::string>> all{{"processor", processor()},
                                                       {"target", fast::target()},
                                                       {"peers for", TRUESTEP_PEER_ARCH},
                                                       {"compiler", made_by<O3Loop>()}};
  if constexpr (TRUESTEP_HAVE_GccLoop) all.emplace_back("gcc_loop", made_by<GccLoop>());
  if constexpr (TRUESTEP_HAVE_ClangLoop) all.emplace_back("clang_loop", made_by<ClangLoop>());
  if constexpr (TRUESTEP_HAVE_EigenArrays) all.emplace_back("eigen", made_by<EigenArrays>());
  if constexpr (TRUESTEP_HAVE_Torch) all.emplace_back("torch", torch_version());
  return all;
}

}  // namespace truestep::speed
