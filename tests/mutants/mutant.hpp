// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <type_traits>

/// What mutated sources ask: which of the mutants that are compiled into them is meant. Each mutant
/// is one of two branches, so that all of them cost one build.
namespace truestep_mutants {

inline constexpr int most = 65536;

/// The mutant that TRUESTEP_MUTANT names, and a byte for each that is reached, in the file that
/// TRUESTEP_MUTANTS_REACHED names. The file is mapped: children add to it, and no death loses it.
struct Asked {
  int chosen = 0;
  volatile unsigned char* reached = nullptr;

  Asked() {
    if (const char* const number = std::getenv("TRUESTEP_MUTANT")) chosen = std::atoi(number);
    const char* const path = std::getenv("TRUESTEP_MUTANTS_REACHED");
    if (path == nullptr) return;
    const int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void* const bytes = mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);  // it may have the number of a stream that the program finds closed
    if (bytes != MAP_FAILED) reached = static_cast<volatile unsigned char*>(bytes);
  }
};

inline bool is_chosen(int mutant) {
  static const Asked asked;
  if (asked.reached != nullptr) asked.reached[mutant] = 1;
  return asked.chosen == mutant;
}

/// What the compiler evaluates has no environment to ask.
constexpr bool chosen(int mutant) {
  if (std::is_constant_evaluated()) return false;
  return is_chosen(mutant);
}

}  // namespace truestep_mutants
