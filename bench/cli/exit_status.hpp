// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>

namespace truestep {

/// What every command may exit with.
enum ExitStatus {
  yes = 0,
  no = 1,
  bad_usage = 2,
  undetermined = 3,
  failed = 4,
  interrupted = 130  ///< by Ctrl-C, as a shell reports it
};

/// A status in words.
struct Meaning {
  ExitStatus status;
  const char* words;
};

/// The one table of them, as every --help prints it.
inline constexpr std::array exit_statuses{
    Meaning{yes,
            "yes: done; of audit, nothing exceeds its bound; of identify, something fits; "
            "of check and judge, the kernel is what it was said to be"},
    Meaning{no,
            "no: a bound is exceeded; every convention is excluded; of check and judge, a fault"},
    Meaning{bad_usage, "usage or bad input"},
    Meaning{undetermined, "not determined; of audit, over budget"},
    Meaning{failed, "output or memory failed"},
    Meaning{interrupted, "interrupted by Ctrl-C"}};

}  // namespace truestep
