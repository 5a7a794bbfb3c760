// SPDX-License-Identifier: Apache-2.0
#include "provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

#include "runs/escaped.hpp"

namespace truestep {
namespace {

std::optional<std::int64_t> source_date() {
  const char* const said = std::getenv("SOURCE_DATE_EPOCH");
  if (said == nullptr || *said == '\0') return {};
  constexpr std::int64_t most = 253'402'300'799;  // the last second of the year 9999
  const std::string_view text = said;
  std::int64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || rest != text.data() + text.size() || seconds < 0 || seconds > most)
    throw std::invalid_argument(
        fmt::format("SOURCE_DATE_EPOCH = {} is not an integer in [0, {}]", text, most));
  return seconds;
}

std::string utc(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

/// What Linux calls the processor, or "" where it says nothing.
std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      return line.substr(std::min(line.find(": ") + 2, line.size()));
  return "";
}

std::string machine() {
  utsname names{};
  const bool known = uname(&names) == 0;
  const auto model = processor();
  const auto count = std::thread::hardware_concurrency();
  return fmt::format("{}, {} processor{}{}", model.empty() && known ? names.machine : model, count,
                     count == 1 ? "" : "s",
                     known ? fmt::format(", {} {}", names.sysname, names.release) : "");
}

/// Relative to the folder in which the program was called where it lies in it, else its name.
std::string shorter(const std::filesystem::path& path) {
  std::error_code none;
  const auto here = std::filesystem::current_path(none);
  const auto relative = path.lexically_normal().lexically_relative(here);
  const bool is_inside = !none && !relative.empty() && *relative.begin() != "..";
  return (is_inside ? relative : path.filename()).string();
}

}  // namespace

drift::Provenance provenance() {
  if (const auto seconds = source_date()) return {.rerun = {}, .date = utc(*seconds)};
  return {.rerun = {}, .date = utc(std::time(nullptr)), .machine = machine()};
}

RelativePaths::RelativePaths(const std::vector<NamedFile>& files) {
  for (const auto& file : files)
    if (std::filesystem::path(file.path).is_absolute()) {
      const auto name = shorter(file.path);
      shorter_.emplace_back(file.path, name);
      // As it is shown.
      shorter_.emplace_back(visible(file.path), visible(name));
    }
  std::sort(shorter_.begin(), shorter_.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string RelativePaths::in(std::string text) const {
  for (const auto& [path, name] : shorter_)
    for (auto at = text.find(path); at != text.npos; at = text.find(path, at + name.size()))
      text.replace(at, path.size(), name);
  return text;
}

}  // namespace truestep
