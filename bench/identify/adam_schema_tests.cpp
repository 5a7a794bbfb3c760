// SPDX-License-Identifier: Apache-2.0
// report.schema.json says what --json prints; each thing that it forbids is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

/// What a value has that a schema of our few words forbids; "" for nothing. A word that is not
/// known here is an error, so that none is passed over.
std::string forbidden(const json& value, const json& schema, const std::string& at = "") {
  for (const auto& [word, asked] : schema.items()) {
    if (word == "description" || word == "title" || word.starts_with("$")) continue;
    if (word == "type") {
      const bool is_integer = value.is_number_integer();
      const bool fits = asked == "object"    ? value.is_object()
                        : asked == "array"   ? value.is_array()
                        : asked == "string"  ? value.is_string()
                        : asked == "integer" ? is_integer
                        : asked == "number"  ? value.is_number()
                                             : false;
      if (!fits) return at + " is no " + asked.get<std::string>();
    } else if (word == "enum") {
      if (std::find(asked.begin(), asked.end(), value) == asked.end())
        return at + " is " + value.dump();
    } else if (word == "minimum") {
      if (!(value >= asked)) return at + " is below " + asked.dump();
    } else if (word == "required") {
      for (const std::string name : asked)
        if (!value.contains(name)) return at + " lacks " + name;
    } else if (word == "additionalProperties") {
      for (const auto& [name, its] : value.items())
        if (!schema["properties"].contains(name)) return at + " has " + name;
    } else if (word == "properties") {
      for (const auto& [name, its] : asked.items())
        if (value.contains(name))
          if (const auto complaint = forbidden(value[name], its, at + "/" + name);
              !complaint.empty())
            return complaint;
    } else if (word == "items") {
      for (const auto& each : value)
        if (const auto complaint = forbidden(each, asked, at + "/item"); !complaint.empty())
          return complaint;
    } else {
      return "the schema has " + word;
    }
  }
  return "";
}

json schema() {
  std::ifstream file(TRUESTEP_IDENTIFY "/report.schema.json");
  return json::parse(file);
}

/// What the program prints.
json printed(const std::string& arguments) {
  const std::string command =
      std::string(TRUESTEP_PROGRAM) + " identify " + arguments + " --json 2>/dev/null";
  FILE* const pipe = popen(command.c_str(), "r");
  std::string output;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, pipe)) output.append(part, got);
  pclose(pipe);
  return json::parse(output);
}

std::string recorded(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return " --params " + folder + "/params.npy --grads " + folder + "/grads.npy";
}

}  // namespace

TEST(Schema, HoldsOfWhatIsPrinted) {
  const auto all = schema();
  for (const auto& [arguments, verdict] : std::vector<std::pair<std::string, std::string>>{
           {"adam --coordinates 40" + recorded("torch-adam"), "fits"},
           {"adam --learning-rate 1e-3 --beta1 0.9 --beta2 0.999 --epsilon 0.5 --coordinates 8" +
                recorded("torch-adam"),
            "not_determined"}}) {
    const auto report = printed(arguments);
    EXPECT_EQ(forbidden(report, all), "") << report.dump(2);
    EXPECT_EQ(report["verdict"], verdict) << report.dump(2);
  }
}

TEST(Schema, RefusesWhatItForbids) {
  const auto all = schema();
  const json good = {
      {"version", "1"},
      {"rule", "r"},
      {"steps", 1},
      {"coordinates", 1},
      {"verdict", "fits"},
      {"consistent", {"a"}},
      {"open", json::array()},
      {"excluded", {{{"convention", "b"}, {"step", 1}, {"coordinate", 0}, {"excess", 2.5}}}},
      {"findings", {{{"kind", "deviation"}, {"detail", "if"}}}},
      {"sentence", "s"},
      {"rerun", "t"}};
  EXPECT_EQ(forbidden(good, all), "");
  const auto with = [&](const char* place, const json& value) {
    json bad = good;
    bad[json::json_pointer(place)] = value;
    return forbidden(bad, all);
  };
  EXPECT_EQ(with("/verdict", "consistent"), "/verdict is \"consistent\"");
  EXPECT_EQ(with("/status", "fits"), " has status");
  EXPECT_EQ(with("/steps", 0), "/steps is below 1");
  EXPECT_EQ(with("/steps", 1.5), "/steps is no integer");
  EXPECT_EQ(with("/consistent/0", 1), "/consistent/item is no string");
  EXPECT_EQ(with("/excluded/0/excess", 0.5), "/excluded/item/excess is below 1");
  EXPECT_EQ(with("/findings/0/kind", "rumour"), "/findings/item/kind is \"rumour\"");
  for (const auto& [name, value] : good.items()) {
    json bad = good;
    bad.erase(name);
    EXPECT_EQ(forbidden(bad, all), " lacks " + name);
  }
}
