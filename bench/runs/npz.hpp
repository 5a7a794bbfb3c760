// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace truestep::identify {

/// A .npz file that is written: arrays by their names, alike for alike arrays. It needs libzip when
/// the program is built.
class Npz {
 public:
  /// @param type  NumPy's word, such as "<f4"
  /// @param data  the numbers as they lie in the file, the last index running fastest
  void add(const std::string& name, std::string_view type, const std::vector<std::size_t>& shape,
           std::string_view data);

  /// The bytes of the file. Throws std::runtime_error where there is no libzip, std::bad_alloc.
  std::string bytes() const;

 private:
  struct Member {
    std::string name, bytes;
  };
  std::vector<Member> members_;
};

}  // namespace truestep::identify
