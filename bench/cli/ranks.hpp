// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

struct TruestepRanks;

namespace truestep {

/// The processes that mpirun has started together; one that is alone is the first of one.
class Ranks {
 public:
  /// Joins the others. Throws std::runtime_error where there are any and it cannot.
  Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  ~Ranks();

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }
  bool is_alone() const { return size_ == 1; }
  bool is_first() const { return rank_ == 0; }

  /// The first gets what each has, in the order of ranks; the others get nothing.
  std::vector<std::string> gathered(const std::string& mine) const;
  /// Each gets what each has.
  std::vector<std::string> shared(const std::string& mine) const;
  /// Ends all of them.
  [[noreturn]] void end_all(int status) const;

 private:
  const TruestepRanks* module_ = nullptr;  ///< none where it is alone
  std::size_t rank_ = 0, size_ = 1;
};

}  // namespace truestep
