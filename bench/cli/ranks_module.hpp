// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What the module that is built with OpenMPI offers. The program itself is linked without it, so
/// that it starts where there is none.
extern "C" {

struct TruestepRanks {
  /// Joins the others; 0 where that succeeds.
  int (*join)(int* rank, int* size);
  /// Sends bytes to the first.
  void (*send)(const char* bytes, std::uint64_t count);
  /// How many bytes a rank sends next.
  std::uint64_t (*size_from)(int rank);
  void (*receive)(int rank, char* bytes, std::uint64_t count);
  /// Gives all what the first has.
  void (*broadcast)(char* bytes, std::uint64_t count);
  /// Leaves the others, when all have come here.
  void (*leave)();
  /// Ends all.
  void (*end_all)(int status);
};

/// The one symbol of the module.
extern const TruestepRanks truestep_ranks;
}
