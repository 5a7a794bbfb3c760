// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
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
  /// Ends all of them.
  [[noreturn]] void end_all(int status) const;

 private:
  const TruestepRanks* module_ = nullptr;  ///< none where it is alone
  std::size_t rank_ = 0, size_ = 1;
};

/// The columns of one of so many ranks, from the first to before the second: whole units, as many
/// as each other rank has or one more; the last unit may be short.
std::pair<std::size_t, std::size_t> columns_of_rank(std::size_t rank, std::size_t ranks,
                                                    std::size_t columns, std::size_t unit);

}  // namespace truestep
