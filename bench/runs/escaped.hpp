// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace truestep {

/// Text between tags or quotes of HTML or XML.
inline std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

/// Text in a cell of a table in Markdown.
inline std::string in_cell(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

/// Text in a field of CSV, as RFC 4180 quotes it.
inline std::string in_field(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

/// How many bytes the letter has that begins the text, in UTF-8; 0 where that is none.
inline std::size_t letter_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80   ? 1
                           : byte(0) < 0xc2 ? 0
                           : byte(0) < 0xe0 ? 2
                           : byte(0) < 0xf0 ? 3
                           : byte(0) < 0xf5 ? 4
                                            : 0;
  if (size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (byte(i) < 0x80 || byte(i) >= 0xc0) return 0;
  // Neither longer than need be, nor a surrogate, nor beyond the last.
  const bool wrong = (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) >= 0xa0) ||
                     (byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) >= 0x90);
  return wrong ? 0 : size;
}

/// Text in which what is no letter is told by its number, as \x1b: control characters, which a
/// terminal obeys and XML forbids, and bytes that are not UTF-8, as a file's name may have.
///
/// @param kept  control characters that stay
inline std::string visible(std::string_view text, std::string_view kept = "") {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  while (!text.empty()) {
    const auto code = static_cast<unsigned char>(text[0]);
    const bool is_control = code < 0x20 || code == 0x7f;
    const bool stays = !is_control || kept.find(text[0]) != kept.npos;
    const std::size_t size = stays ? letter_size(text) : 0;
    if (size > 0)
      result += text.substr(0, size);
    else
      result += std::string("\\x") + digits[code / 16] + digits[code % 16];
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

}  // namespace truestep
