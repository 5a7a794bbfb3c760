// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace truestep {

/// A command's arguments with each option under its one name (--Learning_Rate and --lr are
/// --learning-rate). Throws std::invalid_argument for an option that the command does not have, and
/// for one that is given twice and takes one value.
std::vector<std::string> normalised(const CLI::App& command,
                                    const std::vector<std::string>& arguments);

/// The arguments as a shell takes them.
std::string quoted(const std::vector<std::string>& arguments);

}  // namespace truestep
