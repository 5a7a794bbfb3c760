// SPDX-License-Identifier: Apache-2.0
// `truestep_audit` has one command. The others take the compiler as long again, and whoever wants a
// first conclusion need not wait for them.
#include "commands.hpp"

namespace truestep {

std::vector<Command> commands() { return {audit_command()}; }

}  // namespace truestep
