// SPDX-License-Identifier: Apache-2.0
/// Ties compilers and machines together: runs every public kernel, in each of its forms, on every
/// SIMD target that this processor has, over generated inputs, and compares a hash of all the bits
/// that come out with the committed one. Comparisons within one binary cannot see what a compiler
/// does to all of it. "RULE" is the seed's convention, "RULE[i]" the form of that index.
///
///     hashes FILE       exit 0 if every hash is the one in FILE, 1 if not
///     hashes --print    writes such a file, from the best target
///
/// Compiled with TRUESTEP_HASHED_RULE it is of that rule alone.
///
/// Nothing but truestep::fast and the standard library, so that it compiles for any machine.

#include "hashes/hashes.hpp"

#include <cctype>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <tuple>

namespace truestep::hashes {
namespace {

#ifdef TRUESTEP_HASHED_RULE
using Hashed = std::tuple<TRUESTEP_HASHED_RULE>;
#else
using Hashed = Rules;
#endif

Hashes hashes_on(const std::string& target) {
  use_target(target);
  Hashes hashes;
  for_each_rule<Hashed>([&]<class Rule>() { add_rule<Rule>(hashes); });
  return hashes;
}

/// Whether a name as "RULE[i]" or "RULE_QUANTITY" is one of a rule that is hashed here.
bool is_hashed(const std::string& name) {
  bool found = false;
  for_each_rule<Hashed>([&]<class Rule>() {
    const std::string rule = Rule::name;
    found |= name.starts_with(rule) && !std::isalpha(static_cast<unsigned char>(name[rule.size()]));
  });
  return found;
}

}  // namespace
}  // namespace truestep::hashes

int main(int count, char** arguments) {
  using namespace truestep::hashes;
  if (count != 2) {
    std::fputs("usage: hashes FILE | --print\n", stderr);
    return 2;
  }
  if (std::strcmp(arguments[1], "--print") == 0) {
    for (const auto& [name, hash] : hashes_on(targets().front()))
      std::printf("%s %s\n", name.c_str(), hash.c_str());
    return 0;
  }
  Hashes committed;
  std::ifstream file(arguments[1]);
  for (std::string rule, type, hash; file >> rule >> type >> hash;)
    if (is_hashed(rule)) committed[rule + " " + type] = hash;
  int status = 0;
  for (const auto& target : targets()) {
    const Hashes computed = hashes_on(target);
    for (const auto& [name, hash] : computed)
      if (const std::string& expected = committed[name]; hash != expected) {
        std::printf("%s on %s: the results hash to %s, the committed hash is %s\n", name.c_str(),
                    target.c_str(), hash.c_str(), expected.empty() ? "absent" : expected.c_str());
        status = 1;
      }
    if (computed.size() != committed.size()) {
      std::printf("%s: %zu hashes where there are %zu kernels\n", arguments[1], committed.size(),
                  computed.size());
      status = 1;
    }
    if (status == 0) std::printf("%s: %zu hashes equal\n", target.c_str(), computed.size());
  }
  if (status != 0) std::puts("If these bits were meant to move: tests/run --update");
  return status;
}
