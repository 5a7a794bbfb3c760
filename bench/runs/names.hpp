// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Names as people type them: in any case, with - or _, by an alias, or with a slip of the finger.
namespace truestep::names {

/// Another name of something.
struct Alias {
  std::string_view typed, meant;
};

/// The spelling in which names are compared: lower case, _ for -.
inline std::string normal(std::string_view typed) {
  std::string result(typed);
  for (char& c : result)
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// The number of letters that are to be inserted, left out, replaced, or swapped with the next.
inline std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// The known names that begin with what was typed, or else those that are the fewest edits away, a
/// third of the letters at most.
inline std::vector<std::string> nearest(std::string_view typed,
                                        std::span<const std::string> known) {
  const std::string wanted = normal(typed);
  std::vector<std::string> longer, near;
  std::size_t least = std::max<std::size_t>(1, wanted.size() / 3);
  for (const auto& name : known) {
    if (wanted.size() > 1 && normal(name).starts_with(wanted)) longer.push_back(name);
    const std::size_t distance = edits(wanted, normal(name));
    if (distance > least || distance >= wanted.size()) continue;
    if (distance < least) near.clear();
    least = distance;
    near.push_back(name);
  }
  return longer.empty() ? near : longer;
}

inline std::string joined(std::span<const std::string> names, std::string_view separator) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : std::string(separator)) + name;
  return all;
}

/// ": did you mean A or B?", or "" where nothing is near.
inline std::string suggestion(std::string_view typed, std::span<const std::string> known) {
  const auto near = nearest(typed, known);
  return near.empty() ? "" : ": did you mean " + joined(near, " or ") + "?";
}

/// Where the name that was meant is among the known ones, if it is.
inline std::optional<std::size_t> find(std::string_view typed, std::span<const std::string> known,
                                       std::span<const Alias> aliases = {}) {
  std::string wanted = normal(typed);
  const auto index = [&]() -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < known.size(); ++i)
      if (normal(known[i]) == wanted) return i;
    return std::nullopt;
  };
  if (const auto found = index()) return found;
  for (const Alias& alias : aliases)
    if (wanted == alias.typed) {
      wanted = normal(alias.meant);
      return index();
    }
  return std::nullopt;
}

/// The same. Throws std::invalid_argument "WHAT = TYPED is not one of {A, B}: did you mean A?"
/// where it is none of them.
inline std::size_t index_among(std::span<const std::string> known, std::string_view what,
                               std::string_view typed, std::span<const Alias> aliases = {}) {
  if (const auto found = find(typed, known, aliases)) return *found;
  throw std::invalid_argument(std::string(what) + " = " + std::string(typed) + " is not one of {" +
                              joined(known, ", ") + "}" + suggestion(typed, known));
}

}  // namespace truestep::names
