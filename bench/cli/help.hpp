// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <string>

#include "commands.hpp"

namespace truestep {

/// What the program is, its commands and exit statuses, as wide as the terminal.
std::string help(std::span<const Command> commands);

/// A command's usage, options and exit statuses.
std::string help(const Command& command);

}  // namespace truestep
