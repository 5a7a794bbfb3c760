// SPDX-License-Identifier: Apache-2.0

#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace truestep::terminal {
namespace {

constexpr std::size_t narrowest = 40, usual = 80;

std::optional<std::size_t> given_width() {
  const char* const columns = std::getenv("COLUMNS");
  if (columns == nullptr) return std::nullopt;
  std::size_t n = 0;
  const char* const end = columns + std::strlen(columns);
  const auto [rest, error] = std::from_chars(columns, end, n);
  if (error != std::errc() || rest != end || n == 0) return std::nullopt;
  return n;
}

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != 0;
}

/// OpenMPI's mpirun lends each process a terminal, wherever what it prints goes in the end.
bool is_lent() { return is_set("OMPI_COMM_WORLD_SIZE"); }

std::optional<std::size_t> terminal_width() {
  winsize size{};
  if (is_lent() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

bool takes_colour() {
  const char* const kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  return isatty(STDOUT_FILENO) != 0 && !is_lent() && !dumb && !is_set("NO_COLOR");
}

std::string fitted_line(std::string line, std::size_t width) {
  const std::string indent(std::min(line.find_first_not_of(' '), line.size()) + 2, ' ');
  std::string result;
  while (line.size() > width) {
    const auto cut = line.rfind(' ', width);
    if (cut == line.npos || cut <= indent.size()) break;
    result += line.substr(0, cut) + "\n";
    line = indent + line.substr(cut + 1);
  }
  return result + line;
}

}  // namespace

std::size_t width() {
  auto columns = given_width();
  if (!columns) columns = terminal_width();
  return std::clamp(columns.value_or(usual), narrowest, widest);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent,
                    std::size_t column) {
  std::string result;
  bool starts = true;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(word.size());
    if (!starts && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
      starts = true;
    }
    if (!word.empty()) {
      result += (starts ? "" : " ") + std::string(word);
      column += word.size() + (starts ? 0 : 1);
      starts = false;
    }
    if (text.empty()) break;
    if (text.front() == '\n') {
      result += "\n" + std::string(indent, ' ');
      column = indent;
      starts = true;
    }
    text.remove_prefix(1);
  }
  return result;
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string result;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    result += fitted_line(std::string(line), width);
    result += "\n";
  }
  return result;
}

std::string definitions(const std::vector<std::pair<std::string, std::string>>& terms,
                        std::size_t width, std::size_t indent, std::size_t longest_term) {
  std::size_t longest = 0;
  for (const auto& [term, meaning] : terms)
    if (term.size() <= longest_term) longest = std::max(longest, term.size());
  const std::size_t column = indent + longest + 2;
  std::string result;
  for (const auto& [term, meaning] : terms) {
    result += std::string(indent, ' ') + term;
    const std::size_t at = indent + term.size();
    if (!meaning.empty())
      result +=
          (at + 2 > column ? "\n" + std::string(column, ' ') : std::string(column - at, ' ')) +
          wrapped(meaning, width, column, column);
    result += "\n";
  }
  return result;
}

std::string bold(const std::string& text) {
  return takes_colour() ? "\033[1m" + text + "\033[0m" : text;
}

}  // namespace truestep::terminal
