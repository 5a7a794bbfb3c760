// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace truestep::drift {

/// As many columns are computed at a time: all that belongs to them stays in the cache.
inline constexpr std::size_t row_size = 64;

/// Shares a node, which is taken from those that the thread has laid by. A node is used by one
/// thread at a time.
template <class Node>
class Pooled {
 public:
  Pooled() = default;  ///< without a node
  Pooled(const Pooled& other) : shared_(other.shared_) {
    if (shared_ != nullptr) ++shared_->users;
  }
  Pooled(Pooled&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Pooled& operator=(Pooled other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Pooled() {
    if (shared_ != nullptr && --shared_->users == 0) laid_by().emplace_back(shared_);
  }

  /// A node of its own, whose numbers are whatever they were.
  static Pooled fresh() {
    Pooled pooled;
    auto& unused = laid_by();
    if (unused.empty()) {
      pooled.shared_ = new Shared;
    } else {
      pooled.shared_ = unused.back().release();
      unused.pop_back();
    }
    pooled.shared_->users = 1;
    return pooled;
  }

  explicit operator bool() const { return shared_ != nullptr; }
  Node& operator*() const { return shared_->node; }
  Node* operator->() const { return &shared_->node; }
  bool is_shared() const { return shared_->users > 1; }

 private:
  struct Shared {
    Node node;
    std::size_t users;
  };

  static std::vector<std::unique_ptr<Shared>>& laid_by() {
    thread_local std::vector<std::unique_ptr<Shared>> unused;
    return unused;
  }

  Shared* shared_ = nullptr;
};

}  // namespace truestep::drift
