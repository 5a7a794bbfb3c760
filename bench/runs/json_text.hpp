// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace truestep {

/// The text of an object. What is not UTF-8, as a file's name may be, becomes U+FFFD: nothing of a
/// run is lost to its file's name.
inline std::string json_text(const nlohmann::ordered_json& object) {
  return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace truestep
