// SPDX-License-Identifier: Apache-2.0
#include "format.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

#include "runs/aliases.hpp"

namespace truestep::drift {
namespace {

/// The integer that `text` starts with, which is taken off it together with `separator`.
std::optional<int> take_integer(std::string_view& text, std::string_view separator) {
  int n = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  if (!text.starts_with(separator)) return std::nullopt;
  text.remove_prefix(separator.size());
  return n;
}

/// The format that BITS:LEAST:GREATEST[:flush] describes.
std::optional<Format> described_format(const std::string& text) {
  std::string_view rest = text;
  const auto bits = take_integer(rest, ":"), least = take_integer(rest, ":"),
             greatest = take_integer(rest, "");
  const bool within = bits && least && greatest && 2 <= *bits && *bits <= 53 && -1022 <= *least &&
                      *least <= 0 && 1 <= *greatest && *greatest <= 1023;
  if (!within || (!rest.empty() && rest != ":flush")) return std::nullopt;
  return Format{text, *bits, *least, *greatest, rest.empty()};
}

}  // namespace

Format named_format(std::string_view role, const std::string& text) {
  std::vector<std::string> known;
  for (const Format& format : formats) known.push_back(format.name);
  if (const auto index = names::find(text, known, aliases::formats)) return formats[*index];
  if (const auto described = described_format(text)) return *described;
  throw std::invalid_argument(fmt::format(
      "{} = {} is not one of {{{}}} nor BITS:LEAST:GREATEST[:flush] with BITS in [2, 53], LEAST in "
      "[-1022, 0] and GREATEST in [1, 1023]{}",
      role, text, fmt::join(known, ", "), names::suggestion(text, known)));
}

}  // namespace truestep::drift
