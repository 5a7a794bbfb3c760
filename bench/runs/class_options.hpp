// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

/// What a row of conventions says of its class's own options, taken apart;
/// truestep/fast/conventions.hpp has the grammar.
namespace truestep::settings {

using NameAndText = std::pair<std::string_view, std::string_view>;

struct ClassOptions {
  /// What some values of switches together set.
  struct Setting {
    std::vector<NameAndText> where;  ///< switches and their values
    std::string_view assignments;    ///< "MEMBER=VALUE,MEMBER=VALUE"
  };
  std::vector<Setting> settings;
  std::vector<NameAndText> renamed;  ///< a number of the class, and the member that it is here
  std::vector<NameAndText> tied;     ///< a member, and the number of the class that it always is

  /// Whether an option or a number of the class reaches the member.
  bool reaches(std::string_view member) const;
};

/// What stands on either side of a mark; nothing after where the mark is not there.
inline NameAndText halves(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + mark.size())};
}

inline std::vector<std::string_view> parts(std::string_view text, std::string_view between) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto [one, rest] = halves(text, between);
    if (!one.empty()) all.push_back(one);
    text = rest;
  }
  return all;
}

inline std::vector<NameAndText> assignments(std::string_view text) {
  std::vector<NameAndText> all;
  for (const auto each : parts(text, ",")) all.push_back(halves(each, "="));
  return all;
}

inline ClassOptions class_options(std::string_view options) {
  ClassOptions all;
  for (const auto option : parts(options, "; ")) {
    if (option.find('>') != option.npos) {
      all.renamed.push_back(halves(option, ">"));
    } else if (option.find('<') != option.npos) {
      all.tied.push_back(halves(option, "<"));
    } else {
      const auto [where, sets] = halves(option, ":");
      all.settings.push_back({assignments(where), sets});
    }
  }
  return all;
}

inline bool ClassOptions::reaches(std::string_view member) const {
  for (const auto& setting : settings)
    for (const auto& [name, value] : assignments(setting.assignments))
      if (name == member) return true;
  return std::any_of(renamed.begin(), renamed.end(),
                     [&](const auto& each) { return each.second == member; });
}

}  // namespace truestep::settings
