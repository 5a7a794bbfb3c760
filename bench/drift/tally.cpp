// SPDX-License-Identifier: Apache-2.0
#include "tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace truestep::drift {
namespace {

constexpr std::string_view heading = "truestep audit part 3\n";

}  // namespace

std::string written(Part part) {
  Writer writer;
  writer(part);
  return std::string(heading) + writer.bytes();
}

Part read_part(std::string_view bytes) {
  if (!bytes.starts_with(heading)) throw std::runtime_error("is no part of an audit");
  Reader reader(bytes.substr(heading.size()));
  Part part;
  reader(part);
  if (!reader.at_end()) throw std::runtime_error("goes on after the part of an audit");
  return part;
}

Part joined(std::vector<std::shared_ptr<const Part>> all, const std::string& of,
            std::size_t columns) {
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a->begin < b->begin; });
  Part whole{.of = of};
  for (const auto& part : all) {
    if (part->of != of)
      throw std::invalid_argument(
          fmt::format("columns {}:{} are a part of another audit: {}; not {}", part->begin,
                      part->end, part->of, of));
    if (part->begin != whole.end)
      throw std::invalid_argument(fmt::format(
          "columns {}:{} are in {}", std::min(part->begin, whole.end),
          std::max(part->begin, whole.end), part->begin > whole.end ? "no part" : "two parts"));
    whole.end = part->end;
    whole.steps = part->steps;
    whole.seconds += part->seconds;
    whole.reported = part->reported;
    if (whole.sources.empty()) whole.sources = part->sources;
    whole.stuck = part->stuck;
    whole.skips = part->skips;
    whole.tally += part->tally;
  }
  if (whole.end != columns)
    throw std::invalid_argument(fmt::format("columns {}:{} are in no part", whole.end, columns));
  return whole;
}

}  // namespace truestep::drift
