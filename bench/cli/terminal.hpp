// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Text that fits the terminal.
namespace truestep::terminal {

/// Tables are made to fit this.
inline constexpr std::size_t widest = 100;

/// COLUMNS where it is set, else the terminal's width, else 80; between 40 and `widest`.
std::size_t width();

/// Lines of at most `width` letters, broken at spaces. The first begins where `column` says that
/// the line already is, the others after `indent` spaces. A longer word has a line of its own.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0,
                    std::size_t column = 0);

/// The text with each line that is longer than `width` wrapped, by two spaces more than it has.
std::string fitted(std::string_view text, std::size_t width);

/// Each term, and beside it what is said of it, wrapped.
std::string definitions(const std::vector<std::pair<std::string, std::string>>& terms,
                        std::size_t width, std::size_t indent = 2, std::size_t longest_term = 24);

/// Bold on a terminal, unless NO_COLOR is set or TERM is dumb.
std::string bold(const std::string& text);

}  // namespace truestep::terminal
